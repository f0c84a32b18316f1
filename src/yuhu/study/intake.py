"""The one door between importers and disk: drafts come in with raw ids, rows go out with keys.

Nothing that an importer yields is written as it stands. Here author ids and handles become keys, responses get their ids, text keys and
language, and records already known are set aside as counted rejects. Drafts of many small files go through together.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from yuhu.core.contracts import RESPONSE_DRAFT, Batch, Origin
from yuhu.core.ids import NO_VIDEO, text_keys
from yuhu.core.schema import conform, frame_schema
from yuhu.study.pseudonyms import Pseudonyms
from yuhu.texts.language import detect

KNOWN = "already in the study, or before in the same files"
ACTORS = ("creator", "user", "official media", "institution", "brand")
LANGUAGE_NAMES = {
    "chinese": "zh",
    "english": "en",
    "japanese": "ja",
    "korean": "ko",
    "中文": "zh",
    "英文": "en",
    "英语": "en",
    "日文": "ja",
    "日语": "ja",
}
JAPANESE_PLATFORMS = ("niconico",)

_DRAFT_SCHEMA = pl.Schema({**RESPONSE_DRAFT, "source": pl.String()})
_REJECTS = frame_schema("rejects")


@dataclass(frozen=True)
class Draft:
    """A batch of one source, with what the person said about the file."""

    source: str
    origin: Origin
    batch: Batch


@dataclass(frozen=True)
class Taken:
    """Rows by table, each with its source; and for each source the records that were known already and its videos."""

    tables: dict[str, pl.DataFrame]
    known: dict[str, int] = field(default_factory=dict)
    videos: dict[str, list[str]] = field(default_factory=dict)


class KnownResponses:
    """Ids of responses already in a study, or taken before in the same step, as 64-bit hashes.

    Parameters
    ----------
    scans : iterable of (videos or None, lazy frame)
        The study's partitions of responses; None where a partition may hold any video. One is read once its videos turn up.

    Notes
    -----
    Time linear in ids, about 60 bytes each. Among 10 million ids the chance that any two hashes meet is 3 in a million.
    """

    def __init__(self, scans: Iterable[tuple[Sequence[str] | None, pl.LazyFrame]]) -> None:
        self._unread: list[tuple[frozenset[str] | None, pl.LazyFrame]] = [
            (None if videos is None else frozenset(videos), scan) for videos, scan in scans
        ]
        self._known: set[int] = set()
        self._fresh: list[int] = []

    def is_new(self, rows: pl.DataFrame) -> pl.Series:
        """Whether each row's ``response_id`` is met for the first time; from now on it is known."""
        column = rows["video_id"]
        videos = None if column.null_count() else frozenset(column.unique())
        waiting: list[tuple[frozenset[str] | None, pl.LazyFrame]] = []
        for held, scan in self._unread:
            if videos is None or held is None or not videos.isdisjoint(held):
                self._known.update(scan.select("response_id").collect()["response_id"].hash().to_list())
            else:
                waiting.append((held, scan))
        self._unread = waiting
        known = self._known
        new: list[bool] = []
        for key in rows["response_id"].hash().to_list():
            is_new = key not in known
            new.append(is_new)
            if is_new:
                known.add(key)
                self._fresh.append(key)
        return pl.Series("new", new, dtype=pl.Boolean)

    def settle(self) -> None:
        """What was taken so far stays known."""
        self._fresh.clear()

    def revoke(self) -> None:
        """What was taken since `settle` is known no longer: its file was dropped."""
        self._known.difference_update(self._fresh)
        self._fresh.clear()


