"""What the program says in English, for pages in English and in Chinese."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from yuhu.app.fixes import fix
from yuhu.app.jobs import Job
from yuhu.core.chinese import fact_name, in_language, rejected
from yuhu.core.codebook_lint import Finding

LANGUAGES = ("en", "zh")
Words = dict[str, str]
_TELLING = ("truncation", "notes")


def words(sentence: str) -> Words:
    """A sentence by language; in English under both where its Chinese is not known."""
    return {lang: in_language(sentence, lang) for lang in LANGUAGES}


def shown_error(error: Mapping[str, Any]) -> dict[str, Any]:
    """An error for machines and for pages.

    Parameters
    ----------
    error : mapping
        ``code``, ``problem``, ``facts`` and ``fix``, as `yuhu.YuhuError.as_dict` gives them.

    Returns
    -------
    dict
        The same, and ``shown``: by language ``problem``, ``facts`` (pairs of name and value) and ``fix``, which says what to do on a page, not in a terminal.
    """
    code, problem = str(error["code"]), str(error["problem"])
    helps = dict(zip(LANGUAGES, fix(code, problem), strict=True))
    facts = [(str(name), str(value)) for name, value in error["facts"].items()]
    return {
        **error,
        "shown": {
            lang: {
                "problem": in_language(problem, lang),
                "facts": [[fact_name(name, lang), in_language(value, lang) if " " in value else value] for name, value in facts],
                "fix": helps[lang],
            }
            for lang in LANGUAGES
        },
    }


def shown_findings(findings: Iterable[Finding], lang: str) -> list[dict[str, Any]]:
    """What the linter found, in a language: ``line``, ``severity``, ``message``."""
    return [{**asdict(one), "message": in_language(one.message, lang)} for one in findings]


def shown_job(job: Job) -> dict[str, Any]:
    """A job for pages: what it says on its way, what it tells of files, and its error by language."""
    told = job.as_dict()
    title, done, total = job.step
    return {
        **told,
        "step": [words(title), done, total],
        "said": [words(one) for one in job.said],
        "result": None if job.result is None else _result(job.result),
        "error": _error(job.error),
    }


def _result(result: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(result.get("files"), list):
        return {**result, "files": [_file(one) for one in result["files"]]}
    forecast = result.get("forecast")
    return {**result, "forecast": {**forecast, "sends": words(forecast["sends"])}} if forecast else dict(result)


def _file(one: Mapping[str, Any]) -> dict[str, Any]:
    found = {**one, "error": _error(one.get("error"))}
    found.update({name: [words(line) for line in one[name]] for name in _TELLING if name in one})
    if "what" in one:
        kinds = [words(kind) for kind in str(one["what"]).split(" and ")]
        found["what"] = {"en": one["what"], "zh": "、".join(kind["zh"] for kind in kinds)}
    if "first_rejects" in one:
        found["first_rejects"] = [{lang: rejected(line, lang) for lang in LANGUAGES} for line in one["first_rejects"]]
    if "columns" in one:
        found["columns"] = [{**column, "why": words(column["why"])} for column in one["columns"]]
    return found


def _error(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if error is None else shown_error(error)
