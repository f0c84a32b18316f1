/** Media time as people read it. */

/** `1:02:03`, or `2:03`; with milliseconds `2:03.004`. */
export function clockText(atMs: number, precise = false): string {
  const ms = Math.round(atMs);
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = `${String(seconds % 60).padStart(2, "0")}${precise ? `.${String(ms % 1000).padStart(3, "0")}` : ""}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** `12:30`, `1:02:03.5` or `750` (seconds) as whole milliseconds; null where it is no time. */
export function readClock(text: string): number | null {
  const parts = text.trim().split(/[:：]/).map((one) => (/^\d+([.]\d+)?$/.test(one) ? Number(one) : NaN));
  if (parts.length > 3 || parts.some(Number.isNaN)) return null;
  return Math.round(parts.reduce((sum, one) => sum * 60 + one, 0) * 1000);
}
