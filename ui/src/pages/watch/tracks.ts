/** What stands along a video, by rows; which of them is next; and what a curve says at a time. */

import type { Curve, Mark } from "./replies";

export interface Layer {
  code: string;
  label: string;
  coders: { coder: string; marks: Mark[] }[];
}

/** Segments by code, in the order in which codes first appear, and in each by coder. */
export function byCode(marks: readonly Mark[]): Layer[] {
  const found = new Map<string, Layer>();
  for (const mark of [...marks].sort((one, other) => one.start_ms - other.start_ms)) {
    const row = found.get(mark.code) ?? { code: mark.code, label: mark.label, coders: [] };
    found.set(mark.code, row);
    const mine = row.coders.find((one) => one.coder === mark.coder);
    if (mine) mine.marks.push(mark);
    else row.coders.push({ coder: mark.coder, marks: [mark] });
  }
  for (const row of found.values()) row.coders.sort((one, other) => one.coder.localeCompare(other.coder));
  return [...found.values()];
}

/** The next one after a time, or the first again; and the one before. */
export function next<T extends { start_ms: number }>(of: readonly T[], atMs: number): T | undefined {
  const sorted = [...of].sort((one, other) => one.start_ms - other.start_ms);
  return sorted.find((one) => one.start_ms > atMs) ?? sorted[0];
}

export function previous<T extends { start_ms: number }>(of: readonly T[], atMs: number): T | undefined {
  const sorted = [...of].sort((one, other) => other.start_ms - one.start_ms);
  return sorted.find((one) => one.start_ms < atMs) ?? sorted[0];
}

/** The last of sorted lines that has begun; -1 before the first. */
export function lineAt(lines: readonly { start_ms: number }[], atMs: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const half = (low + high) >> 1;
    if ((lines[half]?.start_ms ?? 0) <= atMs) low = half + 1;
    else high = half;
  }
  return low - 1;
}

/** Where in a curve a time lies; -1 where it has no step. */
export function stepAt(curve: Pick<Curve, "at_ms" | "end_ms">, atMs: number): number {
  return curve.at_ms.findIndex((from, at) => from <= atMs && atMs < (curve.end_ms[at] ?? from));
}

/** `0.42 [0.31, 0.55] n 40`, the reason where there is no value, or nothing where the curve has no step. */
export function valueAt(curve: Curve, atMs: number): string {
  const at = stepAt(curve, atMs);
  if (at < 0) return "–";
  const [value, low, high] = [curve.value[at] ?? null, curve.low[at] ?? null, curve.high[at] ?? null];
  if (value === null) return curve.why[at] ?? "–";
  const interval = low === null || high === null ? "" : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  return `${value.toFixed(2)}${interval} n ${curve.n[at] ?? 0}`;
}
