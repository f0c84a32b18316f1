"""Which encoding a text is in, told from its bytes: byte-order marks, zero bytes, strict decoding, and how plausible the outcome is."""

import codecs
import re
from dataclasses import dataclass

from yuhu.core.errors import YuhuError
from yuhu.sources.plausible import Language, is_kana_rich, plausibility

UTF8 = "utf-8"
LEAST = 0.8
"""Plausibility below which nothing is guessed: right readings of a line have more than 1 as a rule, wrong ones less than 0."""


@dataclass(frozen=True)
class _Candidate:
    codec: str
    language: Language
    prior: float
    least: float = LEAST


_CANDIDATES = (
    _Candidate("gb18030", "hans", 0.3),
    _Candidate("cp950", "hant", 0.0),
    _Candidate("big5hkscs", "hant", -0.2),
    _Candidate("cp932", "ja", 0.0, 0.3),
    _Candidate("euc_jp", "ja", -0.4),
    _Candidate("cp949", "ko", 0.0),
    _Candidate("cp1252", "latin", 0.0, 0.5),
)
_IF_KANA = {"gb18030": -0.3, "euc_jp": 0.5}
"""Kana stand at the same places in GB18030 and EUC-JP: a text rich in them is Japanese before it is Chinese."""

_DECLARED_BONUS = 0.5

_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "gb18030": "GB18030",
    "cp950": "Big5",
    "big5hkscs": "Big5-HKSCS",
    "cp932": "Shift_JIS",
    "euc_jp": "EUC-JP",
    "cp949": "EUC-KR",
    "cp1252": "Windows-1252",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    "utf-32-le": "UTF-32 (little-endian)",
    "utf-32-be": "UTF-32 (big-endian)",
}
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "shift_jis": "cp932", "euc_kr": "cp949", "utf-8-sig": "utf-8"}
"""What programs write who say the name on the left: Windows' own supersets."""

_MARKS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(rb"\A\s*<\?xml\b[^>]{0,200}?(\sencoding\s*=\s*(?:\"([^\"<>]{0,60})\"|'([^'<>]{0,60})'))")
_ONE_SIDED = 0.95
_LEAST_LATIN = -1.5
_LATIN_ALONE = re.compile("[\x00-\x7fÀ-ÖØ-öø-ɏ]*")
_FEWEST_WIDE = 8
_ZEROS, _ZEROS_IF_UTF8 = 0.005, 0.05
"""Chinese in UTF-16 has a zero byte for each comma and line end; what is UTF-8 as well is ASCII, with one for each letter, or an accident."""


def shown(codec: str) -> str:
    """The name that people know an encoding by."""
    return _NAMES.get(codec, codec)


def named(encoding: str) -> str:
    """The codec that a person's or a file's name for an encoding means: Windows' superset where there is one.

    Raises
    ------
    YuhuError
        YH105 nobody knows it.
    """
    try:
        "a".encode(encoding)
        codec = codecs.lookup(encoding).name.replace("utf_", "utf-")
    except (LookupError, ValueError) as error:
        raise YuhuError("YH105", f"encoding `{encoding}` is not known", fix="for example --encoding gb18030") from error
    return _WIDER.get(codec, codec)


def marked(head: bytes) -> str | None:
    """The encoding whose byte-order mark opens a text."""
    return next((codec for mark, codec in _MARKS if head.startswith(mark)), None)


def wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, told from where zero bytes stand and from what they would say; else None."""
    zeros = head.count(0)
    if len(head) < _FEWEST_WIDE or len(head) % 2 or zeros < len(head) * (_ZEROS_IF_UTF8 if _is_utf8_start(head) else _ZEROS):
        return None
    head = head[: len(head) // 4 * 4] or head
    quarters = [head[at::4].count(0) for at in range(4)]
    full = len(head) // 4
    for codec, empty in (("utf-32-le", (2, 3)), ("utf-32-be", (0, 1))):
        if full and all(quarters[at] >= _ONE_SIDED * full for at in empty) and _weight_of_wide(head, codec) >= LEAST:
            return codec
    weights = {codec: _weight_of_wide(head, codec) for codec in ("utf-16-le", "utf-16-be")}
    best = max(weights, key=weights.__getitem__)
    return best if weights[best] >= LEAST else None


def _weight_of_wide(head: bytes, codec: str) -> float:
    """How plausible bytes are as a text read so; below 0 if there are more than a few controls."""
    text = head.decode(codec, "replace")
    controls = sum(char < " " and char not in "\t\n\r" for char in text)
    if controls > len(text) // 100:
        return -1.0
    return 1.0 if text.isascii() else plausibility(text, "any")


def declaration(head: bytes) -> tuple[str, slice] | None:
    """What an XML declaration says of the encoding, and where in the bytes it says so."""
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    found = _DECLARATION.match(head[start : start + 1024])
    if not found:
        return None
    name = (found[2] or found[3] or b"").decode("ascii", "replace")
    return name, slice(start + found.start(1), start + found.end(1))


def declared_codec(head: bytes) -> str | None:
    """The codec that an XML declaration names, if it is one."""
    said = declaration(head)
    if not said:
        return None
    try:
        return named(said[0])
    except YuhuError:
        return None


def legacy_of(sample: bytes, declared: str | None = None) -> str | None:
    """The encoding before Unicode that a text is most plausibly in; None where nothing is plausible.

    Parameters
    ----------
    sample : bytes
        Text beyond ASCII that is not UTF-8.
    declared : str, optional
        The codec that an XML declaration names: it counts for something, but declarations lie.
    """
    best, most = None, 0.0
    for candidate in _CANDIDATES:
        weight = weight_of(sample, candidate.codec) + candidate.prior
        weight += _DECLARED_BONUS if candidate.codec == declared else 0
        if weight > most and weight >= candidate.least:
            best, most = candidate.codec, weight
    return best


def weight_of(sample: bytes, codec: str) -> float:
    """How plausible bytes are as a text in an encoding."""
    language: Language = next((candidate.language for candidate in _CANDIDATES if candidate.codec == codec), "any")
    text = sample.decode(codec, "replace")
    if codec == UTF8 and _LATIN_ALONE.fullmatch(text):
        return max(plausibility(text, "latin"), _LEAST_LATIN)
    weight = plausibility(text, language)
    return weight + _IF_KANA[codec] if codec in _IF_KANA and is_kana_rich(text) else weight


def would_fit(sample: bytes) -> str | None:
    """An encoding in which the start of a text can be read, for advice."""
    if _is_utf8_start(sample):
        return UTF8
    return marked(sample) or wide(sample) or legacy_of(sample, declared_codec(sample))


def _is_utf8_start(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder(UTF8)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True
