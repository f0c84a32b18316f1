/** Agreement and conflicts as the server gives them; see /api/openapi.json. */

export interface Group {
  by: string;
  title: string;
  subject: string;
  of: string | null;
  value: number | null;
  low: number | null;
  high: number | null;
  n_units: number | null;
  p: number | null;
  said: string;
}

export interface Decided {
  code: string;
  label: string;
  unit: "response" | "span";
  is_current: boolean;
  value: number | null;
  low: number | null;
  high: number | null;
  n_units: number | null;
  n_coders: number | null;
  p_below: number | null;
  verdict: string | null;
  said: string;
  percent: number | null;
  ac1: number | null;
  positive: number | null;
  groups: Group[];
}

export interface Agreement {
  is_measured: boolean;
  has_overlap: boolean;
  is_current?: boolean;
  minimum?: number;
  confidence?: number;
  coders?: string[];
  decisions: Decided[];
  stages: Record<string, { stage: string; label: string }>;
}

export interface Counted {
  codes: { code: string; n: number; settled: number }[];
}

export interface Conflict {
  unit_id: string;
  text: string | null;
  lang: string | null;
  purpose: string;
  values: string[];
  spread: number;
  adjudicated: string | null;
}

export interface Said {
  coder: string;
  status: string;
  value: string | null;
  evidence: [number, number] | null;
  note: string | null;
  at: string;
}

export interface Item {
  code: string;
  of: string;
  label: string;
  labels: Record<string, string>;
  unit_id: string;
  text: string | null;
  lang: string | null;
  kind: string | null;
  video_id: string | null;
  at_ms: number | null;
  parent: string | null;
  purpose: string;
  values: string[];
  zero: string | null;
  said: Said[];
  adjudicated: Said[];
  log: { at: string; who: string; text: string; unit_id: string | null }[];
}

const three = (one: number): string => one.toFixed(3);

/** `0.760 [0.620, 0.850]`; a value without interval says so; no value is a dash. */
export function withInterval(one: { value: number | null; low: number | null; high: number | null }, noInterval: string): string {
  if (one.value === null) return "–";
  if (one.low === null || one.high === null) return `${three(one.value)} (${noInterval})`;
  return `${three(one.value)} [${three(one.low)}, ${three(one.high)}]`;
}

export const number = (one: number | null): string => (one === null ? "–" : three(one));

/** Groups under their titles, in the order in which they come. */
export function byTitle(groups: readonly Group[]): { title: string; groups: Group[] }[] {
  const found = new Map<string, Group[]>();
  for (const one of groups) found.set(one.title, [...(found.get(one.title) ?? []), one]);
  return [...found].map(([title, its]) => ({ title, groups: its }));
}
