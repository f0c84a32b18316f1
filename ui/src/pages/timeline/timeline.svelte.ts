/** One coder's timeline of one video in the page: what stands, what is chosen, and what can be done. */

import { within, type Clock } from "../../lib/player/clock.svelte";
import type { WordKey } from "../../words";
import type { Question, Value } from "../code/sheets";
import { Standing, type Told } from "./standing.svelte";
import { beside, edgesOf, fits, inverse, isAt, placeOf, snapped, type Change, type Guide, type Place, type Stretch } from "./stretches";

/** While it plays a hand is late; where it stands still the eye has found the frame, and one frame is all that is forgiven. */
const REACH_MS = 250;

export interface Message {
  word: WordKey;
  facts?: Record<string, string | number>;
}

/** Values that a stretch can have: a gap says that a code is not there. */
export const valuesOf = (layer: Question): Value[] => layer.values.filter((one) => one.id !== layer.zero);

export class TimelineState extends Standing {
  at = $state(0);
  chosen = $state.raw<Place | null>(null);
  inMs = $state<number | null>(null);
  /** The end of a stretch that waits for its value. */
  outMs = $state<number | null>(null);
  isSnapping = $state(true);
  message = $state.raw<Message | null>(null);
  clock = $state.raw() as Clock;
  readonly guides: readonly Guide[];
  readonly #durationMs: number | null;
  readonly #kept: string;
  #undo: Change[][] = [];

