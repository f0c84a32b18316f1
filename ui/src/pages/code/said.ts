import { t } from "../../lib/language.svelte";
import { ABSTAIN, NOTHING } from "./answering";
import type { Answers, Question } from "./sheets";

/** The value of one attribute in words. */
export function valueOf(question: Question, attribute: string, answers: Answers): string {
  const given = answers[attribute];
  if (given === ABSTAIN) return t("code_undecided");
  return question.attributes.find((one) => one.id === attribute)?.values.find((one) => one.id === given)?.label ?? "";
}

/** Answers to one question in words. */
export function said(question: Question, answers: Answers): string {
  const labels = new Map(question.values.map((one) => [one.id, one.label]));
  const value = (id: string): string => (id === ABSTAIN ? t("code_undecided") : (labels.get(id) ?? id));
  const whole = answers[question.code];
  if (question.cells.length && whole === NOTHING) return t("code_none");
  const out = whole === undefined ? [] : [value(whole)];
  for (const cell of question.cells) {
    const given = answers[cell.id];
    if (given !== undefined && given !== question.zero) out.push(`${cell.label.replace(`${question.label}: `, "")}: ${value(given)}`);
  }
  for (const one of question.attributes) {
    const label = valueOf(question, one.id, answers);
    if (label) out.push(`${one.label.replace(`${question.label}: `, "")}: ${label}`);
  }
  return out.join("; ");
}
