/** What the server says of units and questions; see docs/coding.md, "For programs". */

export interface Value {
  id: string;
  label: string;
}

export interface Example {
  lang: string;
  text: string;
  value: string;
  why: string;
  instead: string | null;
}

export interface Attribute extends Value {
  values: Value[];
}

export interface Question {
  code: string;
  label: string;
  definition: string;
  include: string[];
  exclude: string[];
  examples: Example[];
  near_misses: Example[];
  zero: string | null;
  values: Value[];
  cells: Value[];
  attributes: Attribute[];
  opens_if: { code?: string; values?: unknown[]; any?: string[] } | null;
  conflicts: string[];
}

export type Answers = Record<string, string>;
export type Evidence = Record<string, [number, number]>;

export interface Given {
  answers: Answers;
  note: string;
  evidence: Evidence;
}

export interface Line {
  start_ms: number;
  text: string;
}

export interface Sheet extends Given {
  key: string;
  text: string;
  lang: string | null;
  kind: string;
  at_ms: number | null;
  video: string | null;
  parent: string | null;
  lines: Line[];
  same: number;
  shows_video: boolean;
  questions: string;
}

export interface Progress {
  done: number;
  total: number;
  waiting: number;
}

export interface Reply {
  sheet?: Sheet | null;
  ahead?: Sheet[];
  sheets?: Sheet[];
  questions?: Record<string, Question[]>;
  progress?: Progress;
  seconds?: number | null;
}

export interface CoderName {
  name: string;
  languages: string[];
  tasks: number;
}
