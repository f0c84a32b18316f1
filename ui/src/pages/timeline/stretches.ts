/** Stretches of a video and what can be done to them: plain functions, with times in whole milliseconds and ends exclusive. */

export interface Stretch {
  code: string;
  start_ms: number;
  end_ms: number;
  value: string;
  attributes: Record<string, string>;
  note: string;
}

export interface Place {
  code: string;
  start_ms: number;
  end_ms: number;
}

export interface Change {
  before: Place | null;
  after: Stretch | null;
}

export interface Guide {
  kind: string | null;
  start_ms: number;
  end_ms: number | null;
  text: string | null;
}

export const placeOf = ({ code, start_ms, end_ms }: Place): Place => ({ code, start_ms, end_ms });
export const isAt = (one: Place, other: Place): boolean =>
  one.code === other.code && one.start_ms === other.start_ms && one.end_ms === other.end_ms;

/** Whether a stretch lies in the video and overlaps no other of its code. */
export function fits(stretches: readonly Stretch[], one: Place, durationMs: number, instead: Place | null = null): boolean {
  if (one.start_ms < 0 || one.end_ms <= one.start_ms || one.end_ms > durationMs) return false;
  return stretches.every(
    (each) => each.code !== one.code || (instead !== null && isAt(each, instead)) || each.end_ms <= one.start_ms || each.start_ms >= one.end_ms,
  );
}

export function applied(stretches: readonly Stretch[], changes: readonly Change[]): Stretch[] {
  let out = [...stretches];
  for (const { before, after } of changes) {
    // a change can be told a second time: by the server, and by what waits in the browser
    out = out.filter((one) => !(before && isAt(one, before)) && !(after && isAt(one, after)));
    if (after) out.push(after);
  }
  return out.sort((one, other) => one.start_ms - other.start_ms || one.end_ms - other.end_ms);
}

/** What takes changes back. */
export function inverse(stretches: readonly Stretch[], changes: readonly Change[]): Change[] {
  return changes
    .map(({ before, after }) => ({
      before: after ? placeOf(after) : null,
      after: before ? (stretches.find((one) => isAt(one, before)) ?? null) : null,
    }))
    .reverse();
}

/** The nearest edge of a guide or of another stretch within reach; else the time itself. */
export function snapped(atMs: number, edges: readonly number[], reachMs: number): number {
  let best = atMs;
  let least = reachMs + 1;
  for (const edge of edges) {
    const far = Math.abs(edge - atMs);
    if (far < least) [best, least] = [edge, far];
  }
  return best;
}

/** The edge before or after a time. */
export function beside(atMs: number, edges: readonly number[], step: 1 | -1): number | null {
  return (step === 1 ? edges.find((one) => one > atMs) : edges.findLast((one) => one < atMs)) ?? null;
}

/** Edges that others can snap to. */
export function edgesOf(guides: readonly Guide[], stretches: readonly Stretch[], not: Place | null = null): number[] {
  const ofGuides = guides.flatMap((one) => (one.end_ms === null ? [one.start_ms] : [one.start_ms, one.end_ms]));
  const ofStretches = stretches.filter((one) => !not || !isAt(one, not)).flatMap((one) => [one.start_ms, one.end_ms]);
  return [...new Set([...ofGuides, ...ofStretches])].sort((one, other) => one - other);
}
