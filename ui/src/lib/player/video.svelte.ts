/** The time of a video that is played here. Where the browser tells which frame is on the screen, the time is that frame's own. */

import { FRAME_MS, within, type Clock } from "./clock.svelte";

/** Shorter differences between two frames are rounding, not frames: 125 a second. */
const SHORTEST_MS = 8;
/** Times are kept as whole milliseconds: asked for in the middle of one, a time that was rounded down still finds its own frame. */
const HALF_MS = 0.5;
/** How long after a seek a new frame may come; none comes where the same one is seen still. */
const SETTLED_MS = 80;
const MOST_STEPS = 10;

export class VideoClock implements Clock {
  atMs = $state(0);
  durationMs = $state(0);
  knowsEnd = $state(false);
  isPlaying = $state(false);
  /** Whether the browser cannot play the file. */
  hasFailed = $state(false);
  frameMs = $state(FRAME_MS);
  #speed = $state(1);
  #video: HTMLVideoElement | null = null;
  #hasFrames = false;
  #holds = false;
  #isMeasured = false;
  /** The frame that is seen, and the one before it while it plays. */
  #seen = 0;
  #last = -1;
  /** Steps that wait until the frame that was asked for before is seen: only then is its time known. */
  #steps = 0;
  #isSeeking = false;
  #settled: ReturnType<typeof setTimeout> | undefined;
  #frame = 0;

  /** How long the video is, if that is known before its file is read; else how far one may go until it is. */
  constructor(durationMs: number) {
    this.durationMs = durationMs;
  }

  /** Keep the time of an element; the function that is returned lets it go. Fits Svelte's `{@attach}`. */
  follow = (video: HTMLVideoElement): (() => void) => {
    this.#video = video;
    const stop = new AbortController();
    const listen = (name: string, then: () => void): void => video.addEventListener(name, then, { signal: stop.signal });
    const last = (): void => {
      if (!Number.isFinite(video.duration)) return;
      this.durationMs = Math.round(video.duration * 1000);
      this.knowsEnd = true;
    };
    listen("durationchange", last);
    const begin = (): void => {
      last();
      this.#hasFrames = "requestVideoFrameCallback" in video && video.videoWidth > 0;
      if (this.#hasFrames) this.#watch(video, stop.signal);
      video.playbackRate = this.#speed;
      if (this.atMs) this.seek(this.atMs);
    };
    listen("loadedmetadata", begin);
    listen("play", () => {
      this.isPlaying = true;
      this.#holds = false;
      this.#last = -1;
      this.#frame = requestAnimationFrame(this.#tick);
    });
    for (const name of ["pause", "ended"]) listen(name, () => this.#still());
    listen("seeked", () => {
      this.#read();
      clearTimeout(this.#settled);
      if (this.#isSeeking) this.#settled = setTimeout(() => this.#stepped(), SETTLED_MS);
    });
    listen("error", () => {
      this.hasFailed = true;
      this.#still();
    });
    if (video.readyState >= HTMLMediaElement.HAVE_METADATA) begin();
    return () => {
      stop.abort();
      video.pause();
      this.#still();
      this.#video = null;
    };
  };

  get nowMs(): number {
    return this.#video && this.isPlaying ? within(this.#video.currentTime * 1000, this.durationMs) : this.atMs;
  }

  get speed(): number {
    return this.#speed;
  }

  set speed(speed: number) {
    this.#speed = speed;
    if (this.#video) this.#video.playbackRate = speed;
  }

  play(): void {
    // a file that cannot be played says so by its own event
    void this.#video?.play().catch(() => this.#still());
  }

  pause(): void {
    this.#video?.pause();
  }

  seek(atMs: number): void {
    this.atMs = within(atMs, this.durationMs);
    this.#steps = 0;
    this.#holds = !this.isPlaying;
    this.#show(this.atMs + HALF_MS);
  }

  step(frames: number): void {
    if (!this.#hasFrames) return this.seek(this.atMs + frames * this.frameMs);
    this.#steps = Math.min(Math.max(this.#steps + frames, -MOST_STEPS), MOST_STEPS);
    if (!this.#isSeeking) this.#step();
  }

  /** Into the middle of the frame beside the one that is seen: where it begins is known once it is seen itself. */
  #step(): void {
    const by = Math.sign(this.#steps);
    this.#steps -= by;
    this.#isSeeking = false;
    if (!by) return;
    this.#holds = false;
    this.#show(within(this.#seen + (by + 0.5) * this.frameMs, this.durationMs));
  }

  #stepped(): void {
    clearTimeout(this.#settled);
    if (this.#isSeeking && !this.#video?.seeking) this.#step();
  }

  #show(atMs: number): void {
    if (!this.#video) return;
    this.#isSeeking = this.#hasFrames;
    this.#video.currentTime = Math.max(0, atMs) / 1000;
  }

  #watch(video: HTMLVideoElement, stop: AbortSignal): void {
    const seen = (_: number, frame: VideoFrameCallbackMetadata): void => {
      if (stop.aborted) return;
      this.#seen = frame.mediaTime * 1000;
      this.#measure(this.#seen);
      if (!this.#holds) this.atMs = within(this.#seen, this.durationMs);
      this.#stepped();
      video.requestVideoFrameCallback(seen);
    };
    video.requestVideoFrameCallback(seen);
  }

  /** The shortest time between two frames while it plays: frames are left out where the machine is slow, never added. */
  #measure(atMs: number): void {
    const past = atMs - this.#last;
    if (this.isPlaying && this.#last >= 0 && past >= SHORTEST_MS && (past < this.frameMs || !this.#isMeasured)) {
      this.frameMs = past;
      this.#isMeasured = true;
    }
    this.#last = this.isPlaying ? atMs : -1;
  }

  #read(): void {
    if (this.#video && !this.#hasFrames && !this.#holds) this.atMs = within(this.#video.currentTime * 1000, this.durationMs);
  }

  #still(): void {
    this.#read();
    this.isPlaying = false;
    cancelAnimationFrame(this.#frame);
  }

  #tick = (): void => {
    if (!this.isPlaying) return;
    this.#read();
    this.#frame = requestAnimationFrame(this.#tick);
  };
}
