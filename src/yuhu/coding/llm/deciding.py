"""From the answers of one or several runs to the decisions on a text: gates, conflicts, majority."""

from collections import Counter
from collections.abc import Mapping, Sequence

from yuhu.coding.llm.asked import Group, is_settled, may_open
from yuhu.coding.llm.reading import NO_CODE, Outcome, Outcomes
from yuhu.coding.questions import Question, flat, is_present
from yuhu.core.codebook import Variable

GATE_OPEN = "what opens the code was not decided"
CLASH = "two codes stand together that may not"

Shares = dict[str, dict[str, float]]


def closed(run: Outcomes, asked: Group) -> Outcomes:
    """The outcomes of a run with gates and conflicts applied: behind a closed gate a decision is its zero, or there is none.

    Where what opens a code was not decided, a zero stands whatever it was, and any other value fails.
    """
    by_code = {one.code: one for one in asked}
    out: Outcomes = {}
    answers: dict[str, str] = {}
    for question in asked:
        if not may_open(question, by_code, answers):
            out.update({one.id: Outcome(one.zero) for one in flat(question) if one.zero})
        else:
            read = _there(run, question)
            doubtful = not is_settled(question, by_code, answers)
            zeros = {one.id: one.zero for one in flat(question)}
            out.update(
                {name: Outcome(why=one.why or GATE_OPEN) if doubtful and one.value != zeros[name] else one for name, one in read.items()}
            )
        answers.update({one.id: out[one.id].value for one in question.variables if one.id in out and not out[one.id].why})
    return _compatible(out, asked, answers)


def _there(run: Outcomes, question: Question) -> Outcomes:
    """What a run says of a question; a decision that it does not name and that an open code needs has failed."""
    own = {one.id: run.get(one.id, Outcome(why=NO_CODE)) for one in question.variables}
    return own | {one.id: run[one.id] for one, _ in question.attributes if one.id in run}


def _compatible(out: Outcomes, asked: Group, answers: Mapping[str, str]) -> Outcomes:
    there = {one.code for one in asked if is_present(one, answers)}
    for question in asked:
        if question.code in there and there.intersection(question.conflicts):
            zeros = {one.id: one.zero for one in flat(question)}
            out.update({name: Outcome(why=CLASH) for name, zero in zeros.items() if name in out and out[name].value != zero})
    return out


def merged(runs: Sequence[Outcomes], asked: Group) -> tuple[Outcomes, Shares]:
    """The decisions of several runs, and the share of votes of each value.

    A decision is made where more than half of the runs made it: the value with most votes; of equal ones that of the earlier run. The share is of the
    runs that made it; of ordinal codes it is the share that says at least this step.

    Returns
    -------
    outcomes : dict of Outcome
        With the evidence of the first run that has the value.
    shares : dict
        By decision and value, zeros and what failed apart.
    """
    out: Outcomes = {}
    shares: Shares = {}
    for question in asked:
        for one in question.variables:
            votes = [run.get(one.id) for run in runs]
            _decide(out, one, votes)
            _share(shares, one, votes)
        there = [one for one in question.variables if one.id in out and out[one.id].value not in ("", one.zero)]
        doubts = [out[one.id].why for one in question.variables if one.id in out and out[one.id].why]
        for one, _ in question.attributes:
            votes = [run.get(one.id) for run in runs]
            _share(shares, one, votes)
            if there:
                _decide(out, one, votes, is_needed=True)
            elif doubts:
                out[one.id] = Outcome(why=doubts[0])
            elif one.zero and any(votes):
                out[one.id] = Outcome(one.zero)
    return closed(out, asked), shares


Votes = Sequence[Outcome | None]
"""One for each run; None where the decision does not arise."""


def _decide(out: Outcomes, variable: Variable, votes: Votes, *, is_needed: bool = False) -> None:
    """Put the outcome of a vote where it belongs."""
    made = [one for one in votes if one is None or not one.why]
    if len(made) * 2 <= len(votes):
        out[variable.id] = Outcome(why=next(one.why for one in votes if one is not None and one.why))
        return
    counted = Counter(one.value if one else "" for one in made)
    in_the_running = [one for one in made if one is not None or not is_needed]
    if not in_the_running:
        out[variable.id] = Outcome(why=NO_CODE)
        return
    best = max(in_the_running, key=lambda one: counted[one.value if one else ""])  # the earliest of equal ones
    if best is not None:
        out[variable.id] = best


def _share(shares: Shares, variable: Variable, votes: Votes) -> None:
    """Note the share of votes of each value, of those that were cast."""
    made = [one for one in votes if one is None or not one.why]
    counted = Counter(one.value for one in made if one)
    for at, value in enumerate(variable.values):
        n = sum(counted[other] for other in variable.values[at:]) if variable.level == "ordinal" else counted[value]
        if n and value != variable.zero:
            shares.setdefault(variable.id, {})[value] = n / len(made)
