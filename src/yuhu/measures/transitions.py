"""From one episode to the next: messages that say, at its beginning, that their author lost the thread, and messages before that ask for more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

import polars as pl
from scipy import stats

from yuhu.core.estimate import Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.measures.episodes import COMMENTS, END, MIDDLE, NOTHING, START, Episode, Said, Transition, episodes, placed, transitions
from yuhu.measures.joint import Joint, Statement, frame_of, joint
from yuhu.measures.machine_rows import machine_p, machine_share, machine_value
from yuhu.measures.strategies import timelines
from yuhu.stats.rate_ratio import METHOD as RATIO
from yuhu.stats.rate_ratio import exact_rate_ratio

CONFUSION, CONTINUATION = "confusion", "continuation"
ALL = "all transitions"
NEXT, FIRST, MID, BASELINE = "confusion_next", "confusion_first", "confusion_middle", "confusion_baseline"
APART, TIMES = "confusion_difference", "confusion_ratio"
DEMAND = {END: "continuation_end", MIDDLE: "continuation_middle", COMMENTS: "continuation_comments"}
RECAP, CLIFFHANGER = "recap", "cliffhanger"
MARKED_MS = 15_000
LEAST_CASES = 5
_GAP = "difference of shares"


class EpisodeTransitions:
    """Confusion after transitions against matched stretches, demand for continuation, and what recaps and cliffhangers go along with."""

    name = "transitions.v1"
    group = "moments"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("response_id", "text_key", "lang", "video_id", "at_ms", "kind", "is_special", "source", "work_id", "root_id"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """``by`` names what is counted, ``subject`` the transition, or the episode; `ALL` puts them together."""
        if evidence.codings is None or evidence.shown is None or not {CONFUSION, CONTINUATION} & set(evidence.served):
            return estimates_frame([])
        found = list(transitions(evidence))
        if not found:
            blank = machine_value(evidence, None, 0, reason="no_series", by=APART, subject=ALL, unit=_GAP, method="machine_count.v1")
            return checked(estimates_frame([blank.with_(measure=self.name, code=CONFUSION)]))
        rows: list[Estimate] = []
        if CONFUSION in evidence.served:
            rows += [one.with_(code=CONFUSION) for one in _confusion(evidence, found)]
        if CONTINUATION in evidence.served:
            rows += [one.with_(code=CONTINUATION) for one in _demand(evidence, episodes(evidence), found)]
        rows += list(_corrected(evidence, self.name, found))
        return checked(estimates_frame(one.with_(measure=self.name, value_id="1") for one in rows))


def _confusion(evidence: Evidence, found: Sequence[Transition]) -> Iterator[Estimate]:
    for each in found:
        yield from _against(evidence, each.name, each.next.at(START), each.first.at(START), each.next.at(MIDDLE))
    if len(found) > 1:
        after = _sum(each.next.at(START) for each in found)
        firsts = _sum(one.at(START) for one in {(each.first.series, each.first.platform): each.first for each in found}.values())
        yield from _against(evidence, ALL, after, firsts, _sum(each.next.at(MIDDLE) for each in found))
    yield from _marked(evidence, RECAP, CONFUSION, [(each, _gap(evidence, each)) for each in found])


def _against(evidence: Evidence, subject: str, after: Said, first: Said, middle: Said) -> Iterator[Estimate]:
    """Confusion in the first stretch of the next episode, beside that of the first episode and the middle of the next."""
    window = evidence.moments.transitions.window_ms
    whole = first + middle
    if not after.n + whole.n:
        return
    shown: dict[str, Any] = {"at_ms": 0, "end_ms": window}
    for by, said, at in ((NEXT, after, shown), (FIRST, first, shown), (MID, middle, {}), (BASELINE, whole, {})):
        yield machine_share(evidence, said.of.get(CONFUSION, 0), said.n, by=by, subject=subject, **at)
    least = min(after.n, whole.n)
    hits, usual = after.of.get(CONFUSION, 0), whole.of.get(CONFUSION, 0)
    apart = hits / after.n - usual / whole.n if least else None
    where: dict[str, Any] = {"subject": subject, "least": least, "rung": "A-within", **shown}
    yield machine_value(evidence, apart, after.n + whole.n, by=APART, unit=_GAP, method="machine_count.v1", **where)
    ratio = exact_rate_ratio(hits, after.n, usual, whole.n, confidence=evidence.confidence)
    why = ratio.ratio.reason if least else "no_units"
    times: dict[str, Any] = {"by": TIMES, "unit": "rate ratio", "method": RATIO, "count": hits, "reason": why}
    yield machine_value(evidence, ratio.ratio.value, after.n + whole.n, **times, **where)
    if least >= evidence.k_anonymity and hits + usual:
        yield machine_p(evidence, ratio.p, after.n + whole.n, by=TIMES, subject=subject, method=RATIO, rung="A-within", **shown)


def _gap(evidence: Evidence, each: Transition) -> float | None:
    """Confusion in the first stretch less that of the baseline; None where either is small."""
    after, whole = each.next.at(START), each.first.at(START) + each.next.at(MIDDLE)
    if min(after.n, whole.n) < evidence.k_anonymity:
        return None
    return after.of.get(CONFUSION, 0) / after.n - whole.of.get(CONFUSION, 0) / whole.n


def _demand(evidence: Evidence, every: Sequence[Episode], found: Sequence[Transition]) -> Iterator[Estimate]:
    for one in every:
        name = f"{one.series} {one.number} ({one.platform})"
        for place, by in DEMAND.items():
            said = one.at(place)
            if said.n or (place != COMMENTS and one.at(START).n):
                yield machine_share(evidence, said.of.get(CONTINUATION, 0), said.n, by=by, subject=name)
    for place, by in DEMAND.items():
        said = _sum(one.at(place) for one in every)
        yield machine_share(evidence, said.of.get(CONTINUATION, 0), said.n, by=by, subject="all episodes")
    ends = [(each, each.last.at(END)) for each in found]
    known = [(each, said.of.get(CONTINUATION, 0) / said.n if said.n >= evidence.k_anonymity else None) for each, said in ends]
    yield from _marked(evidence, CLIFFHANGER, CONTINUATION, known)


def _marked(evidence: Evidence, code: str, outcome: str, cases: Sequence[tuple[Transition, float | None]]) -> Iterator[Estimate]:
    """The mean outcome of transitions with and without a recap, or a cliffhanger; no test of fewer than 5 on either side."""
    sides: dict[bool, list[float]] = {True: [], False: []}
    for each, value in cases:
        seen = _seen(evidence, code, each)
        if value is not None and seen is not None:
            sides[seen].append(value)
    unit = _GAP if outcome == CONFUSION else "share"
    known = bool(sides[True] or sides[False])
    for subject, values in (("with", sides[True]), ("without", sides[False])):
        mean = sum(values) / len(values) if values else None
        why = "no_units" if known else "nothing_shown"
        yield machine_value(
            evidence, mean, len(values), least=0, reason=why, by=code, subject=subject, unit=unit, method="mean_of_transitions.v1"
        )
    where: dict[str, Any] = {"by": code, "subject": "with or without", "method": "mann_whitney.v1"}
    n = len(sides[True]) + len(sides[False])
    if min(len(sides[True]), len(sides[False])) < LEAST_CASES:
        yield machine_value(evidence, None, n, least=0, reason="too_few_cases" if known else "nothing_shown", unit="p", **where)
    else:
        yield machine_p(evidence, float(stats.mannwhitneyu(sides[True], sides[False]).pvalue), n, **where)


def _seen(evidence: Evidence, code: str, each: Transition) -> bool | None:
    """Whether the next episode begins with a recap, or this one ends with a cliffhanger; None where nobody watched for it."""
    of = timelines(evidence).of
    steps = max(MARKED_MS // evidence.moments.step_ms, 1)
    answers = []
    for video in (each.next if code == RECAP else each.last).videos:
        marked = of.get((video, code))
        if marked is not None:
            stretch = slice(None, steps) if code == RECAP else slice(-steps, None)
            if marked.watched[stretch].any():
                answers.append(bool(marked.levels[stretch].any()))
    return any(answers) if answers else None


def _corrected(evidence: Evidence, measure: str, found: Sequence[Transition]) -> Iterator[Estimate]:
    """The shares over all transitions and episodes, corrected where gold stands in them."""
    after = [video for each in found for video in each.next.videos]
    firsts = [video for each in found for video in each.first.videos]
    place, video = pl.col("place"), pl.col("video_id")
    here = {
        CONFUSION: {
            NEXT: video.is_in(after) & (place == START),
            BASELINE: (video.is_in(firsts) & (place == START)) | (video.is_in(after) & (place == MIDDLE)),
        },
        CONTINUATION: {by: place == where for where, by in DEMAND.items()},
    }
    codes = [code for code in here if code in evidence.served]
    whole: dict[str, Statement] = {code: [(code, "1")] for code in codes}
    for some in [whole] if frame_of(evidence, whole) else [{code: whole[code]} for code in codes]:
        columns = {by: where for code in some for by, where in here[code].items()}
        columns |= {f"{by} said": where & pl.col(code) for code in some for by, where in here[code].items()}
        groups = {"place": place, "video_id": video}
        one = joint(evidence, f"{measure}:{'+'.join(some)}", some, columns, groups=groups, prepare=lambda rows: placed(rows, evidence))
        if one is not None:
            yield from _shares(evidence, one, {code: list(here[code]) for code in some})


def _shares(evidence: Evidence, one: Joint, parts: Mapping[str, Sequence[str]]) -> Iterator[Estimate]:
    for code, names in parts.items():
        subject = ALL if code == CONFUSION else "all episodes"
        for by in names:
            share = one.said(one.shares.share(one.part(f"{by} said", by)), evidence, evidence.k_anonymity)
            yield share.with_(code=code, by=by, subject=subject)
        if code == CONFUSION:
            gap = one.shares.difference(one.part(f"{NEXT} said", NEXT), one.part(f"{BASELINE} said", BASELINE))
            yield one.said(gap, evidence, evidence.k_anonymity).with_(code=code, by=APART, subject=subject, rung="A-within")


def _sum(parts: Iterable[Said]) -> Said:
    return reduce(lambda one, other: one + other, parts, NOTHING)
