"""Files that are dropped on a page, and the long work that a page starts."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from yuhu.app.jobs import Job
from yuhu.app.shown import shown_job
from yuhu.app.workbench import Bench, Lead, Workbench
from yuhu.core.errors import YuhuError

router = APIRouter(prefix="/api/setup", tags=["setup"])

_KEY_ENDING = "_API_KEY"
Text = Annotated[str, Field(max_length=200)]
Word = Annotated[str, Field(min_length=1, max_length=200)]


class _Params(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Look(_Params):
    """What uploaded files are."""

    kind: Literal["look"]
    uploads: list[Word] = Field(min_length=1, max_length=1000)


class Add(_Params):
    """Add uploaded files, as `yuhu add` with these options."""

    kind: Literal["add"]
    uploads: list[Word] = Field(min_length=1, max_length=1000)
    platform: Text | None = None
    video: Text | None = None
    work: Text | None = None
    record_kind: Text | None = Field(None, description="kind of the responses of a mapped table")
    tz: Text | None = None
    encoding: Text | None = None
    mapping: dict[Word, Word] = Field(default_factory=dict, max_length=200)
    sort_order: Text | None = None
    exported_at: Text | None = None
    duration: Text | None = None
    keep_raw: bool | None = None
    skip_broken: bool = False


class Clean(_Params):
    """Clean, as `yuhu clean`."""

    kind: Literal["clean"]


class _Machine(_Params):
    coder: Text | None = None
    name: Text | None = None
    options: dict[Word, Annotated[str, Field(max_length=2000)]] = Field(default_factory=dict, max_length=50)
    retry_failed: bool = False


class Forecast(_Machine):
    """What a machine coder would ask for, send and cost."""

    kind: Literal["forecast"]


class Code(_Machine):
    """Have a machine code, as `yuhu code --yes`: show the forecast first."""

    kind: Literal["code"]


class Measure(_Params):
    """Measure, as `yuhu measure`."""

    kind: Literal["measure"]
    coder: Text | None = None


class Agree(_Params):
    """Measure agreement, as `yuhu agree`."""

    kind: Literal["agree"]
    machine: Text | None = None


class Report(_Params):
    """Write the report, as `yuhu report`."""

    kind: Literal["report"]
    language: Literal["zh", "en"] | None = None


class Draw(_Params):
    """Draw a sample, as `yuhu sample`."""

    kind: Literal["sample"]
    codes: list[Word] = Field(default_factory=list, max_length=500)
    size: int = Field(ge=1, le=10_000_000)
    name: Text = ""
    purpose: Text = "main"
    series: Text = ""
    by: list[Word] = Field(default_factory=list, max_length=10)
    allocation: Text = "proportional"
    enrich: float | None = Field(None, gt=0, lt=1)
    overlap: float | None = Field(None, ge=0, le=1)
    repeats: float = Field(0.0, ge=0, lt=1)
    both_ways: float = Field(0.0, ge=0, lt=1)
    anchors: int = Field(0, ge=0, le=100_000)
    coders: list[Word] = Field(default_factory=list, max_length=500)
    reads: list[Word] = Field(default_factory=list, max_length=50)


class Plan(_Params):
    """How many units people have to code, as `yuhu sample --plan`."""

    kind: Literal["plan"]
    codes: list[Word] = Field(default_factory=list, max_length=500)
    half_width: float = Field(0.05, gt=0, lt=0.5)
    human_cost: float | None = Field(None, gt=0, le=1e9)
    machine_cost: float | None = Field(None, gt=0, le=1e9)


Asked = Annotated[Look | Add | Clean | Forecast | Code | Measure | Agree | Report | Draw | Plan, Field(discriminator="kind")]
_ASKED: TypeAdapter[Asked] = TypeAdapter(Asked)


@router.post("/files")
async def take(bench: Bench, _: Lead, request: Request, name: Annotated[str, Query(min_length=1, max_length=1000)]) -> dict[str, Any]:
    """Take a file: the body is its content as it is. ``id``, ``name``, ``bytes``."""
    return (await bench.uploads().take(name, request.stream())).as_dict()


@router.get("/files")
def files(bench: Bench, _: Lead) -> dict[str, Any]:
    """``files``: those that were taken and not added yet."""
    return {"files": [one.as_dict() for one in bench.uploads().held()]}


@router.delete("/files/{name}")
def give_up(bench: Bench, _: Lead, name: str) -> dict[str, Any]:
    """Give a file up that was taken."""
    bench.uploads().drop([name])
    return files(bench, _)


@router.get("/jobs")
def jobs(bench: Bench, _: Lead) -> dict[str, Any]:
    """``jobs``: the latest first; see `yuhu.app.jobs.Job` and `yuhu.app.shown.shown_job`. Those that only answered a page are left out once they ended."""
    return {"jobs": [shown_job(one) for one in bench.jobs().all() if one.is_listed or not one.has_ended]}


@router.post("/jobs")
def start(bench: Bench, _: Lead, asked: Asked) -> dict[str, Any]:
    """Start a job: it runs once those before it have ended."""
    return shown_job(_started(bench, asked))


@router.get("/jobs/{name}")
def job(bench: Bench, _: Lead, name: str, wait_s: Annotated[float, Query(ge=0, le=20)] = 0) -> dict[str, Any]:
    """A job, at once, or when it has ended, at most `wait_s` seconds later."""
    return shown_job(bench.jobs().wait(name, wait_s) if wait_s else bench.jobs().one(name))


@router.post("/jobs/{name}/stop")
def stop(bench: Bench, _: Lead, name: str) -> dict[str, Any]:
    """Have it stop as at Ctrl-C; asked a second time, kill it. What is finished stays."""
    return shown_job(bench.jobs().stop(name))


@router.post("/jobs/{name}/again")
def again(bench: Bench, _: Lead, name: str) -> dict[str, Any]:
    """Start a job of the list anew: it goes on where it stopped.

    Raises
    ------
    YuhuError
        YH704 there is no such job, or another version of the workbench started it.
    """
    try:
        asked = _ASKED.validate_python(dict(bench.jobs().one(name).params))
    except ValidationError as error:
        raise YuhuError("YH704", "this job cannot be run again", facts={"why": error.errors()[0]["msg"]}, fix="start it anew") from error
    return shown_job(_started(bench, asked))


def _started(bench: Workbench, asked: _Params) -> Job:
    params = asked.model_dump()
    kind = str(params["kind"])
    arguments = {name: value for name, value in params.items() if name != "kind"}
    if isinstance(asked, Look | Add):
        held = bench.uploads().of(asked.uploads)
        arguments["paths"] = [str(one.path) for one in held]
    if isinstance(asked, Add):
        arguments = {name: value for name, value in arguments.items() if name != "uploads"}
        arguments["kind"] = arguments.pop("record_kind")
        return bench.jobs().start(kind, params, arguments=arguments, after=lambda job: _added(bench, asked.uploads, job))
    if isinstance(asked, _Machine):
        _check_key(asked.options)
    return bench.jobs().start(kind, params, arguments=arguments)


def _added(bench: Workbench, uploads: list[str], job: Job) -> None:
    """Files that are in the study need not lie beside it: they name people."""
    if job.state == "done":
        broken = {one["file"] for one in (job.result or {}).get("files", []) if one["status"] == "broken"}
        bench.uploads().drop([one.id for one in bench.uploads().held() if one.id in uploads and one.name not in broken])


def _check_key(options: dict[str, str]) -> None:
    """A page may name the variable of a key, and of nothing else that the server's environment holds.

    Raises
    ------
    YuhuError
        YH508 another variable.
    """
    named = options.get("key_env", "")
    if named and not named.endswith(_KEY_ENDING):
        raise YuhuError(
            "YH508",
            "a page may only name variables of keys",
            facts={"found": named[:60], "expected": f"…{_KEY_ENDING}"},
            fix="yuhu code, in a terminal",
        )
