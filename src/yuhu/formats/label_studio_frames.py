"""Label Studio counts frames from 1, the last one within the range: media time in and out."""

import math


def frames_of(start_ms: int, end_ms: int, fps: float) -> tuple[int, int]:
    """First and last frame of a span; a span shorter than a frame has one."""
    first = math.floor(start_ms * fps / 1000 + 1e-9) + 1
    return first, max(math.ceil(end_ms * fps / 1000 - 1e-9), first)


def span_of(first: float, last: float, fps: float) -> tuple[int, int]:
    """Milliseconds of a range of frames: from the start of the first to the end of the last."""
    return round((first - 1) * 1000 / fps), round(last * 1000 / fps)


def utf16_to_points(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Code points of offsets in UTF-16 units, as browsers count; None where they lie outside the text or within a character."""
    units = text.encode("utf-16-le", "surrogatepass")
    if not 0 <= start <= end <= len(units) // 2:
        return None
    try:
        before, within = units[: 2 * start].decode("utf-16-le"), units[2 * start : 2 * end].decode("utf-16-le")
    except UnicodeDecodeError:
        return None
    return len(before), len(before) + len(within)
