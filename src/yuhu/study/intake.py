"""The one door between importers and disk: drafts come in with raw ids, rows go out with keys.

Nothing that an importer yields is written as it stands. Here author ids and handles become keys, responses get their ids, text keys and
language, and records already known are set aside as counted rejects. Drafts of many small files go through together.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from yuhu.core.contracts import DRAFTS, Batch, Origin
from yuhu.core.ids import NO_VIDEO, text_keys
from yuhu.core.schema import conform, frame_schema
from yuhu.study.forgotten import Forgotten
from yuhu.study.known import KnownResponses
from yuhu.study.pseudonyms import KEY, Pseudonyms
from yuhu.texts.language import detect
from yuhu.texts.media_clocks import media_mentions

KNOWN = "already in the study, or before in the same files"
FORGOTTEN = "forgotten on request"
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

_MET = ("source", "video_id", "root_id", "kind", "response_id", "sent_at")
_GONE = ("source", "response_id", "author_key", "text")
_REJECTS = frame_schema("rejects")


@dataclass(frozen=True)
class Draft:
    """A batch of one source, with what the person said about the file.

    ``source`` is empty where the batch holds rows of several: then its frames have a column ``source``.
    """

    source: str
    origin: Origin
    batch: Batch


@dataclass(frozen=True)
class Taken:
    """Rows by table, each with its source; and for each source its videos and how many records were known already or must not come in again."""

    tables: dict[str, pl.DataFrame]
    known: dict[str, int] = field(default_factory=dict)
    videos: dict[str, list[str]] = field(default_factory=dict)
    forgotten: dict[str, int] = field(default_factory=dict)
    met: pl.DataFrame | None = None
    gone: pl.DataFrame | None = None


class Intake:
    """Turns drafts into rows.

    Parameters
    ----------
    pseudonyms : Pseudonyms
        The study's key maker.
    known : KnownResponses
        Ids already in the study.
    forgotten : Forgotten, optional
        What must not come in again.
    is_again : bool
        The drafts come from the raw copy: authors are keys already.
    """

    def __init__(
        self, pseudonyms: Pseudonyms, known: KnownResponses, *, forgotten: Forgotten | None = None, is_again: bool = False
    ) -> None:
        self._pseudonyms = pseudonyms
        self._known = known
        self._forgotten = forgotten
        self._is_again = is_again
        self._occurrences: dict[str, Counter[str]] = {}

    def take(self, drafts: Sequence[Draft]) -> Taken:
        """Rows of some drafts; what the person said wins over what the file says."""
        tables: dict[str, pl.DataFrame] = {}
        rejects = [(draft.source, one.place, one.why, one.hash) for draft in drafts for one in draft.batch.rejects]
        known: dict[str, int] = {}
        forgotten: dict[str, int] = {}
        again = pl.Series([], dtype=pl.String)
        met: pl.DataFrame | None = None
        gone: pl.DataFrame | None = None
        videos: dict[str, list[str]] = {}
        responses = _gathered(drafts, "responses")
        if responses is not None:
            rows, repeated, gone = self._responses(responses)
            tables["responses"] = rows
            tables["mentions"] = _mentions(rows)
            again = repeated["response_id"]
            repeated, met = repeated.select("source", "native"), pl.concat([frame.select(_MET) for frame in (rows, repeated)])
            rejects += [(source, f"record {native}", KNOWN, "") for source, native in repeated.iter_rows()]
            rejects += [(source, "record", FORGOTTEN, "") for source in gone["source"]]
            known = dict(repeated.group_by("source").len().iter_rows())
            forgotten = dict(gone.group_by("source").len().iter_rows())
            found = (
                rows.select("source", "video_id")
                .drop_nulls()
                .unique()
                .sort("source", "video_id")
                .group_by("source", maintain_order=True)
                .agg("video_id")
            )
            videos = {source: list(held) for source, held in found.iter_rows()}
        for table in ("segments", "signals", "exposure"):
            frame = _gathered(drafts, table)
            if frame is not None:
                tables[table] = self._of_video(frame, table)
        found_videos = self._videos(drafts, tables)
        if found_videos is not None:
            tables["videos"] = found_videos
        links = _gathered(drafts, "links")
        if links is not None:
            tables["links"] = self._links(links, again)
        metrics = _gathered(drafts, "metrics")
        if metrics is not None:
            tables["metrics"] = self._metrics(metrics)
        if rejects:
            tables["rejects"] = pl.DataFrame(rejects, schema=_REJECTS, orient="row")
        return Taken(tables, known, videos, forgotten, met, gone)

    def _of_video(self, draft: pl.DataFrame, table: str) -> pl.DataFrame:
        named = draft.with_columns(video_id=_video_id())
        for column in ("text", "name"):
            if column in named.columns and table == "segments":
                named = named.with_columns(self._pseudonyms.mask_column(named[column]))
        return conform(named, frame_schema(table))

    def _metrics(self, draft: pl.DataFrame) -> pl.DataFrame:
        people = self._keyed(draft, "account")
        prefix = pl.concat_str(pl.col("platform"), pl.lit(":"), pl.col("video").fill_null(NO_VIDEO), pl.lit(":"))
        subject = pl.coalesce(
            "subject",
            pl.concat_str(prefix, "response"),
            pl.concat_str(pl.lit("account:"), "platform", pl.lit(":"), "account_key"),
            _video_id(),
        )
        named = people.with_columns(subject=subject)
        named = named.with_columns(subject=self._pseudonyms.mask_column(named["subject"]))
        return conform(named, frame_schema("metrics"))

    def _links(self, draft: pl.DataFrame, repeated: pl.Series) -> pl.DataFrame:
        """Links, but those of responses that were known already: theirs came with them."""
        prefix = pl.concat_str(pl.col("platform"), pl.lit(":"), pl.col("video").fill_null(NO_VIDEO), pl.lit(":"))

        def named(column: str) -> pl.Expr:
            value = pl.col(column)
            return (
                pl.when(value.str.starts_with("video:"))
                .then(pl.concat_str(pl.col("platform"), pl.lit(":"), value.str.slice(6)))
                .when(value.str.starts_with("id:"))
                .then(value.str.slice(3))
                .when(value.str.starts_with("url:") | (value.str.count_matches(":", literal=True) > 1))
                .then(value)
                .otherwise(pl.concat_str(prefix, value))
            )

        frame = draft.with_columns(node=named("node"), parent=named("parent"))
        frame = frame.with_columns(node=self._pseudonyms.mask_column(frame["node"]), parent=self._pseudonyms.mask_column(frame["parent"]))
        kept = frame.filter(~pl.col("node").is_in(repeated.implode()))
        return conform(kept.with_columns(actor=pl.when(pl.col("actor").is_in(ACTORS)).then("actor")), frame_schema("links"))

    def _responses(self, draft: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """New rows; then those already known, and those that were forgotten on request."""
        mask = self._pseudonyms.mask_column
        draft = self._keyed(
            draft.with_columns(
                text=mask(draft["text"]),
                region=mask(draft["region"]),
                lang=_language(pl.col("lang")),
                actor=pl.when(pl.col("actor").is_in(ACTORS)).then("actor"),
            ),
            "author",
        )
        draft = draft.with_columns(text=self._pseudonyms.without_own_ids(draft["text"], draft["author"], draft["author_key"]))
        draft = draft.with_columns(native=self._natives(draft))
        prefix = pl.concat_str(pl.col("platform"), pl.lit(":"), pl.col("video").fill_null(NO_VIDEO), pl.lit(":"))
        rows = draft.with_columns(
            response_id=pl.concat_str(prefix, pl.col("fork"), pl.lit(":"), pl.col("native")),
            parent_id=_below(prefix, draft["parent"]),
            root_id=_below(prefix, draft["root"]),
            video_id=pl.when(pl.col("video").is_not_null()).then(pl.concat_str(pl.col("platform"), pl.lit(":"), pl.col("video"))),
        )
        gone = rows.select(*_GONE).clear()
        if self._forgotten:
            is_gone = self._forgotten.holds(rows)
            gone, rows = rows.filter(is_gone).select(*_GONE), rows.filter(~is_gone)
        new = self._known.is_new(rows)
        repeated = rows.select(*_MET, "native").filter(~new)
        return conform(_with_texts(rows.filter(new) if repeated.height else rows), frame_schema("responses")), repeated, gone

    def _keyed(self, draft: pl.DataFrame, column: str) -> pl.DataFrame:
        """The draft with a column of keys of the people in a column; keys of the raw copy stay as they are."""
        named = f"{column}_key"
        if self._is_again:
            return draft.with_columns(pl.col(column).str.strip_prefix(KEY).alias(named))
        platforms = draft["platform"].unique(maintain_order=True).drop_nulls()
        keys = [
            self._pseudonyms.key_column(platform, draft.select(pl.when(pl.col("platform") == platform).then(column)).to_series())
            for platform in platforms
        ]
        return draft.with_columns(pl.coalesce(*keys, pl.lit(None, dtype=pl.String)).alias(named))

    def _natives(self, draft: pl.DataFrame) -> pl.Series:
        """The platform's ids, and a hash of (video, time, author, text, occurrence) where there is none."""
        natives = draft["native"]
        places = (natives.fill_null("") == "").arg_true()
        if not len(places):
            return natives
        columns = draft.select("source", "video", "fork", "at_ms", pl.col("sent_at").dt.timestamp("ms"), "author_key", "text")
        return natives.scatter(places, [self._hashed(source, *parts) for source, *parts in columns[places].iter_rows()])

    def _hashed(self, source: str, *parts: object) -> str:
        joined = "\x1f".join("" if part is None else str(part) for part in parts)
        key = hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
        seen = self._occurrences.setdefault(source, Counter())
        seen[key] += 1
        return f"h{key}.{seen[key] - 1}"

    def _videos(self, drafts: Sequence[Draft], tables: dict[str, pl.DataFrame]) -> pl.DataFrame | None:
        """Videos that files describe, then those that rows of other tables stand under."""
        frames: list[pl.DataFrame] = []
        described = _gathered(drafts, "videos")
        if described is not None:
            mask = self._pseudonyms.mask_column
            named = self._keyed(
                described.with_columns(title=mask(described["title"]), description=mask(described["description"])), "author"
            )
            own = [self._pseudonyms.without_own_ids(named[name], named["author"], named["author_key"]) for name in ("title", "description")]
            frames.append(conform(named.with_columns(*own, native_id="video", video_id=_video_id()), frame_schema("videos")))
        for table in ("responses", "segments", "signals", "exposure"):
            if table in tables:
                under = tables[table].select("video_id", "source").drop_nulls().unique(maintain_order=True)
                platform = pl.col("video_id").str.extract(r"^([^:]*):", 1)
                native = pl.col("video_id").str.extract(r"^[^:]*:(.*)$", 1)
                frames.append(conform(under.with_columns(platform=platform, native_id=native), frame_schema("videos")))
        if not frames:
            return None
        works = {draft.source: draft.origin.work for draft in drafts if draft.origin.work and draft.source}
        said = pl.DataFrame({"source": list(works), "said": list(works.values())}, schema={"source": pl.String, "said": pl.String})
        frame = pl.concat(frames).unique(["source", "video_id"], keep="first", maintain_order=True)
        return (
            frame.join(said, on="source", how="left", maintain_order="left")
            .with_columns(work_id=pl.coalesce("said", "work_id"))
            .drop("said")
        )


