"""The built front end: its files, and one page for every address that is not one of the API."""

import mimetypes
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from yuhu.core.errors import YuhuError

STATIC = Path(str(files("yuhu.app"))) / "static"
_FOREVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@router.get("/{path:path}")
def page(path: str) -> Response:
    """A file of the front end, or its page.

    Raises
    ------
    YuhuError
        YH704 an address of the API or of a file that is not there; YH704 the front end was not built.
    """
    if path.startswith("api/"):
        raise YuhuError(
            "YH704", "there is nothing at this address", facts={"found": f"/{path}"[:200]}, fix="see /api/openapi.json for what there is"
        )
    wanted = _file(path)
    if wanted is not None:
        kind = mimetypes.guess_type(wanted.name)[0] or "application/octet-stream"
        headers = {"cache-control": _FOREVER} if path.startswith("assets/") else {}  # their names hold a hash of what is in them
        return FileResponse(wanted, media_type=kind, headers=headers)
    if path.startswith("assets/"):
        raise YuhuError("YH704", "there is no such file", facts={"found": f"/{path}"[:200]}, fix="load the page anew")
    if not (STATIC / "index.html").is_file():
        raise YuhuError("YH704", "the front end was not built", fix="python hatch_build.py in the checkout, or install a wheel")
    return FileResponse(STATIC / "index.html", media_type="text/html")


def _file(path: str) -> Path | None:
    """A file of the front end; none where there is no such file, or where there can be none of this name."""
    try:
        wanted = (STATIC / path).resolve()
        return wanted if wanted.is_relative_to(STATIC.resolve()) and wanted.is_file() else None
    except (OSError, ValueError):
        return None
