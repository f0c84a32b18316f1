"""What the videos of a study show and who watched: the tables that moments are found with besides responses."""

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.errors import YuhuError
from yuhu.core.evidence import Shown
from yuhu.core.moments import FILE, MomentsSpec
from yuhu.core.moments_reading import moments_from
from yuhu.study.codings import read_codings
from yuhu.study.layers import read_coverage
from yuhu.study.store import Study

_VIDEO = ("video_id", "work_id", "platform", "title", "duration_ms", "offset_ms", "published_at")
_SPAN = ("coder", "coder_kind", "video_id", "start_ms", "end_ms", "code", "value")


def shown(study: Study, book: Codebook) -> Shown:
    """The tables, as they now stand.

    Raises
    ------
    YuhuError
        YH206 `series` names a work that is not in the study.

    Notes
    -----
    O(codings + videos); segments, signals, exposure and mentions are read when they are used.
    """
    tables = {name: study.scan(name) for name in ("segments", "signals", "exposure")}
    return Shown(
        _videos(study), **tables, mentions=study.mentions(), spans=_spans(study, book), watched=read_coverage(study.path), cut=_cut(study)
    )


def read_moments(study: Study) -> MomentsSpec:
    """The study's specification of moments: ``moments.yaml``, or what holds without one.

    Raises
    ------
    YuhuError
        YH210 it is not understood.
    """
    path = study.path / FILE
    if not path.is_file():
        return MomentsSpec()
    try:
        return moments_from(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise YuhuError("YH210", f"{FILE} is not UTF-8", fix=f"save {FILE} as UTF-8") from error


def _videos(study: Study) -> pl.DataFrame:
    videos = study.videos().select(_VIDEO)
    places = [(work, name, number) for name, works in study.settings.series.items() for number, work in enumerate(works, start=1)]
    strange = sorted({work for work, _, _ in places} - {*videos["work_id"]})
    if strange:
        raise YuhuError(
            "YH206",
            "`series` names works that are not in this study",
            facts={"not here": ", ".join(strange[:5]), "here": ", ".join(sorted({*videos["work_id"]})[:8])},
            fix="mend `series` in study.yaml",
        )
    schema = {"work_id": pl.String, "series": pl.String, "number": pl.Int64}
    return videos.join(pl.DataFrame(places, schema=schema, orient="row"), on="work_id", how="left", maintain_order="left")


def _spans(study: Study, book: Codebook) -> pl.DataFrame:
    """Segments coded under the code as it now stands; what means "not there" is none."""
    held = read_codings(study.path, counted=True, unit_kind="span").filter(pl.col("status") == "coded")
    now = [(one.id, one.code_hash, one.zero or "") for one in book.variables.values() if one.unit == "span"]
    known = pl.DataFrame(now, schema={"code": pl.String, "code_hash": pl.String, "zero": pl.String}, orient="row")
    return (
        held.join(known, on=["code", "code_hash"], how="inner", maintain_order="left")
        .filter(pl.col("value") != pl.col("zero"))
        .select(_SPAN)
        .sort("video_id", "code", "start_ms", "end_ms", "coder")
    )


def _cut(study: Study) -> frozenset[str]:
    """Videos with an export of danmaku that says itself that it is not whole."""
    sources = [one.source for one in study.manifest.sources if one.is_truncated and "responses" in one.rows]
    if not sources:
        return frozenset()
    is_danmaku = (pl.col("kind") == "danmaku") & pl.col("source").is_in(sources) & pl.col("video_id").is_not_null()
    return frozenset(study.scan("responses").filter(is_danmaku).select("video_id").unique().collect()["video_id"])