def _video_id() -> pl.Expr:
    return pl.when(pl.col("video").is_not_null()).then(pl.concat_str(pl.col("platform"), pl.lit(":"), pl.col("video")))


def _below(prefix: pl.Expr, named: pl.Series) -> pl.Expr:
    """Ids of messages under the same video; danmaku answer to none, which is told at once."""
    return pl.concat_str(prefix, named) if named.null_count() < len(named) else pl.lit(None, dtype=pl.String)


def _gathered(drafts: Sequence[Draft], table: str) -> pl.DataFrame | None:
    """All drafts of a table, with their source and with the platform and video that the person named; None where there are none."""
    frames = []
    for draft in drafts:
        frame = getattr(draft.batch, table)
        if frame is not None and frame.height:
            said = {name: pl.lit(value) for name, value in (("platform", draft.origin.platform), ("video", draft.origin.video)) if value}
            source = {"source": pl.lit(draft.source)} if draft.source else {}
            frames.append(frame.with_columns(**source, **said) if source or said else frame)
    if not frames:
        return None
    whole = conform(pl.concat(frames, how="diagonal_relaxed"), pl.Schema({**DRAFTS[table], "source": pl.String()}))
    return whole.with_columns(platform=pl.col("platform").str.replace_all(":", "-", literal=True))


