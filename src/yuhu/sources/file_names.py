"""What the name of a file tells: the video, the language, a date. Used only where the file itself does not tell."""

import re
from pathlib import Path

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Origin

_TWO_LETTERS = (
    " "
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg "
    "ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn "
    "no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta "
    "te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
)
_SHORT_NAMES = {
    "sc": "zh",
    "tc": "zh",
    "cn": "zh",
    "jp": "ja",
    "cmn": "zh",
    "zho": "zh",
    "chi": "zh",
    "chs": "zh",
    "cht": "zh",
    "yue": "yue",
    "eng": "en",
    "jpn": "ja",
    "kor": "ko",
    "fra": "fr",
    "fre": "fr",
    "deu": "de",
    "ger": "de",
    "spa": "es",
    "rus": "ru",
    "por": "pt",
    "ita": "it",
    "ara": "ar",
    "vie": "vi",
    "tha": "th",
    "ind": "id",
    "chinese": "zh",
    "english": "en",
    "japanese": "ja",
    "korean": "ko",
}
_TAG = re.compile(r"(?:ai-)?([A-Za-z]{2,8})((?:[-_][A-Za-z0-9]{1,8})*)")
_BRACKETED = re.compile(r"\[(BV[0-9A-Za-z]{10}(?:_p\d+)?|\d{15,20}|[A-Za-z0-9_-]{11})\]$")
_BILIBILI = re.compile(r"BV[0-9A-Za-z]{10}(?:_p\d+)?")
_MOMENT = re.compile(
    r"(?<!\d)(20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?![T _.-]+20\d\d[-_.](?:0[1-9]|1[0-2]))(?:[T _.-]+([01]\d|2[0-3])(?:[-_.:h]?([0-5]\d)(?:[-_.:m]?([0-5]\d))?)?)?(?!\d)"
)
_DASHED = re.compile(r"(?<!\d)20\d\d-\d\d-\d\d")


def language(tag: str) -> str | None:
    """ISO 639 code of a language tag (``zh-Hans-CN``, ``ai-zh``, ``eng-US``, ``en-orig``); None if it is none."""
    found = _TAG.fullmatch(tag.strip())
    if not found:
        return None
    first = found.group(1).lower()
    return _SHORT_NAMES.get(first) or (first if f" {first} " in _TWO_LETTERS else None)


def video_and_language(origin: Origin) -> tuple[str, str | None]:
    """The video that a file is about, and its language: ``TITLE [ID].zh-CN.srt`` is about ID, ``ep1.zh-CN.srt`` about ep1."""
    stem, _, last = origin.stem.rpartition(".")
    lang = language(last) if stem else None
    stem = stem if lang else origin.stem
    found = _BRACKETED.search(stem)
    return (found.group(1) if found and _is_id(found.group(1)) else stem), lang


def _is_id(text: str) -> bool:
    """Whether 11 letters look like an id and not like a word."""
    return len(text) != 11 or bool(re.search(r"[0-9_-]", text) or (re.search(r"[a-z]", text) and re.search(r"[A-Z]", text[1:])))


def platform_of(video: str) -> str:
    """The platform that the shape of a video's id gives away; empty if none."""
    return "bilibili" if _BILIBILI.fullmatch(video) else ""


def moments(origin: Origin, tz: str) -> tuple[list[int], bool]:
    """Epoch milliseconds of the dates and times in a file's name, or in the name of its folder; and whether they are known to the day only."""
    named = Path(origin.name).name
    found = list(_MOMENT.finditer(named))
    if not found:
        folder = Path(origin.name).parent.name or origin.path.parent.name
        found = list(_MOMENT.finditer(folder)) if _DASHED.search(folder) else []
    texts = ["{}-{}-{}T{}:{}:{}".format(*(one.group(at) or "00" for at in (1, 3, 4, 5, 6, 7))) for one in found]
    times = [ms for text in texts if (ms := wall_ms(text, tz)) is not None]
    return times, not any(one.group(5) for one in found)
