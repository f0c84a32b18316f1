/** One coder's place in the page: the unit at hand, those that come next, and what the keys do. */

import { send } from "../../lib/api";
import { language } from "../../lib/language.svelte";
import type { WordKey } from "../../words";
import { Answering, Clash, ENTER, isPresent, type Prompt } from "./answering";
import { Queue } from "./queue.svelte";
import type { Evidence, Given, Progress, Question, Reply, Sheet } from "./sheets";

const AHEAD = 20;
const LOW = 8;
const MOST_AFTER = 500;
const LONGEST_PAUSE_MS = 300_000;
const TIRED_AFTER_MS = 50 * 60_000;
export const HOSTILE_AT_ONCE = 20;

export interface Message {
  word: WordKey;
  facts?: Record<string, string>;
}

export class DeskState {
  sheets = $state.raw<readonly Sheet[]>([]);
  questions = $state.raw<Record<string, Question[]>>({});
  seconds = $state.raw<number | null>(null);
  note = $state("");
  evidence = $state.raw<Evidence>({});
  message = $state.raw<Message | null>(null);
  error = $state.raw<unknown>(null);
  isReady = $state(false);
  isTired = $state(false);
  hostile = $state(0);
  readonly queue: Queue;
  #turn = $state(0);
  #answering = new Answering([], {});
  #isAsking = $state(false);
  #history: Sheet[] = [];
  #done = new Set<string>();
  #skipped: string[];
  #began = Date.now();
  #last = Date.now();
  readonly #coder: string;
  readonly #skippedName: string;

