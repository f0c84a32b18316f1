"""Scores as probabilities, and the probability from which a code counts as there."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_ROUNDS = 100
_CLOSE = 1e-10


def logistic(scores: Floats) -> Floats:
    """1 / (1 + exp(-s)), without overflow."""
    turned = np.exp(-np.abs(scores))
    return np.where(scores >= 0, 1 / (1 + turned), turned / (1 + turned))


def platt(scores: Floats, yes: Floats) -> tuple[float, float]:
    """Slope and intercept that make scores of unseen texts log-odds.

    Parameters
    ----------
    scores : (N,) float
        Scores of texts by models that did not see them.
    yes : (N,) float in [0, 1]
        Share of coders who said yes.

    Returns
    -------
    slope, intercept : float
        The slope is never below 0: scores that tell nothing, or the wrong way round, give each text the share of yes.

    Notes
    -----
    Newton's method, O(N) a round. Targets are pulled in by one text of each kind, so that separable scores have a finite answer.
    Source: platt1999probabilistic, lin2007note.
    """
    n_yes, n_no = float(yes.sum()), float((1 - yes).sum())
    target = yes * (n_yes + 1) / (n_yes + 2) + (1 - yes) / (n_no + 2)
    prior = float(np.log((n_yes + 1) / (n_no + 1)))
    spread = float(scores.std())
    if spread < _CLOSE:
        return 0.0, prior
    centre = float(scores.mean())
    design = np.column_stack([(scores - centre) / spread, np.ones(len(scores))])
    beta = np.array([0.0, prior])
    loss = _log_loss(design @ beta, target)
    for _ in range(_ROUNDS):
        fitted = logistic(design @ beta)
        gradient = design.T @ (fitted - target)
        curve = design.T @ (design * (fitted * (1 - fitted))[:, None]) + 1e-12 * np.eye(2)
        step, size = np.linalg.solve(curve, gradient), 1.0
        while size > _CLOSE and _log_loss(design @ (beta - size * step), target) > loss:
            size /= 2
        beta = beta - size * step
        loss = _log_loss(design @ beta, target)
        if float(np.abs(gradient).max()) < _CLOSE * len(scores):
            break
    slope = float(beta[0] / spread)
    return (slope, float(beta[1]) - slope * centre) if slope > 0 else (0.0, prior)


def _log_loss(odds: Floats, target: Floats) -> float:
    return float((np.logaddexp(0, odds) - target * odds).sum())


def log_loss(probability: Floats, yes: Floats) -> float:
    """Mean log loss, in nats."""
    inside = np.clip(probability, 1e-12, 1 - 1e-12)
    return float(-(yes * np.log(inside) + (1 - yes) * np.log1p(-inside)).mean())


def best_threshold(probability: Floats, yes: Floats) -> float:
    """The probability from which F1 is largest; half-way to the next lower one. 0.5 where nobody said yes.

    Notes
    -----
    O(N log N).
    """
    order = np.argsort(-probability, kind="stable")
    sorted_probability = probability[order]
    hits = np.cumsum(yes[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + yes.sum())
    last = np.append(sorted_probability[1:] < sorted_probability[:-1], True)
    if not hits[-1]:
        return 0.5
    at = int(np.argmax(np.where(last, f1, -1)))
    following = sorted_probability[at + 1] if at + 1 < len(order) else 0.0
    return float((sorted_probability[at] + following) / 2)


def calibration_error(probability: Floats, yes: Floats, *, bins: int = 10) -> float:
    """Expected calibration error over bins of equal size: the mean distance of what was said from what was so.

    Notes
    -----
    Positive even for perfect probabilities, the more the fewer texts. Source: naeini2015obtaining.
    """
    parts = np.array_split(np.argsort(probability, kind="stable"), min(bins, len(probability)))
    return float(sum(abs(float((probability[part] - yes[part]).sum())) for part in parts) / len(probability))
