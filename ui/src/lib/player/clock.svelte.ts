/** Media time, whoever keeps it: a video, or a clock where no video is at hand. All times are whole milliseconds. */

export interface Clock {
  /** The time, as `$state`: with a video the beginning of the frame that is seen. */
  readonly atMs: number;
  /** The time at this very moment, between frames, too; not reactive, for what moves smoothly. */
  readonly nowMs: number;
  readonly durationMs: number;
  /** Whether it is known where the video ends. */
  readonly knowsEnd: boolean;
  readonly isPlaying: boolean;
  /** How long a frame lasts, as far as it is known. */
  readonly frameMs: number;
  speed: number;
  play(): void;
  pause(): void;
  /** Go to a time; it is kept within the video. */
  seek(atMs: number): void;
  /** Go some frames on, or back. */
  step(frames: number): void;
}

export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 1.5, 2];
/** Of 25 frames a second: what is assumed where nothing else is known. */
export const FRAME_MS = 40;

export function within(atMs: number, durationMs: number): number {
  return Math.round(Math.min(Math.max(atMs, 0), Math.max(durationMs, 0)));
}

/** Keeps time by itself: for a study whose videos are not at hand. */
export class PlaceholderClock implements Clock {
  atMs = $state(0);
  isPlaying = $state(false);
  readonly durationMs: number;
  readonly knowsEnd: boolean;
  readonly frameMs = FRAME_MS;
  #speed = $state(1);
  #startedAt = 0;
  #startMs = 0;
  #frame = 0;

  constructor(durationMs: number, knowsEnd = true) {
    this.durationMs = durationMs;
    this.knowsEnd = knowsEnd;
  }

  get nowMs(): number {
    return this.isPlaying ? this.#timeOf(performance.now()) : this.atMs;
  }

  get speed(): number {
    return this.#speed;
  }

  set speed(speed: number) {
    if (this.isPlaying) this.atMs = this.#timeOf(performance.now());
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
    if (this.isPlaying) this.atMs = this.#timeOf(performance.now());
    this.isPlaying = false;
    cancelAnimationFrame(this.#frame);
  }

  seek(atMs: number): void {
    this.atMs = within(atMs, this.durationMs);
    this.#begin();
  }

  step(frames: number): void {
    this.seek(this.atMs + frames * FRAME_MS);
  }

  #begin(): void {
    this.#startedAt = performance.now();
    this.#startMs = this.atMs;
  }

  #timeOf(now: number): number {
    return within(this.#startMs + Math.max(0, now - this.#startedAt) * this.#speed, this.durationMs);
  }

  #tick = (now: number): void => {
    if (!this.isPlaying) return;
    this.atMs = this.#timeOf(now);
    if (this.atMs >= this.durationMs) this.isPlaying = false;
    else this.#frame = requestAnimationFrame(this.#tick);
  };
}
