/**
 * The questions on one unit, one after another, answered key by key: in the page, so that the next one is there before the key is up.
 * The server's own (`coding/answering.py`) does the same; both are held to the walks in `answering.cases.json`.
 */

import type { Answers, Question, Value } from "./sheets";

export const ABSTAIN = "?";
export const NOTHING = "none";
export const ENTER = "Enter";
export const PAGE = 12;
const KEYS = "123456789cfgijklmoprtvwxyz";

export interface Choice extends Value {
  key: string;
  /** The value that a cell has so far. */
  chosen: string | null;
}

export interface Prompt {
  kind: "value" | "cells" | "cell" | "attribute";
  question: Question;
  id: string;
  label: string;
  choices: Choice[];
  answer: string | null;
  page: number;
  pages: number;
}

/** Two codes of which only one can stand. */
export class Clash extends Error {
  constructor(
    readonly one: Question,
    readonly other: string,
  ) {
    super(`${one.code} / ${other}`);
  }
}

const variablesOf = (one: Question): string[] => (one.cells.length ? one.cells.map((cell) => cell.id) : [one.code]);
const namesOf = (one: Question): string[] => [one.code, ...variablesOf(one)];

export function isPresent(one: Question, answers: Answers): boolean {
  return variablesOf(one).some((name) => name in answers && answers[name] !== ABSTAIN && answers[name] !== one.zero);
}

function isOpen(one: Question, asked: Map<string, Question>, answers: Answers): boolean {
  const gate = one.opens_if;
  if (!gate) return true;
  if (gate.code !== undefined) {
    const above = asked.get(gate.code);
    return !above || (isOpen(above, asked, answers) && (gate.values ?? []).map(String).includes(answers[gate.code] ?? ""));
  }
  const above = (gate.any ?? []).flatMap((name) => asked.get(name) ?? []);
  return !above.length || above.some((each) => isOpen(each, asked, answers) && isPresent(each, answers));
}

function missing(one: Question, answers: Answers): string[] {
  const whole = answers[one.code];
  const isAnswered = one.cells.length
    ? whole === NOTHING || whole === ABSTAIN || one.cells.some((cell) => cell.id in answers)
    : one.code in answers;
  if (!isAnswered) return [one.code];
  return isPresent(one, answers) ? one.attributes.map((each) => each.id).filter((name) => !(name in answers)) : [];
}

function keyed(names: string[], zero: string | null): Map<string, string> {
  if (names.every((name) => /^[0-9]$/.test(name))) return new Map(names.map((name) => [name, name]));
  const keys = names.filter((name) => name !== zero).map((name, at): [string, string] => [name, KEYS[at] ?? ""]);
  return new Map(zero !== null && names.includes(zero) ? [[zero, "0"], ...keys] : keys);
}

export class Answering {
  answers: Answers;
  readonly #asked: readonly Question[];
  readonly #byCode: Map<string, Question>;
  #again: string | null = null;
  #cell: string | null = null;
  #cells: Answers = {};
  #page = 0;

  constructor(asked: readonly Question[], answers: Answers) {
    this.#asked = asked;
    this.#byCode = new Map(asked.map((one) => [one.code, one]));
    this.answers = this.#stillOpen(answers);
    this.#start();
  }

  get isComplete(): boolean {
    return this.#current() === null;
  }

