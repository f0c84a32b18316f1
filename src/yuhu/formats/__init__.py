"""Pure readers and writers of file formats: bytes or lines in, plain values out. They know no study, no importer and no network."""

from yuhu.formats.coding_formats import CODING_FORMATS, CodingFormat, coding_format, recognised

__all__ = ["CODING_FORMATS", "CodingFormat", "coding_format", "recognised"]
