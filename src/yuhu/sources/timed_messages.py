"""What files of messages with a media time have in common: the time, or why there is none, and the video that the file's name tells."""

import re
from dataclasses import replace
from typing import Any

from yuhu.core.clock import media_from
from yuhu.core.contracts import Facts, Origin
from yuhu.sources.file_names import video_and_language

_ENDINGS = re.compile(r"\.(?:live_chat|rechat|danmaku|comments|chat)$")
_NICONICO = re.compile(r"(?<![0-9A-Za-z])(?:sm|nm|so)\d{1,12}(?![0-9A-Za-z])")


def media_time(value: Any, *, per_second: int) -> int | str:
    """Milliseconds of a media time in units of which `per_second` make a second, or why it is none."""
    ms = media_from(value, per_second=per_second)
    if ms is not None:
        return ms
    return "media time lies outside 0 to 48 hours" if _is_number(value) else "media time is no number"


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        return float(value) == float(value)  # NaN is no number, nor equal to itself
    except OverflowError:
        return True
    except ValueError:
        return False


def name_video(origin: Origin, facts: Facts, found: str | None = None, where: str = "") -> None:
    """Put the video into the facts' context: the person's word, then what the file holds (and where), then the file's name.

    Of ``TITLE [ID].live_chat.json`` the name is ID, of ``sm9.comments.json`` it is sm9.
    """
    if origin.video:
        video, where = origin.video, "--video"
    elif found:
        video = found
    else:
        video, where = _named(origin), "file name"
    facts.context["video"] = video
    facts.video_from = where


def _named(origin: Origin) -> str:
    stem = _ENDINGS.sub("", origin.stem)
    niconico = _NICONICO.search(stem)
    return niconico.group(0) if niconico else video_and_language(replace(origin, called=f"{stem}.x"))[0]
