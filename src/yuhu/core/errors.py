"""One error root for the whole product.

Exception tree::

    YuhuError
    └── RetryableError   (the same call may go through later)

`YuhuWarning` is for what is done as asked although it should not be relied on.
"""

from collections.abc import Mapping

CODES: dict[str, str] = {
    "YH101": "the file is empty",
    "YH102": "a column or key that the importer needs is missing",
    "YH103": "no importer recognises the file",
    "YH104": "the file is of another kind than its name says",
    "YH105": "the text encoding is not what was expected",
    "YH106": "the file breaks the rules of its format",
    "YH107": "a time without a zone needs --tz",
    "YH108": "a --map entry is not understood",
    "YH109": "the file holds something dangerous (a bomb of entities, or an archive that unpacks without end)",
    "YH110": "the file cannot be read",
    "YH201": "the folder is not a study",
    "YH202": "the folder already holds a study or other files",
    "YH203": "the study is being written by another process",
    "YH204": "the study was written by a newer version of yuhu",
    "YH205": "the study is damaged",
    "YH206": "study.yaml has a setting that is not understood",
    "YH207": "the study has no data for this step",
    "YH208": "the study's secret is missing or readable by others",
    "YH209": "the disk refused a write",
    "YH210": "moments.yaml has a setting that is not understood",
    "YH301": "arrays differ in length",
    "YH302": "a chance lies outside (0, 1]",
    "YH303": "a parameter lies outside its range",
    "YH304": "ratings do not fit their values or level",
    "YH305": "segments of a timeline do not fit together",
    "YH401": "the codebook breaks its rules",
    "YH402": "the codebook changed after codings were made under it",
    "YH403": "the version number of a codebook does not fit its change",
    "YH404": "a new codebook concerns codings that are there",
    "YH501": "no coder has this name",
    "YH502": "a coder broke its contract",
    "YH503": "a human coding is not understood",
    "YH504": "the machine coder has not coded all responses",
    "YH505": "a coder or an assignment is not understood",
    "YH506": "a step of the protocol is not possible yet",
    "YH507": "a request to the desk is not understood",
    "YH508": "an option of a machine coder is unknown, missing or out of range",
    "YH509": "there are too few labels to learn from",
    "YH510": "a run was not confirmed",
    "YH511": "a server cannot be used",
    "YH512": "a cap on cost or tokens was reached",
    "YH513": "a unit is coded already, or not coded, where the request says otherwise",
    "YH601": "the report language is not known",
    "YH602": "there are no results to report",
    "YH603": "an export format is not known",
    "YH701": "a request to the workbench is not understood",
    "YH702": "nobody is signed in",
    "YH703": "this may not be done from here or by this role",
    "YH704": "there is nothing at this address",
    "YH705": "a request is too large",
    "YH706": "there were too many attempts",
    "YH707": "the workbench cannot listen here",
    "YH708": "an account is not understood",
    "YH709": "a job of the workbench ended before its time",
    "YH901": "the command line is not understood",
    "YH902": "stopped by Ctrl-C",
    "YH903": "something that should not happen happened",
}
"""Every error code with its meaning; docs/errors.md explains each (a test compares the two)."""


class YuhuError(Exception):
    """Root of all errors that Yuhu raises on purpose.

    Parameters
    ----------
    code : str
        A key of `CODES`.
    problem : str
        What is wrong, lower case, one line.
    facts : mapping of str to object, optional
        What was found and what was expected.
    fix : str, optional
        A command or one sentence.
    """

    def __init__(self, code: str, problem: str, *, facts: Mapping[str, object] | None = None, fix: str = "") -> None:
        if code not in CODES:
            raise KeyError(code)
        self.code = code
        self.problem = problem
        self.facts = {key: str(value) for key, value in (facts or {}).items()}
        self.fix = fix
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [f"[{self.code}] {self.problem}"]
        if self.facts:
            lines.append("  " + "   ".join(f"{key}: {value}" for key, value in self.facts.items()))
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.problem, self.facts, self.fix))

    def as_dict(self) -> dict[str, object]:
        """The error for machines: code, problem, facts, fix."""
        return {"code": self.code, "problem": self.problem, "facts": self.facts, "fix": self.fix}


class RetryableError(YuhuError):
    """An error after which the same call may go through later."""


class YuhuWarning(UserWarning):
    """Something is done as asked, but should not be relied on."""


def _rebuild(kind: type[YuhuError], code: str, problem: str, facts: dict[str, str], fix: str) -> YuhuError:
    return kind(code, problem, facts=facts, fix=fix)
