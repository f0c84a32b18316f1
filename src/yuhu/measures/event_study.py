"""Event study: by how much more often messages were sent, and sent with a code, after each strategy was shown, net of the smooth course of the video.

Associations within the works at hand: what else happened at the same moments is not told apart.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from yuhu.core.estimate import CENSUS, Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.measures.echo import NAME as ECHO
from yuhu.measures.echo import lines
from yuhu.measures.event_gold import corrected_lifts
from yuhu.measures.event_lags import Followed, lags_and_doses
from yuhu.measures.event_series import WITH, WITHOUT, Setting, echo_ids, echoes_of, setting_of, unvalidated
from yuhu.measures.exposure import NO_CURVE
from yuhu.measures.media_time import Cell, MediaTime
from yuhu.measures.strategies import timelines
from yuhu.stats.intensity import holds_in_all
from yuhu.stats.shift import ShiftResult, StrategyEffect, circular_shift_tests

ALL = "messages"
NO_LINES, UNFINISHED, IN_CONTEXT = "no_transcript", "layer_not_finished", "coder_saw_context"
SUFFIX = {WITH: "", WITHOUT: "_without_echo"}
METHOD = "event_study.v1"
OF_MESSAGES = "ratio of shares"
PLANTED = "planted_answer"


def key_of(cell: Cell | None) -> str:
    """Name of a series."""
    return ALL if cell is None else "=".join(cell)


class EventStudy:
    """Lifts of messages and codes after each strategy, their tests over all of both, differences between works, lags and doses."""

    name = METHOD
    group = "moments"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("response_id", "text", "text_key", "lang", "video_id", "at_ms", "is_special"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """``subject`` is the strategy.

        Returns
        -------
        pl.DataFrame
            ``by``: ``strategy`` (lift over the lags at_ms to end_ms), ``strategy_p``, ``strategy_p_adjusted``, ``strategy_mean``, ``strategy_predictive``,
            ``strategy_tau2``, ``strategy_i2``, ``strategy_cases``; each with ``_without_echo`` for messages that repeat no line; ``echo`` (share of messages that do);
            ``lag``, ``lag_peak``, ``lag_mean``, ``dose``, ``dose_slope``, ``dose_p``, ``dose_shape``; of a constructed study ``planted_answer`` (1 where messages answer the
            strategy, 0 where they do not). Without a code: all messages.
        """
        rows = [self._unfinished(code) for code in timelines(evidence).unfinished]
        rows += self._planted(evidence)
        setting = setting_of(evidence)
        if setting is not None and not setting.times:
            rows += [self._none(code, NO_CURVE) for code in setting.codes]
        elif setting is not None:
            from threadpoolctl import threadpool_limits

            with threadpool_limits(1):  # many small products: threads only get in each other's way, and the last digit follows their number
                rows += self._studied(setting)
        return checked(estimates_frame(rows))

    def _studied(self, setting: Setting) -> Iterator[Estimate]:
        asked = setting.evidence.moments.event_study.echo
        yield from _cases(setting)
        found = {}
        if asked != WITHOUT:
            found[WITH] = shift_tests(setting, None)
        if asked != WITH:
            yield from self._echoes(setting)
            spoken = _spoken(setting)
            if spoken is not None:
                found[WITHOUT] = shift_tests(spoken, echoes_of(spoken, echo_ids(setting)))
        for variant, results in found.items():
            mine = setting if variant == WITH else _spoken(setting) or setting
            yield from self._lifts(mine, variant, results)
            gone = None if variant == WITH else echo_ids(setting)
            for one in corrected_lifts(mine, results[0], gone):
                yield _placed(one, mine, f"strategy{SUFFIX[variant]}", reason_if_held=IN_CONTEXT)
        if found:
            variant = next(iter(found))
            mine = setting if variant == WITH else _spoken(setting) or setting
            gone_times = None if variant == WITH else echoes_of(mine, echo_ids(setting))
            for one in lags_and_doses(mine, standing(mine, found[variant]), gone_times):
                yield _placed(one, mine, one.by)

    def _planted(self, evidence: Evidence) -> Iterator[Estimate]:
        """What a constructed study planted: strategies that messages answer, and that they do not."""
        planted = evidence.planted_effects
        if planted is None:
            return
        for code in sorted({*planted.answered, *planted.unanswered}):
            yield Estimate(
                value=float(code in planted.answered), unit="answered", method="planted.v1", source="truth", coder="simulation", rung="D", measure=METHOD,
                by=PLANTED, subject=code, target="corpus", reason="planted",
            )  # fmt: skip

    def _unfinished(self, code: str) -> Estimate:
        return self._none(code, UNFINISHED)

    def _none(self, code: str, reason: str) -> Estimate:
        return Estimate(
            value=None, unit="rate ratio", method=METHOD, reason=reason, source="observed", rung="A-within", measure=METHOD, by="strategy", subject=code
        )  # fmt: skip

    def _echoes(self, setting: Setting) -> Iterator[Estimate]:
        """How many messages repeat a line."""
        blank = Estimate(
            value=None, method=ECHO, source="observed", rung="D", measure=METHOD, by="echo", subject="all", target="corpus", reason=NO_LINES
        )
        spoken = _spoken(setting)
        if spoken is None:
            yield blank
            return
        echo = echoes_of(spoken, echo_ids(setting))
        n = sum(one.n for one in spoken.times)
        count = sum(one.n for one in echo.values())
        known = blank.with_(n=n, n_videos=len(spoken.times))
        if n < setting.evidence.k_anonymity:
            yield known.with_(reason="small_cell")
        else:
            yield known.with_(value=count / n, count=count, reason=CENSUS)

    def _lifts(self, setting: Setting, variant: str, results: Sequence[Mapping[str, ShiftResult]]) -> Iterator[Estimate]:
        for cell in setting.cells:
            for code in setting.codes:
                under = [found[key_of(cell)][code] for found in results]
                for part, one in _rows(setting, cell, under).items():
                    yield _placed(one, setting, f"{part}{SUFFIX[variant]}", cell=cell, code=code)


def standing(setting: Setting, results: Sequence[Mapping[str, ShiftResult]]) -> list[Followed]:
    """What is looked at closer: all messages, and codes that are named beforehand or whose lift stands for all tests under every assumption of watching."""
    evidence, out = setting.evidence, []
    for cell in setting.cells:
        for place, code in enumerate(setting.codes):
            under = [found[key_of(cell)][code] for found in results]
            if any(one.p_adjusted.value is None or one.near < evidence.k_anonymity for one in under):
                continue
            stands = all((one.p_adjusted.value or 0.0) <= 1 - evidence.confidence + 1e-9 for one in under)
            if cell is None or bool(evidence.moments.codes) or stands:
                size = abs(float(results[0][key_of(cell)].statistics[0, place]))
                out.append(Followed(cell, code, stands, size))
    return out


def shift_tests(setting: Setting, echo: Mapping[str, MediaTime] | None) -> list[dict[str, ShiftResult]]:
    """The tests of all series after all strategies, under each assumption of watching."""
    evidence = setting.evidence
    return [
        circular_shift_tests(
            {key_of(cell): setting.series(cell, watched, echo) for cell in setting.cells},
            setting.codes,
            design=setting.design,
            draws=evidence.moments.event_study.shifts,
            confidence=evidence.confidence,
            seed=evidence.seed,
        )
        for _, watched in setting.watching
    ]


def _spoken(setting: Setting) -> Setting | None:
    """The videos whose lines are known; None where there are none: in the others no echo can be told."""
    known = set(lines(setting.evidence)["video_id"])
    kept = [at for at, one in enumerate(setting.times) if one.video_id in known]
    if not kept:
        return None
    watching = [(names, [curves[at] for at in kept]) for names, curves in setting.watching]
    return Setting(setting.evidence, setting.shown, setting.cells, [setting.times[at] for at in kept], setting.design, watching)


def _cases(setting: Setting) -> Iterator[Estimate]:
    """In how many independent cases each strategy is shown: episodes of one series, and uploads of one work, are one."""
    for code in setting.codes:
        with_it = [one for one in setting.times if (found := setting.shown.of.get((one.video_id, code))) and found.levels.any()]
        yield Estimate(
            value=float(len({one.case for one in with_it})),
            count=len({one.work_id for one in with_it}),
            n=len([one for one in setting.times if (one.video_id, code) in setting.shown.of]),
            n_videos=len(with_it),
            unit="cases",
            method="count.v1",
            source="observed",
            rung="D",
            measure=METHOD,
            by="strategy_cases",
            subject=code,
            reason=CENSUS,
        )


def _rows(setting: Setting, cell: Cell | None, under: Sequence[StrategyEffect]) -> dict[str, Estimate]:
    """Estimates of one series after one strategy, under all assumptions of watching: what they do not agree on is none."""
    first, evidence = under[0], setting.evidence
    if 0 < first.near < evidence.k_anonymity:
        return {"strategy": first.lift.with_(value=None, low=None, high=None, confidence=None, count=None, reason="small_cell")}
    lift = _agreed(under).with_(count=first.near)
    out = {"strategy": lift if cell is None else unvalidated(lift, evidence)}
    if first.p.value is None:
        return out
    out |= {f"strategy_{name}": _highest([getattr(one, name) for one in under]) for name in ("p", "p_adjusted")}
    over = first.over_videos
    parts = {"mean": over.mean, "predictive": over.predictive, "tau2": over.tau2, "i2": over.i2}
    if cell is not None:
        del parts["predictive"]  # a value without its interval would predict nothing
    out |= {f"strategy_{name}": one if cell is None else unvalidated(one, evidence) for name, one in parts.items()}
    return out


def _agreed(under: Sequence[StrategyEffect]) -> Estimate:
    """The lift under the first assumption with an interval that holds those of all; none where the assumptions conclude differently."""
    verdict = holds_in_all({str(at): one.lift for at, one in enumerate(under)})
    first = under[0].lift
    if not verdict.holds:
        return first.with_(value=None, low=None, high=None, confidence=None, reason=verdict.reason)
    ends = [(one.lift.low, one.lift.high) for one in under]
    if first.low is None or any(low is None or high is None for low, high in ends):
        return first
    return first.with_(low=min(low for low, _ in ends if low is not None), high=max(high for _, high in ends if high is not None))


def _highest(tests: Sequence[Estimate]) -> Estimate:
    known = [one for one in tests if one.value is not None]
    return max(known, key=lambda one: one.value or 0.0)


def _placed(one: Estimate, setting: Setting, by: str, *, cell: Cell | None = None, code: str = "", reason_if_held: str = "") -> Estimate:
    """The estimate with what it is of."""
    evidence = setting.evidence
    cell = cell or ((one.code, one.value_id) if one.code and one.value_id else None)
    step, effect = evidence.moments.step_ms, setting.design.windows.effect
    is_lift = by.startswith("strategy")
    held = one.low is not None and bool(reason_if_held) and evidence.saw_context
    return one.with_(
        measure=METHOD,
        code=cell[0] if cell else None,
        value_id=cell[1] if cell else None,
        by=by,
        subject=code or one.subject,
        at_ms=effect[0] * step if is_lift else one.at_ms,
        end_ms=(effect[1] + 1) * step if is_lift else one.end_ms,
        unit=OF_MESSAGES if cell is not None and setting.of_messages and one.unit == "rate ratio" else one.unit,
        source=one.source or ("observed" if cell is None else "machine"),
        coder=None if cell is None else evidence.coder,
        target="superpopulation" if is_lift and ("_mean" in by or "_predictive" in by) else "corpus",
        rung="A-within",
        reason=reason_if_held if held else one.reason,
    )
