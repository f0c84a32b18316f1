/** What the server says about setting a study up. */

import type { Refusal } from "../../lib/api";
import type { Word } from "../../words/dictionary";

export interface Upload {
  id: string;
  name: string;
  bytes: number;
}

export interface Column {
  name: string;
  field: string;
  why: Word;
  cells: string[];
}

export interface Looked {
  upload: string;
  file: string;
  status: "recognised" | "table" | "refused";
  label: Record<string, string>;
  columns: Column[];
  needs_zone: boolean;
  where_from: string;
  error: Refusal | null;
}

export interface AddedFile {
  file: string;
  status: "added" | "known" | "known_otherwise" | "broken" | "skipped";
  error: Refusal | null;
  what?: Word;
  seen?: number;
  kept?: number;
  rejected?: number;
  truncation?: Word[];
  notes?: Word[];
  first_rejects?: Word[];
}

export type JobState = "waiting" | "running" | "stopping" | "done" | "failed" | "stopped";
export type JobKind = "look" | "add" | "clean" | "forecast" | "code" | "measure" | "agree" | "report" | "sample" | "plan";

export interface Job<R = Record<string, unknown>> {
  id: string;
  kind: JobKind;
  params: Record<string, unknown>;
  state: JobState;
  step: [Word, number, number];
  said: Word[];
  result: R | null;
  error: Refusal | null;
  added_at: string;
  ended_at: string;
}

export interface Person {
  coder: string;
  languages: string[];
  training: string;
  assigned: number;
  done: number;
}

export interface Choices {
  columns: string[];
  record_kinds: string[];
  sort_orders: string[];
  machines: string[];
  codes: { id: string; label: string }[];
  purposes: ("main" | "pilot" | "reliability" | "train")[];
  by: string[];
  allocations: string[];
  people: Person[];
  coder: string;
  has_responses: boolean;
}

export interface Version {
  codebook_hash: string;
  version: string | null;
  codings: number;
  coders: number;
  first_at: string | null;
  last_at: string | null;
  is_current: boolean;
}

export interface Book {
  text: string;
  hash: string;
  id: string;
  version: string;
  history: Version[];
}

export interface Finding {
  line: number;
  severity: "error" | "warning" | "note";
  message: string;
}

interface Change {
  field: string;
  effect: string;
}

export interface Diff {
  is_empty: boolean;
  version_is_enough: boolean;
  least_version: string;
  book: Change[];
  codes: { code: string; kind: "added" | "removed" | "renamed" | "changed"; effect: string; changes: Change[] }[];
  effects: Record<string, string>;
  fields: Record<string, string>;
}

export interface Checked {
  findings: Finding[];
  diff: Diff | null;
}

export interface Plan {
  code: string;
  share: number;
  source: string;
  units_share: number;
  units_positive: number;
  units_corrected: number | null;
  units_reliability: number | null;
  is_rare: boolean;
}

export interface Forecast {
  texts: number;
  requests: number;
  cached: number;
  tokens_in: number;
  tokens_out: number;
  cost: number | null;
  currency: string;
  sends: Word;
}
