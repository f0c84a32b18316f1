import { describe, expect, it } from "vitest";
import { applied, edgesOf, fits, inverse, snapped, type Stretch } from "./stretches";

const stretch = (start_ms: number, end_ms: number, code = "loss"): Stretch => ({ code, start_ms, end_ms, value: "1", attributes: {}, note: "" });

describe("stretches", () => {
  it("fit in the video and beside others of their code", () => {
    const there = [stretch(1000, 2000)];
    expect(fits(there, stretch(2000, 3000), 3000)).toBe(true);
    expect(fits(there, stretch(2000, 3001), 3000)).toBe(false);
    expect(fits(there, stretch(1999, 2500), 3000)).toBe(false);
    expect(fits(there, stretch(1500, 2500, "humour"), 3000)).toBe(true);
    expect(fits(there, stretch(1500, 2500), 3000, stretch(1000, 2000))).toBe(true);
    expect(fits([], stretch(500, 500), 3000)).toBe(false);
  });

  it("are changed and changed back", () => {
    const before = [stretch(0, 10), stretch(20, 30)];
    const changes = [
      { before: stretch(0, 10), after: stretch(0, 15) },
      { before: stretch(20, 30), after: null },
      { before: null, after: stretch(40, 50) },
    ];
    const after = applied(before, changes);
    expect(after).toEqual([stretch(0, 15), stretch(40, 50)]);
    expect(applied(after, inverse(before, changes))).toEqual(before);
  });

  it("snap to the nearest edge within reach, never to their own", () => {
    const edges = edgesOf([{ kind: "shot", start_ms: 0, end_ms: 4000, text: null }], [stretch(1000, 2000), stretch(5000, 6000)], stretch(1000, 2000));
    expect(edges).toEqual([0, 4000, 5000, 6000]);
    expect(snapped(4100, edges, 200)).toBe(4000);
    expect(snapped(4600, edges, 200)).toBe(4600);
    expect(snapped(4800, edges, 200)).toBe(5000);
  });
});
