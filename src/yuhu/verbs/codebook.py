"""`yuhu codebook`: what changed between versions, taking a new version into a study, and the versions that a study had."""

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.core.codebook import Codebook, built_in_codebook, load_codebook
from yuhu.core.codebook_changes import CodebookDiff, version_key
from yuhu.core.codebook_diff import diff
from yuhu.core.errors import YuhuError
from yuhu.study.codebooks import keep_codebook, kept_codebooks
from yuhu.study.codings import read_codings
from yuhu.study.files import write_atomic
from yuhu.study.lock import WriteLock
from yuhu.study.store import CODEBOOK, Study
from yuhu.study.transaction import reopened

_NAMED = 8


@dataclass(frozen=True)
class Adopted:
    """What came of a new codebook.

    Parameters
    ----------
    diff : CodebookDiff
        From the codebook before to the new one; empty if nothing was to be done.
    invalidated : dict of str to int
        Codings by decision that counted before and no longer do.
    revived : dict of str to int
        Codings by decision that were made under an earlier version and count again.
    asked : dict of str to int
        Codings by decision that still count, of a code that is now asked of other units.
    kept : list of Path
        The files that hold the version before and the new one.
    """

    diff: CodebookDiff
    invalidated: dict[str, int] = field(default_factory=dict)
    revived: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    kept: list[Path] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The result for machines."""
        return {
            "diff": self.diff.as_dict(),
            "invalidated": self.invalidated,
            "revived": self.revived,
            "asked": self.asked,
            "kept": [str(path) for path in self.kept],
        }


def find_codebook(place: Path | str) -> Codebook:
    """A codebook by the path of its file, by a study's folder, or by the name of one that comes with Yuhu.

    Raises
    ------
    YuhuError
        YH110 there is none, or it cannot be read; YH401 it breaks its rules.
    """
    path = Path(place)
    if path.is_dir():
        path /= CODEBOOK
    built_in = sorted(
        entry.name.removesuffix(".yaml") for entry in (files("yuhu.core") / "codebooks").iterdir() if entry.name.endswith(".yaml")
    )
    if not path.exists() and str(place) in built_in:
        return built_in_codebook(str(place))
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        facts = {"reason": error, "built in": ", ".join(built_in)}
        raise YuhuError(
            "YH110", f"codebook `{place}` cannot be read", facts=facts, fix="name a YAML file, a study, or a built-in one"
        ) from error
    return load_codebook(text, name=path.name)


def codebook_diff(old: Codebook | Path | str, new: Codebook | Path | str) -> CodebookDiff:
    """What changed between two codebooks, what it does to codings, and which version number it demands.

    Parameters
    ----------
    old, new : Codebook or path
        A codebook, the path of its file, a study's folder, or a built-in name.

    Returns
    -------
    CodebookDiff

    Raises
    ------
    YuhuError
        YH110 one cannot be read; YH401 one breaks its rules.
    """
    return diff(*(one if isinstance(one, Codebook) else find_codebook(one) for one in (old, new)))


def adopt_codebook(study: Study, new: Codebook | Path | str, *, yes: bool = False) -> Adopted:
    """Make a codebook that of a study. Codings stay tied to the version that they were made under.

    Parameters
    ----------
    study : Study
        The study.
    new : Codebook or path
        The new version: a codebook, a file, another study's folder, or a built-in name.
    yes : bool
        Go on although codings no longer count, or are of units that would be asked otherwise.

    Returns
    -------
    Adopted

    Raises
    ------
    YuhuError
        YH110 it cannot be read; YH203 another writer; YH206 study.yaml switches on a module that the new codebook lacks; YH401 it breaks its rules;
        YH403 its version number is too low, or names another content; YH404 codings are concerned and `yes` is not given.

    Notes
    -----
    Nothing is written unless everything holds. Both versions are kept under ``codebooks/``.
    """
    book = new if isinstance(new, Codebook) else find_codebook(new)
    with WriteLock(study.path):
        study = reopened(study)
        before = study.codebook()
        found = diff(before, book)
        if found.is_empty:
            return Adopted(found, kept=[keep_codebook(study.path, before)])
        study.modules(book)
        _check_version(study, found)
        counts = _concerned(study, before, book, found)
        if (counts["invalidated"] or counts["asked"]) and not yes:
            raise _concerning(study, new, **counts)
        kept = [keep_codebook(study.path, one) for one in (before, book)]
        write_atomic(study.path / CODEBOOK, book.source_text.encode())
    return Adopted(found, kept=kept, **counts)


def codings_concerned(study: Study, new: Codebook) -> dict[str, dict[str, int]]:
    """What adopting a codebook would do: codings by decision that no longer count (``invalidated``), count again (``revived``), or are of codes that are asked of other units (``asked``)."""
    before = study.codebook()
    return _concerned(study, before, new, diff(before, new))


def codebook_history(study: Study) -> pl.DataFrame:
    """The versions of a study's codebook, with the codings that were made under each.

    Returns
    -------
    pl.DataFrame
        ``codebook_hash, id, version, codings, coders, first_at, last_at, machine_runs, is_current, is_kept``; the lowest version first. ``codings`` are the newest of each
        coder on each unit and code, whether they count under the present version or not. Id and version are null where the version is not kept.

    Raises
    ------
    YuhuError
        YH205 the codebook is missing, or ``codings.sqlite`` cannot be read; YH401 the codebook breaks its rules.
    """
    current = study.codebook()
    known: dict[str, Codebook | None] = {**kept_codebooks(study.path)}
    is_kept = {name for name, book in known.items() if book is not None}
    known[current.content_hash] = current
    codings = read_codings(study.path)
    made = codings.group_by("codebook_hash").agg(
        codings=pl.len().cast(pl.Int64),
        coders=pl.col("coder").n_unique().cast(pl.Int64),
        first_at=pl.col("at").min(),
        last_at=pl.col("at").max(),
    )
    runs = [run.codebook_hash for run in study.manifest.runs]
    hashes = sorted({*known, *made["codebook_hash"], *runs}, key=lambda name: _place(name, known.get(name)))
    books = [known.get(name) for name in hashes]
    versions = pl.DataFrame(
        {
            "codebook_hash": hashes,
            "id": [book.id if book else None for book in books],
            "version": [book.version if book else None for book in books],
            "machine_runs": [runs.count(name) for name in hashes],
            "is_current": [name == current.content_hash for name in hashes],
            "is_kept": [name in is_kept for name in hashes],
        },
        schema_overrides={"id": pl.String, "version": pl.String},
    )
    joined = versions.join(made, on="codebook_hash", how="left", maintain_order="left").with_columns(
        pl.col("codings", "coders").fill_null(0)
    )
    return joined.select(
        "codebook_hash", "id", "version", "codings", "coders", "first_at", "last_at", "machine_runs", "is_current", "is_kept"
    )


def _place(name: str, book: Codebook | None) -> tuple[str, tuple[int, int, int], str]:
    return (book.id, version_key(book.version), name) if book else ("", (0, 0, 0), name)


def _check_version(study: Study, found: CodebookDiff) -> None:
    if not found.version_is_enough:
        facts = {"version": found.new.version, "expected": f"{found.least_version} or higher", "change": found.demand}
        raise YuhuError(
            "YH403",
            "the version number is too low for the change",
            facts=facts,
            fix=f'write version: "{found.least_version}" in the new codebook',
        )
    earlier = {name: book for name, book in kept_codebooks(study.path).items() if book is not None and name != found.new.content_hash}
    same = next((name for name, book in earlier.items() if (book.id, book.version) == (found.new.id, found.new.version)), None)
    if same is not None:
        facts = {"version": f"{found.new.id} {found.new.version}", "earlier": same[:12], "now": found.new.content_hash[:12]}
        raise YuhuError(
            "YH403", "this version number names another content already", facts=facts, fix="raise the version in the new codebook"
        )


def _concerned(study: Study, before: Codebook, book: Codebook, found: CodebookDiff) -> dict[str, dict[str, int]]:
    """Codings by decision that stop counting, that count again, and whose code is asked of other units."""
    moved = {code.code for code in found.codes if code.effect == "asked"}
    had, has = ({name: variable.code_hash for name, variable in one.variables.items()} for one in (before, book))
    rows = read_codings(study.path).group_by("code", "code_hash").len().sort("code", "code_hash").iter_rows()
    counts: dict[str, dict[str, int]] = {"invalidated": {}, "revived": {}, "asked": {}}
    for code, code_hash, n in rows:
        counted, counts_now = had.get(code) == code_hash, has.get(code) == code_hash
        if counted and not counts_now:
            counts["invalidated"][code] = n
        elif counts_now and not counted:
            counts["revived"][code] = n
        elif counts_now and book.variables[code].code in moved:
            counts["asked"][code] = n
    return counts


def _concerning(
    study: Study, new: Codebook | Path | str, *, invalidated: dict[str, int], revived: dict[str, int], asked: dict[str, int]
) -> YuhuError:
    void, moved = sum(invalidated.values()), sum(asked.values())
    if invalidated and asked:
        problem = f"{void:,} codings would no longer count, and {moved:,} codings are of codes that would be asked of other units"
    elif invalidated:
        problem = f"{void:,} codings would no longer count"
    else:
        problem = f"{moved:,} codings are of codes that would be asked of other units"
    facts = {"no longer count": _listed(invalidated), "asked of other units": _listed(asked), "count again": _listed(revived)}
    name = new.name if isinstance(new, Codebook) else new
    return YuhuError(
        "YH404",
        problem,
        facts={key: text for key, text in facts.items() if text},
        fix=f"yuhu codebook adopt {study.path} {name} --yes, if this is meant; yuhu codebook diff {study.path} {name} says why",
    )


def _listed(counts: dict[str, int]) -> str:
    named = ", ".join(f"{code} {n:,}" for code, n in list(counts.items())[:_NAMED])
    return named + (f" and {len(counts) - _NAMED} more" if len(counts) > _NAMED else "")
