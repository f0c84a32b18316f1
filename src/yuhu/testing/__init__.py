"""Public contract suites: run them over importers, coders and measures of your own."""

from yuhu.testing.contracts import check_coder, check_importer, check_measure

__all__ = ["check_coder", "check_importer", "check_measure"]
