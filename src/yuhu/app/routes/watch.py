"""Watching a video with what stands along it: messages, lines, segments, curves, peaks."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from yuhu.app.access import Role
from yuhu.app.media import media_files
from yuhu.app.workbench import Bench, Lang, Lead, Reader, Workbench
from yuhu.core.errors import YuhuError
from yuhu.reporting.curves import curves, peaks
from yuhu.verbs.watch import Messages, along, danmaku, density, layers, messages_of, responses_at, stretch, watched_videos

router = APIRouter(prefix="/api/watch", tags=["watch"])

LONGEST_CHUNK_MS = 120_000
Video = Annotated[str, Query(max_length=500)]
Time = Annotated[int, Query(ge=0, le=2**40)]

_NO_RESULTS = frozenset({"YH402", "YH602"})


@router.get("/videos")
def videos(bench: Bench, _: Reader) -> dict[str, Any]:
    """``videos``: ``video, title, platform, work, duration_ms, is_exact, timed`` (messages with a media time), ``has_file``."""
    files = media_files(bench.study(), bench.media)
    return {"videos": [{**one, "has_file": one["video"] in files} for one in bench.once(("videos",), watched_videos)]}


@router.get("")
def one_video(video: Video, bench: Bench, _: Reader, lang: Lang) -> dict[str, Any]:
    """What stands along a video: ``lines``, ``segments``, ``signals``, ``density`` of danmaku, ``curves`` and ``peaks``; ``why_none`` where nothing was measured."""
    about = _known(bench, video)
    beside = bench.once(("along", video), lambda study: along(study, video))
    measured = bench.once(("curves", video, lang), lambda _study: _measured(bench, video, lang))
    return {**about, **beside, **measured, "density": density(_messages(bench, video), about["duration_ms"] or 0)}


@router.get("/layers")
def marked(video: Video, bench: Bench, _: Reader, lang: Lang) -> dict[str, Any]:
    """``layers``: segments that coders marked: ``coder, coder_kind, code, label, value, start_ms, end_ms``."""
    _known(bench, video)
    book = bench.study().codebook()
    spans = bench.once(("layers",), layers, of_codings=True).get(video, [])
    return {"layers": [{**one, "label": book.variables[one["code"]].label[lang]} for one in spans]}


@router.get("/danmaku")
def texts(video: Video, start_ms: Time, end_ms: Time, bench: Bench, _: Lead) -> dict[str, list[Any]]:
    """The danmaku of at most two minutes as columns ``at_ms`` and ``text``."""
    _known(bench, video)
    return danmaku(_messages(bench, video), start_ms, min(end_ms, start_ms + LONGEST_CHUNK_MS))


@router.get("/stretch")
def selection(video: Video, start_ms: Time, end_ms: Time, bench: Bench, visitor: Reader, lang: Lang) -> dict[str, Any]:
    """What is said in a stretch: ``n``, ``of``, ``codes`` (the machine's counts, not validated), ``terms``; ``responses`` for leads, null for others."""
    _known(bench, video)
    study, messages = bench.study(), _messages(bench, video)
    found = stretch(messages, study.codebook(), start_ms, end_ms, lang=lang, k=study.settings.k_anonymity)
    places = found.pop("rows")
    return {**found, "responses": responses_at(messages, places) if visitor.role is Role.LEAD else None}


def _known(bench: Workbench, video: str) -> dict[str, Any]:
    found = next((one for one in bench.once(("videos",), watched_videos) if one["video"] == video), None)
    if found is None:
        raise YuhuError("YH704", "there is no such video", facts={"found": video[:100]}, fix="choose one of /api/watch/videos")
    return {**found, "has_file": video in media_files(bench.study(), bench.media)}


def _messages(bench: Workbench, video: str) -> Messages:
    return bench.once(("messages", video), lambda study: messages_of(study, video), is_large=True)


def _measured(bench: Workbench, video: str, lang: str) -> dict[str, Any]:
    try:
        facts = bench.facts()
    except YuhuError as error:
        if error.code not in _NO_RESULTS:
            raise
        return {"curves": [], "peaks": [], "why_none": error.problem}
    return {"curves": curves(facts, video, lang), "peaks": peaks(facts, video, lang), "why_none": ""}