  get cells(): readonly string[] {
    return Object.keys(this.#cells);
  }

  steps(answers: Answers = this.answers): string[] {
    return this.#asked
      .filter((one) => isOpen(one, this.#byCode, answers))
      .flatMap((one) => [one.code, ...(isPresent(one, answers) ? one.attributes.map((each) => each.id) : [])]);
  }

  questionOf(step: string): Question | undefined {
    return this.#byCode.get(step) ?? this.#asked.find((one) => one.attributes.some((each) => each.id === step));
  }

  prompt(): Prompt | null {
    const step = this.#current();
    const question = step === null ? undefined : this.questionOf(step);
    if (step === null || !question) return null;
    const { kind, id, label, offered } = this.#offer(question, step);
    const pages = Math.max(1, Math.ceil(offered.length / PAGE));
    const page = this.#page % pages;
    const shown = offered.slice(page * PAGE, (page + 1) * PAGE);
    const zero = kind === "value" ? question.zero : null;
    const keys = keyed(
      shown.map((one) => one.id),
      zero,
    );
    const choices = shown.map((one) => ({
      ...one,
      key: keys.get(one.id) ?? "",
      chosen: kind === "cells" ? (this.#cells[one.id] ?? null) : null,
    }));
    return { kind, question, id, label, choices, answer: this.answers[step] ?? null, page, pages };
  }

  /** Take a choice by its key; false if there is none. Throws a `Clash` where it may not stand with an earlier answer. */
  choose(key: string): boolean {
    const prompt = this.prompt();
    const found = prompt?.choices.find((one) => one.key === key && key !== "");
    if (!prompt || !found) return false;
    if (prompt.kind === "cells") this.#mark(prompt.question, found.id);
    else if (prompt.kind === "cell") {
      this.#cells[prompt.id] = found.id;
      this.#cell = null;
    } else this.#answer({ [prompt.id]: found.id }, [prompt.id]);
    return true;
  }

  /** End a list of cells, or keep an earlier answer; false where there is none to keep. */
  enter(): boolean {
    const prompt = this.prompt();
    if (!prompt) return false;
    if (prompt.kind === "cell") this.#cell = null;
    else if (prompt.kind === "cells") {
      const { question } = prompt;
      this.#answer(Object.keys(this.#cells).length ? { ...this.#cells } : { [question.code]: NOTHING }, namesOf(question));
    } else if (prompt.answer === null) return false;
    else this.#answer({}, []);
    return true;
  }

  abstain(): void {
    const prompt = this.prompt();
    if (!prompt) return;
    if (prompt.kind === "cell") {
      this.#cells[prompt.id] = ABSTAIN;
      this.#cell = null;
    } else if (prompt.kind === "cells") this.#answer({ [prompt.question.code]: ABSTAIN }, namesOf(prompt.question));
    else this.#answer({ [prompt.id]: ABSTAIN }, [prompt.id]);
  }

  back(): boolean {
    if (this.#cell !== null) {
      this.#cell = null;
      return true;
    }
    const steps = this.steps();
    const step = this.#current();
    const at = step === null ? steps.length : steps.indexOf(step);
    const before = steps[at - 1];
    if (before === undefined) return false;
    this.#again = before;
    this.#start();
    return true;
  }

  /** Go to a question that was answered before. */
  goTo(step: string): void {
    if (!this.steps().includes(step)) return;
    this.#again = step;
    this.#start();
  }

  /** Ask the last question anew, if all are answered. */
  reopen(): void {
    const last = this.steps().at(-1);
    if (!this.isComplete || last === undefined) return;
    const question = this.#byCode.get(last);
    const names = new Set(question ? [last, ...variablesOf(question)] : [last]);
    this.answers = Object.fromEntries(Object.entries(this.answers).filter(([name]) => !names.has(name)));
    this.#start();
  }

  turn(): void {
    this.#page += 1;
  }

  #current(): string | null {
    if (this.#again !== null && this.steps().includes(this.#again)) return this.#again;
    for (const one of this.#asked) {
      const lacking = isOpen(one, this.#byCode, this.answers) ? missing(one, this.answers)[0] : undefined;
      if (lacking !== undefined) return lacking;
    }
    return null;
  }

  #start(): void {
    this.#page = 0;
    this.#cell = null;
    const question = this.#byCode.get(this.#current() ?? "");
    const kept = question ? variablesOf(question).flatMap((name): [string, string][] => (name in this.answers ? [[name, this.answers[name] ?? ""]] : [])) : [];
    this.#cells = Object.fromEntries(kept);
  }

  #offer(question: Question, step: string): { kind: Prompt["kind"]; id: string; label: string; offered: Value[] } {
    const attribute = question.attributes.find((each) => each.id === step);
    if (attribute) return { kind: "attribute", id: step, label: attribute.label, offered: attribute.values };
    if (!question.cells.length) return { kind: "value", id: step, label: question.label, offered: question.values };
    const cell = question.cells.find((one) => one.id === this.#cell);
    if (cell) {
      return { kind: "cell", id: cell.id, label: cell.label, offered: question.values.filter((one) => one.id !== question.zero) };
    }
    const prefix = `${question.label}: `;
    const short = question.cells.map((one) => ({ id: one.id, label: one.label.startsWith(prefix) ? one.label.slice(prefix.length) : one.label }));
    return { kind: "cells", id: step, label: question.label, offered: short };
  }

  #mark(question: Question, cell: string): void {
    const there = question.values.filter((one) => one.id !== question.zero);
    if (cell in this.#cells) delete this.#cells[cell];
    else if (there.length === 1) this.#cells[cell] = there[0]?.id ?? "";
    else {
      this.#cell = cell;
      this.#page = 0;
    }
  }

  #answer(given: Answers, insteadOf: string[]): void {
    const kept = Object.fromEntries(Object.entries(this.answers).filter(([name]) => !insteadOf.includes(name)));
    const trial = this.#stillOpen({ ...kept, ...given });
    this.#refuseClash(trial);
    this.answers = trial;
    this.#again = null;
    this.#start();
  }

  #refuseClash(answers: Answers): void {
    const there = this.#asked.filter((one) => isOpen(one, this.#byCode, answers) && isPresent(one, answers));
    const codes = new Set(there.map((one) => one.code));
    for (const one of there) for (const other of one.conflicts) if (codes.has(other)) throw new Clash(one, other);
  }

  #stillOpen(answers: Answers): Answers {
    const names = new Set(
      this.steps(answers).flatMap((step) => {
        const question = this.#byCode.get(step);
        return question ? namesOf(question) : [step];
      }),
    );
    return Object.fromEntries(Object.entries(answers).filter(([name]) => names.has(name)));
  }
}
