/** Shapes of curves and rows over media time, in a box 1000 wide and 100 high. */

import type { Curve } from "./replies";

export const WIDE = 1000;
export const HIGH = 100;

type Number = number | null | undefined;

/** Bars of counts in equal steps. */
export function bars(counts: readonly number[], stepMs: number, durationMs: number): string {
  const most = Math.max(1, ...counts);
  return counts.map((n, at) => (n ? bar(x(at * stepMs, durationMs), x(Math.min((at + 1) * stepMs, durationMs), durationMs), HIGH, y(n, most)) : "")).join("");
}

/** A line of values, the least at the bottom. */
export function line(atMs: readonly number[], values: readonly number[], durationMs: number): string {
  const low = values.reduce((least, one) => Math.min(least, one), Infinity);
  const spread = values.reduce((most, one) => Math.max(most, one), -Infinity) - low || 1;
  return atMs.map((ms, at) => `${at ? "L" : "M"}${x(ms, durationMs)} ${y((values[at] ?? low) - low, spread)}`).join("");
}

/** The highest value or upper bound of curves, with a little air; 1 where all are zero. */
export function top(curves: readonly Curve[]): number {
  let most = 0;
  for (const curve of curves) curve.value.forEach((value, at) => (most = Math.max(most, value ?? 0, curve.high[at] ?? 0)));
  return most > 0 ? most * 1.05 : 1;
}

/** Round numbers from 0 up to the most, at most so many steps apart. */
export function ticks(most: number, steps: number): number[] {
  const rough = most / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => Number((at * step).toPrecision(6)));
}

/** Whole times that label the axis: at most so many. */
export function times(durationMs: number, most: number): number[] {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].map((s) => s * 1000).find((one) => durationMs / one <= most) ?? durationMs;
  return Array.from({ length: Math.floor(durationMs / step) + 1 }, (_, at) => at * step);
}

/** The line of a curve through the middles of its steps; broken where a step has no value. */
export function course(curve: Curve, durationMs: number, most: number): string {
  return runs(curve, curve.value)
    .map((run) => run.map((at, nth) => `${nth ? "L" : "M"}${x(middle(curve, at), durationMs)} ${y(curve.value[at], most)}`).join(""))
    .join("");
}

/** The band between the bounds of a curve. */
export function area(curve: Curve, durationMs: number, most: number): string {
  const point = (at: number, bound: Number): string => `${x(middle(curve, at), durationMs)} ${y(bound, most)}`;
  return runs(curve, curve.low)
    .map((run) => `M${run.map((at) => point(at, curve.low[at])).join("L")}L${run.map((at) => point(at, curve.high[at])).reverse().join("L")}Z`)
    .join("");
}

/** A stroke over each step. */
export function steps(curve: Curve, durationMs: number, most: number): string {
  return curve.value.map((value, at) => (value === null ? "" : `M${x(curve.at_ms[at], durationMs)} ${y(value, most)}H${x(curve.end_ms[at], durationMs)}`)).join("");
}

/** A box for the interval of each step. */
export function stepBands(curve: Curve, durationMs: number, most: number): string {
  return curve.low
    .map((low, at) => (low === null ? "" : bar(x(curve.at_ms[at], durationMs), x(curve.end_ms[at], durationMs), y(low, most), y(curve.high[at], most))))
    .join("");
}

function runs(curve: Curve, of: readonly Number[]): number[][] {
  const found: number[][] = [];
  let isRunning = false;
  curve.at_ms.forEach((_, at) => {
    const isThere = of[at] !== null && of[at] !== undefined;
    if (isThere && isRunning) found.at(-1)?.push(at);
    else if (isThere) found.push([at]);
    isRunning = isThere;
  });
  return found;
}

const middle = (curve: Curve, at: number): number => ((curve.at_ms[at] ?? 0) + (curve.end_ms[at] ?? 0)) / 2;
const x = (ms: Number, durationMs: number): string => (((ms ?? 0) / durationMs) * WIDE).toFixed(1);
const y = (value: Number, most: number): string => (HIGH - ((value ?? 0) / most) * HIGH).toFixed(1);
const bar = (from: string, to: string, bottom: number | string, height: string): string => `M${from} ${bottom}V${height}H${to}V${bottom}Z`;
