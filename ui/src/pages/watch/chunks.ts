/** Danmaku by stretches of half a minute, asked for when they are due and kept. */

import { get } from "../../lib/api";
import type { Chunk } from "./replies";

export const CHUNK_MS = 30_000;
const MOST_KEPT = 20;

export interface Sent {
  at: number;
  text: string;
}

export class Chunks {
  #kept = new Map<number, Chunk>();
  #asked = new Set<number>();

  constructor(
    readonly video: string,
    readonly arrived: (from: number, to: number) => void,
    readonly ask: (video: string, from: number, to: number) => Promise<Chunk> = (video, from, to) =>
      get<Chunk>("/api/watch/danmaku", { video, start_ms: from, end_ms: to }),
  ) {}

  /** The chunk that holds a time, if it is here; it and the next are asked for otherwise. */
  at(ms: number): Chunk | undefined {
    const number = Math.max(0, Math.floor(ms / CHUNK_MS));
    for (const one of [number, number + 1]) if (!this.#kept.has(one) && !this.#asked.has(one)) void this.#load(one);
    return this.#kept.get(number);
  }

  /** Danmaku sent in `(from, to]`, in order. */
  *between(from: number, to: number): Generator<Sent> {
    for (let number = Math.max(0, Math.floor(from / CHUNK_MS)); number * CHUNK_MS <= to; number += 1) {
      const chunk = this.at(number * CHUNK_MS);
      if (!chunk) continue;
      for (let each = firstAfter(chunk.at_ms, from); each < chunk.at_ms.length; each += 1) {
        const at = chunk.at_ms[each] ?? 0;
        if (at > to) return;
        yield { at, text: chunk.text[each] ?? "" };
      }
    }
  }

  async #load(number: number): Promise<void> {
    this.#asked.add(number);
    try {
      const found = await this.ask(this.video, number * CHUNK_MS, (number + 1) * CHUNK_MS);
      this.#kept.set(number, found);
      if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value ?? -1);
      this.arrived(number * CHUNK_MS, (number + 1) * CHUNK_MS);
    } catch {
      setTimeout(() => this.#asked.delete(number), 3000); // the overlay is no reason to stop the page: it is tried again
      return;
    }
    this.#asked.delete(number);
  }
}

/** The place of the first number greater than another in a sorted list. */
export function firstAfter(sorted: readonly number[], than: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= than) low = middle + 1;
    else high = middle;
  }
  return low;
}
