import { within, type Clock } from "./clock.svelte";

/** Media time kept by a video or a sound. While it plays, the time is read at every frame. */
export class VideoClock implements Clock {
  atMs = $state(0);
  durationMs = $state(0);
  isPlaying = $state(false);
  /** The browser cannot play the file. */
  hasFailed = $state(false);
  #speed = $state(1);
  #frame = 0;
  #of: HTMLMediaElement | null = null;

  /** `durationMs` holds until the file says how long it is. */
  constructor(durationMs: number) {
    this.durationMs = durationMs;
  }

  /** Keep the time of an element; the function that is returned lets it go. Fits Svelte's `{@attach}`. */
  follow = (element: HTMLMediaElement): (() => void) => {
    this.#of = element;
    const stop = new AbortController();
    const listen = (name: string, then: () => void): void => element.addEventListener(name, then, { signal: stop.signal });
    const begin = (): void => {
      if (Number.isFinite(element.duration)) this.durationMs = Math.round(element.duration * 1000);
      element.playbackRate = this.#speed;
      if (this.atMs) this.seek(this.atMs);
    };
    listen("loadedmetadata", begin);
    listen("play", () => {
      this.isPlaying = true;
      this.#frame = requestAnimationFrame(this.#tick);
    });
    for (const name of ["pause", "ended"]) listen(name, () => this.#still());
    for (const name of ["seeked", "timeupdate"]) listen(name, () => this.#read());
    listen("error", () => {
      this.#still();
      this.hasFailed = true;
    });
    if (element.readyState >= HTMLMediaElement.HAVE_METADATA) begin();
    return () => {
      stop.abort();
      element.pause();
      this.#still();
      this.#of = null;
    };
  };

  get speed(): number {
    return this.#speed;
  }

  set speed(speed: number) {
    this.#speed = speed;
    if (this.#of) this.#of.playbackRate = speed;
  }

  play(): void {
    void this.#of?.play().catch(() => this.#still());
  }

  pause(): void {
    this.#of?.pause();
  }

  seek(atMs: number): void {
    this.atMs = within(atMs, this.durationMs);
    if (this.#of) this.#of.currentTime = this.atMs / 1000;
  }

  #read(): void {
    if (this.#of && !this.#of.seeking) this.atMs = within(this.#of.currentTime * 1000, this.durationMs);
  }

  #still(): void {
    this.isPlaying = false;
    cancelAnimationFrame(this.#frame);
  }

  #tick = (): void => {
    this.#read();
    if (this.isPlaying) this.#frame = requestAnimationFrame(this.#tick);
  };
}
