"""Video files beside a study: only those that bear the name of one of its videos are ever served."""

from pathlib import Path

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
    A file belongs to a video if its name without ending is the video's native id, its whole id with ``_`` for ``:``, or the name of its work. One file whose name is
    none of these belongs to the video of a study that has only one. Folders inside the folder are not looked into.
    """
    if media is None:
        return {}
    is_folder = media.is_dir()
    files = sorted(one for one in (media.iterdir() if is_folder else [media]) if one.suffix.lower() in TYPES and one.is_file())
    by_stem = {one.stem: one for one in reversed(files)}
    videos = study.videos().select("video_id", "native_id", "work_id").to_dicts()
    found = {}
    for video in videos:
        names = (video["native_id"], video["video_id"].replace(":", "_"), video["work_id"])
        named = next((by_stem[one] for one in names if one in by_stem), None)
        if named is not None:
            found[video["video_id"]] = named
    if not found and not is_folder and files and len(videos) == 1:
        found[videos[0]["video_id"]] = files[0]
    return found
