"""`yuhu codebook bridge`: units that bilingual coders code in both languages, drawn, sent to translators, and handed to two groups of coders."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from yuhu.core.bridge import GROUPS, ORIGINAL, SMALLEST, TRANSLATION, BridgeSet, bridge_set, bridge_texts
from yuhu.core.errors import YuhuError
from yuhu.core.sample import Sample
from yuhu.study.codings import read_codings
from yuhu.study.files import disk_errors, write_atomic
from yuhu.study.samples import add_sample, put_plan, read_samples
from yuhu.study.store import Study
from yuhu.texts.hostile import csv_safe
from yuhu.verbs.init import now
from yuhu.verbs.sample import population

PURPOSE = "bridge"


@dataclass(frozen=True)
class Bridge:
    """The sample's name, its units, and the files written."""

    sample: str
    units: int
    files: tuple[Path, ...]


def draw_bridge(study: Study, target: Path | str, *, size: int = SMALLEST, name: str = "", seed: int | None = None) -> Bridge:
    """Draw a bridge set, store it with the chance of each unit, and write its texts for translators.

    Parameters
    ----------
    study : Study
        The study.
    target : path
        CSV to write: ``unit_id, lang, text, translation``; the last column is empty, for people to fill.
    size : int
        Units, at least 200.
    name : str
        Name of the sample; ``bridge`` and a number if none.
    seed : int, optional
        The study's seed if none.

    Raises
    ------
    YuhuError
        YH303 too few units in a language; YH503 the name is taken; YH209 the disk refused.

    Notes
    -----
    Codings of a bridge set enter neither gold nor agreement; its units are not drawn again.
    """
    taken = read_samples(study.path)
    everything, _ = population(study, (), [], None)
    spent = {unit for one in taken.values() for unit in one.units["unit_id"]}
    free = everything.filter(~pl.col("unit_id").is_in(pl.Series(sorted(spent), dtype=pl.String).implode()))
    texts = _texts(study, free["unit_id"])
    drawn = bridge_set(texts, size, study.settings.seed if seed is None else seed)
    called = name or next(f"{PURPOSE}-{at}" for at in range(1, len(taken) + 2) if f"{PURPOSE}-{at}" not in taken)
    whose = pl.when(pl.col("shown_to_a") == ORIGINAL).then(pl.lit("a")).otherwise(pl.lit("b"))
    units = drawn.units.select("unit_id", "chance", stratum=pl.concat_str("lang", pl.lit(":"), whose))
    add_sample(study.path, Sample(called, units, drawn.design, drawn.seed, drawn.population, purpose=PURPOSE, plan=drawn.plan), now())
    rows = drawn.units.select("unit_id", "lang").join(texts.select("unit_id", "text"), on="unit_id", how="left", maintain_order="left")
    path = _write(rows.with_columns(translation=pl.lit("")), Path(target))
    return Bridge(called, units.height, (path,))


def show_bridge(study: Study, sample: str, translations: Path | str, target: Path | str) -> Bridge:
    """Write what each of two groups of coders is shown: half of each language as written, half as translated.

    Parameters
    ----------
    study : Study
        The study.
    sample : str
        Name of the bridge set.
    translations : path
        The CSV of `draw_bridge` with its column ``translation`` filled.
    target : path
        ``shown.csv`` becomes ``shown-a.csv`` and ``shown-b.csv``: ``unit_id, lang, text``. Which text is a translation is not in them.

    Raises
    ------
    YuhuError
        YH102 a column is missing; YH110 the file cannot be read; YH303 a translation is missing or stands twice; YH503 no such bridge set.
    """
    drawn = _drawn(study, sample)
    texts = _texts(study, drawn.units["unit_id"])
    shown = bridge_texts(_bridge(drawn), texts.select("unit_id", "text"), _translations(Path(translations)))
    out = Path(target)
    files = [
        _write(shown.filter(pl.col("group") == group).select("unit_id", "lang", "text"), out.with_stem(f"{out.stem}-{group}"))
        for group in ("a", "b")
    ]
    return Bridge(sample, drawn.size, tuple(files))


