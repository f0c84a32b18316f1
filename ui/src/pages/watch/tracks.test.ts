import { describe, expect, it } from "vitest";
import type { Mark } from "./replies";
import { curve } from "./example";
import { byCode, lineAt, next, previous, stepAt, valueAt } from "./tracks";

const mark = (code: string, coder: string, start_ms: number): Mark => ({ code, coder, coder_kind: "human", label: code, value: "1", start_ms, end_ms: start_ms + 10 });

describe("tracks", () => {
  it("keep coders of a code apart", () => {
    const rows = byCode([mark("b", "x", 50), mark("a", "y", 20), mark("b", "w", 60), mark("b", "x", 70)]);
    expect(rows.map((one) => [one.code, one.coders.map((coder) => [coder.coder, coder.marks.length])])).toEqual([
      ["a", [["y", 1]]],
      ["b", [["w", 1], ["x", 2]]],
    ]);
  });

  it("go on to the next, and begin again", () => {
    const all = [{ start_ms: 30 }, { start_ms: 10 }];
    expect(next(all, 10)?.start_ms).toBe(30);
    expect(next(all, 30)?.start_ms).toBe(10);
    expect(previous(all, 30)?.start_ms).toBe(10);
    expect(previous(all, 5)?.start_ms).toBe(30);
    expect(next([], 1)).toBeUndefined();
  });

  it("find the line that has begun last", () => {
    const lines = [{ start_ms: 10 }, { start_ms: 20 }, { start_ms: 20 }];
    expect([0, 10, 19, 20, 99].map((at) => lineAt(lines, at))).toEqual([-1, 0, 0, 2, 2]);
    expect(lineAt([], 5)).toBe(-1);
  });

  it("say a value with its interval and n, or why there is none", () => {
    expect(valueAt(curve(), 99)).toBe("1.00 [0.50, 2.00] n 3");
    expect(valueAt(curve({ why: ["", "suppressed", "", ""] }), 100)).toBe("suppressed");
    expect(valueAt(curve({ low: [null, null, null, null], high: [null, null, null, null] }), 0)).toBe("1.00 n 3");
    expect(valueAt(curve(), 400)).toBe("–");
    expect(stepAt(curve(), 400)).toBe(-1);
  });
});
