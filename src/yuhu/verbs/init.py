"""`yuhu init`: make a study folder."""

import datetime as dt
from pathlib import Path

from yuhu.core.errors import YuhuError
from yuhu.study.settings import LANGUAGES, Settings
from yuhu.study.store import Study, create_study


def init(path: Path | str, *, title: str = "", language: str = "en", codebook: Path | str | None = None) -> Study:
    """Make a new study.

    Parameters
    ----------
    path : path
        The folder: new or empty.
    title : str
        Name of the study on its pages; the folder's name if empty.
    language : str
        Language of its reports, ``zh`` or ``en``.
    codebook : path, optional
        A codebook of one's own; the built-in ``empathy.v1`` if none.

    Returns
    -------
    Study

    Raises
    ------
    YuhuError
        YH202 the folder is not empty; YH401 the codebook breaks its rules; YH601 the language is not known.
    """
    folder = Path(path)
    if language not in LANGUAGES:
        raise YuhuError("YH601", f"language `{language}` is not known", facts={"known": ", ".join(LANGUAGES)}, fix="--lang zh or --lang en")
    text = None
    if codebook is not None:
        try:
            text = Path(codebook).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise YuhuError("YH110", f"codebook `{codebook}` cannot be read", facts={"reason": error}, fix="check the path") from error
    settings = Settings(title=title or folder.resolve().name, language=language)
    return create_study(folder, settings, codebook=text, created_at=now())


def now() -> str:
    """The time, UTC, to the second."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
