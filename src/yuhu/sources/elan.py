"""ELAN: annotations of a video, tier by tier, become segments."""

from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import media_from
from yuhu.core.contracts import Facts, Head, Origin
from yuhu.formats.eaf import read_eaf
from yuhu.sources.file_names import language
from yuhu.sources.reading import as_text, clean
from yuhu.sources.records import Reading, RecordImporter
from yuhu.sources.subtitles import add_segment, name_video


class ElanAnnotations(RecordImporter):
    """An EAF document: each annotation is a segment of kind ``tier`` with the name of its tier.

    Annotators, participants and the paths of media are not read.
    """

    name = "elan_eaf.v1"
    label: Mapping[str, str] = {"en": "ELAN annotations, EAF", "zh": "ELAN 标注 EAF"}
    what = "annotations"

    def sniff(self, head: Head) -> float:
        """The root element."""
        return 0.95 if not head.mapped and head.text.lstrip().startswith("<") and "<ANNOTATION_DOCUMENT" in head.text[:8192] else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each annotation, with the time that its slots or its parents give it.

        Raises
        ------
        YuhuError
            YH106 not an EAF document; YH109 it declares an entity.
        """
        name_video(origin, facts)
        for one in read_eaf(origin.path, origin.name):
            found = {"tier": one.tier, "start_ms": one.start_ms, "end_ms": one.end_ms, "value": one.text, "lang": one.lang, "why": one.why}
            yield f"annotation {one.place}", {name: value for name, value in found.items() if value not in {None, ""}}

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A segment; an annotation without a value is one, too."""
        tier, value, lang = (as_text(record.get(name)) for name in ("tier", "value", "lang"))
        start, end = (media_from(record.get(name), per_second=1000) for name in ("start_ms", "end_ms"))
        if start is None or end is None:
            return as_text(record.get("why")) or "its time is not known"
        if end < start:
            return "the end lies before the start"
        if tier is None:
            return "its tier has no name"
        stated = language(clean(lang)) if lang else None
        add_segment(reading, "tier", start, end, value, name=tier, **({"lang": stated} if stated else {}))
        return None