class Intake:
    """Turns drafts into rows.

    Parameters
    ----------
    pseudonyms : Pseudonyms
        The study's key maker.
    known : KnownResponses
        Ids already in the study.
    """

    def __init__(self, pseudonyms: Pseudonyms, known: KnownResponses) -> None:
        self._pseudonyms = pseudonyms
        self._known = known
        self._occurrences: dict[str, Counter[str]] = {}

    def take(self, drafts: Sequence[Draft]) -> Taken:
        """Rows of some drafts; what the person said wins over what the file says."""
        tables: dict[str, pl.DataFrame] = {}
        rejects = [(draft.source, one.place, one.why, one.hash) for draft in drafts for one in draft.batch.rejects]
        known: dict[str, int] = {}
        videos: dict[str, list[str]] = {}
        responses = [
            _said(draft, draft.batch.responses) for draft in drafts if draft.batch.responses is not None and draft.batch.responses.height
        ]
        if responses:
            rows, repeated = self._responses(conform(pl.concat(responses, how="diagonal_relaxed"), _DRAFT_SCHEMA))
            tables["responses"] = rows
            rejects += [(source, f"record {native}", KNOWN, "") for source, native in repeated.iter_rows()]
            known = dict(repeated.group_by("source").len().iter_rows())
            found = (
                rows.select("source", "video_id")
                .drop_nulls()
                .unique()
                .sort("source", "video_id")
                .group_by("source", maintain_order=True)
                .agg("video_id")
            )
            videos = {source: list(held) for source, held in found.iter_rows()}
        found_videos = self._videos(drafts, tables.get("responses"))
        if found_videos is not None:
            tables["videos"] = found_videos
        links = [_said(draft, draft.batch.links) for draft in drafts if draft.batch.links is not None and draft.batch.links.height]
        if links:
            found = _links(pl.concat(links, how="diagonal_relaxed"))
            new = tables["responses"]["response_id"] if "responses" in tables else pl.Series([], dtype=pl.String)
            tables["links"] = found.filter(pl.col("node").is_in(new.implode()))
        metrics = [
            draft.batch.metrics.with_columns(source=pl.lit(draft.source))
            for draft in drafts
            if draft.batch.metrics is not None and draft.batch.metrics.height
        ]
        if metrics:
            frame = conform(pl.concat(metrics, how="diagonal_relaxed"), frame_schema("metrics"))
            tables["metrics"] = frame.with_columns(subject=self._pseudonyms.mask_column(frame["subject"]))
        if rejects:
            tables["rejects"] = pl.DataFrame(rejects, schema=_REJECTS, orient="row")
        return Taken(tables, known, videos)

    def _responses(self, draft: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """New rows, and ``source, native`` of those already known."""
        mask = self._pseudonyms.mask_column
        draft = self._with_author_keys(
            draft.with_columns(
                text=mask(draft["text"]),
                region=mask(draft["region"]),
                lang=_language(pl.col("lang")),
                actor=pl.when(pl.col("actor").is_in(ACTORS)).then("actor"),
                platform=pl.col("platform").str.replace_all(":", "-", literal=True),
            )
        )
        draft = draft.with_columns(native=self._natives(draft))
        prefix = pl.concat_str(pl.col("platform"), pl.lit(":"), pl.col("video").fill_null(NO_VIDEO), pl.lit(":"))
        rows = draft.with_columns(
            response_id=pl.concat_str(prefix, pl.col("fork"), pl.lit(":"), pl.col("native")),
            parent_id=pl.concat_str(prefix, pl.col("parent")),
            root_id=pl.concat_str(prefix, pl.col("root")),
            video_id=pl.when(pl.col("video").is_not_null()).then(pl.concat_str(pl.col("platform"), pl.lit(":"), pl.col("video"))),
        )
        new = self._known.is_new(rows)
        repeated = rows.select("source", "native").filter(~new)
        return conform(_with_texts(rows.filter(new) if repeated.height else rows), frame_schema("responses")), repeated

    def _with_author_keys(self, draft: pl.DataFrame) -> pl.DataFrame:
        people = draft.select("platform", "author").drop_nulls().unique(maintain_order=True)
        keys = [
            key
            for part in people.partition_by("platform", maintain_order=True)
            for key in self._pseudonyms.keys(part["platform"][0], part["author"])
        ]
        ordered = pl.concat([people.clear(), *people.partition_by("platform", maintain_order=True)])
        named = ordered.with_columns(author_key=pl.Series(keys, dtype=pl.String))
        return draft.join(named, on=["platform", "author"], how="left", maintain_order="left")

    def _natives(self, draft: pl.DataFrame) -> pl.Series:
        """The platform's ids, and a hash of (video, time, author, text, occurrence) where there is none."""
        if not draft["native"].null_count():
            return draft["native"]
        columns = draft.select("native", "source", "video", "fork", "at_ms", pl.col("sent_at").dt.timestamp("ms"), "author_key", "text")
        return pl.Series(
            "native", [native or self._hashed(source, *parts) for native, source, *parts in columns.iter_rows()], dtype=pl.String
        )

    def _hashed(self, source: str, *parts: object) -> str:
        joined = "\x1f".join("" if part is None else str(part) for part in parts)
        key = hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
        seen = self._occurrences.setdefault(source, Counter())
        seen[key] += 1
        return f"h{key}.{seen[key] - 1}"

    def _videos(self, drafts: Sequence[Draft], responses: pl.DataFrame | None) -> pl.DataFrame | None:
        frames: list[pl.DataFrame] = []
        described = [_said(draft, draft.batch.videos) for draft in drafts if draft.batch.videos is not None and draft.batch.videos.height]
        for frame in described:
            native = pl.coalesce("video", "native_id") if "video" in frame.columns else pl.col("native_id")
            frames.append(
                conform(
                    frame.with_columns(native_id=native, video_id=pl.concat_str(pl.col("platform"), pl.lit(":"), native)),
                    frame_schema("videos"),
                )
            )
        if responses is not None:
            native = pl.col("video_id").str.slice(pl.col("platform").str.len_chars() + 1)
            frames.append(
                conform(
                    responses.select("video_id", "platform", "source")
                    .drop_nulls()
                    .unique(maintain_order=True)
                    .with_columns(native_id=native),
                    frame_schema("videos"),
                )
            )
        if not frames:
            return None
        works = {draft.source: draft.origin.work for draft in drafts if draft.origin.work}
        said = pl.DataFrame({"source": list(works), "said": list(works.values())}, schema={"source": pl.String, "said": pl.String})
        frame = pl.concat(frames).unique(["source", "video_id"], keep="first", maintain_order=True)
        return (
            frame.join(said, on="source", how="left", maintain_order="left")
            .with_columns(work_id=pl.coalesce("said", "work_id"))
            .drop("said")
        )


def _said(draft: Draft, frame: pl.DataFrame) -> pl.DataFrame:
    """A draft's frame with its source and with the platform and video that the person named."""
    named = {"platform": draft.origin.platform, "video": draft.origin.video}
    return frame.with_columns(source=pl.lit(draft.source), **{name: pl.lit(value) for name, value in named.items() if value})


def _language(stated: pl.Expr) -> pl.Expr:
    """A language that a file states, as its ISO 639 code: ``zh-CN`` is ``zh``; what is none is null, to be detected."""
    named = stated.str.strip_chars().str.to_lowercase().replace(LANGUAGE_NAMES)
    return named.str.extract(r"^([a-z]{2,3})(?:[-_].*)?$", 1)


def _with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with text key and language, worked out once per distinct text."""
    japanese = pl.col("platform").is_in(JAPANESE_PLATFORMS)
    rows = rows.with_columns(japanese=japanese)
    frames = [
        pl.DataFrame(
            {"text": texts, "text_key": text_keys(texts), "detected": detect(texts, han_is="ja" if is_japanese else "zh")},
            schema={"text": pl.String, "text_key": pl.Int64, "detected": pl.String},
        ).with_columns(japanese=pl.lit(is_japanese))
        for is_japanese in (False, True)
        if len(texts := rows.filter(pl.col("japanese") == is_japanese)["text"].unique(maintain_order=True)) or not is_japanese
    ]
    return rows.join(pl.concat(frames), on=["text", "japanese"], how="left", maintain_order="left").with_columns(
        lang=pl.coalesce("lang", "detected")
    )


def _links(links: pl.DataFrame) -> pl.DataFrame:
    """Links between responses, with the ids that responses have."""
    video = pl.col("video").fill_null(NO_VIDEO) if "video" in links.columns else pl.lit(NO_VIDEO)
    prefix = pl.concat_str(pl.col("platform"), pl.lit(":"), video, pl.lit(":"))
    return conform(links.with_columns(node=pl.concat_str(prefix, "node"), parent=pl.concat_str(prefix, "parent")), frame_schema("links"))
