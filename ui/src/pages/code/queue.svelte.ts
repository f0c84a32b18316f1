/**
 * What a coder decided and the server has not confirmed yet. Each decision is kept in this browser before it is sent, under an id of its
 * own: sent again after a lost reply it is stored once. Nothing is dropped but what the server confirmed, or refused for good and said so.
 */

import { ApiError, OfflineError, type Refusal } from "../../lib/api";
import type { Given, Progress, Reply } from "./sheets";

export interface Request extends Partial<Given> {
  do: "save" | "abstain" | "skip" | "undo" | "change" | "finish";
  /** Of a unit; on timelines the video. */
  key: string;
  partial?: boolean;
  /** What is sent of a timeline. */
  body?: unknown;
}

export interface Entry {
  name: string;
  id: string;
  tab: string;
  at: number;
  request: Request;
}

export interface Refused {
  entry: Entry;
  refusal: Refusal;
}

export type State = "saved" | "sending" | "offline" | "closed";
export type Send = (body: Record<string, unknown>) => Promise<Reply>;

const ORPHAN_MS = 5_000;
const LONGEST_WAIT_MS = 4_000;

/** Letters that nobody else makes up; works without a secure context, too. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
}

const isDraftOf = (entry: Entry, key: string): boolean => entry.request.partial === true && entry.request.key === key;

export class Queue {
  entries = $state.raw<readonly Entry[]>([]);
  refused = $state.raw<readonly Refused[]>([]);
  state = $state<State>("saved");
  progress = $state.raw<Progress | null>(null);
  /** False where the browser keeps nothing: then a closed window would lose what waits. */
  isKept = $state(true);
  readonly #prefix: string;
  /** Called once nothing waits any more, of what waited. */
  whenSaved: () => void = () => undefined;
  readonly #tab = newId();
  readonly #send: Send;
  readonly #storage: Storage;
  #count = 0;
  #inFlight = "";
  #isRunning = false;
  #isStopped = false;
  #wait = 250;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(study: string, coder: string, send: Send, storage: Storage = localStorage, room = "queue") {
    this.#prefix = `yuhu.${room}/${study}/${encodeURIComponent(coder)}/`;
    this.#send = send;
    this.#storage = storage;
    this.read();
    void this.run();
  }

  /** Decisions (not drafts) that wait. */
  get waiting(): number {
    return this.entries.filter((one) => !one.request.partial).length;
  }

  /** Units that are done here, and for the server not yet. */
  get doneHere(): string[] {
    return [...new Set(this.entries.map((one) => one.request.key))].filter((key) => this.isDone(key));
  }

  read(): void {
    const found: Entry[] = [];
    for (let at = 0; at < this.#storage.length; at += 1) {
      const name = this.#storage.key(at);
      if (name?.startsWith(this.#prefix)) found.push({ ...(JSON.parse(this.#storage.getItem(name) ?? "{}") as Entry), name });
    }
    const unkept = this.isKept ? [] : this.entries.filter((one) => !found.some((each) => each.name === one.name));
    this.entries = [...found, ...unkept].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  put(request: Request): void {
    for (const one of this.entries) if (isDraftOf(one, request.key) && one.name !== this.#inFlight) this.#drop(one);
    const at = Date.now();
    this.#count += 1;
    const name = `${this.#prefix}${at.toString(36).padStart(10, "0")}-${String(this.#count).padStart(6, "0")}-${this.#tab.slice(0, 6)}`;
    const entry: Entry = { name, id: newId(), tab: this.#tab, at, request };
    try {
      this.#storage.setItem(name, JSON.stringify(entry));
    } catch {
      this.isKept = false;
    }
    this.entries = [...this.entries, entry];
    if (this.state === "saved") this.state = "sending";
    void this.run();
  }

  /** What is kept here of a unit in progress, if it is newer than what the server has. */
  draftOf(key: string): Given | null {
    const found = this.entries.findLast((one) => isDraftOf(one, key));
    return found ? { answers: found.request.answers ?? {}, note: found.request.note ?? "", evidence: found.request.evidence ?? {} } : null;
  }

  /** Whether a unit is done here, whatever the server knows by now. */
  isDone(key: string): boolean {
    const last = this.entries.findLast((one) => one.request.key === key && !one.request.partial && one.request.do !== "skip");
    return last !== undefined && last.request.do !== "undo";
  }

  dismiss(refused: Refused): void {
    this.refused = this.refused.filter((one) => one !== refused);
  }

  retry(): void {
    this.#wait = 250;
    void this.run();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async run(): Promise<void> {
    if (this.#isRunning || this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#isRunning = true;
    try {
      for (let entry = this.#first(); entry && !this.#isStopped; entry = this.#first()) if (!(await this.#sent(entry))) return;
      if (!this.entries.length) this.#saved();
      else this.#later(ORPHAN_MS);
    } finally {
      this.#isRunning = false;
    }
  }

  #saved(): void {
    const waited = this.state !== "saved";
    this.state = "saved";
    if (waited) this.whenSaved();
  }

  /** The next to be sent: this window's own, or what a window left behind that was closed. */
  #first(): Entry | undefined {
    this.read();
    return this.entries.find((one) => one.tab === this.#tab || Date.now() - one.at > ORPHAN_MS);
  }

  async #sent(entry: Entry): Promise<boolean> {
    this.#inFlight = entry.name;
    try {
      const { request, id } = entry;
      const reply = await this.#send(request.do === "skip" ? { ...request } : { ...request, id });
      if (reply.progress) this.progress = reply.progress;
      this.#wait = 250;
      this.state = "sending";
    } catch (error) {
      if (!this.#isFinal(error)) {
        this.state = error instanceof ApiError && (error.status === 401 || error.status === 403) ? "closed" : "offline";
        this.#later(this.#wait);
        this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
        return false;
      }
      if (!entry.request.partial) this.refused = [...this.refused, { entry, refusal: error.refusal }];
    } finally {
      this.#inFlight = "";
    }
    this.#drop(entry);
    return true;
  }

  /** Whether sending again cannot help: the request itself was refused. */
  #isFinal(error: unknown): error is ApiError {
    if (error instanceof OfflineError || !(error instanceof ApiError)) return false;
    return error.status === 409 || error.status === 422 || error.status === 413;
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => void this.run(), ms);
  }

  #drop(entry: Entry): void {
    this.#storage.removeItem(entry.name);
    this.entries = this.entries.filter((one) => one.name !== entry.name);
  }
}
