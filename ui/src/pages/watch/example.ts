/** A curve for tests. */

import type { Curve } from "./replies";

export const curve = (more: Partial<Curve> = {}): Curve => ({
  id: "a", label: "a", source: "observed", is_machine_only: false, scenario: "", method: "", unit: "", rung: "D",
  at_ms: [0, 100, 200, 300], end_ms: [100, 200, 300, 400], value: [1, null, 2, 4], low: [0.5, null, 1, 2], high: [2, null, 4, 8], n: [3, 0, 4, 5], why: ["", "", "", ""], ...more,
});
