"""Coders: people, and machines that are treated as one more coder each."""

from collections.abc import Callable, Sequence

from yuhu.coding.lexicon import LexiconCoder, make_lexicon
from yuhu.core.codebook import Codebook
from yuhu.core.contracts import Coder
from yuhu.core.registry import register


def _lexicon() -> Callable[[Codebook, Sequence[str]], Coder]:
    return make_lexicon


register("coders", LexiconCoder.name, _lexicon)
