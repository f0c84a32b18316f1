"""Coding timelines: a coder's own stretches of videos. What others marked is never among them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from yuhu.app.media import media_files
from yuhu.app.workbench import Bench, Lang, Own
from yuhu.coding.timeline_desk import MOST_CHANGES, Change, Stretch, TimelineDesk

router = APIRouter(prefix="/api/timelines", tags=["coding"])

_Ms = Annotated[int, Field(ge=0, le=10**9)]
_Name = Annotated[str, Field(max_length=200)]
_Video = Annotated[str, Query(max_length=400)]


class StretchModel(BaseModel):
    """A stretch of a video with one code."""

    code: _Name
    start_ms: _Ms
    end_ms: _Ms
    value: _Name
    attributes: dict[_Name, _Name] = Field(default_factory=dict, max_length=50)
    note: str = Field("", max_length=8000)


class Place(BaseModel):
    """Which stretch is meant."""

    code: _Name
    start_ms: _Ms
    end_ms: _Ms


class ChangeModel(BaseModel):
    """``before`` is taken back, ``after`` is marked."""

    before: Place | None = None
    after: StretchModel | None = None


class Changes(BaseModel):
    """Changes that are carried out together, once for each ``id``."""

    id: str = Field(min_length=8, max_length=64)
    changes: list[ChangeModel] = Field(max_length=MOST_CHANGES)


class Finish(BaseModel):
    """A layer that is finished, or not any more; said once for each ``id``."""

    id: str = Field(min_length=8, max_length=64)
    code: _Name
    is_finished: bool
    end_ms: _Ms | None = None


class VideoOfCoder(BaseModel):
    """A video, and how much of it a coder did."""

    video_id: str
    title: str | None
    duration_ms: int | None
    stretches: int
    finished: int


class Videos(BaseModel):
    """Videos, and the number of layers that each has."""

    videos: list[VideoOfCoder]
    n_layers: int


class Guide(BaseModel):
    """An uncoded segment that edges can snap to."""

    kind: str | None
    start_ms: int
    end_ms: int | None
    text: str | None


class Timeline(BaseModel):
    """A coder's own timeline of a video. ``layers`` are questions as the desk has them; ``has_file``: /api/media has the video."""

    video_id: str
    title: str | None
    duration_ms: int | None
    has_file: bool
    layers: list[dict[str, Any]]
    stretches: list[StretchModel]
    finished: list[str]
    guides: list[Guide]


class Standing(BaseModel):
    """What stands after a change."""

    stretches: list[StretchModel]
    finished: list[str]


@router.get("/{coder}")
def videos(coder: Own, bench: Bench) -> Videos:
    """Videos that can be coded."""
    desk = _desk(bench, coder)
    return Videos(videos=[VideoOfCoder(**one) for one in desk.videos()], n_layers=len(desk.layers))


@router.get("/{coder}/video")
def timeline(coder: Own, bench: Bench, lang: Lang, video: _Video) -> Timeline:
    """A coder's own timeline of a video."""
    desk = _desk(bench, coder)
    stretches = [StretchModel(**one.as_dict()) for one in desk.stretches(video)]
    title, duration_ms = desk.about(video)
    return Timeline(
        video_id=video,
        title=title,
        duration_ms=duration_ms,
        has_file=video in media_files(bench.study(), bench.media),
        layers=[one.as_dict(lang) for one in desk.layers],
        stretches=stretches,
        finished=desk.finished(video),
        guides=[Guide(**one) for one in desk.guides(video)],
    )


@router.post("/{coder}/video")
def change(coder: Own, bench: Bench, video: _Video, given: Changes) -> Standing:
    """Mark, move and take back stretches: all of the changes, or none."""
    desk = _desk(bench, coder)
    stretches = desk.change(video, [_change(one) for one in given.changes], once=given.id)
    return Standing(stretches=[StretchModel(**one.as_dict()) for one in stretches], finished=desk.finished(video))


@router.put("/{coder}/video/finished")
def finish(coder: Own, bench: Bench, video: _Video, given: Finish) -> Standing:
    """Finish a layer, or open it again."""
    desk = _desk(bench, coder)
    finished = desk.finish(video, given.code, is_finished=given.is_finished, end_ms=given.end_ms, once=given.id)
    return Standing(stretches=[StretchModel(**one.as_dict()) for one in desk.stretches(video)], finished=finished)


def _desk(bench: Bench, coder: str) -> TimelineDesk:
    return bench.once(("timeline desk", coder), lambda study: TimelineDesk(study, coder))


def _change(one: ChangeModel) -> Change:
    before = (one.before.code, one.before.start_ms, one.before.end_ms) if one.before else None
    return Change(before, Stretch(**one.after.model_dump()) if one.after else None)
