import { describe, expect, it } from "vitest";
import { words } from ".";

const names = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe("the dictionary", () => {
  it.each(Object.entries(words))("%s is filled in both languages with the same parts", (_key, word) => {
    expect(word.en.trim()).not.toBe("");
    expect(word.zh.trim()).not.toBe("");
    expect(names(word.zh)).toEqual(names(word.en));
  });

  it("writes Chinese in Chinese", () => {
    const latin = Object.entries(words).filter(([key, word]) => !/\p{Script=Han}/u.test(word.zh) && key !== "language_switch");
    expect(latin.map(([key]) => key)).toEqual([]);
  });
});
