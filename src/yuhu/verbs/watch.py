"""What stands along the time of a video: lines, shots, signals, segments that people marked, messages; and what is said in a stretch of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.errors import YuhuError
from yuhu.study.machine import TEXT, MachineCodings, read_machine
from yuhu.study.shown import shown
from yuhu.study.store import Study
from yuhu.texts.terms_of import terms_of

MOST_POINTS, MOST_RESPONSES, MOST_CODES, MOST_TERMS = 2_000, 200, 12, 24
LONGEST_TEXT = 300
_TAIL_MS = 5_000


def watched_videos(study: Study) -> list[dict[str, Any]]:
    """The videos of a study: ``video, title, platform, work, duration_ms`` (None where not known), ``timed``: messages with a media time; most messages first."""
    timed = (
        study.scan("responses")
        .filter(pl.col("at_ms").is_not_null())
        .group_by("video_id")
        .agg(timed=pl.len(), last=pl.col("at_ms").max())
        .collect()
    )
    lines = study.scan("segments").group_by("video_id").agg(line=pl.col("end_ms").max()).collect()
    known = study.videos().join(timed, on="video_id", how="left").join(lines, on="video_id", how="left")
    latest = pl.max_horizontal("last", "line")
    return (
        known.select(
            "platform",
            video="video_id",
            title="title",
            work="work_id",
            duration_ms=pl.coalesce("duration_ms", latest + _TAIL_MS),
            is_exact=pl.col("duration_ms").is_not_null(),
            timed=pl.col("timed").fill_null(0),
        )
        .sort("timed", "video", descending=[True, False])
        .to_dicts()
    )


def along(study: Study, video: str) -> dict[str, Any]:
    """What stands along a video: ``lines`` and other ``segments``, ``signals`` thinned to 2,000 points each.

    Notes
    -----
    O(segments and signals).
    """
    mine = pl.col("video_id") == video
    segments = (
        study.scan("segments")
        .filter(mine)
        .select("kind", "name", "start_ms", "end_ms", "text", "lang")
        .sort("start_ms", "end_ms")
        .collect()
    )
    signals = study.scan("signals").filter(mine).select("name", "at_ms", "value").sort("name", "at_ms").collect()
    is_line = pl.col("text").is_not_null()
    return {
        "lines": segments.filter(is_line).select("start_ms", "end_ms", "text", "lang").to_dicts(),
        "segments": segments.filter(~is_line).select("kind", "name", "start_ms", "end_ms").to_dicts(),
        "signals": [_signal(str(name), part) for (name,), part in signals.group_by("name", maintain_order=True)],
    }


def layers(study: Study) -> dict[str, list[dict[str, Any]]]:
    """Segments that coders marked, by video, under the codes as they now stand: ``coder, coder_kind, code, value, start_ms, end_ms``; O(codings)."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in shown(study, study.codebook()).spans.to_dicts():
        found.setdefault(row.pop("video_id"), []).append(row)
    return found


