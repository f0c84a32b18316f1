"""`yuhu run`: all of it that can be done with what is there."""

from pathlib import Path

from yuhu.study.store import Study
from yuhu.study.transaction import reopened
from yuhu.verbs.agree import agree, has_overlap
from yuhu.verbs.clean import clean
from yuhu.verbs.code import code
from yuhu.verbs.measure import measure
from yuhu.verbs.report import report


def run(study: Study, *, language: str | None = None) -> Path:
    """Code with the coder of study.yaml, clean, measure, and write the report; no server ever.

    Human gold is used if there is any, and agreement is measured where two people coded the same units.

    Parameters
    ----------
    study : Study
        The study.
    language : str, optional
        Language of the report; the one of study.yaml if none.

    Returns
    -------
    Path
        The report. A second run on unchanged data writes nothing and gives the same bytes.

    Raises
    ------
    YuhuError
        Those of `code`, `clean`, `measure` and `report`.
    """
    if study.manifest.of("responses"):
        code(study)
        clean(reopened(study))
    fresh = reopened(study)
    if has_overlap(fresh):
        agree(fresh)
    measure(fresh)
    return report(fresh, language=language)
