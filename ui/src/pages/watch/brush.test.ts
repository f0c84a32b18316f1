import { describe, expect, it } from "vitest";
import { timeAt } from "./brush";

describe("brush", () => {
  it("keeps times within the axis", () => {
    expect(timeAt(50, 200, 1000)).toBe(250);
    expect(timeAt(-9, 200, 1000)).toBe(0);
    expect(timeAt(999, 200, 1000)).toBe(1000);
    expect(timeAt(5, 0, 1000)).toBe(0);
  });
});
