import { describe, expect, it } from "vitest";
import { CHUNK_MS, Chunks, firstAfter } from "./chunks";

const settle = (): Promise<void> => new Promise((done) => setTimeout(done));

describe("chunks", () => {
  it("find the first number after another", () => {
    expect(firstAfter([], 3)).toBe(0);
    expect(firstAfter([1, 3, 3, 5], 3)).toBe(3);
    expect(firstAfter([1, 3, 3, 5], 0)).toBe(0);
    expect(firstAfter([1, 3, 3, 5], 9)).toBe(4);
  });

  it("ask for a stretch and the next once, and give what was sent in between", async () => {
    const asked: number[] = [];
    const chunks = new Chunks("v", () => undefined, (_, from) => {
      asked.push(from);
      return Promise.resolve({ at_ms: [from, from + 100, from + CHUNK_MS - 1], text: ["a", "b", "c"] });
    });
    expect([...chunks.between(0, 500)]).toEqual([]);
    await settle();
    expect(asked).toEqual([0, CHUNK_MS]);
    expect([...chunks.between(0, CHUNK_MS)].map((one) => one.at)).toEqual([100, CHUNK_MS - 1, CHUNK_MS]);
    expect([...chunks.between(50, CHUNK_MS - 1)].map((one) => one.text)).toEqual(["b", "c"]);
  });
});
