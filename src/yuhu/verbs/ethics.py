"""`yuhu ethics`: an ethics and data statement from the study's real settings."""

from dataclasses import fields
from pathlib import Path

import polars as pl

from yuhu.coding.llm.cache import sent_from
from yuhu.core.schema import PEOPLE
from yuhu.core.version import __version__
from yuhu.reporting.ethics import Holdings, Sending, political_labels, statement
from yuhu.study.codings import read_codings
from yuhu.study.files import write_atomic
from yuhu.study.store import Study
from yuhu.verbs.code import CACHE
from yuhu.verbs.forget import RECEIPTS
from yuhu.verbs.status import status

FILE = "ethics.md"


def ethics(study: Study) -> Path:
    """Write the statement: what was collected, that it was public but not written for research, keys, political opinion, quotes, storage, models, sharing.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    Path
        ``ethics.md`` in the study, in both languages. What only a person can know is left as a blank to fill in.

    Raises
    ------
    YuhuError
        YH209 the disk refused.
    """
    facts = status(study)
    book = study.codebook()
    responses = study.scan("responses")
    local = pl.col("sent_at").dt.convert_time_zone(study.settings.time_zone)
    first, last, regions, authors = (
        responses.select(
            local.min().alias("first"),
            local.max().alias("last"),
            pl.col("region").count(),
            pl.col("author_key").n_unique() - pl.col("author_key").has_nulls().cast(pl.UInt32),
        )
        .collect()
        .row(0)
    )
    held = Holdings(
        settings=study.settings,
        sources=study.manifest.sources,
        runs=study.manifest.runs,
        counts=facts["counts"],
        platforms=sorted(facts["by_platform"]),
        sent=(str(first.date()), str(last.date())) if first is not None else None,
        regions=regions,
        authors=authors if facts["counts"]["responses"] else 0,
        has_raw=bool(study.manifest.of("raw")),
        receipts=len(list((study.path / RECEIPTS).glob("forget-*.json"))),
        political=political_labels({code.id: code.label for code in book.codes}),
        coders=sorted(read_codings(study.path).filter(pl.col("coder_kind").is_in(PEOPLE))["coder"].unique()),
        version=__version__,
        sendings=[Sending(**{field.name: getattr(one, field.name) for field in fields(Sending)}) for one in sent_from(study.path / CACHE)],
    )
    path = study.path / FILE
    content = statement(held).encode("utf-8", "replace")
    if not path.is_file() or path.read_bytes() != content:
        write_atomic(path, content)
    return path
