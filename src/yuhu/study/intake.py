"""The one door between importers and disk: drafts come in with raw ids, rows go out with keys.

Nothing that an importer yields is written as it stands. Here author ids and handles become keys, responses get their ids, text keys and
language, and records already known are set aside as counted rejects.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable

import polars as pl

from yuhu.core.contracts import RESPONSE_DRAFT, Batch, Facts, Origin, Reject
from yuhu.core.ids import NO_VIDEO, text_keys, video_id
from yuhu.core.schema import conform, frame_schema
from yuhu.study.pseudonyms import Pseudonyms
from yuhu.texts.language import detect

KNOWN = "already in the study"
JAPANESE_PLATFORMS = frozenset({"niconico"})

_DRAFT_SCHEMA = pl.Schema(RESPONSE_DRAFT)


class KnownResponses:
    """Ids of responses already in the study, by video (or platform, where there is no video)."""

    def __init__(self, study_ids: "StudyIds") -> None:
        self._study_ids = study_ids
        self._by_group: dict[str, list[pl.Series]] = {}

    def split(self, group: str, ids: pl.Series) -> pl.Series:
        """Whether each id is new to the study and to the ids before it; the new ones count as known from now on."""
        if group not in self._by_group:
            self._by_group[group] = [self._study_ids(group)]
        new = ids.is_first_distinct()
        for known in self._by_group[group]:
            if len(known):
                new = new & ~ids.is_in(known.implode())
        self._by_group[group].append(ids.filter(new))
        return new


class StudyIds:
    """Looks up response ids in the partitions of a study that can hold a video."""

    def __init__(self, scans: Iterable[tuple[list[str] | None, pl.LazyFrame]]) -> None:
        self._scans = list(scans)

    def __call__(self, group: str) -> pl.Series:
        """Ids of a video (``platform:native``), or of a platform's responses without a video."""
        empty = pl.Series("response_id", [], dtype=pl.String)
        platform, _, native = group.partition(":")
        where = pl.col("video_id") == group if native else pl.col("video_id").is_null() & (pl.col("platform") == platform)
        scans = [scan for videos, scan in self._scans if videos is None or (native and group in videos)]
        if not scans:
            return empty
        return pl.concat([scan.filter(where).select("response_id") for scan in scans]).collect()["response_id"]


