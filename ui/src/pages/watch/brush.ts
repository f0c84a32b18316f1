/** Choosing a stretch by dragging with a mouse, pen or finger; a press without a drag goes to that time. */

export interface Brush {
  durationMs: number;
  /** While it is dragged. */
  show: (from: number, to: number) => void;
  /** When it is let go. */
  choose: (from: number, to: number) => void;
  go: (atMs: number) => void;
}

const LEAST_PX = 4;

/** The time under a place on the axis, kept within it. */
export function timeAt(px: number, width: number, durationMs: number): number {
  return Math.round((Math.min(Math.max(px, 0), width) / Math.max(width, 1)) * durationMs);
}

export function brushed(of: Brush): (element: HTMLElement) => () => void {
  return (element) => {
    const stop = new AbortController();
    let pressed: number | null = null;
    const place = (event: PointerEvent): number => event.clientX - element.getBoundingClientRect().left;
    const time = (px: number): number => timeAt(px, element.clientWidth, of.durationMs);
    const listen = (name: string, then: (event: PointerEvent) => void): void =>
      element.addEventListener(name, (event) => then(event as PointerEvent), { signal: stop.signal });
    listen("pointerdown", (event) => {
      if (event.button !== 0) return;
      pressed = place(event);
      element.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    listen("pointermove", (event) => {
      if (pressed !== null && Math.abs(place(event) - pressed) >= LEAST_PX) of.show(time(pressed), time(place(event)));
    });
    listen("pointerup", (event) => {
      if (pressed === null) return;
      const to = place(event);
      if (Math.abs(to - pressed) >= LEAST_PX) of.choose(time(pressed), time(to));
      else of.go(time(to));
      pressed = null;
    });
    listen("pointercancel", () => (pressed = null));
    return () => stop.abort();
  };
}
