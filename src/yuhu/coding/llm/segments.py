"""Segments of a video, coded from their key frames and the lines spoken in them, by a model that takes images."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from yuhu.coding.llm.asked import asked_questions, serves
from yuhu.coding.llm.budget import Usage
from yuhu.coding.llm.pace import Clock
from yuhu.coding.llm.prompt import Frame, Message, Prompts
from yuhu.coding.llm.reading import Outcomes
from yuhu.coding.llm.running import Runner
from yuhu.coding.llm.settings import LlmSettings
from yuhu.core.codebook import Codebook
from yuhu.core.contracts import Forecast
from yuhu.core.errors import YuhuError
from yuhu.core.ids import content_hash
from yuhu.study.files import whole_file

UNIT = "span"
LARGEST_FRAME = 8 * 2**20

_FILE = re.compile(r"^(?P<video>.+)_(?P<at>\d{1,9})\.(?:jpe?g|png)$", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w.-]")


@dataclass(frozen=True)
class Segment:
    """A stretch of a video with its key frames and the lines spoken in it."""

    video_id: str
    start_ms: int
    end_ms: int
    lines: str
    lang: str
    frames: tuple[Frame, ...]


def frames_in(folder: Path, videos: Sequence[str]) -> dict[str, list[Frame]]:
    """The key frames in a folder, by video and in the order of time.

    Parameters
    ----------
    folder : Path
        Files ``<video>_<ms>.jpg`` (or ``.jpeg``, ``.png``). ``<video>`` is the id of a video, or its part after the platform; any sign that file names
        cannot hold is written as ``-``.
    videos : sequence of str
        Ids of the study's videos.

    Raises
    ------
    YuhuError
        YH110 there is no such folder, or a frame cannot be read; YH508 no frame is of a video of the study, or a name fits two videos.
    """
    if not folder.is_dir():
        raise YuhuError("YH110", f"`{folder}` is no folder of key frames", fix="--set images=FOLDER")
    names = _file_names(videos)
    out: dict[str, list[Frame]] = {}
    for path in sorted(folder.iterdir()):
        found = _FILE.match(path.name)
        owners = names.get(found["video"], set()) if found else set()
        if found is None or not owners:
            continue
        if len(owners) > 1:
            raise YuhuError(
                "YH508", f"`{path.name}` may be of two videos", facts={"videos": ", ".join(sorted(owners))}, fix="name the platform, too"
            )
        content = whole_file(path, largest=LARGEST_FRAME, fix="give it as a JPEG of less than 8 MiB")
        out.setdefault(next(iter(owners)), []).append(Frame(int(found["at"]), path, content_hash(content)))
    if not out:
        raise YuhuError(
            "YH508",
            f"no key frame in `{folder}` is of a video of the study",
            facts={"expected": "VIDEO_MILLISECONDS.jpg", "videos": ", ".join(videos[:5]) or "none"},
            fix="name each frame after its video and its time in milliseconds",
        )
    return {video: sorted(frames, key=lambda one: (one.at_ms, one.path.name)) for video, frames in out.items()}


def _file_names(videos: Sequence[str]) -> dict[str, set[str]]:
    """The videos that a file's name may mean."""
    names: dict[str, set[str]] = {}
    for video in videos:
        for name in (video, video.partition(":")[2]):
            names.setdefault(_UNSAFE.sub("-", name), set()).add(video)
    return names


def spread(frames: Sequence[Frame], most: int) -> tuple[Frame, ...]:
    """As many frames as may go, evenly over those that there are, the first and the last among them."""
    if len(frames) <= most:
        return tuple(frames)
    if most == 1:
        return (frames[len(frames) // 2],)
    return tuple(frames[round(at * (len(frames) - 1) / (most - 1))] for at in range(most))


class SegmentCoder:
    """Codes segments of videos by asking a language model that takes images.

    Parameters
    ----------
    book : Codebook
        The codebook.
    modules : sequence of str
        Modules that are on.
    settings : LlmSettings
        Which server and model, and how.
    folder : Path, optional
        Where answers are kept; None keeps none.
    clock : Clock, optional
        Time.
    """

    def __init__(
        self, book: Codebook, modules: Sequence[str], settings: LlmSettings, folder: Path | None = None, clock: Clock | None = None
    ) -> None:
        asked = asked_questions(book, modules, settings.codes, UNIT)
        self._runner = Runner(Prompts(book, UNIT), asked, settings, folder, clock)
        self._settings = settings
        self.codes = tuple(one.code for one in asked)
        self.serves = tuple(serves(asked))

    @property
    def used(self) -> Usage:
        """What was used so far."""
        return self._runner.used

    def parameters(self) -> Mapping[str, object]:
        """All that changes the outcome; never the key."""
        return {**self._runner.parameters(), "unit": UNIT, "frames": self._settings.frames}

    def forecast(self, segments: Sequence[Segment]) -> Forecast:
        """What a run will ask for, answers in the cache apart."""
        found, n = self._runner.forecast([_message(one) for one in segments])
        return replace(found, sends=self._sends(n, segments))

    def _sends(self, n: int, segments: Sequence[Segment]) -> str:
        if not n:
            return ""
        frames = max(len(one.frames) for one in segments)
        return (
            f"{n:,} segments of videos go to {self._settings.goal}: up to {frames} key frames of each, the lines spoken in it, times within the video, and "
            "the codebook; messages, authors and video names never go. Faces in frames are faces of people"
        )

    def code(self, segments: Sequence[Segment]) -> list[Outcomes]:
        """The decisions on segments, in their order; what the cache holds is not asked again.

        Raises
        ------
        YuhuError
            YH511 the server cannot be used; YH512 a cap was reached. Answers so far are kept.
        """
        return [outcomes for outcomes, _ in self._runner.run([_message(one) for one in segments])]


def _message(segment: Segment) -> Message:
    place = f"{segment.video_id}:{segment.start_ms}-{segment.end_ms}"
    return Message(segment.lines, segment.lang, place=place, frames=segment.frames)
