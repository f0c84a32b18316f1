import { describe, expect, it } from "vitest";
import { Attempt } from "./attempt.svelte";

describe("an attempt", () => {
  it("is busy until it ends, and keeps why it failed until it is tried again", async () => {
    const attempt = new Attempt();
    let fail: (reason: unknown) => void = () => undefined;
    const first = attempt.run(() => new Promise((_, reject) => (fail = reject)));
    expect(attempt.isBusy).toBe(true);
    fail("no");
    expect(await first).toBe(false);
    expect([attempt.isBusy, attempt.error]).toEqual([false, "no"]);
    const second = attempt.run(() => Promise.resolve());
    expect([attempt.isBusy, attempt.error]).toEqual([true, null]);
    expect(await second).toBe(true);
    expect(attempt.isBusy).toBe(false);
  });

  it("catches what fails before it waits", async () => {
    const attempt = new Attempt();
    const thrown = new Error("at once");
    expect(
      await attempt.run(() => {
        throw thrown;
      }),
    ).toBe(false);
    expect(attempt.error).toBe(thrown);
    attempt.clear();
    expect(attempt.error).toBeNull();
  });
});
