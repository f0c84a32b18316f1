import { beforeEach, describe, expect, it } from "vitest";
import type { Refusal } from "./api";
import { language } from "./language.svelte";
import { asInTerminal, explained } from "./refusal";

const refusal: Refusal = {
  code: "YH102",
  problem: "column `content` is missing",
  facts: { file: "own.csv", found: "text, time" },
  fix: "--map COLUMN=text",
  shown: {
    en: { problem: "column `content` is missing", facts: [["file", "own.csv"]], fix: "Say what the columns are." },
    zh: { problem: "缺少列 `content`", facts: [["文件", "own.csv"]], fix: "请说明各列的含义。" },
  },
};

describe("an error of the server", () => {
  beforeEach(() => {
    language.now = "zh";
  });

  it("is told in the language of the page", () => {
    expect(explained(refusal).problem).toBe("缺少列 `content`");
    language.now = "en";
    expect(explained(refusal)).toEqual(refusal.shown?.en);
  });

  it("that says nothing for pages is told as it is, without a command", () => {
    const { shown: _, ...bare } = refusal;
    expect(explained(bare)).toEqual({ problem: refusal.problem, facts: [["file", "own.csv"], ["found", "text, time"]], fix: "" });
  });

  it("can be read as in a terminal, where its command helps", () => {
    expect(asInTerminal(refusal)).toBe("[YH102] column `content` is missing\n  file: own.csv   found: text, time\n  fix: --map COLUMN=text");
    expect(asInTerminal({ code: "YH903", problem: "500", facts: {}, fix: "" })).toBe("[YH903] 500");
  });
});