def _signal(name: str, part: pl.DataFrame) -> dict[str, Any]:
    step = -(-part.height // MOST_POINTS)
    kept = part.group_by(pl.int_range(pl.len()) // step, maintain_order=True).agg(pl.col("at_ms").first(), pl.col("value").mean())
    return {"name": name, "at_ms": kept["at_ms"].to_list(), "value": kept["value"].to_list()}


@dataclass(frozen=True)
class Messages:
    """The messages of a video that have a media time, in its order.

    Parameters
    ----------
    rows : pl.DataFrame
        ``row, response_id, at_ms, kind, text, text_key, lang, author_key``; a comment that names two times of the video stands there twice. ``text_key`` is that of
        the machine's codings.
    machine : MachineCodings, optional
        What the study's machine coder said.
    """

    rows: pl.DataFrame
    machine: MachineCodings | None

    @cached_property
    def once(self) -> pl.DataFrame:
        """Each message at the first time that it stands at."""
        return self.rows.unique("response_id", keep="first", maintain_order=True)

    @cached_property
    def terms(self) -> pl.DataFrame:
        """``row, term`` of each message once."""
        found = terms_of(self.once["text"])
        return found.with_columns(row=self.once["row"].gather(found["row"]))

    @cached_property
    def coded(self) -> pl.DataFrame:
        """``row`` of messages that the machine did not abstain from."""
        if self.machine is None:
            return self.once.select("row").clear()
        return self.once.lazy().join(self.machine.abstained, on=TEXT, how="anti").select("row").collect()

    @cached_property
    def codes(self) -> pl.DataFrame:
        """``row, code, value`` as the machine gave them."""
        if self.machine is None:
            return pl.DataFrame(schema={"row": pl.UInt32, "code": pl.String, "value": pl.String})
        return self.once.lazy().select("row", *TEXT).join(self.machine.codings, on=TEXT).select("row", "code", "value").collect()


def messages_of(study: Study, video: str) -> Messages:
    """The messages along a video: danmaku, and comments where they name a time of it.

    Notes
    -----
    O(messages of the video); meant to be kept while somebody watches: terms and codes are looked up when they are first asked for.
    """
    columns = ("response_id", "kind", "text", "text_key", "lang", "author_key")
    responses = study.scan("responses").filter((pl.col("video_id") == video) & ~pl.col("is_special").fill_null(value=False))
    direct = responses.filter(pl.col("at_ms").is_not_null()).select(*columns, "at_ms")
    named = study.mentions().filter(pl.col("video_id") == video).select("response_id", "at_ms")
    spoken = responses.filter(pl.col("at_ms").is_null()).select(columns).join(named, on="response_id").select(*columns, "at_ms")
    run = study.manifest.run_of(study.settings.coder.split(".")[0])
    machine = None if run is None else read_machine(study, run)
    every = pl.concat([direct, spoken])
    keyed = every if machine is None else machine.keyed(every)
    return Messages(keyed.sort("at_ms", "response_id").with_row_index("row").collect(), machine)


def danmaku(messages: Messages, start_ms: int, end_ms: int) -> dict[str, list[Any]]:
    """The danmaku of a stretch as columns: ``at_ms``, ``text`` (cut to 300 characters)."""
    inside = pl.col("at_ms").is_between(start_ms, end_ms, closed="left")
    mine = messages.rows.filter((pl.col("kind") == "danmaku") & inside)
    return {"at_ms": mine["at_ms"].to_list(), "text": mine["text"].fill_null("").str.slice(0, LONGEST_TEXT).to_list()}


def density(messages: Messages, duration_ms: int, steps: int = 300) -> dict[str, Any]:
    """How many danmaku there are in each of so many steps of a video: ``step_ms``, ``n``."""
    step = max(duration_ms // steps, 250)
    mine = messages.rows.filter(pl.col("kind") == "danmaku").group_by(bin=pl.col("at_ms") // step).agg(n=pl.len())
    counts = dict(mine.iter_rows())
    return {"step_ms": step, "n": [counts.get(at, 0) for at in range(-(-duration_ms // step))]}


def stretch(messages: Messages, book: Codebook, start_ms: int, end_ms: int, *, lang: str, k: int) -> dict[str, Any]:
    """What is said in a stretch: counts, the machine's codes there and in the rest of the video, and terms.

    Parameters
    ----------
    messages : Messages
        Of the video.
    book : Codebook
        Labels.
    start_ms, end_ms : int
        The stretch, its end exclusive.
    lang : str
        Of the labels.
    k : int
        Fewer messages than this, here or in the rest, are not broken down; a term needs as many messages and authors.

    Returns
    -------
    dict
        ``n``, ``of`` (messages), ``is_suppressed``, ``codes`` (``code, label, count, n, count_elsewhere, n_elsewhere``: the machine's counts, not validated), ``terms``
        (``term, n, n_elsewhere``), ``rows``: places in `Messages.rows`.

    Raises
    ------
    YuhuError
        YH701 the stretch is empty.
    """
    if end_ms <= start_ms:
        facts = {"found": f"{start_ms} to {end_ms} ms"}
        raise YuhuError("YH701", "the stretch is empty", facts=facts, fix="end_ms beyond start_ms")
    places = messages.rows.filter(pl.col("at_ms").is_between(start_ms, end_ms, closed="left"))
    here = messages.once.select("row", "author_key", inside=pl.col("response_id").is_in(places["response_id"].unique().implode()))
    n, of = int(here["inside"].sum()), here.height
    is_small = n < k or 0 < of - n < k
    return {
        "n": n,
        "of": of,
        "is_suppressed": is_small,
        "codes": [] if is_small else _codes(messages, here, book, lang),
        "terms": [] if is_small or n == of else _terms(messages, here, k),
        "rows": places["row"].head(MOST_RESPONSES).to_list(),
    }


def _codes(messages: Messages, here: pl.DataFrame, book: Codebook, lang: str) -> list[dict[str, Any]]:
    """Decisions that the machine gives more or less often here than in the rest of the video, the largest difference first."""
    coded = here.join(messages.coded, on="row", how="semi")
    n_in = int(coded["inside"].sum())
    n_out = coded.height - n_in
    zeros = {one.id: one.zero or "" for one in book.variables.values() if not one.is_attribute and one.id != "kind"}
    given = messages.codes.filter(pl.col("code").is_in(list(zeros))).join(coded.select("row", "inside"), on="row")
    given = given.filter(pl.col("value") != pl.col("code").replace_strict(zeros, default="", return_dtype=pl.String))
    counts = given.unique(["row", "code"]).group_by("code").agg(count=pl.col("inside").sum(), elsewhere=(~pl.col("inside")).sum())
    apart = (pl.col("count") / max(n_in, 1) - pl.col("elsewhere") / max(n_out, 1)).abs()
    kept = counts.sort(apart, "code", descending=[True, False]).head(MOST_CODES)
    return [
        {"code": code, "label": book.variables[code].label[lang], "count": count, "n": n_in, "count_elsewhere": other, "n_elsewhere": n_out}
        for code, count, other in kept.select("code", "count", "elsewhere").iter_rows()
    ]


def _terms(messages: Messages, here: pl.DataFrame, k: int) -> list[dict[str, Any]]:
    """Terms that stand in a larger share of messages here than in the rest, by at least k messages and k authors."""
    placed = messages.terms.join(here, on="row")
    who = pl.coalesce("author_key", pl.col("row").cast(pl.String)).filter(pl.col("inside")).n_unique()
    counts = placed.group_by("term").agg(n=pl.col("inside").sum(), n_elsewhere=(~pl.col("inside")).sum(), authors=who)
    n_in = int(here["inside"].sum())
    n_out = here.height - n_in
    share, rest = pl.col("n") / n_in, (pl.col("n_elsewhere") + 0.5) / (n_out + 1)
    kept = counts.filter((pl.col("n") >= k) & (pl.col("authors") >= k) & (share > rest))
    by_weight = kept.sort((pl.col("n") * (share / rest).log()), "term", descending=[True, False])
    return by_weight.head(MOST_TERMS).select("term", "n", "n_elsewhere").to_dicts()


def responses_at(messages: Messages, places: list[int]) -> list[dict[str, Any]]:
    """Messages by their places: ``at_ms, kind, lang, text`` (cut to 300 characters)."""
    text = pl.col("text").fill_null("").str.slice(0, LONGEST_TEXT)
    return messages.rows[places].select("at_ms", "kind", "lang", text=text).to_dicts()