class Intake:
    """Turns the drafts of one file into rows.

    Parameters
    ----------
    origin : Origin
        What the person said about the file: its platform, video and work win over what the file says.
    pseudonyms : Pseudonyms
        The study's key maker.
    known : KnownResponses
        Ids already in the study.
    source : str
        Id of the source.
    """

    def __init__(self, origin: Origin, pseudonyms: Pseudonyms, known: KnownResponses, source: str) -> None:
        self._origin = origin
        self._pseudonyms = pseudonyms
        self._known = known
        self._source = source
        self._occurrences: Counter[str] = Counter()
        self._seen_videos: set[str] = set()

    def take(self, batch: Batch, facts: Facts) -> tuple[dict[str, pl.DataFrame], list[Reject], int]:
        """Rows by table, all rejects, and the number of records kept."""
        tables: dict[str, pl.DataFrame] = {}
        rejects = list(batch.rejects)
        kept = batch.kept
        if batch.responses is not None and batch.responses.height:
            rows, known = self._responses(conform(batch.responses, _DRAFT_SCHEMA))
            rejects += known
            kept -= len(known)
            tables["responses"] = rows
            facts.videos = sorted(set(facts.videos) | set(rows["video_id"].drop_nulls().unique()))
        videos = self._videos(tables.get("responses"), batch.videos)
        if videos is not None:
            tables["videos"] = videos
        if batch.links is not None and batch.links.height:
            tables["links"] = self._links(batch.links)
        if batch.metrics is not None and batch.metrics.height:
            tables["metrics"] = conform(batch.metrics.with_columns(source=pl.lit(self._source)), frame_schema("metrics"))
        if rejects:
            tables["rejects"] = pl.DataFrame(
                [(self._source, reject.place, reject.why, reject.hash) for reject in rejects], schema=frame_schema("rejects"), orient="row"
            )
        return tables, rejects, kept

    def _responses(self, draft: pl.DataFrame) -> tuple[pl.DataFrame, list[Reject]]:
        said = self._origin
        draft = draft.with_columns(
            platform=pl.lit(said.platform) if said.platform else pl.col("platform"),
            video=pl.lit(said.video) if said.video else pl.col("video"),
            text=self._pseudonyms.mask_column(draft["text"]),
        )
        draft = draft.with_columns(author_key=self._author_keys(draft), video_or_none=pl.col("video").fill_null(NO_VIDEO))
        draft = draft.with_columns(native=self._natives(draft))
        prefix = pl.concat_str(pl.col("platform"), pl.lit(":"), pl.col("video_or_none"), pl.lit(":"))
        rows = draft.with_columns(
            response_id=pl.concat_str(prefix, pl.col("fork"), pl.lit(":"), pl.col("native")),
            parent_id=pl.concat_str(prefix, pl.col("parent")),
            root_id=pl.concat_str(prefix, pl.col("root")),
            video_id=pl.when(pl.col("video").is_not_null()).then(pl.concat_str(pl.col("platform"), pl.lit(":"), pl.col("video"))),
            source=pl.lit(self._source),
        )
        new = self._is_new(rows)
        rejects = [Reject(f"record {native}", KNOWN, "") for native in rows.filter(~new)["native"]]
        rows = rows.filter(new)
        return conform(self._with_texts(rows), frame_schema("responses")), rejects

    def _is_new(self, rows: pl.DataFrame) -> pl.Series:
        groups = rows.select(group=pl.coalesce("video_id", "platform"))["group"]
        if groups.n_unique() == 1:
            return self._known.split(groups[0], rows["response_id"])
        indexed = rows.select("response_id", group=groups).with_row_index("at")
        flags = [
            part.select("at", new=self._known.split(str(part["group"][0]), part["response_id"]))
            for part in indexed.partition_by("group", maintain_order=True)
        ]
        return pl.concat(flags).sort("at")["new"]

    def _with_texts(self, rows: pl.DataFrame) -> pl.DataFrame:
        distinct = rows["text"].unique(maintain_order=True)
        japanese = bool(rows.height) and rows["platform"][0] in JAPANESE_PLATFORMS
        texts = pl.DataFrame(
            {"text": distinct, "text_key": text_keys(distinct), "detected": detect(distinct, han_is="ja" if japanese else "zh")},
            schema={"text": pl.String, "text_key": pl.Int64, "detected": pl.String},
        )
        return rows.join(texts, on="text", how="left", maintain_order="left").with_columns(
            text_key=pl.col("text_key"), lang=pl.coalesce("lang", "detected")
        )

    def _author_keys(self, draft: pl.DataFrame) -> pl.Series:
        platforms = draft["platform"].unique()
        if len(platforms) == 1:
            return pl.Series("author_key", self._pseudonyms.keys(platforms[0], draft["author"]), dtype=pl.String)
        pairs = zip(draft["platform"], draft["author"], strict=True)
        return pl.Series(
            "author_key", [None if who is None else self._pseudonyms.key(platform, who) for platform, who in pairs], dtype=pl.String
        )

    def _natives(self, draft: pl.DataFrame) -> pl.Series:
        """The platform's ids, and a hash of (video, time, author, text, occurrence) where there is none."""
        if not draft["native"].null_count():
            return draft["native"]
        columns = draft.select("native", "video", "fork", "at_ms", pl.col("sent_at").dt.timestamp("ms"), "author_key", "text")
        return pl.Series("native", [native or self._hashed(*parts) for native, *parts in columns.iter_rows()], dtype=pl.String)

    def _hashed(self, *parts: object) -> str:
        key = hashlib.blake2b(
            "\x1f".join("" if part is None else str(part) for part in parts).encode("utf-8", "surrogatepass"), digest_size=10
        ).hexdigest()
        self._occurrences[key] += 1
        return f"h{key}.{self._occurrences[key] - 1}"

    def _videos(self, responses: pl.DataFrame | None, drafts: pl.DataFrame | None) -> pl.DataFrame | None:
        work = pl.lit(self._origin.work, dtype=pl.String)
        frames: list[pl.DataFrame] = []
        if drafts is not None and drafts.height:
            frames.append(
                drafts.with_columns(
                    platform=pl.lit(self._origin.platform) if self._origin.platform else pl.col("platform"),
                    native_id=pl.lit(self._origin.video) if self._origin.video else pl.col("native_id"),
                )
                .with_columns(video_id=pl.concat_str(pl.col("platform"), pl.lit(":"), pl.col("native_id")))
                .pipe(conform, frame_schema("videos"))
            )
        if responses is not None:
            found = responses.select("video_id", "platform").drop_nulls().unique(maintain_order=True)
            frames.append(
                found.with_columns(native_id=pl.col("video_id").str.split_exact(":", 1).struct.field("field_1")).pipe(
                    conform, frame_schema("videos")
                )
            )
        if not frames:
            return None
        frame = (
            pl.concat(frames)
            .unique("video_id", keep="first", maintain_order=True)
            .filter(~pl.col("video_id").is_in(sorted(self._seen_videos)))
        )
        self._seen_videos.update(frame["video_id"])
        return frame.with_columns(work_id=pl.coalesce(work, "work_id"), source=pl.lit(self._source)) if frame.height else None

    def _links(self, links: pl.DataFrame) -> pl.DataFrame:
        platform = pl.lit(self._origin.platform) if self._origin.platform else pl.col("platform")
        return links.with_columns(
            node=pl.concat_str(platform, pl.lit(f":{NO_VIDEO}:"), pl.col("node")),
            parent=pl.concat_str(platform, pl.lit(f":{NO_VIDEO}:"), pl.col("parent")),
            source=pl.lit(self._source),
        ).pipe(conform, frame_schema("links"))


__all__ = ["KNOWN", "Intake", "KnownResponses", "StudyIds", "video_id"]