def _mentions(rows: pl.DataFrame) -> pl.DataFrame:
    """Media times that comments name in their texts: a second, sparse time line."""
    spoken = rows.filter(pl.col("video_id").is_not_null() & (pl.col("kind") != "danmaku")).select(
        "response_id", "video_id", "source", "text"
    )
    if not spoken.height:
        return pl.DataFrame(schema=frame_schema("mentions"))
    named = spoken.drop("text").with_row_index("row")
    return conform(media_mentions(spoken["text"]).join(named, on="row", how="left", maintain_order="left"), frame_schema("mentions"))


def _language(stated: pl.Expr) -> pl.Expr:
    """A language that a file states, as its ISO 639 code: ``zh-CN`` is ``zh``; what is none is null, to be detected."""
    named = stated.str.strip_chars().str.to_lowercase().replace(LANGUAGE_NAMES)
    return named.str.extract(r"^([a-z]{2,3})(?:[-_].*)?$", 1)


def _with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with text key and language, worked out once per distinct text."""
    distinct = rows["text"].unique(maintain_order=True)
    told = {"text": distinct, "text_key": text_keys(distinct.to_list()), "detected": detect(distinct)}
    rows = rows.join(pl.DataFrame(told, schema_overrides={"text_key": pl.Int64}), on="text", how="left", maintain_order="left")
    is_japanese = rows["platform"].is_in(JAPANESE_PLATFORMS)
    if is_japanese.any():
        places = is_japanese.arg_true()
        rows = rows.with_columns(detected=rows["detected"].scatter(places, detect(rows["text"].gather(places), han_is="ja")))
    return rows.with_columns(lang=pl.coalesce("lang", "detected"))
