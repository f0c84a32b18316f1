"""Language models as coders. The client of the extra ``llm`` is loaded only when a server is asked."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yuhu.coding.llm.coder import LlmCoder
    from yuhu.core.contracts import CoderSetup


def make_llm(setup: "CoderSetup") -> "LlmCoder":
    """The language-model coder for a study.

    Raises
    ------
    YuhuError
        YH508 an option is unknown, missing or out of range, or the extra is not installed.
    """
    from yuhu.coding.llm.coder import llm_coder

    return llm_coder(setup)


__all__ = ["make_llm"]
