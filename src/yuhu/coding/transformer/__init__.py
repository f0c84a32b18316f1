"""Transformers as coders. The extra ``transformer`` (torch, transformers) is loaded only when one is asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yuhu.coding.transformer.coder import TransformerCoder
    from yuhu.core.contracts import CoderSetup


def make_transformer(setup: "CoderSetup") -> "TransformerCoder":
    """The transformer coder for a study.

    Raises
    ------
    YuhuError
        YH508 an option is unknown, missing or out of range, the extra is not installed, or the model cannot be used.
    """
    from yuhu.coding.transformer.coder import transformer_coder

    return transformer_coder(setup)


__all__ = ["make_transformer"]