  constructor(study: string, coder: string, told: Told, clock: Clock) {
    super(study, coder, told, () => this.#changedElsewhere());
    this.#durationMs = told.duration_ms;
    this.#kept = `yuhu.place/${study}/${encodeURIComponent(coder)}/${encodeURIComponent(told.video_id)}`;
    this.guides = told.guides;
    this.clock = clock;
    this.#resume();
  }

  get layer(): Question | undefined {
    return this.layers[this.at];
  }

  get stretch(): Stretch | null {
    const chosen = this.chosen;
    return chosen ? (this.stretches.find((one) => isAt(one, chosen)) ?? null) : null;
  }

  /** Where the video ends, as the study has it: platforms round, and a file may be some frames longer. */
  get endMs(): number {
    return this.#durationMs ?? this.clock.durationMs;
  }

  /** Whether it is known where the video ends: else a finished layer would claim what nobody watched. */
  get hasEnd(): boolean {
    return this.#durationMs !== null || this.clock.knowsEnd;
  }

  goTo(layer: number): void {
    this.at = Math.min(Math.max(layer, 0), this.layers.length - 1);
    this.leave();
  }

  /** Nothing is begun or chosen any more. */
  leave(): void {
    this.inMs = this.outMs = this.chosen = null;
  }

  choose(stretch: Stretch): void {
    this.leave();
    this.at = this.layers.findIndex((one) => one.code === stretch.code);
    this.chosen = placeOf(stretch);
    this.clock.seek(stretch.start_ms);
  }

  markIn(): void {
    this.leave();
    this.inMs = Math.min(this.snap(this.clock.atMs), this.endMs);
    this.message = null;
  }

  markOut(): void {
    const { layer, inMs } = this;
    if (!layer || inMs === null) {
      this.message = { word: "timeline_in_first" };
      return;
    }
    const outMs = Math.min(this.snap(this.clock.atMs), this.endMs);
    const [only, ...others] = valuesOf(layer);
    if (!only || !this.#fits({ code: layer.code, start_ms: Math.min(inMs, outMs), end_ms: Math.max(inMs, outMs) })) return;
    this.outMs = outMs;
    // a value that nobody chose would be coded by the program
    if (others.length) this.message = { word: "timeline_value_next" };
    else this.#close(only.id);
  }

  /** The key of a value, for the chosen stretch or the one that waits for it. */
  setValue(digit: string): boolean {
    const { stretch, layer } = this;
    const value = layer ? valuesOf(layer).find((one, place) => (/^\d$/.test(one.id) ? one.id === digit : String(place + 1) === digit)) : undefined;
    if (!value) return false;
    if (this.outMs !== null) this.#close(value.id);
    else if (!stretch) return false;
    else if (value.id !== stretch.value) this.#change(stretch, { ...stretch, value: value.id });
    return true;
  }

  setAttribute(name: string, value: string): void {
    const { stretch } = this;
    if (!stretch || (stretch.attributes[name] ?? "") === value) return;
    const rest = Object.fromEntries(Object.entries(stretch.attributes).filter(([one]) => one !== name));
    this.#change(stretch, { ...stretch, attributes: value ? { ...rest, [name]: value } : rest });
  }

  setNote(note: string): void {
    const { stretch } = this;
    if (stretch && stretch.note !== note) this.#change(stretch, { ...stretch, note });
  }

  /** Move an edge of a stretch; false where it cannot stand there. */
  moveEdge(stretch: Stretch, edge: "start_ms" | "end_ms", toMs: number): boolean {
    const atMs = within(toMs, this.endMs);
    return atMs === stretch[edge] || this.#change(stretch, { ...stretch, [edge]: atMs });
  }

  nudge(edge: "start_ms" | "end_ms", frames: number): void {
    const { stretch } = this;
    if (!stretch) return;
    const toMs = within(stretch[edge] + frames * this.clock.frameMs, this.endMs);
    if (this.moveEdge(stretch, edge, toMs)) this.clock.seek(toMs);
  }

  edgeHere(edge: "start_ms" | "end_ms"): void {
    if (this.stretch) this.moveEdge(this.stretch, edge, this.snap(this.clock.atMs, this.chosen));
  }

  remove(): void {
    if (this.stretch) this.#change(this.stretch, null);
  }

  next(step: 1 | -1): void {
    const mine = this.stretches.filter((one) => one.code === this.layer?.code);
    const { stretch } = this;
    const here = this.clock.atMs;
    const place = stretch ? mine.findIndex((one) => isAt(one, stretch)) + step : mine.findIndex((one) => one.start_ms >= here);
    const found = stretch || step === 1 ? mine[place] : mine.findLast((one) => one.start_ms < here);
    if (found) this.choose(found);
  }

  /** To the shot, line or edge before or after this moment. */
  toEdge(step: 1 | -1): void {
    const found = beside(this.clock.atMs, edgesOf(this.guides, this.stretches), step);
    if (found !== null) this.clock.seek(found);
  }

  undo(): void {
    const last = this.#undo.pop();
    this.message = { word: last ? "timeline_undone" : "timeline_nothing_to_undo" };
    if (!last) return;
    this.leave();
    this.put(last);
  }

  finishLayer(): void {
    const code = this.layer?.code;
    if (!code) return;
    if (this.hasEnd) this.finish(code, this.endMs);
    else this.message = { word: "timeline_length_first" };
  }

  snap(atMs: number, not: Place | null = null, reachMs = this.clock.isPlaying ? REACH_MS : this.clock.frameMs): number {
    return this.isSnapping ? snapped(atMs, edgesOf(this.guides, this.stretches, not), reachMs) : Math.round(atMs);
  }

  /** Keep in this browser where the coder is. */
  keep(): void {
    try {
      localStorage.setItem(this.#kept, JSON.stringify({ code: this.layer?.code, at_ms: this.clock.atMs }));
    } catch {
      // the place is a comfort: what is coded waits in the queue
    }
  }

  stop(): void {
    this.clock.pause();
    this.keep();
    this.queue.stop();
  }

  #changedElsewhere(): void {
    this.#undo = [];
    this.leave();
  }

  #resume(): void {
    const { code, at_ms } = JSON.parse(localStorage.getItem(this.#kept) ?? "{}") as { code?: string; at_ms?: number };
    this.at = Math.max(0, this.layers.findIndex((one) => one.code === code));
    if (at_ms) this.clock.seek(at_ms);
  }

  #close(value: string): void {
    const { layer, inMs, outMs } = this;
    if (!layer || inMs === null || outMs === null) return;
    const [start_ms, end_ms] = inMs < outMs ? [inMs, outMs] : [outMs, inMs];
    if (this.#change(null, { code: layer.code, start_ms, end_ms, value, attributes: {}, note: "" })) this.inMs = this.outMs = null;
  }

  #fits(place: Place, instead: Place | null = null): boolean {
    const isFit = fits(this.stretches, place, this.endMs, instead);
    if (!isFit) this.message = { word: "timeline_does_not_fit" };
    return isFit;
  }

  #change(before: Stretch | null, after: Stretch | null): boolean {
    if (after && !this.#fits(after, before)) return false;
    const changes = [{ before: before ? placeOf(before) : null, after }];
    this.#undo.push(inverse(this.stretches, changes));
    this.message = null;
    this.put(changes);
    this.chosen = after ? placeOf(after) : null;
    return true;
  }
}
