/** Where danmaku run: each crosses the stage in the same time, in a lane in which it touches no other, or, if all may be shown, in the lane that was free longest ago. */

export const CROSSING_MS = 8000;
const GAP = 16;

export interface Runner<T> {
  item: T;
  at: number;
  width: number;
  lane: number;
}

/** How far its left edge is from the stage's left edge at a time. */
export function left(at: number, width: number, now: number, stage: number): number {
  return stage - ((stage + width) * (now - at)) / CROSSING_MS;
}

/** Whether one that starts later in the same lane neither touches the one before nor catches up with it. */
export function isFree(before: { at: number; width: number } | undefined, at: number, width: number, stage: number): boolean {
  if (!before) return true;
  const hasEntered = left(before.at, before.width, at, stage) + before.width + GAP <= stage;
  const gone = before.at + CROSSING_MS;
  return hasEntered && (at >= gone || left(at, width, gone, stage) >= 0);
}

/** At most so many of a list, evenly spread over it. */
export function evenly<T>(of: readonly T[], most: number): readonly T[] {
  if (of.length <= most) return of;
  return Array.from({ length: most }, (_, at) => of[Math.floor((at * of.length) / most)] as T);
}

export class Lanes<T> {
  running: Runner<T>[] = [];
  #last: (Runner<T> | undefined)[] = [];

  constructor(
    readonly count: number,
    readonly stage: number,
    readonly most: number,
    readonly mayOverlap: boolean,
  ) {}

  get isFull(): boolean {
    return this.running.length >= this.most;
  }

  /** Take one in; null where there is no room for it. */
  enter(item: T, at: number, width: number): Runner<T> | null {
    this.leave(at);
    if (this.count < 1 || this.isFull) return null;
    const lane = this.#lane(at, width);
    if (lane < 0) return null;
    const runner = { item, at, width, lane };
    this.#last[lane] = runner;
    this.running.push(runner);
    return runner;
  }

  /** Let those go that have crossed the stage. */
  leave(now: number): void {
    if (this.running.some((one) => now - one.at >= CROSSING_MS)) this.running = this.running.filter((one) => now - one.at < CROSSING_MS);
  }

  clear(): void {
    this.running = [];
    this.#last = [];
  }

  #lane(at: number, width: number): number {
    let oldest = 0;
    for (let each = 0; each < this.count; each += 1) {
      if (isFree(this.#last[each], at, width, this.stage)) return each;
      if ((this.#last[each]?.at ?? 0) < (this.#last[oldest]?.at ?? 0)) oldest = each;
    }
    return this.mayOverlap ? oldest : -1;
  }
}
