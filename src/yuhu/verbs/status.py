"""`yuhu status`: what is in a study."""

from typing import Any

import polars as pl

from yuhu.study.codings import read_samples, tallies
from yuhu.study.coverage import findings
from yuhu.study.derived import read_cleaned
from yuhu.study.store import Study

COMMENTS = ("comment", "reply")
POSTS = ("post", "repost")


def status(study: Study) -> dict[str, Any]:
    """What is in a study, as plain data.

    Returns
    -------
    dict
        ``counts`` (danmaku, comments with replies, posts with reposts, hot-list and other metric observations), ``by_platform``, ``by_language``,
        ``works``, ``videos``, ``sources`` (per file: seen = kept + rejected), ``codebook``, ``machine`` runs and ``gold``, ``missing`` (what the files tell of the sample they are),
        ``cleaning`` (messages that each rule flags; ``is_current`` is false where files came after it, or none was done).

    Notes
    -----
    O(responses), without reading their texts.
    """
    responses = study.scan("responses")
    by_kind = responses.group_by("platform", "kind").agg(n=pl.len()).sort("platform", "kind").collect()
    kinds = dict(by_kind.group_by("kind").agg(pl.col("n").sum()).sort("kind").iter_rows())
    by_lang = responses.group_by("lang").agg(n=pl.len()).sort("n", "lang", descending=[True, False]).collect()
    metrics = study.scan("metrics").group_by("name").agg(n=pl.len()).sort("name").collect()
    videos = study.videos()
    book = study.codebook()
    return {
        "study": str(study.path),
        "title": study.settings.title,
        "constructed": study.settings.constructed,
        "target": study.target(),
        "counts": {
            "responses": sum(kinds.values()),
            "danmaku": kinds.get("danmaku", 0),
            "comments": sum(kinds.get(kind, 0) for kind in COMMENTS),
            "posts": sum(kinds.get(kind, 0) for kind in POSTS),
            "metric_observations": sum(entry.kept for entry in study.manifest.sources if "metrics" in entry.rows),
            "metrics": dict(metrics.iter_rows()),
            "links": sum(part.rows for part in study.manifest.of("links")),
            "rejects": sum(entry.rejected for entry in study.manifest.sources),
        },
        "by_platform": _nested(by_kind),
        "by_language": dict(by_lang.iter_rows()),
        "works": videos["work_id"].n_unique() if videos.height else 0,
        "videos": [{"video": row["video_id"], "work": row["work_id"], "platform": row["platform"]} for row in videos.iter_rows(named=True)],
        "sources": [_source(entry.__dict__) for entry in study.manifest.sources],
        "codebook": {
            "id": book.id,
            "version": book.version,
            "hash": book.content_hash,
            "codes": len(book.codes),
            "modules": sorted(study.modules(book)),
        },
        "machine": [
            {"coder": run.coder, "run": run.run, "codebook_hash": run.codebook_hash, "decisions": len(run.served)}
            for run in study.manifest.runs
        ],
        "gold": _gold(study),
        "missing": [finding.as_dict() for finding in findings(study)],
        "cleaning": _cleaning(study),
    }


def _source(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in {"added_at", "identity"}}


def _nested(by_kind: pl.DataFrame) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for platform, kind, n in by_kind.iter_rows():
        found.setdefault(platform, {})[kind] = n
    return found


def _cleaning(study: Study) -> dict[str, Any]:
    cleaned = read_cleaned(study)
    return {
        "is_current": cleaned is not None,
        "texts": cleaned.manifest["texts"] if cleaned else None,
        "flagged": cleaned.flagged if cleaned else {},
        "leave_out": list(study.settings.leave_out),
    }


def _gold(study: Study) -> dict[str, Any]:
    samples = read_samples(study.path)
    given = tallies(study.path)
    return {
        "samples": [
            {"name": sample.name, "units": sample.size, "design": sample.design, "population": sample.population}
            for sample in samples.values()
        ],
        "codings": sum(one.codings for one in given.values()),
        "coders": list(given),
    }
