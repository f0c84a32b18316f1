"""`yuhu lint`: check a codebook."""

from pathlib import Path

from yuhu.core.codebook_lint import Finding
from yuhu.core.codebook_lint import lint as lint_text
from yuhu.core.errors import YuhuError
from yuhu.study.store import CODEBOOK


def lint(path: Path | str) -> list[Finding]:
    """All findings in a codebook, in the order of their lines.

    Parameters
    ----------
    path : path
        A codebook file, or a study's folder.

    Raises
    ------
    YuhuError
        YH110 it cannot be read.
    """
    file = Path(path)
    if file.is_dir():
        file /= CODEBOOK
    try:
        return lint_text(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise YuhuError("YH110", f"`{file}` cannot be read", facts={"reason": error}, fix="check the path") from error
