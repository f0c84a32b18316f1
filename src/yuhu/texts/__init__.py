"""Texts as they are written: language and the normal form for matching."""
