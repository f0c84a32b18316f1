"""`yuhu link`: say which videos are the same work, without a new import."""

from collections.abc import Sequence
from dataclasses import replace

from yuhu.core.errors import YuhuError
from yuhu.study.files import write_atomic
from yuhu.study.lock import WriteLock
from yuhu.study.settings import FILE, Settings, read_settings
from yuhu.study.store import Study


def link(study: Study, work: str, videos: Sequence[str], *, undo: bool = False) -> dict[str, list[str]]:
    """Put videos under a work in ``study.yaml``; or take them out of it.

    Parameters
    ----------
    study : Study
        The study.
    work : str
        Name of the work: an episode, whatever platform it stands on.
    videos : sequence of str
        Ids of videos, ``platform:native``. A video under another work moves.
    undo : bool
        Take the videos out of the work.

    Returns
    -------
    dict
        Videos of each work, as they are now.

    Raises
    ------
    YuhuError
        YH207 a video is not in the study; YH206 the work has no name; YH203 another writer.
    """
    if not work.strip() or ":" in work:
        raise YuhuError(
            "YH206", f"work `{work}` is not a name", facts={"expected": "a name without `:`"}, fix="yuhu link STUDY ep1 bilibili:42"
        )
    known = set(study.videos()["video_id"])
    strange = [video for video in videos if video not in known]
    if strange:
        raise YuhuError(
            "YH207",
            f"video `{strange[0]}` is not in the study",
            facts={"known": ", ".join(sorted(known)[:8]) or "none"},
            fix="yuhu status STUDY shows the videos",
        )
    with WriteLock(study.path):
        settings = read_settings(study.path)
        works = {name: [video for video in held if video not in videos] for name, held in settings.works.items()}
        if not undo:
            works[work] = [*works.get(work, []), *dict.fromkeys(videos)]
        works = {name: held for name, held in works.items() if held}
        _write(study, replace(settings, works={name: tuple(held) for name, held in works.items()}))
    return works


def _write(study: Study, settings: Settings) -> None:
    """Settings with the same values, works apart; comments that a person wrote beside other settings stay."""
    path = study.path / FILE
    lines = path.read_text("utf-8").splitlines()
    fresh = next(line for line in settings.text().splitlines() if line.startswith("works:"))
    start = next((at for at, line in enumerate(lines) if line.startswith("works:")), None)
    if start is None:
        lines.append(fresh)
    else:
        end = start + 1
        while end < len(lines) and (lines[end].startswith((" ", "\t", "-")) or lines[end].strip().startswith(("}", "]"))):
            end += 1
        lines[start:end] = [fresh]
    write_atomic(path, ("\n".join(lines) + "\n").encode())
