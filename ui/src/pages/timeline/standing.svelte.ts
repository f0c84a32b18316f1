/** What stands on a coder's timeline of a video: what the server told, and over it what waits in this browser. */

import { ApiError, get, send } from "../../lib/api";
import { language } from "../../lib/language.svelte";
import { Queue, type Request } from "../code/queue.svelte";
import type { Question, Reply } from "../code/sheets";
import { applied, type Change, type Guide, type Stretch } from "./stretches";

export interface Told {
  video_id: string;
  title: string | null;
  duration_ms: number | null;
  has_file: boolean;
  layers: Question[];
  guides: Guide[];
  stretches: Stretch[];
  finished: string[];
}

interface Body {
  changes?: Change[];
  code?: string;
  is_finished?: boolean;
}

export class Standing {
  stretches = $state.raw<readonly Stretch[]>([]);
  /** Codes whose layer is finished. */
  finished = $state.raw<readonly string[]>([]);
  layers = $state.raw<readonly Question[]>([]);
  readonly queue: Queue;
  readonly #video: string;
  readonly #address: string;
  readonly #refused: () => void;

  /** `refused` is called once what stands was asked for anew, because the server refused a change. */
  constructor(study: string, coder: string, told: Told, refused: () => void) {
    this.#video = told.video_id;
    this.#address = `/api/timelines/${encodeURIComponent(coder)}/video`;
    this.#refused = refused;
    this.layers = told.layers;
    this.stretches = told.stretches;
    this.finished = told.finished;
    this.queue = new Queue(study, coder, (body) => this.#send(body), localStorage, "timeline");
    this.#replay();
  }

  async translate(): Promise<void> {
    this.layers = (await this.#load()).layers;
  }

  put(changes: Change[]): void {
    this.stretches = applied(this.stretches, changes);
    this.queue.put({ do: "change", key: this.#video, body: { changes } });
  }

  finish(code: string, end_ms: number): void {
    const is_finished = !this.finished.includes(code);
    this.finished = is_finished ? [...this.finished, code] : this.finished.filter((one) => one !== code);
    this.queue.put({ do: "finish", key: this.#video, body: { code, is_finished, end_ms } });
  }

  #replay(not = ""): void {
    for (const { request, id } of this.queue.entries) {
      if (request.key !== this.#video || id === not) continue;
      const { changes, code, is_finished } = request.body as Body;
      if (changes) this.stretches = applied(this.stretches, changes);
      if (code) this.finished = [...this.finished.filter((one) => one !== code), ...(is_finished ? [code] : [])];
    }
  }

  async #send(given: Record<string, unknown>): Promise<Reply> {
    const { do: what, key, id, body } = given as unknown as Request & { id: string };
    const isFinish = what === "finish";
    try {
      await send<unknown>(isFinish ? "PUT" : "POST", `${this.#address}${isFinish ? "/finished" : ""}`, { id, ...(body as object) }, { video: key });
    } catch (error) {
      if (error instanceof ApiError && (error.status === 409 || error.status === 422)) await this.#again(id);
      throw error;
    }
    return {};
  }

  async #again(refused: string): Promise<void> {
    const told = await this.#load();
    this.stretches = told.stretches;
    this.finished = told.finished;
    this.#replay(refused);
    this.#refused();
  }

  #load(): Promise<Told> {
    return get<Told>(this.#address, { video: this.#video, lang: language.now });
  }
}
