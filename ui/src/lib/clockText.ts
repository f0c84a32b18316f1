/** Media time as people read it. */

/** `1:02:03`, or `2:03`. */
export function clockText(atMs: number): string {
  const seconds = Math.floor(Math.round(atMs) / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}
