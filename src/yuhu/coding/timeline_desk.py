"""The timeline of one coder: stretches of videos that are marked with codes, and layers that are finished. Blind to all others, append-only."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from yuhu.coding.asked import known_person
from yuhu.coding.questions import Question, questions
from yuhu.coding.tasks import checked_note, is_first, now
from yuhu.core.errors import YuhuError
from yuhu.core.schema import WITHDRAWN
from yuhu.study.codebooks import keep_codebook
from yuhu.study.coding_file import connected
from yuhu.study.layers import WATCHED, coverage_of, insert_coverage, read_coverage
from yuhu.study.spans import Hand, Marked, add_marks, count_marked, marked, take_back
from yuhu.study.store import Study
from yuhu.texts.hostile import clean

LONGEST_VALUE = 200
MOST_CHANGES = 200
ROUNDED_MS = 1000
"""Platforms give lengths in whole seconds."""

_NO_SNAP = pl.DataFrame(schema={"kind": pl.String, "start_ms": pl.Int64, "end_ms": pl.Int64, "text": pl.String})


@dataclass(frozen=True)
class Stretch:
    """A stretch of a video with one code, its value, its attributes and a note. Times are whole milliseconds, the end exclusive."""

    code: str
    start_ms: int
    end_ms: int
    value: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {**self.__dict__, "attributes": dict(self.attributes)}

    @property
    def place(self) -> tuple[str, int, int]:
        """What tells it from the coder's other stretches of the video."""
        return self.code, self.start_ms, self.end_ms


@dataclass(frozen=True)
class Change:
    """What becomes of a stretch: ``before`` is taken back, ``after`` is marked; both where it moves or gets another value."""

    before: tuple[str, int, int] | None
    after: Stretch | None


