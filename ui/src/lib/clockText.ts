/** Media time as people read it. */

/** `1:02:03`, or `2:03`; with milliseconds where it is to be exact. */
export function clockText(atMs: number, isExact = false): string {
  const ms = Math.round(atMs);
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = `${String(seconds % 60).padStart(2, "0")}${isExact ? `.${String(ms % 1000).padStart(3, "0")}` : ""}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}
