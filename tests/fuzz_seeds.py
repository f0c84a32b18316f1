"""Good records of every importer that works record by record: what it reads from the files of `every_source`."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from every_source import every_source
from yuhu.core.contracts import Facts, Origin
from yuhu.core.registry import registered
from yuhu.sources.records import Reading, RecordImporter

FROM_A_FILE = 8


@dataclass(frozen=True)
class Seed:
    """A record that gives rows, and the reading of its file: what the file itself told, and what a person said of it."""

    record: dict[str, Any]
    reading: Reading


def importers() -> list[type[RecordImporter]]:
    """All importers that work record by record."""
    return [make for make in registered("importers").values() if isinstance(make, type) and issubclass(make, RecordImporter)]


def _seeds() -> dict[str, list[Seed]]:
    makers = {make.name: make for make in importers()}
    seeds: dict[str, list[Seed]] = {name: [] for name in makers}
    with tempfile.TemporaryDirectory() as folder:
        for sample in every_source(Path(folder)):
            if sample.importer in makers:
                seeds[sample.importer] += _of_file(makers[sample.importer](), Origin(sample.path, **sample.options))
    return seeds


def _of_file(importer: RecordImporter, origin: Origin) -> list[Seed]:
    facts = Facts(what=importer.what, platform=origin.platform or importer.platform)
    records = [record for _, record in importer.records(origin, facts) if isinstance(record, dict)]
    reading = Reading(origin, facts)
    good = [record for record in records if importer.rows(record, reading) is None]
    reading.rows.tables.clear()
    return [Seed(record, reading) for record in good[:FROM_A_FILE]]


SEEDS: dict[str, list[Seed]] = _seeds()