class TimelineDesk:
    """A coder's timelines.

    Parameters
    ----------
    study : Study
        The study.
    coder : str
        Who codes; known to the study.

    Raises
    ------
    YuhuError
        YH505 the coder is not known.
    """

    def __init__(self, study: Study, coder: str) -> None:
        self._study = study
        self.person = known_person(study, coder)
        self._book = study.codebook()
        keep_codebook(study.path, self._book)
        active = study.modules(self._book)
        on = [one.id for one in self._book.of_modules(active, "span") if not one.measured]
        self.layers: Sequence[Question] = [one for one in questions(self._book, on) if one.code in on and not one.has_facets]
        self._by_code = {one.code: one for one in self.layers}
        self._hashes = {one.id: one.code_hash for one in self._book.variables.values()}
        self._videos = {row["video_id"]: row for row in study.videos().iter_rows(named=True)}

    def videos(self) -> list[dict[str, Any]]:
        """Videos with the coder's own stretches and finished layers in each."""
        finished = self._finished()
        with connected(self._study.path) as connection:
            marks = count_marked(connection, self.person.coder, {one: self._hashes[one] for one in self._by_code})
        return [
            {
                "video_id": video,
                "title": row.get("title"),
                "duration_ms": row["duration_ms"],
                "stretches": marks.get(video, 0),
                "finished": len(finished.get(video, ())),
            }
            for video, row in self._videos.items()
        ]

    def about(self, video: str) -> tuple[str | None, int | None]:
        """Title and length in milliseconds of a video, as far as they are known.

        Raises
        ------
        YuhuError
            YH505 there is no such video.
        """
        self._known(video)
        row = self._videos[video]
        return row.get("title"), row["duration_ms"]

    def stretches(self, video: str) -> list[Stretch]:
        """What the coder marked in a video, in the order of time.

        Raises
        ------
        YuhuError
            YH505 there is no such video.
        """
        self._known(video)
        with connected(self._study.path) as connection:
            return self._stretches(self._marked(connection, video))

    def finished(self, video: str) -> list[str]:
        """Codes whose layer the coder finished in a video."""
        self._known(video)
        return sorted(self._finished().get(video, ()))

    def guides(self, video: str) -> list[dict[str, Any]]:
        """Uncoded segments of a video that edges can snap to: shots, scenes, spoken lines."""
        self._known(video)
        rows = self._study.scan("segments").filter((pl.col("video_id") == video) & pl.col("start_ms").is_not_null())
        return pl.concat([_NO_SNAP, rows.select(_NO_SNAP.columns).collect()]).sort("start_ms", "end_ms", "kind").to_dicts()

    def change(self, video: str, changes: Sequence[Change], *, once: str = "") -> list[Stretch]:
        """Mark, move and take back stretches of a video: all of the changes, or none.

        Parameters
        ----------
        video : str
            The video.
        changes : sequence of Change
            In their order.
        once : str
            The request's own name: a second request of this name changes nothing.

        Returns
        -------
        list of Stretch
            All that stands then.

        Raises
        ------
        YuhuError
            YH505 no such video; YH503 a code, a value or a time that cannot be, or two stretches of one code that overlap; YH513 a stretch that is to be taken
            back is not there: another window changed it.
        """
        self._known(video)
        for one in changes:
            if one.after is not None:
                self._check(video, one.after)
        hand = Hand(self.person.coder, self.person.kind, video, self._book.content_hash)
        with connected(self._study.path, write=True) as connection:
            if not once or is_first(connection, self.person.coder, once):
                stands = {one.place: one for one in self._stretches(self._marked(connection, video))}
                gone, come = _applied(stands, changes)
                _fit_together(stands.values(), come)
                at = now()
                take_back(connection, hand, [mark for one in gone for mark in _marks(one)], self._hashes, at)
                add_marks(connection, hand, [mark for one in come for mark in _marks(one)], self._hashes, at)
            return self._stretches(self._marked(connection, video))

    def finish(self, video: str, code: str, *, is_finished: bool = True, end_ms: int | None = None, once: str = "") -> list[str]:
        """Say that a layer is finished, so that its gaps are decisions; or that it is not.

        Parameters
        ----------
        video, code : str
            The layer.
        is_finished : bool
            False takes it back.
        end_ms : int, optional
            Where the video ends, if the study does not know it.
        once : str
            The request's own name, as of `change`.

        Raises
        ------
        YuhuError
            YH505 no such video; YH503 no such code, or the end of the video is not known.
        """
        self._known(video)
        self._layer(code)
        end = self._videos[video]["duration_ms"] or end_ms
        if is_finished and not end:
            raise YuhuError("YH503", "where this video ends is not known", facts={"video": video}, fix="give its end in milliseconds")
        coder, kind, at = self.person.coder, self.person.kind, now()
        with connected(self._study.path, write=True) as connection:
            if not once or is_first(connection, coder, once):
                mine = (pl.col("coder") == coder) & (pl.col("video_id") == video) & (pl.col("code") == code)
                stands = coverage_of(connection).filter(mine).select("start_ms", "end_ms").rows()
                if not is_finished:
                    rows = [(coder, video, code, start, stop) for start, stop in stands]
                    insert_coverage(connection, rows, at, kind=kind, status=WITHDRAWN)
                elif end and not _is_whole(stands, end):
                    last = max((one.end_ms for one in self._marked(connection, video)), default=0)
                    insert_coverage(connection, [(coder, video, code, 0, max(end, last))], at, kind=kind, status=WATCHED)
        return self.finished(video)

    def _finished(self) -> dict[str, set[str]]:
        mine = read_coverage(self._study.path).filter(pl.col("coder") == self.person.coder)
        out: dict[str, set[str]] = {}
        for (video, code), part in mine.group_by("video_id", "code"):
            end = self._videos[video]["duration_ms"] if video in self._videos else None
            if code in self._by_code and (end is None or _is_whole(part.select("start_ms", "end_ms").rows(), end)):
                out.setdefault(str(video), set()).add(str(code))
        return out

    def _marked(self, connection: sqlite3.Connection, video: str) -> list[Marked]:
        """What counts today: what was marked under another definition of a code is void, as at the desk."""
        return marked(connection, self.person.coder, video, self._hashes)

    def _stretches(self, marks: Sequence[Marked]) -> list[Stretch]:
        """Marks of codes with those of their attributes; what is of no code that is on is left as it is."""
        attributes: dict[tuple[str, int, int], dict[str, str]] = {}
        for one in marks:
            code, _, name = one.code.partition(".")
            if name:
                attributes.setdefault((code, one.start_ms, one.end_ms), {})[one.code] = one.value
        return [
            Stretch(one.code, one.start_ms, one.end_ms, one.value, attributes.get((one.code, one.start_ms, one.end_ms), {}), one.note)
            for one in marks
            if one.code in self._by_code
        ]

    def _check(self, video: str, one: Stretch) -> None:
        question = self._layer(one.code)
        values = [value for value, _ in question.values if value != question.variables[0].zero]
        if one.value not in values:
            facts = {"found": one.value[:60], "expected": ", ".join(values)}
            raise YuhuError(
                "YH503", f"`{one.code}` cannot have this value", facts=facts, fix="one of these; a gap says that it is not there"
            )
        end = self._videos[video]["duration_ms"]
        if not 0 <= one.start_ms < one.end_ms or (end and one.end_ms > end):
            facts = {"found": f"{one.start_ms} to {one.end_ms} ms", "video": f"{end} ms" if end else "of unknown length"}
            raise YuhuError("YH503", "a stretch is empty or leaves the video", facts=facts, fix="mark it within the video")
        allowed = {held.id: [value for value, _ in of_it] for held, of_it in question.attributes}
        for name, value in one.attributes.items():
            is_free = name in allowed and not allowed[name] and 0 < len(value) <= LONGEST_VALUE and clean(value) == value
            if not is_free and value not in allowed.get(name, ()):
                facts = {"found": f"{name} = {value}"[:120], "known": ", ".join(allowed) or "none"}
                raise YuhuError("YH503", f"`{one.code}` has no such attribute or value", facts=facts, fix="leave it out")
        checked_note(one.note)

    def _layer(self, code: str) -> Question:
        if code not in self._by_code:
            facts = {"known": ", ".join(self._by_code)}
            raise YuhuError("YH503", f"`{code[:60]}` is no code for timelines", facts=facts, fix="one of these")
        return self._by_code[code]

    def _known(self, video: str) -> None:
        if video not in self._videos:
            facts = {"found": video[:80], "videos": len(self._videos)}
            raise YuhuError("YH505", "the study has no such video", facts=facts, fix="choose one that it has")


