"""``study.yaml``: what people may set by hand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from yuhu.core.errors import YuhuError
from yuhu.texts.rules import FLAGS

FILE = "study.yaml"
TARGETS = ("auto", "corpus", "superpopulation")
LANGUAGES = ("zh", "en")
_MOST = 1_000_000
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_KNOWN = (
    "title",
    "language",
    "target",
    "seed",
    "coder",
    "confidence",
    "modules",
    "works",
    "series",
    "bin_seconds",
    "time_zone",
    "constructed",
    "k_anonymity",
    "keep_raw",
    "retain_until",
    "leave_out",
)


@dataclass(frozen=True)
class Settings:
    """Settings of a study.

    ``target``: ``corpus`` (the units at hand), ``superpopulation`` (works like these) or ``auto`` (corpus below 10 independent works).
    ``works``: videos of each work; ``series``: works of each series, in their order. ``constructed``: a sentence printed on every page where the study is not real. ``time_zone``: the zone in which
    days are shown; times are stored in UTC. ``leave_out``: rules of cleaning whose messages measures leave out.
    """

    title: str = ""
    language: str = "en"
    target: str = "auto"
    seed: int = 20230830
    coder: str = "lexicon"
    confidence: float = 0.95
    modules: tuple[str, ...] = ()
    works: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    series: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bin_seconds: int = 5
    time_zone: str = "Asia/Shanghai"
    constructed: bool = False
    k_anonymity: int = 5
    keep_raw: bool = True
    retain_until: str = ""
    leave_out: tuple[str, ...] = ()

    def text(self) -> str:
        """The YAML with a comment for each setting."""

        def value(item: Any) -> str:
            return str(yaml.safe_dump(item, allow_unicode=True, default_flow_style=True, width=10_000)).removesuffix("...\n").strip()

        works = value({work: list(videos) for work, videos in self.works.items()})
        series = value({name: list(held) for name, held in self.series.items()})
        lines = [
            "# Settings of this study. Times are stored in UTC, ids are keys; see docs/study.md.",
            f"title: {value(self.title)}",
            f"language: {value(self.language)}   # of reports: zh or en",
            f"target: {value(self.target)}   # corpus, superpopulation, or auto (corpus below 10 independent works)",
            f"seed: {self.seed}",
            f"coder: {value(self.coder)}   # the machine coder that `yuhu run` uses",
            f"confidence: {self.confidence}   # level of intervals",
            f"modules: {value(list(self.modules))}   # of the codebook, besides those on by default",
            f'works: {works}   # videos of each work: {{ep1: ["bilibili:1", "douyin:2"]}}',
            f"series: {series}   # works of each series, in their order: {{My drama: [ep1, ep2, ep3]}}",
            f"bin_seconds: {self.bin_seconds}   # width of a step of media time in curves",
            f"time_zone: {value(self.time_zone)}   # in which days are shown",
            f"k_anonymity: {self.k_anonymity}   # shares of fewer messages than this are suppressed",
            f"keep_raw: {value(self.keep_raw)}   # keep the records of files, without people, so that a newer importer can read them again",
            f"retain_until: {value(self.retain_until)}   # the day on which the data will be deleted: 2030-12-31",
            f"leave_out: {value(list(self.leave_out))}   # rules of `yuhu clean` whose messages no measure counts: ritual, exact_copy ...",
            f"constructed: {value(self.constructed)}   # true: every page says that the data are constructed",
        ]
        return "\n".join(lines) + "\n"


def read_settings(folder: Path) -> Settings:
    """The settings of a study.

    Raises
    ------
    YuhuError
        YH206 a setting is unknown or out of range.
    """
    try:
        raw = yaml.safe_load((folder / FILE).read_text("utf-8")) or {}
    except FileNotFoundError as error:
        raise YuhuError(
            "YH205", f"{FILE} is missing", facts={"folder": folder}, fix="restore it, or copy one from another study"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        raise YuhuError(
            "YH206",
            f"{FILE} is not YAML",
            facts={"line": "?" if line is None else line + 1},
            fix=f"mend {FILE}: save it as UTF-8, and quote texts that hold a colon",
        ) from error
    if not isinstance(raw, dict):
        raise YuhuError("YH206", f"{FILE} is not a mapping", fix=f"mend {FILE}: one `key: value` a line")
    for key in raw:
        if key not in _KNOWN:
            raise YuhuError("YH206", f"setting `{key}` is not known", facts={"known": ", ".join(_KNOWN)}, fix=f"mend {FILE}")
    _one_of(raw, "target", TARGETS)
    _one_of(raw, "language", LANGUAGES)
    seed, confidence = raw.get("seed", Settings.seed), raw.get("confidence", Settings.confidence)
    _check(isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0, "seed", "a whole number, 0 or more", seed)
    _check(isinstance(confidence, float) and 0.5 <= confidence < 1, "confidence", "a number in [0.5, 1)", confidence)
    for key, least in (("bin_seconds", 1), ("k_anonymity", 1)):
        number = raw.get(key, least)
        _check(
            isinstance(number, int) and not isinstance(number, bool) and least <= number <= _MOST,
            key,
            f"a whole number from {least} to {_MOST:,}",
            number,
        )
    for key in ("constructed", "keep_raw"):
        _check(isinstance(raw.get(key, False), bool), key, "true or false", raw.get(key))
    _check(isinstance(raw.get("coder", ""), str), "coder", "the name of a coder", raw.get("coder"))
    until = str(raw.get("retain_until") or "")
    _check(not until or _DAY.match(until) is not None, "retain_until", "a day such as 2030-12-31", until)
    works, series = raw.get("works") or {}, raw.get("series") or {}
    modules = raw.get("modules") or []
    for key, held, what in (
        ("works", works, "from a work to a list of its videos"),
        ("series", series, "from a series to a list of its works, in their order"),
    ):
        _check(isinstance(held, dict) and all(isinstance(one, list) for one in held.values()), key, f"a mapping {what}", held)
    episodes = [str(one) for held in series.values() for one in held]
    _check(len(set(episodes)) == len(episodes), "series", "each work once", series)
    _check(isinstance(modules, list), "modules", "a list of module ids", modules)
    leave_out = raw.get("leave_out") or []
    are_rules = isinstance(leave_out, list) and all(rule in FLAGS for rule in leave_out)
    _check(are_rules, "leave_out", f"a list of {', '.join(FLAGS)}", leave_out)
    try:
        ZoneInfo(str(raw.get("time_zone", Settings.time_zone)))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        _check(False, "time_zone", "an IANA name such as Asia/Shanghai", raw.get("time_zone"))
    return Settings(
        **{
            **raw,
            "title": str(raw.get("title") or ""),
            "retain_until": until,
            "works": {str(work): tuple(map(str, videos)) for work, videos in works.items()},
            "series": {str(name): tuple(map(str, held)) for name, held in series.items()},
            "modules": tuple(map(str, modules)),
            "leave_out": tuple(sorted({*leave_out}, key=FLAGS.index)),
        }
    )


def _one_of(raw: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> None:
    found = raw.get(key, allowed[0])
    _check(found in allowed, key, f"one of {', '.join(allowed)}", found)


def _check(holds: bool, key: str, expected: str, found: object) -> None:
    if not holds:
        raise YuhuError(
            "YH206", f"setting `{key}` is out of range", facts={"found": found, "expected": expected}, fix=f"mend `{key}` in {FILE}"
        )
