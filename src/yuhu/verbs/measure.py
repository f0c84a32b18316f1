"""`yuhu measure`: every estimate that the study can give."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import checked
from yuhu.core.evidence import Shown
from yuhu.core.ids import content_hash
from yuhu.core.moments import MomentsSpec
from yuhu.core.moments_reading import moments_from
from yuhu.core.progress import step
from yuhu.core.registry import registered
from yuhu.core.version import __version__
from yuhu.study.coverage import totals
from yuhu.study.lock import WriteLock
from yuhu.study.results import Results, data_hash, read_results, spec_hash, write_results
from yuhu.study.state import PLANTED, state_hash
from yuhu.study.store import Study
from yuhu.verbs.code import settings_of
from yuhu.verbs.evidence import Prepared, prepare


def measure(
    study: Study, *, coder: str | None = None, only: Iterable[str] = (), moments: MomentsSpec | Path | str | None = None
) -> Results:
    """Estimate all that the study's data allow.

    Parameters
    ----------
    study : Study
        The study.
    coder : str, optional
        Machine coder whose codings count; the one of study.yaml if none. Without any run, observed counts and gold are estimated.
    only : iterable of str
        Measures, or groups of them (``moments``), that are to be estimated; all if none. These results stand beside the latest ones and do not take
        their place in the report.
    moments : MomentsSpec or path, optional
        How moments are looked for; as ``moments.yaml`` of the study says if none.

    Returns
    -------
    Results
        The estimates with their specification. Unchanged data, codebook, coder and settings give the results already on disk.

    Raises
    ------
    YuhuError
        YH206 `works` or `series` names what is not there; YH207 there is nothing to measure; YH210 the specification of moments is not understood; YH303 `only` names no measure; YH402 the machine codings were made with another codebook; YH504 files were added since the machine coded.
    """
    chosen = _chosen(tuple(only))
    state = state_hash(study)  # before anything is read: what is coded meanwhile must not pass for known
    prepared = prepare(study, coder, moments=_moments(moments))
    spec = _spec(study, prepared, list(chosen))
    is_whole = len(chosen) == len(registered("measures"))
    old = read_results(study, spec_hash(spec))
    if old is not None:
        return _latest(study, old, state) if is_whole else old
    evidence = prepared.evidence(study)
    frames = []
    for done, (known, make) in enumerate(chosen.items()):
        step(f"measuring {known}", done, len(chosen))
        frames.append(checked(make().estimate(evidence)))
    step("", len(chosen), len(chosen))
    with WriteLock(study.path):
        return write_results(study, spec, pl.concat(frames), is_latest=is_whole, state=state)


def what_changed(study: Study, results: Results) -> tuple[str, ...]:
    """What of a study is no longer as it was when results were made: names of parts of their specification; none where they are current.

    Notes
    -----
    A state of the study in which they were found to hold is known by its hash. Else settings and files are compared first, and what people coded is read
    only where these are the same: O(codings).
    """
    if results.state and results.state == state_hash(study):
        return ()
    spec = results.spec
    book = study.codebook()
    quick = {"codebook": book.content_hash, "data": data_hash(study), "leave_out": list(study.settings.leave_out)}
    changed = [name for name, value in quick.items() if spec.get(name) != value]
    if changed:
        return tuple(changed)
    try:
        now = _spec(study, prepare(study, (spec["machine"] or {}).get("coder")), list(spec["measures"]))
    except YuhuError as error:  # such as a machine that has not coded files that came later
        return (error.code,)
    plain = json.loads(json.dumps(now))
    return tuple(name for name in sorted({*plain, *spec}) if plain.get(name) != spec.get(name))


def _chosen(only: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    """The measures that are meant: by name, with or without its version, or by the group that they belong to."""
    every = registered("measures")
    if not only:
        return every
    names = {name: {name, name.partition(".")[0], getattr(make, "group", "")} for name, make in every.items()}
    for one in only:
        if not any(one in held for held in names.values()):
            known = sorted({name.partition(".")[0] for name in every} | {getattr(make, "group", "") for make in every.values()} - {""})
            raise YuhuError("YH303", f"`{one}` is no measure", facts={"known": ", ".join(known)}, fix="yuhu measure STUDY --only moments")
    return {name: make for name, make in every.items() if names[name] & set(only)}


def _moments(given: MomentsSpec | Path | str | None) -> MomentsSpec | None:
    if given is None or isinstance(given, MomentsSpec):
        return given
    path = Path(given)
    try:
        return moments_from(path.read_text("utf-8"), name=path.name)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise YuhuError("YH210", f"{path.name} cannot be read", facts={"file": path, "reason": why}, fix="--spec FILE.yaml") from error


def _latest(study: Study, results: Results, state: str) -> Results:
    latest = read_results(study)
    if latest is not None and (latest.spec_hash, latest.state) == (results.spec_hash, state):
        return latest
    with WriteLock(study.path):
        return write_results(study, results.spec, results.estimates, state=state)


def _spec(study: Study, prepared: Prepared, names: list[str]) -> dict[str, Any]:
    settings, book, run, gold, cleaned = study.settings, prepared.book, prepared.run, prepared.gold, prepared.cleaned
    return {
        "yuhu": __version__,
        "measures": names,
        "data": data_hash(study),
        "codebook": book.content_hash,
        "machine": settings_of(study, run) if run else None,
        "others": [settings_of(study, other) for other in prepared.others],
        "frames": content_hash(json.dumps([vars(one) for one in gold.frames], default=list, sort_keys=True).encode())[:16],
        "comparable": sorted([*key, verdict] for key, verdict in prepared.comparable.items()),
        "gold": content_hash(gold.units.write_csv().encode())[:16] if gold.units.height else None,
        "gold_coders": list(gold.coders),
        "gold_samples": list(gold.samples),
        "target": study.target(),
        "seed": settings.seed,
        "confidence": settings.confidence,
        "bin_seconds": settings.bin_seconds,
        "k_anonymity": settings.k_anonymity,
        "works": {work: list(videos) for work, videos in settings.works.items()},
        "series": {name: list(works) for name, works in settings.series.items()},
        "moments": prepared.moments.as_dict(),
        "shown": _shown_hash(prepared.shown),
        "cleaning": cleaned.rules if cleaned else None,
        "leave_out": list(settings.leave_out),
        "totals": content_hash(totals(study).write_csv().encode())[:16],
        "planted": content_hash(planted.read_bytes())[:16] if (planted := study.path / PLANTED).is_file() else None,
    }


def _shown_hash(shown: Shown) -> str:
    """Of what people marked and watched: the rest of it is part of the data, works and series."""
    held = (shown.spans.write_csv(), shown.watched.sort(shown.watched.columns).write_csv())
    return content_hash("\n".join(held).encode())[:16]
