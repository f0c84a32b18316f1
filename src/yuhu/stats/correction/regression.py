"""Linear and logistic regression where the outcome, covariates or both were coded by a machine and corrected by gold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, equal_lengths, proportion
from yuhu.stats.clusters import numbered
from yuhu.stats.correction.coefficients import Model, fitted
from yuhu.stats.correction.design import gold_of


@dataclass(frozen=True)
class Regression:
    """Coefficients with their joint covariance.

    Parameters
    ----------
    names : tuple of str
        Of the coefficients, as of the columns of x.
    estimates : tuple of Estimate
        In their order; unit "slope", or "log odds".
    covariance : (p, p) float
        Under the target; NaN where there is none.
    degrees : float
        Degrees of freedom behind it.
    """

    names: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    covariance: Floats
    degrees: float

    def __getitem__(self, name: str) -> Estimate:
        """The estimate of one coefficient."""
        return self.estimates[self.names.index(name)]


def corrected_ols(
    machine: npt.ArrayLike,
    human: npt.ArrayLike,
    chance: npt.ArrayLike | None,
    x: npt.ArrayLike,
    *,
    human_x: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    cluster: npt.ArrayLike | None = None,
    stratum: npt.ArrayLike | None = None,
    tuned: bool = False,
    confidence: float = 0.95,
    guard: bool = True,
    design: str = "probability",
    generator: np.random.Generator | None = None,
) -> Regression:
    """Least squares with a coded outcome, coded covariates, or both.

    Parameters
    ----------
    machine, human, chance
        Outcome, as in `corrected_mean`. An outcome that was not coded but is known: give it as both, with NaN in `human` where not drawn.
    x : (N, p) float
        Covariates of every unit as known, or as the machine coded them; with a column of ones where an intercept is wanted.
    human_x : (N, p) float, optional
        The same columns as people coded them; read in drawn units only. None: all covariates are known.
    names : sequence of str, optional
        Of the columns; x0, x1, … if none are given.
    cluster, stratum, tuned, confidence, design, generator
        As in `corrected_mean`. Without clusters the coefficients are those that all N units would give, had people coded all of them.
    guard : bool
        Ask for enough gold (see Returns).

    Returns
    -------
    Regression
        Reasons: ``too_few_for_model`` (fewer than 10 gold units for each coefficient), ``not_estimable`` (fewer than 10 gold units speak of a
        coefficient, or fewer than 5 carry its variance),
        ``collinear``, ``no_convergence``, and those of `corrected_mean`. Where machine and people differ on fewer than 5 units, gold alone
        speaks (method ``….gold_only.v1``).

    Raises
    ------
    YuhuError
        As `corrected_mean`; YH301 also where x has another shape, YH303 where a covariate is missing or infinite.

    Notes
    -----
    ``Σ m(D̂) + (R/π)(m(D) − m(D̂)) = 0`` with m = x(Y − x'β); sandwich variance. With clusters CR2 up to 1,000 clusters, the factor G/(G − 1)
    beyond. O(N·p²). Sources: egami2023dsl; egami2024covariates; angelopoulos2023ppiplus (tuning); bell2002 (CR2); kline2012 (5 to 9 clusters).
    """
    model = Model("corrected_ols", logistic=False, tuned=tuned, confidence=confidence, guard=guard)
    return _regression(model, machine, human, chance, x, human_x, names, cluster, stratum, design, generator)


def corrected_logit(
    machine: npt.ArrayLike,
    human: npt.ArrayLike,
    chance: npt.ArrayLike | None,
    x: npt.ArrayLike,
    *,
    human_x: npt.ArrayLike | None = None,
    names: Sequence[str] | None = None,
    cluster: npt.ArrayLike | None = None,
    stratum: npt.ArrayLike | None = None,
    tuned: bool = False,
    confidence: float = 0.95,
    guard: bool = True,
    design: str = "probability",
    generator: np.random.Generator | None = None,
) -> Regression:
    """Logistic regression with a coded outcome in [0, 1], coded covariates, or both.

    Parameters
    ----------
    machine, human, chance, x, human_x, names, cluster, stratum, tuned, confidence, guard, design, generator
        As in `corrected_ols`.

    Returns
    -------
    Regression
        As `corrected_ols`; ``too_few_for_model`` also below 15 gold units with and without the code, ``separation`` where no finite
        coefficients solve the equations.

    Raises
    ------
    YuhuError
        As `corrected_ols`; YH303 also where an outcome lies outside [0, 1].

    Notes
    -----
    As `corrected_ols` with m = x(Y − expit(x'β)).
    """
    model = Model("corrected_logit", logistic=True, tuned=tuned, confidence=confidence, guard=guard)
    return _regression(model, machine, human, chance, x, human_x, names, cluster, stratum, design, generator)


def _regression(
    model: Model,
    machine: npt.ArrayLike,
    human: npt.ArrayLike,
    chance: npt.ArrayLike | None,
    x: npt.ArrayLike,
    human_x: npt.ArrayLike | None,
    names: Sequence[str] | None,
    cluster: npt.ArrayLike | None,
    stratum: npt.ArrayLike | None,
    design: str,
    generator: np.random.Generator | None,
) -> Regression:
    proportion(model.confidence, "confidence")
    gold = gold_of(machine, human, chance, stratum=stratum, design=design, bounds=(0.0, 1.0) if model.logistic else None)
    columns = _matrix(x, gold.units)
    seen = columns[gold.at] if human_x is None else _matrix(human_x, gold.units, gold.at)
    equal_lengths(machine=gold.machine, cluster=cluster)
    if seen.shape[1] != columns.shape[1]:
        raise YuhuError(
            "YH301", "x and human_x differ in columns", facts={"x": columns.shape[1], "human_x": seen.shape[1]}, fix="repeat known ones"
        )
    called = tuple(names) if names is not None else tuple(f"x{k}" for k in range(columns.shape[1]))
    if len(set(called)) != columns.shape[1] or len(called) != columns.shape[1]:
        facts = {"names": ", ".join(called), "columns": columns.shape[1]}
        raise YuhuError("YH303", "each column needs a name of its own", facts=facts, fix="one name for each column")
    works, count = (None, 0) if cluster is None else numbered(cluster)
    estimates, covariance, degrees = fitted(model, gold, columns, seen, works, count, generator)
    return Regression(called, tuple(estimates), covariance, degrees)


def _matrix(x: npt.ArrayLike, units: int, at: npt.NDArray[np.int64] | None = None) -> Floats:
    found = np.asarray(x, np.float64)
    if found.ndim != 2 or found.shape[0] != units:
        raise YuhuError(
            "YH301", "x needs one row for each unit", facts={"found": found.shape, "units": units}, fix="an array (units, columns)"
        )
    found = found if at is None else found[at]
    if found.size and not (np.isfinite(found.min()) and np.isfinite(found.max())):
        raise YuhuError(
            "YH303", "a covariate is missing or infinite", facts={"found": "NaN or infinity"}, fix="leave out units without covariates"
        )
    return found
