"""What every importer, coder and measure must hold to; each function raises AssertionError with the breach."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa

from yuhu.core.codebook import Codebook
from yuhu.core.contracts import DRAFTS, SORT_ORDERS, CodedBatch, Coder, Facts, Importer, Origin, Remapper
from yuhu.core.estimate import FRAME_SCHEMA, checked
from yuhu.core.evidence import Evidence, Measure
from yuhu.core.schema import ABSTAINED, FAILED, MACHINE_CODING, RESPONSE_KINDS, SCORES, conform
from yuhu.sources.reading import read_head

_VERSIONED = re.compile(r"^[a-z][a-z0-9_]*\.v\d+$")


def check_importer(importer: Importer, path: Path, *, origin: Origin | None = None) -> Facts:
    """Check an importer on a file that it should read.

    Parameters
    ----------
    importer : Importer
        The importer.
    path : Path
        A file of its family.
    origin : Origin, optional
        What a person would say about the file.

    Returns
    -------
    Facts
        What it told about the file.
    """
    said = origin or Origin(path)
    assert _VERSIONED.match(importer.name), f"name `{importer.name}` carries no version"
    assert set(importer.label) == {"zh", "en"}, "a label in zh and en"
    confidence = importer.sniff(read_head(path, mapped=bool(said.mapping)))
    assert 0 < confidence <= 1, f"sniff gave {confidence} for its own file"
    facts = Facts()
    for batch in importer.read(said, facts):
        assert batch.seen == batch.kept + len(batch.rejects), f"seen {batch.seen}, kept {batch.kept}, rejected {len(batch.rejects)}"
        assert all(reject.place and reject.why for reject in batch.rejects), "a reject has a place and a reason"
        for table in DRAFTS:
            frame = getattr(batch, table)
            if frame is not None and frame.height:
                _check_draft(table, conform(frame, pl.Schema(DRAFTS[table])))
        if batch.raw is not None:
            n = batch.raw.records.height if isinstance(batch.raw.records, pl.DataFrame) else len(batch.raw.records)
            assert len(batch.raw.places) == n <= batch.seen, "the raw copy has a place for each record, and no more than were seen"
            assert isinstance(importer, Remapper), "an importer that gives raw records can map them again"
    assert facts.sort_order in SORT_ORDERS, f"sort order `{facts.sort_order}` is not known"
    assert facts.what, "facts.what says what the records are"
    assert facts.platform, "facts.platform says where they are from"
    return facts


def _check_draft(table: str, rows: pl.DataFrame) -> None:
    if table == "responses":
        assert rows["text"].null_count() == 0, "a response has a text"
        assert rows["platform"].null_count() == 0, "a response has a platform"
        assert rows["kind"].is_in(RESPONSE_KINDS).all(), "a response has a known kind"
        assert rows["fork"].null_count() == 0, "a response has a fork"
    if table in {"videos", "signals", "exposure", "segments"}:
        assert rows["video"].null_count() == 0, f"a row of {table} has a video"
    if table == "metrics":
        whose = pl.coalesce("subject", "response", "account", "video")
        assert rows.select(whose.is_not_null() & pl.col("at").is_not_null()).to_series().all(), "a metric has a subject and a time"
        assert rows["value"].is_finite().all(), "a metric is a finite number"
    for column in ("at_ms", "start_ms", "end_ms"):
        if column in rows.columns:
            assert (rows[column].drop_nulls() >= 0).all(), "media time is 0 or more"


def check_coder(coder: Coder, book: Codebook, texts: Sequence[tuple[str, str]]) -> None:
    """Check a coder on texts with their languages.

    One outcome at most per text and decision, values of the codebook, spans inside the text, probabilities in [0, 1], the same outcome again and in any
    order.
    """
    assert _VERSIONED.match(coder.name), f"name `{coder.name}` carries no version"
    assert coder.serves, "a coder serves at least one decision"
    assert all(name in book.variables for name in coder.serves), "a coder serves decisions of the codebook"
    batch = _batch(texts, range(len(texts)), with_context=coder.uses_context)
    first, again = coder.code(batch), coder.code(batch)
    assert first.codings.schema == MACHINE_CODING, "codings have the schema MACHINE_CODING"
    assert first.abstained.schema == ABSTAINED, "abstentions have the schema ABSTAINED"
    assert first.codings.equals(again.codings), "the same batch gives the same codings"
    turned = coder.code(_batch(texts, reversed(range(len(texts))), with_context=coder.uses_context))
    assert sorted(map(str, turned.codings.to_pylist())) == sorted(map(str, first.codings.to_pylist())), "the order of texts does not matter"
    rows = first.codings.to_pylist()
    keys = [(row["text_key"], row["lang"], row["code"]) for row in rows]
    assert len(set(keys)) == len(keys), "one outcome per text and decision"
    silent = {row["text_key"] for row in first.abstained.to_pylist()}
    for row in rows:
        variable = book.variables[row["code"]]
        assert row["text_key"] not in silent, "a text is coded or abstained from, not both"
        assert row["code"] in coder.serves, f"{row['code']} is not served"
        assert row["value"] in variable.values, f"{row['value']} is no value of {row['code']}"
        assert row["value"] != variable.zero, "the zero value is not stored"
        length = len(texts[row["text_key"]][0])
        for start, end in zip(row["evidence_start"], row["evidence_end"], strict=True):
            assert 0 <= start < end <= length, f"span {start}-{end} lies outside a text of {length} characters"
    _check_scores(first, coder, book, silent)
    _check_failed(first, coder, keys, silent)


def _check_scores(outcome: CodedBatch, coder: Coder, book: Codebook, silent: set[int]) -> None:
    if outcome.scores is None:
        return
    assert outcome.scores.schema == SCORES, "scores have the schema SCORES"
    rows = outcome.scores.to_pylist()
    keys = [(row["text_key"], row["lang"], row["code"], row["value_id"]) for row in rows]
    assert len(set(keys)) == len(keys), "one score per text, decision and value"
    for row in rows:
        assert row["code"] in coder.serves, f"{row['code']} is scored and not served"
        assert row["value_id"] in book.variables[row["code"]].values, f"{row['value_id']} is no value of {row['code']}"
        assert 0 <= row["probability"] <= 1, f"a probability of {row['probability']}"
        assert row["text_key"] not in silent, "a text is scored or abstained from, not both"


def _check_failed(outcome: CodedBatch, coder: Coder, keys: list[tuple[int, str, str]], silent: set[int]) -> None:
    if outcome.failed is None:
        return
    assert outcome.failed.schema == FAILED, "failures have the schema FAILED"
    coded = set(keys)
    for row in outcome.failed.to_pylist():
        assert row["code"] in coder.serves, f"{row['code']} failed and is not served"
        assert (row["text_key"], row["lang"], row["code"]) not in coded, "a decision is made or failed, not both"
        assert row["text_key"] not in silent, "a text is abstained from or failed, not both"
        assert row["why"], "a failure says why"


def check_measure(measure: Measure, evidence: Evidence) -> pl.DataFrame:
    """Check a measure on evidence: the columns of estimates, no NaN, reasons where intervals are missing, the same frame again."""
    assert _VERSIONED.match(measure.name), f"name `{measure.name}` carries no version"
    assert measure.needs, "a measure says which columns it needs"
    frame = measure.estimate(evidence)
    assert frame.schema == FRAME_SCHEMA, "the columns of core.schema.ESTIMATES"
    checked(frame)
    assert frame.equals(measure.estimate(evidence)), "the same evidence gives the same estimates"
    assert frame["method"].null_count() == 0, "an estimate names its method"
    return frame


def _batch(texts: Sequence[tuple[str, str]], order: Iterable[int], *, with_context: bool = False) -> pa.RecordBatch:
    places = list(order)
    context = {name: pa.nulls(len(places), pa.string()) for name in ("parent", "transcript")} if with_context else {}
    table = pa.table(
        {
            "text_key": pa.array(places, pa.int64()),
            "lang": pa.array([texts[at][1] for at in places], pa.string()),
            "text": pa.array([texts[at][0] for at in places], pa.string()),
            **context,
        }
    )
    return table.combine_chunks().to_batches()[0]