  constructor(study: string, coder: string) {
    this.#coder = coder;
    this.queue = new Queue(study, coder, (body) => this.#ask(body));
    this.queue.whenSaved = () => {
      if (!this.sheet) this.#refill();
    };
    this.#skippedName = `yuhu.skipped/${study}/${encodeURIComponent(coder)}`;
    this.#skipped = JSON.parse(localStorage.getItem(this.#skippedName) ?? "[]") as string[];
  }

  get sheet(): Sheet | null {
    return this.sheets[0] ?? null;
  }

  get prompt(): Prompt | null {
    void this.#turn;
    return this.#answering.prompt();
  }

  get steps(): readonly string[] {
    void this.#turn;
    return this.#answering.steps();
  }

  get answers(): Readonly<Record<string, string>> {
    void this.#turn;
    return this.#answering.answers;
  }

  /** Whether more units may come: answers are on their way, or the server is asked. */
  get mayHaveMore(): boolean {
    return this.#isAsking || this.queue.state !== "saved";
  }

  /** Names under which a marked stretch of the text is kept: the question at hand, or the cells that were chosen. */
  get markedNames(): readonly string[] {
    const prompt = this.prompt;
    if (!prompt) return [];
    return prompt.kind === "cells" ? this.#answering.cells : [prompt.id];
  }

  questionOf(step: string): Question | undefined {
    return this.#answering.questionOf(step);
  }

  /** Units done, with those that wait to be sent; the server's count once all are sent. */
  get progress(): Progress | null {
    const told = this.queue.progress;
    if (!told) return null;
    const waiting = this.queue.entries.reduce((sum, one) => {
      if (one.request.partial || one.request.do === "skip") return sum;
      return sum + (one.request.do === "undo" ? -1 : 1);
    }, 0);
    return { ...told, done: Math.min(told.total, told.done + waiting) };
  }

  async start(): Promise<void> {
    this.error = null;
    try {
      const [asked, reply] = await Promise.all([this.#ask({ do: "questions" }), this.#ask({ do: "next", ahead: AHEAD })]);
      this.questions = asked.questions ?? {};
      this.#take(reply);
      this.#show();
      this.isReady = true;
      void this.#pace();
    } catch (error) {
      this.error = error;
    }
  }

  stop(): void {
    this.queue.stop();
  }

  /** Questions in the language of the page. */
  async translate(): Promise<void> {
    if (!this.isReady) return;
    this.questions = (await this.#ask({ do: "questions" })).questions ?? this.questions;
    this.#show(this.#given());
  }

  press(key: string): boolean {
    this.#keepTime();
    if (key === "u") return this.#told(() => void this.undo());
    if (!this.sheet) return false;
    if (key === "s") return this.#told(() => this.skip());
    if (key === "a") return this.#told(() => this.abstain());
    if (key === "b" || key === "Backspace") {
      return this.#told(() => (this.#answering.back() ? null : (this.message = { word: "code_first_question" })));
    }
    if (key === ">") return this.#told(() => this.#answering.turn());
    if (!this.#known(key)) return false;
    return this.#told(() => this.#answer(key));
  }

  goTo(step: string): void {
    this.#told(() => this.#answering.goTo(step));
  }

  keepNote(note: string): void {
    if (note === this.note) return;
    this.note = note;
    this.#keep();
  }

  mark(start: number, end: number): void {
    const names = this.markedNames;
    if (!names.length) this.message = { word: "code_mark_choose_first" };
    this.evidence = { ...this.evidence, ...Object.fromEntries(names.map((name) => [name, [start, end] as [number, number]])) };
    if (names.length) this.#keep();
  }

  unmark(): void {
    const names = this.markedNames;
    this.evidence = Object.fromEntries(Object.entries(this.evidence).filter(([name]) => !names.includes(name)));
    this.#keep();
  }

  skip(): void {
    const sheet = this.sheet;
    if (!sheet) return;
    this.#skipped = [...this.#skipped.filter((key) => key !== sheet.key), sheet.key];
    localStorage.setItem(this.#skippedName, JSON.stringify(this.#skipped));
    this.queue.put({ do: "skip", key: sheet.key });
    this.sheets = [...this.sheets.slice(1), { ...sheet, ...this.#given() }];
    this.#show();
    this.message = { word: "code_skipped" };
    this.#refill();
  }

  abstain(): void {
    const sheet = this.sheet;
    if (!sheet) return;
    this.queue.put({ do: "abstain", key: sheet.key, note: this.note });
    this.#finished(sheet);
    this.message = { word: "code_abstained" };
  }

  async undo(): Promise<void> {
    const last = this.#history.pop();
    if (last) {
      this.queue.put({ do: "undo", key: last.key });
      this.#done.delete(last.key);
      this.sheets = [last, ...this.sheets.filter((one) => one.key !== last.key)];
      this.#show();
      this.message = { word: "code_undone" };
      return;
    }
    if (this.queue.entries.length) {
      this.message = { word: "code_undo_later" };
      return;
    }
    try {
      const reply = await this.#ask({ do: "undo" });
      if (reply.progress) this.queue.progress = reply.progress;
      const sheet = reply.sheet;
      if (sheet) {
        this.sheets = [sheet, ...this.sheets.filter((one) => one.key !== sheet.key)];
        this.#show();
      }
      this.message = { word: sheet ? "code_undone" : "code_nothing_to_undo" };
    } catch {
      this.message = { word: "code_undo_later" };
    }
  }

  /** The coder's other open units with the same text. */
  async same(): Promise<Sheet[]> {
    const sheet = this.sheet;
    return sheet ? ((await this.#ask({ do: "same", key: sheet.key })).sheets ?? []).filter((one) => !this.#isDone(one.key)) : [];
  }

  /** Answer several units with the same text at once: each is a coding of its own. */
  saveAll(sheets: readonly Sheet[], given: Given): void {
    for (const sheet of sheets) {
      this.queue.put({ do: "save", key: sheet.key, ...given });
      this.#done.add(sheet.key);
      this.#history.push({ ...sheet, ...given });
    }
    this.sheets = this.sheets.filter((one) => !this.#isDone(one.key));
    this.#show();
    this.#refill();
  }

  lastGiven(): Sheet | null {
    return this.#history.at(-1) ?? null;
  }

  #told(act: () => unknown): boolean {
    this.message = null;
    try {
      act();
    } catch (error) {
      if (!(error instanceof Clash)) throw error;
      this.message = { word: "code_clash", facts: { one: error.one.label, other: this.#label(error.other) } };
    }
    this.#turn += 1;
    return true;
  }

  #known(key: string): boolean {
    if (key === "?" || key === ENTER) return true;
    return this.prompt?.choices.some((one) => one.key === key) ?? false;
  }

  #answer(key: string): void {
    if (key === "?") this.#answering.abstain();
    else if (key === ENTER) {
      if (!this.#answering.enter()) {
        this.message = { word: "code_no_answer" };
        return;
      }
    } else this.#answering.choose(key);
    const sheet = this.sheet;
    if (!this.#answering.isComplete || !sheet) {
      this.#keep();
      return;
    }
    this.queue.put({ do: "save", key: sheet.key, ...this.#given() });
    const asked = this.questions[sheet.questions] ?? [];
    if (asked.some((one) => one.code.startsWith("hostility") && isPresent(one, this.answers))) this.hostile += 1;
    this.#finished(sheet);
  }

  #finished(sheet: Sheet): void {
    this.#history.push({ ...sheet, ...this.#given() });
    this.#done.add(sheet.key);
    this.sheets = this.sheets.slice(1);
    this.#show();
    this.#refill();
  }

  #given(): Given {
    const answers = { ...this.#answering.answers };
    const evidence = Object.fromEntries(Object.entries(this.evidence).filter(([name]) => name in answers || this.steps.includes(name)));
    return { answers, note: this.note, evidence };
  }

  #keep(): void {
    if (this.sheet) this.queue.put({ do: "save", key: this.sheet.key, ...this.#given(), partial: true });
  }

  #show(given?: Given): void {
    const sheet = this.sheet;
    const from = given ?? (sheet ? (this.queue.draftOf(sheet.key) ?? sheet) : null);
    this.note = from?.note ?? "";
    this.evidence = from?.evidence ?? {};
    this.#answering = new Answering(sheet ? (this.questions[sheet.questions] ?? []) : [], from?.answers ?? {});
    this.#answering.reopen();
    this.#turn += 1;
  }

  #isDone(key: string): boolean {
    return this.#done.has(key) || this.queue.isDone(key);
  }

  #take(reply: Reply): void {
    if (reply.progress) this.queue.progress = reply.progress;
    const fetched = [reply.sheet, ...(reply.ahead ?? [])].filter((one): one is Sheet => !!one && !this.#isDone(one.key));
    const now = this.sheet;
    const late = (one: Sheet): number => this.#skipped.indexOf(one.key);
    const rest = fetched.filter((one) => one.key !== now?.key).sort((one, other) => late(one) - late(other));
    this.sheets = now ? [now, ...rest] : rest;
  }

  /** Have the next units at hand. Without a server those at hand go on. */
  #refill(): void {
    if (this.#isAsking || this.sheets.length > LOW) return;
    this.#isAsking = true;
    this.#ask({ do: "next", ahead: AHEAD, after: this.queue.doneHere.slice(0, MOST_AFTER) })
      .then(async (reply) => {
        const names = [reply.sheet, ...(reply.ahead ?? [])].map((one) => one?.questions);
        if (names.some((name) => name && !(name in this.questions))) {
          this.questions = { ...this.questions, ...(await this.#ask({ do: "questions" })).questions };
        }
        const before = this.sheet; // the last one at hand may have been finished meanwhile
        this.#take(reply);
        if (!before && this.sheet) this.#show();
      })
      .catch(() => undefined)
      .finally(() => (this.#isAsking = false));
  }

  /** After the server was away: look for units that were not at hand. */
  again(): void {
    this.queue.retry();
    this.#refill();
  }

  async #pace(): Promise<void> {
    this.seconds = (await this.#ask({ do: "progress" })).seconds ?? null;
  }

  #label(code: string): string {
    return Object.values(this.questions).flat().find((one) => one.code === code)?.label ?? code;
  }

  #keepTime(): void {
    const now = Date.now();
    if (now - this.#last > LONGEST_PAUSE_MS) this.#began = now;
    this.#last = now;
    this.isTired = now - this.#began >= TIRED_AFTER_MS;
  }

  #ask(body: Record<string, unknown>): Promise<Reply> {
    return send<Reply>("POST", `/api/desks/${encodeURIComponent(this.#coder)}`, body, { lang: language.now });
  }
}
