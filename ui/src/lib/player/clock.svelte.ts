/** Media time, whoever keeps it: a video, or a clock where no video is at hand. All times are whole milliseconds. */

export interface Clock {
  readonly atMs: number;
  readonly durationMs: number;
  readonly isPlaying: boolean;
  speed: number;
  play(): void;
  pause(): void;
  /** Go to a time; it is kept within the video. */
  seek(atMs: number): void;
}

export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 1.5, 2];

export function within(atMs: number, durationMs: number): number {
  return Math.round(Math.min(Math.max(atMs, 0), Math.max(durationMs, 0)));
}

/** Keeps time by itself: for a study whose videos are not at hand. */
export class PlaceholderClock implements Clock {
  atMs = $state(0);
  durationMs = $state(0);
  isPlaying = $state(false);
  #speed = $state(1);
  #startedAt = 0;
  #startMs = 0;
  #frame = 0;

  constructor(durationMs: number) {
    this.durationMs = durationMs;
  }

  get speed(): number {
    return this.#speed;
  }

  set speed(speed: number) {
    this.#speed = speed;
    this.#begin();
  }

  play(): void {
    if (this.isPlaying) return;
    if (this.atMs >= this.durationMs) this.atMs = 0;
    this.isPlaying = true;
    this.#begin();
    this.#frame = requestAnimationFrame(this.#tick);
  }

  pause(): void {
    if (this.isPlaying) this.#keep(performance.now());
    this.isPlaying = false;
    cancelAnimationFrame(this.#frame);
  }

  seek(atMs: number): void {
    this.atMs = within(atMs, this.durationMs);
    this.#begin();
  }

  #begin(): void {
    this.#startedAt = performance.now();
    this.#startMs = this.atMs;
  }

  #keep(now: number): void {
    this.atMs = within(this.#startMs + (now - this.#startedAt) * this.#speed, this.durationMs);
  }

  #tick = (now: number): void => {
    if (!this.isPlaying) return;
    this.#keep(Math.max(now, this.#startedAt));
    if (this.atMs >= this.durationMs) this.isPlaying = false;
    else this.#frame = requestAnimationFrame(this.#tick);
  };
}
