/** What the server says of videos; see /api/openapi.json. */

export interface VideoInfo {
  video: string;
  title: string | null;
  platform: string;
  work: string;
  duration_ms: number | null;
  is_exact: boolean;
  timed: number;
  has_file: boolean;
}

export interface Curve {
  id: string;
  label: string;
  source: "observed" | "machine" | "corrected";
  is_machine_only: boolean;
  scenario: string;
  method: string;
  rung: string;
  unit: string;
  at_ms: number[];
  end_ms: number[];
  value: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  n: number[];
  why: string[];
}

export interface Peak {
  at_ms: number;
  end_ms: number;
  text: string;
}

export interface Along extends VideoInfo {
  lines: { start_ms: number; end_ms: number; text: string; lang: string | null }[];
  segments: { kind: string; name: string | null; start_ms: number; end_ms: number }[];
  signals: { name: string; at_ms: number[]; value: number[] }[];
  density: { step_ms: number; n: number[] };
  curves: Curve[];
  peaks: Peak[];
  why_none: string;
}

export interface Mark {
  coder: string;
  coder_kind: string;
  code: string;
  label: string;
  value: string;
  start_ms: number;
  end_ms: number;
}

export interface Stretch {
  n: number;
  of: number;
  is_suppressed: boolean;
  codes: { code: string; label: string; count: number; n: number; count_elsewhere: number; n_elsewhere: number }[];
  terms: { term: string; n: number; n_elsewhere: number }[];
  responses: { at_ms: number; kind: string; lang: string | null; text: string }[] | null;
}

export interface Chunk {
  at_ms: number[];
  text: string[];
}

export interface Range {
  from: number;
  to: number;
}
