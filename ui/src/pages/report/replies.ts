/** What the server says of the report; see /api/openapi.json. */

import type { Refusal } from "../../lib/api";

export interface Sentence {
  text: string;
  estimates: string[];
}

export interface Contents {
  sections: { id: string; title: string; sentences: Sentence[] }[];
  written: { name: string; bytes: number } | null;
}

export interface Estimate {
  measure: string;
  by: string;
  subject: string;
  code: string | null;
  value_name: string;
  unit: string;
  method: string;
  source: string;
  coder: string | null;
  rung: string;
  why: string;
  target: string;
  spec: string;
  value: number | null;
  low: number | null;
  high: number | null;
  confidence: number | null;
  count: number | null;
  n: number | null;
  n_gold: number | null;
}

export interface Decision {
  coder: string;
  kind: string;
  purpose: string;
  status: string;
  value: string | null;
  at: string | null;
  version: string;
}

export interface Unit {
  unit: string;
  video: string | null;
  share: number | null;
  chance: number;
  text: string | null;
  decisions: Decision[];
}

export interface Trace {
  estimate: Estimate;
  n_units: number;
  is_exact: boolean;
  units: Unit[];
  coders: { coder: string; kind: string; n: number }[];
  versions: { version: string; hash: string; n: number }[];
}

export interface Job {
  id: string;
  state: "waiting" | "running" | "stopping" | "done" | "failed" | "stopped";
  error: Refusal | null;
}
