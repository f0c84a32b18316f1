import { describe, expect, it } from "vitest";
import cases from "./answering.cases.json";
import { Answering, Clash } from "./answering";
import type { Question } from "./sheets";

interface Step {
  key: string;
  clash: boolean;
  prompt: [string, string, string | null, number, number, [string, string, boolean][]] | null;
  answers: Record<string, string>;
  steps: number;
}

function press(answering: Answering, key: string): boolean {
  try {
    if (!answering.prompt()) answering.reopen();
    else if (key === "?") answering.abstain();
    else if (key === "\n") answering.enter();
    else if (key === "b") answering.back();
    else if (key === ">") answering.turn();
    else answering.choose(key);
  } catch (error) {
    if (error instanceof Clash) return true;
    throw error;
  }
  return false;
}

describe("the page answers as the desk does", () => {
  (cases as unknown as { questions: Question[]; walks: Step[][] }[]).forEach((one, set) => {
    one.walks.forEach((walk, at) => {
      it(`set ${set}, walk ${at}`, () => {
        const answering = new Answering(one.questions, {});
        for (const step of walk) {
          const clash = press(answering, step.key);
          const prompt = answering.prompt();
          const choices = prompt?.choices.map((each) => [each.key, each.id, each.chosen !== null]);
          const shown = prompt ? [prompt.kind, prompt.id, prompt.answer, prompt.page, prompt.pages, choices] : null;
          expect({ key: step.key, clash, prompt: shown, answers: answering.answers, steps: answering.steps().length }).toEqual(step);
        }
      });
    });
  });
});
