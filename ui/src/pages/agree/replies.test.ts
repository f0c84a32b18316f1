import { describe, expect, it } from "vitest";
import { byTitle, number, withInterval, type Group } from "./replies";

const group = (title: string, subject: string): Group => ({ by: title, title, subject, of: null, value: 1, low: null, high: null, n_units: 3, p: null, said: "" });

describe("agreement in words", () => {
  it("says an interval, that there is none, or that there is no value", () => {
    expect(withInterval({ value: 0.76, low: 0.62, high: 0.85 }, "none")).toBe("0.760 [0.620, 0.850]");
    expect(withInterval({ value: 0.76, low: null, high: null }, "none")).toBe("0.760 (none)");
    expect(withInterval({ value: null, low: null, high: null }, "none")).toBe("–");
    expect(number(null)).toBe("–");
  });

  it("keeps groups in their order", () => {
    const found = byTitle([group("pairs", "a / b"), group("waves", "1"), group("pairs", "a / c")]);
    expect(found.map((one) => [one.title, one.groups.map((each) => each.subject)])).toEqual([
      ["pairs", ["a / b", "a / c"]],
      ["waves", ["1"]],
    ]);
  });
});
