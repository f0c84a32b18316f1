"""Video files beside a study: only those that bear the name of one of its videos are ever served."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yuhu.study.store import Study

TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mp4",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".ogv": "video/ogg",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
}
"""Endings that are served, and as what: never as a page."""


def media_files(study: Study, media: Path | None) -> dict[str, Path]:
    """The file of each video that has one.

    Parameters
    ----------
    study : Study
        The study.
    media : Path, optional
        A folder, or one file.

    Notes
    -----
    A file belongs to a video if its name without ending is the video's native id or its whole id with ``_`` for ``:``. Named by a work it belongs to the only
    video of the work, or to the uploads that are known to run on the work's clock (``offset_ms`` 0): on another one every time would be shifted. One file whose
    name is none of these belongs to the video of a study that has only one. Folders inside the folder are not looked into.
    """
    if media is None:
        return {}
    is_folder = media.is_dir()
    files = sorted(one for one in (media.iterdir() if is_folder else [media]) if one.suffix.lower() in TYPES and one.is_file())
    by_stem = {one.stem: one for one in reversed(files)}
    videos = study.videos().select("video_id", "native_id", "work_id", "offset_ms").to_dicts()
    uploads = Counter(one["work_id"] for one in videos)
    found = {}
    for video in videos:
        named = next((by_stem[one] for one in _names(video, uploads) if one in by_stem), None)
        if named is not None:
            found[video["video_id"]] = named
    if not found and not is_folder and files and len(videos) == 1:
        found[videos[0]["video_id"]] = files[0]
    return found


def _names(video: Mapping[str, Any], uploads: Mapping[str, int]) -> list[str]:
    names = [video["native_id"], video["video_id"].replace(":", "_")]
    if uploads[video["work_id"]] == 1 or video["offset_ms"] == 0:
        names.append(video["work_id"])
    return [one for one in names if one]
