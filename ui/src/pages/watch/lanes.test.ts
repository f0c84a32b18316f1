import { describe, expect, it } from "vitest";
import { CROSSING_MS, evenly, isFree, Lanes, left } from "./lanes";

const touches = (one: { at: number; width: number }, other: { at: number; width: number }, stage: number): boolean => {
  for (let now = Math.max(one.at, other.at); now < Math.min(one.at, other.at) + CROSSING_MS; now += 20) {
    const a = left(one.at, one.width, now, stage);
    const b = left(other.at, other.width, now, stage);
    if (a < b + other.width && b < a + one.width) return true;
  }
  return false;
};

describe("lanes", () => {
  it("cross the stage in the same time, whatever their width", () => {
    expect(left(1000, 50, 1000, 800)).toBe(800);
    expect(left(1000, 50, 1000 + CROSSING_MS, 800)).toBe(-50);
  });

  it("keep those apart that may not overlap", () => {
    const lanes = new Lanes<number>(4, 800, 200, false);
    const kept = Array.from({ length: 400 }, (_, n) => lanes.enter(n, n * 137, 40 + ((n * 97) % 300))).filter((one) => one !== null);
    expect(kept.length).toBeGreaterThan(40);
    for (const one of kept)
      for (const other of kept) if (one.lane === other.lane && one.at < other.at) expect(touches(one, other, 800)).toBe(false);
  });

  it("drop what has no room, and take it where overlap is allowed", () => {
    const strict = new Lanes<number>(1, 800, 200, false);
    const loose = new Lanes<number>(1, 800, 200, true);
    for (const at of [0, 1, 2]) {
      strict.enter(at, at, 100);
      loose.enter(at, at, 100);
    }
    expect(strict.running.length).toBe(1);
    expect(loose.running.length).toBe(3);
  });

  it("never hold more than the most, and let go what has crossed", () => {
    const lanes = new Lanes<number>(2, 800, 5, true);
    for (let n = 0; n < 50; n += 1) lanes.enter(n, n, 100);
    expect(lanes.running.length).toBe(5);
    lanes.leave(CROSSING_MS + 50);
    expect(lanes.running.length).toBe(0);
  });

  it("have no room on a stage without height", () => {
    expect(new Lanes<number>(0, 800, 5, true).enter(1, 0, 10)).toBeNull();
  });

  it("are free once the one before is gone", () => {
    expect(isFree({ at: 0, width: 100 }, CROSSING_MS, 9999, 800)).toBe(true);
    expect(isFree({ at: 0, width: 100 }, 10, 10, 800)).toBe(false);
  });

  it("take an even part of what is too much", () => {
    expect(evenly([1, 2, 3], 5)).toEqual([1, 2, 3]);
    expect(evenly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4)).toEqual([0, 2, 5, 7]);
  });

  it("fill the lane that was taken longest ago where overlap is allowed", () => {
    const lanes = new Lanes<number>(2, 800, 9, true);
    expect([0, 1, 2, 3].map((at) => lanes.enter(at, at, 100)?.lane)).toEqual([0, 1, 0, 1]);
  });
});
