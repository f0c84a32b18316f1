import { describe, expect, it } from "vitest";
import { address, said } from "./numbers";

describe("numbers of the report", () => {
  it("are said by their unit, with their interval", () => {
    expect(said({ value: 0.2589, low: 0.238, high: 0.281, unit: "share" })).toBe("25.9\u00a0% [23.8\u00a0%, 28.1\u00a0%]");
    expect(said({ value: -0.023, low: -0.041, high: -0.005, unit: "difference of shares" })).toBe("−2.3 [−4.1, −0.5]");
    expect(said({ value: 0, low: null, high: null, unit: "difference of shares" })).toBe("0.0");
    expect(said({ value: 3.912, low: null, high: null, unit: "rate ratio" })).toBe("3.91");
    expect(said({ value: null, low: null, high: null, unit: "share" })).toBe("");
  });

  it("come from an address that names sections only where some are left out", () => {
    const all = [{ id: "a" }, { id: "b" }];
    expect(address("file", "zh", new Set(["a", "b"]), all)).toBe("/api/report/file?lang=zh");
    expect(address("preview", "en", new Set(["b"]), all)).toBe("/api/report/preview?lang=en&section=b");
  });
});
