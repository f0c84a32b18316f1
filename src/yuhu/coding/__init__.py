"""Coders: people, and machines that are treated as one more coder each."""

from yuhu.coding.classifier import make_classifier
from yuhu.coding.lexicon import LexiconCoder, make_lexicon
from yuhu.coding.llm import make_llm
from yuhu.coding.transformer import make_transformer
from yuhu.core.registry import register

register("coders", LexiconCoder.name, make_lexicon)
register("coders", "classifier.v1", make_classifier)
register("coders", "transformer.v1", make_transformer)
register("coders", "llm.v1", make_llm)
