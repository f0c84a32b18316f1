"""What the first page of the workbench shows: a study at a glance."""

from typing import Any

import polars as pl

from yuhu.study.samples import read_samples
from yuhu.study.store import Study
from yuhu.verbs.coders import coders


def overview_of_files(study: Study) -> dict[str, Any]:
    """A study at a glance, but for what changes while people code.

    Returns
    -------
    dict
        ``title``, ``target``, ``works``, ``videos``, ``responses``; ``by_platform``: ``platform, kind, n``; ``by_language``: ``lang, n``; ``first`` and ``last``:
        days in the study's time zone, or None; ``sources`` and ``rejects``: files, and records that were not taken; ``codebook``; ``machines``: runs of machine
        coders.

    Notes
    -----
    One pass over the responses without their texts.
    """
    day = pl.col("sent_at")
    counts = study.scan("responses").group_by("platform", "kind", "lang").agg(n=pl.len(), first=day.min(), last=day.max()).collect()
    zone = study.settings.time_zone
    ends = counts.select(pl.col("first").min().dt.convert_time_zone(zone), pl.col("last").max().dt.convert_time_zone(zone)).row(0)
    by_platform = counts.group_by("platform", "kind").agg(pl.col("n").sum()).sort("platform", "kind")
    by_language = counts.group_by("lang").agg(pl.col("n").sum()).sort("n", "lang", descending=[True, False])
    videos, book = study.videos(), study.codebook()
    return {
        "title": study.settings.title,
        "target": study.target(),
        "works": study.n_works(),
        "videos": videos.height,
        "responses": int(counts["n"].sum()),
        "by_platform": by_platform.to_dicts(),
        "by_language": by_language.to_dicts(),
        "first": str(ends[0].date()) if ends[0] else None,
        "last": str(ends[1].date()) if ends[1] else None,
        "sources": len(study.manifest.sources),
        "rejects": sum(one.rejected for one in study.manifest.sources),
        "codebook": {"id": book.id, "version": book.version, "codes": len(book.codes), "hash": book.content_hash},
        "machines": [
            {"coder": one.coder, "decisions": len(one.served), "is_current": one.codebook_hash == book.content_hash}
            for one in study.manifest.runs
        ],
    }


def overview_of_people(study: Study) -> dict[str, Any]:
    """What changes while people code: ``coders`` with what they coded and units ``assigned`` and ``done`` (see `yuhu.verbs.coders`); ``samples``: ``name, purpose, units, population``.

    Notes
    -----
    O(rows of each coder).
    """
    return {
        "coders": [
            {name: one[name] for name in ("coder", "kind", "responses", "spans", "assigned", "done", "seconds", "last")}
            for one in coders(study)
        ],
        "samples": [
            {"name": one.name, "purpose": one.purpose, "units": one.size, "population": one.population}
            for one in read_samples(study.path).values()
        ],
    }
