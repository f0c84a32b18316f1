"""`yuhu export`: tables for other programs. The secret is never part of it."""

from pathlib import Path

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.core.schema import TABLES
from yuhu.study.codings import read_codings
from yuhu.study.files import disk_errors
from yuhu.study.results import read_results
from yuhu.study.store import Study
from yuhu.texts.hostile import csv_safe

OWN = ("tables", "machine", "results", "derived", "raw", "codebooks")
FORMATS = ("parquet", "csv", "jsonl")


def export(study: Study, folder: Path | str, *, form: str = "parquet", with_texts: bool = True) -> list[Path]:
    """Write the study's tables, codebook, estimates and human codings to a folder.

    Parameters
    ----------
    study : Study
        The study.
    folder : path
        Where to: made if missing.
    form : str
        ``parquet``, ``csv`` or ``jsonl``.
    with_texts : bool
        Whether responses carry their texts; without them keys and codes remain.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    YuhuError
        YH202 the folder is the study; YH603 the format is not known; YH209 the disk refused.
    """
    if form not in FORMATS:
        raise YuhuError("YH603", f"format `{form}` is not known", facts={"known": ", ".join(FORMATS)}, fix="--format csv")
    out = Path(folder)
    inside = out.resolve().parts[len(home.parts) :] if (home := study.path.resolve()) in (out.resolve(), *out.resolve().parents) else None
    if inside is not None and (not inside or inside[0] in OWN):
        raise YuhuError(
            "YH202", "the export would go into the study itself", facts={"folder": out}, fix=f"yuhu export {study.path} {study.path}-tables"
        )
    frames: dict[str, pl.DataFrame] = {name: study.scan(name).collect() for name in TABLES if study.manifest.of(name)}
    if not with_texts:
        for name in ("responses", "segments"):
            if name in frames:
                frames[name] = frames[name].drop("text")
    frames["videos"] = study.videos()
    results = read_results(study)
    if results is not None:
        frames["estimates"] = results.estimates
    codings = read_codings(study.path)
    if codings.height:
        frames["codings"] = codings if with_texts else codings.drop("evidence")
    written: list[Path] = []
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        for name, frame in frames.items():
            if frame.height:
                written.append(_write(frame, out / f"{name}.{form}", form))
        book = out / "codebook.yaml"
        book.write_text(study.codebook().source_text, "utf-8")
    return [*written, book]


def _write(frame: pl.DataFrame, path: Path, form: str) -> Path:
    if form == "parquet":
        frame.write_parquet(path, compression="zstd")
    elif form == "jsonl":
        frame.write_ndjson(path)
    else:
        safe = frame.with_columns(
            pl.col(pl.String).map_elements(csv_safe, return_dtype=pl.String), pl.col(pl.List(pl.String)).list.join(";")
        )
        path.write_text("\ufeff" + safe.write_csv(), "utf-8")
    return path
