"""Is a code the same in both languages? Agreement and DIF across the two versions of each unit of the bridge sets, and a verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from yuhu.coding.ratings import level_of, scale_of
from yuhu.core.codebook import Codebook, Variable
from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.measures.decisions import shares_of
from yuhu.stats.agreement import AlphaEstimate, krippendorff_alpha
from yuhu.stats.dif import LARGE, MODERATE, LogisticDif, OddsDif, logistic_dif, odds_dif
from yuhu.stats.dif_randomised import Comparison, Randomised, randomised_dif
from yuhu.stats.multiplicity import holm
from yuhu.study.agreements import BRIDGE, COMPARABLE, NOT_COMPARABLE, NOT_JUDGED, VERDICT
from yuhu.verbs.agree_rows import row
from yuhu.verbs.bridge_codings import BridgeCodings, answers_of, totals_without

LEAST_PAIRS = 50
LEAST_EACH = 10
_MORE = 2
LANGUAGE, TRANSLATION = "language", "translation"
"""Splits of the answers: English against Chinese version, translation against original."""

Floats = npt.NDArray[np.float64]
Row = dict[str, Any]


@dataclass(frozen=True)
class _Pairs:
    """One decision: sheets of units that both groups coded, and how far the versions agree."""

    variable: Variable
    is_paired: npt.NDArray[np.bool_]
    n_units: int
    n_coders: int
    alpha: AlphaEstimate

    @property
    def sizes(self) -> dict[str, int | None]:
        return {"n_units": self.n_units, "n_coders": self.n_coders, "n_videos": None}


@dataclass(frozen=True)
class _Tested:
    """One value of a decision under one split."""

    pairs: _Pairs
    value: str
    split: str
    answers: Floats
    comparison: Comparison
    odds: OddsDif
    logistic: LogisticDif

    @property
    def fewest(self) -> int:
        """Sheets with the value or without it, whichever are fewer."""
        known = self.answers[np.isfinite(self.answers)]
        return int(min(known.sum(), known.size - known.sum()))


def bridge_rows(
    found: BridgeCodings, book: Codebook, known: Sequence[Variable], *, minimum: float, confidence: float, draws: int, seed: int
) -> list[Row]:
    """Rows of `study.agreements.SCHEMA` on how far codes are comparable between the two languages.

    Parameters
    ----------
    found : BridgeCodings
        Codings of bridge sets.
    book : Codebook
        The study's codebook.
    known : sequence of Variable
        The decisions to judge; all of them are one family of tests.
    minimum : float
        Least alpha across the versions.
    confidence : float in (0, 1)
        Of intervals; 1 - confidence is the level of the tests.
    draws, seed : int
        Of the randomisation tests and the bootstrap.

    Returns
    -------
    list of dict
        For each decision alpha across versions, for each of its values and both splits the ETS delta with its interval and adjusted p, the change of the
        difference with the total, the two tests of the logistic model (p after Holm), and the verdict; last the verdict on the decision.

    Notes
    -----
    O(draws x sheets x values). See docs/decisions/0014. Sources: swaminathan1990, holland1988, zieky1993, westfall1993.
    """
    pairs = [_pairs(found, one, minimum, confidence, draws, seed) for one in known if (found.rows["code"] == one.id).any()]
    tested = [one for each in pairs if each.n_units for one in _tested(found, book, each, confidence)]
    chances = _chances(found, tested, draws, seed)
    uniform, by_total = (_holm([getattr(one.logistic, name).p for one in tested]) for name in ("uniform", "non_uniform"))
    rows: list[Row] = []
    for each in pairs:
        rows.append(row(each.variable, BRIDGE, "versions", "krippendorff_alpha", each.alpha, each.sizes))
        mine = [at for at, one in enumerate(tested) if one.pairs is each]
        for at in mine:
            rows += _rows(tested[at], chances[at], uniform[at], by_total[at])
        rows += _verdicts(each, [tested[at] for at in mine], [chances[at] for at in mine], minimum, 1 - confidence)
    return rows + list(_nameless(found, known, {one.variable.id for one in pairs}))


def _pairs(found: BridgeCodings, variable: Variable, minimum: float, confidence: float, draws: int, seed: int) -> _Pairs:
    values, numbers = scale_of(variable)
    said = np.full(found.sheets.height, np.nan)
    mine = found.rows.filter(found.rows["code"] == variable.id)
    said[mine["sheet"].to_numpy()] = [numbers[one] for one in mine["value"]]
    units, is_a = found.sheets["unit"].to_numpy(), found.sheets["is_a"].to_numpy()
    sides = [{unit: np.flatnonzero(side & np.isfinite(said) & (units == unit)) for unit in np.unique(units)} for side in (is_a, ~is_a)]
    both = [unit for unit in sides[0] if sides[0][unit].size and sides[1][unit].size]
    columns = [(unit, one, other) for unit in both for one in sides[0][unit] for other in sides[1][unit]]
    is_paired = np.isin(units, both) & np.isfinite(said)
    translated = found.fallen()
    table = np.array(
        [[said[two] if translated[one] else said[one], said[one] if translated[one] else said[two]] for _, one, two in columns]
    )
    alpha = krippendorff_alpha(
        table.T if columns else np.full((2, 1), np.nan),
        level=level_of(variable),
        values=values,
        cluster=np.array([unit for unit, _, _ in columns]) if len(columns) > len(both) else None,
        minimum=minimum,
        confidence=confidence,
        draws=draws,
        seed=seed,
    )
    coders = found.sheets["coder"].to_numpy()[is_paired]
    return _Pairs(variable, is_paired, len(both), len(set(coders)), alpha)


def _tested(found: BridgeCodings, book: Codebook, pairs: _Pairs, confidence: float) -> Iterator[_Tested]:
    variable = pairs.variable
    total = totals_without(found, book, variable.code)
    units = found.sheets["unit"].to_numpy()
    one_each = _one_each(found, pairs)
    for value in shares_of(variable):
        answers = np.where(pairs.is_paired, answers_of(found, variable, value), np.nan)
        for split, focal_if_0 in ((LANGUAGE, found.is_english()), (TRANSLATION, found.is_translation())):
            focal, kept = focal_if_0 ^ found.fallen(), np.isfinite(answers)
            odds = _odds(answers[kept], focal[kept], total[kept], units[kept], confidence)
            logistic = logistic_dif(answers[one_each], focal[one_each], total[one_each], confidence=confidence)
            yield _Tested(pairs, value, split, answers, Comparison(answers, total, focal_if_0), odds, logistic)


def _odds(answers: Floats, focal: npt.NDArray[np.bool_], total: Floats, units: npt.NDArray[np.int64], confidence: float) -> OddsDif:
    """Mantel-Haenszel DIF whose interval is that of the data with two more units of either kind of disagreement.

    Where versions hardly ever disagree, leaving out units shows no variance: ten rare positives that agree would pass for certainty.
    """
    found = odds_dif(answers, focal, total, cluster=units, confidence=confidence)
    if found.delta.value is None:
        return found
    extra = np.arange(4 * _MORE)  # two sheets for each unit put in: one version is given the code, the other is not
    is_focal, is_given = extra % 2 == 0, (extra % 2 == 0) == (extra // 2 % 2 == 0)
    middle = np.full(extra.size, np.quantile(total[answers > 0], 0.5, method="lower"))
    wider = odds_dif(
        np.concatenate([answers, is_given.astype(np.float64)]),
        np.concatenate([focal, is_focal]),
        np.concatenate([total, middle]),
        cluster=np.concatenate([units, units.max() + 1 + extra // 2]),
        confidence=confidence,
    ).delta
    if wider.low is None or wider.high is None:
        return found
    value, half = found.delta.value, (wider.high - wider.low) / 2
    return replace(found, delta=wider.with_(value=value, low=value - half, high=value + half, n=found.delta.n))


def _one_each(found: BridgeCodings, pairs: _Pairs) -> npt.NDArray[np.bool_]:
    """One sheet for each version of a unit, the first coder by name: the logistic model takes answers for independent."""
    sheets = found.sheets.filter(pairs.is_paired).unique(["unit", "is_a"], keep="first", maintain_order=True)
    out = np.zeros(found.sheets.height, np.bool_)
    out[sheets["sheet"].to_numpy()] = True
    return out


def _chances(found: BridgeCodings, tested: Sequence[_Tested], draws: int, seed: int) -> list[Randomised]:
    if not tested:
        return []
    units = found.sheets["unit"].to_numpy()
    luck = generator(seed, "agree", BRIDGE)
    return randomised_dif([one.comparison for one in tested], units, found.lots, found.blocks, draws=draws, generator=luck)


def _holm(found: Sequence[float | None]) -> list[float | None]:
    known = [at for at, one in enumerate(found) if one is not None]
    adjusted = dict(zip(known, holm([one for one in found if one is not None]), strict=True))
    return [float(adjusted[at]) if at in adjusted else None for at in range(len(found))]


def _rows(one: _Tested, chance: Randomised, uniform: float | None, by_total: float | None) -> Iterator[Row]:
    which = (one.pairs.variable, BRIDGE, one.split)
    sizes = one.pairs.sizes
    delta = row(*which, "ets_delta", one.odds.delta, sizes, of=one.value)
    yield delta | {"p": chance.uniform_adjusted, "verdict": one.odds.ets_class or None}
    yield row(*which, "logistic_uniform", one.logistic.effect, sizes, of=one.value) | {"p": uniform}
    yield row(*which, "logistic_non_uniform", one.logistic.interaction, sizes, of=one.value) | {"p": by_total}
    trend = Estimate(value=None, n=sizes["n_units"] or 0, unit="log odds", method="randomised_dif.v1", reason="test_alone")
    yield row(*which, "non_uniform", trend, sizes, of=one.value) | {"p": chance.non_uniform_adjusted}


def _verdicts(pairs: _Pairs, tested: Sequence[_Tested], chances: Sequence[Randomised], minimum: float, level: float) -> list[Row]:
    """The verdict on each value of a decision that has several, and on the decision: that of its values if they have one, else the worst."""
    found: list[tuple[str | None, str, str]] = []
    for value in dict.fromkeys(one.value for one in tested):
        mine = [at for at, one in enumerate(tested) if one.value == value]
        found.append((value, *_verdict(pairs, [tested[at] for at in mine], [chances[at] for at in mine], minimum, level)))
    if not found:
        found.append((None, NOT_JUDGED, "too_few_pairs"))
    worst = next((one for verdict in (NOT_COMPARABLE, NOT_JUDGED, COMPARABLE) for one in found if one[1] == verdict), found[0])
    whole = (None, worst[1], worst[2])
    return [_said(pairs.variable, pairs.sizes, *one) for one in ([*found, whole] if len(found) > 1 else [whole])]


def _verdict(pairs: _Pairs, tested: Sequence[_Tested], chances: Sequence[Randomised], minimum: float, level: float) -> tuple[str, str]:
    if pairs.n_units < LEAST_PAIRS:
        return NOT_JUDGED, "too_few_pairs"
    for one, chance in zip(tested, chances, strict=True):
        delta = one.odds.delta.value
        if chance.uniform_adjusted is not None and chance.uniform_adjusted <= level and (delta is None or abs(delta) >= MODERATE):
            return NOT_COMPARABLE, "coded_differently"
        if chance.non_uniform_adjusted is not None and chance.non_uniform_adjusted <= level:
            return NOT_COMPARABLE, "differs_with_total"
    alpha = pairs.alpha
    if alpha.high is not None and alpha.high < minimum:
        return NOT_COMPARABLE, "versions_disagree"
    if min(one.fewest for one in tested) < LEAST_EACH:
        return NOT_JUDGED, "too_rare"
    for one in tested:
        low, high = one.odds.delta.low, one.odds.delta.high
        if low is None or high is None:
            return NOT_JUDGED, one.odds.delta.reason
        if low <= -LARGE or high >= LARGE:
            return NOT_JUDGED, "reaches_large"
    if alpha.low is None or alpha.low < minimum:
        return NOT_JUDGED, "versions_not_shown" if alpha.low is not None else alpha.reason
    return COMPARABLE, ""


def _said(variable: Variable, sizes: dict[str, int | None], value: str | None, verdict: str, reason: str) -> Row:
    found = Estimate(value=None, n=sizes["n_units"] or 0, unit="units", method="bridge_verdict.v1", reason=reason or "test_alone")
    return row(variable, BRIDGE, "all", VERDICT, found, sizes, of=value) | {"verdict": verdict, "reason": reason or None}


def _nameless(found: BridgeCodings, known: Sequence[Variable], done: set[str]) -> Iterator[Row]:
    """Decisions that were coded only where nobody said which coders saw which version."""
    counts = dict(found.unplaced.iter_rows())
    for variable in known:
        if variable.id in counts and variable.id not in done:
            sizes = {"n_units": int(counts[variable.id]), "n_coders": None, "n_videos": None}
            yield _said(variable, sizes, None, NOT_JUDGED, "groups_unknown")
