/** Estimates as people read them. */

import type { Estimate } from "./replies";

const NO_BREAK = "\u00a0";

function one(value: number, unit: string): string {
  if (unit === "share") return `${(value * 100).toFixed(1)}${NO_BREAK}%`;
  if (unit === "difference of shares") return `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value * 100).toFixed(1)}`;
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** `25.9 % [23.8 %, 28.1 %]`; without the interval where there is none; empty where there is no number. */
export function said(estimate: Pick<Estimate, "value" | "low" | "high" | "unit">): string {
  const { value, low, high, unit } = estimate;
  if (value === null) return "";
  return low === null || high === null ? one(value, unit) : `${one(value, unit)} [${one(low, unit)}, ${one(high, unit)}]`;
}

/** The address of the report with some sections; all of them are not named. */
export function address(path: string, lang: string, chosen: ReadonlySet<string>, all: readonly { id: string }[]): string {
  const query = new URLSearchParams({ lang });
  if (all.some((section) => !chosen.has(section.id))) for (const section of all) if (chosen.has(section.id)) query.append("section", section.id);
  return `/api/report/${path}?${query.toString()}`;
}
