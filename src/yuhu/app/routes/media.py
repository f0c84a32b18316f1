"""The files of videos, for the players of all pages: a video is what everybody codes or reads, and shows nobody's codings."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from yuhu.app.media import TYPES, media_files
from yuhu.app.workbench import Anyone, Bench
from yuhu.core.errors import YuhuError

router = APIRouter(prefix="/api/media", tags=["media"])


@router.get("", response_class=FileResponse)
def media(video: Annotated[str, Query(max_length=500)], bench: Bench, _: Anyone) -> FileResponse:
    """The file of a video, whole or the range of it that is asked for."""
    path = media_files(bench.study(), bench.media).get(video)
    if path is None:
        fix = "yuhu serve STUDY --media FOLDER, with files named by the videos' native ids"
        raise YuhuError("YH704", "no file of this video is at hand", facts={"found": video[:100]}, fix=fix)
    return FileResponse(path, media_type=TYPES[path.suffix.lower()], headers={"cache-control": "private, max-age=3600"})
