"""`yuhu desk`: a coder's place."""

from yuhu.coding.desk import Desk
from yuhu.study.store import Study


def desk(study: Study, coder: str, *, sample: str | None = None) -> Desk:
    """Open the desk of a coder: `Desk.next` gives a unit with its questions, `Desk.save` stores the answers.

    Parameters
    ----------
    study : Study
        The study.
    coder : str
        Who codes.
    sample : str, optional
        Only the tasks of one sample.

    Returns
    -------
    Desk

    Raises
    ------
    YuhuError
        YH503 no such sample; YH505 the coder is not known, or has nothing to code.
    """
    return Desk(study, coder, sample=sample)