def name_groups(study: Study, sample: str, a: Sequence[str], b: Sequence[str]) -> Bridge:
    """Say which bilingual coders see which of the two files of `show_bridge`; without it nobody can tell which version a coding is of.

    Parameters
    ----------
    study : Study
        The study.
    sample : str
        Name of the bridge set.
    a, b : sequence of str
        Coders of the two groups, at least one each; they replace those named before.

    Raises
    ------
    YuhuError
        YH503 no such bridge set; YH505 a group is empty, a coder stands in both, or one who has coded units of the set would leave their group.
    """
    drawn = _drawn(study, sample)
    both = sorted(set(a) & set(b))
    if not a or not b or both:
        facts = {"a": ", ".join(a) or "nobody", "b": ", ".join(b) or "nobody"}
        raise YuhuError(
            "YH505", "two groups of coders, each of their own", facts=facts, fix="--a anna --b bo: each sees one version of a unit"
        )
    mine = read_codings(study.path).filter(pl.col("unit_id").is_in(drawn.units["unit_id"].implode()) & (pl.col("purpose") == PURPOSE))
    coded, before = set(mine["coder"]), drawn.plan.get(GROUPS, {})
    for group, names in (("a", a), ("b", b)):
        left = sorted((set(before.get(group, ())) & coded) - set(names))
        if left:
            facts = {"coder": left[0], "group": group}
            fix = "keep them in their group: what they coded is of the version that it was shown"
            raise YuhuError("YH505", "a coder who has coded cannot leave their group", facts=facts, fix=fix)
    put_plan(study.path, sample, {**drawn.plan, GROUPS: {"a": sorted(set(a)), "b": sorted(set(b))}})
    return Bridge(sample, drawn.size, ())


def _drawn(study: Study, sample: str) -> Sample:
    known = {name: one for name, one in read_samples(study.path).items() if one.purpose == PURPOSE}
    if sample not in known:
        facts = {"known": ", ".join(known) or "none"}
        raise YuhuError(
            "YH503", f"no bridge set is called `{sample}`", facts=facts, fix=f"yuhu codebook bridge {study.path} --to bridge.csv"
        )
    return known[sample]


def _bridge(sample: Sample) -> BridgeSet:
    """The draw as it was stored: a stratum is the language, and the group that is shown the original."""
    lang = pl.col("stratum").str.split(":").list.first()
    is_original = pl.col("stratum").str.ends_with(":a")
    units = sample.units.select(
        "unit_id",
        "chance",
        lang=lang,
        stratum=lang,
        shown_to_a=pl.when(is_original).then(pl.lit(ORIGINAL)).otherwise(pl.lit(TRANSLATION)),
        shown_to_b=pl.when(is_original).then(pl.lit(TRANSLATION)).otherwise(pl.lit(ORIGINAL)),
    )
    return BridgeSet(units, sample.seed, sample.population, sample.plan, sample.design)


def _texts(study: Study, ids: pl.Series) -> pl.DataFrame:
    mine = study.scan("responses").filter(pl.col("response_id").is_in(ids.implode()))
    return mine.select("lang", "text", unit_id="response_id").sort("unit_id").collect()


def _translations(path: Path) -> pl.DataFrame:
    try:
        content = path.read_bytes()
        frame = pl.read_csv(io.BytesIO(content.removeprefix(b"\xef\xbb\xbf")), infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise YuhuError("YH110", f"`{path.name}` cannot be read", facts={"reason": reason}, fix="save it as CSV in UTF-8") from error
    for column in ("unit_id", "translation"):
        if column not in frame.columns:
            facts = {"found": ", ".join(frame.columns)[:200]}
            raise YuhuError("YH102", f"column `{column}` is missing", facts=facts, fix="fill the file that was written for translators")
    return frame.select(pl.col("unit_id").str.strip_prefix("'"), text="translation")


def _write(frame: pl.DataFrame, path: Path) -> Path:
    safe = frame.with_columns(pl.col("text").map_elements(csv_safe, return_dtype=pl.String))
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, ("\ufeff" + safe.write_csv()).encode("utf-8", "replace"))
    return path
