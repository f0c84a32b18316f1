"""Coders: people, and machines that are treated as one more coder each."""

from yuhu.coding.lexicon import LexiconCoder, make_lexicon
from yuhu.core.registry import register

register("coders", LexiconCoder.name, make_lexicon)
