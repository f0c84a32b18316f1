import { describe, expect, it } from "vitest";
import { curve } from "./example";
import { area, bars, course, line, stepBands, steps, ticks, times, top } from "./shapes";

describe("shapes", () => {
  it("draw bars and lines in their box", () => {
    expect(bars([2, 0, 1], 100, 300)).toBe("M0.0 100V0.0H333.3V100ZM666.7 100V50.0H1000.0V100Z");
    expect(line([0, 150, 300], [1, 3, 2], 300)).toBe("M0.0 100.0L500.0 0.0L1000.0 50.0");
    expect(bars([], 100, 300)).toBe("");
    expect(line([0, 100], [5, 5], 100)).toBe("M0.0 100.0L1000.0 100.0");
  });

  it("break a curve and its band where there is no value", () => {
    expect(course(curve(), 400, 8)).toBe("M125.0 87.5M625.0 75.0L875.0 50.0");
    expect(area(curve(), 400, 8)).toBe("M125.0 93.8L125.0 75.0ZM625.0 87.5L875.0 75.0L875.0 0.0L625.0 50.0Z");
    expect(area(curve({ low: [null, null, null, null] }), 400, 8)).toBe("");
  });

  it("draw steps with their intervals, and no interval where there is none", () => {
    const gold = curve({ at_ms: [0, 100], end_ms: [100, 400], value: [1, 4], low: [0.5, null], high: [2, null] });
    expect(steps(gold, 400, 8)).toBe("M0.0 87.5H250.0M250.0 50.0H1000.0");
    expect(stepBands(gold, 400, 8)).toBe("M0.0 93.8V75.0H250.0V93.8Z");
  });

  it("reach to the highest bound", () => {
    expect(top([curve()])).toBeCloseTo(8.4);
    expect(top([])).toBe(1);
    expect(top([curve({ value: [0, 0, 0, 0], high: [null, null, null, null] })])).toBe(1);
  });

  it("label axes with round numbers", () => {
    expect(ticks(8.4, 5)).toEqual([0, 2, 4, 6, 8]);
    expect(ticks(0.031, 5)).toEqual([0, 0.01, 0.02, 0.03]);
    expect(times(352_000, 14)).toEqual(Array.from({ length: 12 }, (_, at) => at * 30_000));
    expect(times(36_000_000 * 9, 14).length).toBeLessThan(60);
  });
});
