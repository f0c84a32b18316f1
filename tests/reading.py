"""Reading a file through the importer that recognises it, as `yuhu add` does before the study's door."""

import polars as pl

from yuhu.core.contracts import DRAFTS, Facts, Origin
from yuhu.core.schema import conform
from yuhu.sources.recognise import recognise


def read(path, **said):
    """Importer, batches and facts of a file; seen = kept + rejected is checked."""
    origin = Origin(path, **said)
    importer = recognise(origin)
    facts = Facts()
    batches = list(importer.read(origin, facts))
    assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)
    return importer, batches, facts


def table(batches, name="responses"):
    """All drafts of a table, with all its columns."""
    schema = pl.Schema(DRAFTS[name])
    found = [conform(frame, schema) for batch in batches if (frame := getattr(batch, name)) is not None and frame.height]
    return pl.concat(found) if found else pl.DataFrame(schema=schema)


def golden_of(path, **said):
    """What an importer makes of a file, for a golden file: counts, rejects, facts and every table as plain data."""
    importer, batches, facts = read(path, **said)
    return {
        "importer": importer.name,
        "seen": sum(batch.seen for batch in batches),
        "kept": sum(batch.kept for batch in batches),
        "rejects": [[reject.place, reject.why] for batch in batches for reject in batch.rejects],
        "facts": {key: value for key, value in facts.__dict__.items() if value},
        "tables": {
            name: [{key: value for key, value in row.items() if value is not None} for row in frame.iter_rows(named=True)]
            for name in DRAFTS
            if (frame := table(batches, name)).height
        },
    }