def _is_whole(watched: Iterable[tuple[int, int]], end_ms: int) -> bool:
    """Whether stretches that were watched leave nothing of a video out, but what platforms round."""
    seen = 0
    for start, end in sorted(watched):
        if start > seen:
            return False
        seen = max(seen, end)
    return seen >= end_ms - ROUNDED_MS


def _applied(stands: dict[tuple[str, int, int], Stretch], changes: Sequence[Change]) -> tuple[list[Stretch], list[Stretch]]:
    """Carry changes out on what stands; the stretches that went and those that came."""
    gone: list[Stretch] = []
    come: dict[tuple[str, int, int], Stretch] = {}
    for one in changes:
        if one.before is not None:
            if one.before not in stands:
                facts = {"code": one.before[0], "found": f"{one.before[1]} to {one.before[2]} ms"}
                fix = "look at the timeline anew"
                raise YuhuError("YH513", "this stretch is not there any more: another window changed it", facts=facts, fix=fix)
            before = stands.pop(one.before)
            if come.pop(one.before, None) is None:
                gone.append(before)
        if one.after is not None:
            if one.after.place in stands:
                facts = {"code": one.after.code, "found": f"{one.after.start_ms} to {one.after.end_ms} ms"}
                raise YuhuError("YH503", "this stretch is marked already", facts=facts, fix="change its value instead")
            stands[one.after.place] = come[one.after.place] = one.after
    return gone, list(come.values())


def _fit_together(stands: Iterable[Stretch], come: Iterable[Stretch]) -> None:
    """That new stretches overlap none of their code; those that an importer brought may overlap each other."""
    everything = list(stands)
    for new in come:
        for one in everything:
            if one.code == new.code and one.place != new.place and one.start_ms < new.end_ms and one.end_ms > new.start_ms:
                facts = {"first": f"{one.start_ms} to {one.end_ms} ms", "second": f"{new.start_ms} to {new.end_ms} ms"}
                raise YuhuError("YH503", f"two stretches of `{new.code}` overlap", facts=facts, fix="end one where the other begins")


def _marks(one: Stretch) -> list[Marked]:
    """A stretch as rows: its code, and each of its attributes."""
    whole = Marked(one.code, one.start_ms, one.end_ms, one.value, checked_note(one.note))
    return [whole, *(Marked(name, one.start_ms, one.end_ms, value) for name, value in one.attributes.items())]
