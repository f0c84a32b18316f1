/** What the server says on the overview; see /api/openapi.json. */

export interface Glance {
  works: number;
  videos: number;
  responses: number;
  first: string | null;
  last: string | null;
  sources: number;
  rejects: number;
  by_platform: { platform: string; kind: string; n: number }[];
  by_language: { lang: string | null; n: number }[];
  coders: { coder: string; responses: number; spans: number; assigned: number; done: number }[];
  machines: { coder: string; decisions: number; is_current: boolean }[];
}

export interface Findings {
  findings: { text: string; rung: string; place: { page: string; video?: string; at_ms?: number } }[];
  rule: string[];
  why_none: string;
}

export interface Missing {
  sentences: string[];
}

export interface Results {
  spec: string | null;
  changed: string[];
}
