"""Agreement on timelines: where coders mark something, and what."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.stats.agreement.continua import Overlay, Segment, Stretch, overlay
from yuhu.stats.agreement.intervals import LEAST_CLUSTERS, percentile
from yuhu.stats.agreement.resampling import Resampler
from yuhu.stats.arrays import Floats, proportion

Timeline = Sequence[Segment]
Video = Sequence[Timeline | None]
Seen = Sequence[Sequence[Stretch] | None]

_SAME = 1e-12


@dataclass(frozen=True)
class Unitizing:
    """Agreement on timelines after Krippendorff and others (2016).

    Parameters
    ----------
    u : Estimate
        uα: segments, values and gaps together.
    binary : Estimate
        |uα: only where something is marked, whatever it is.
    coding : Estimate
        cuα: only what is said where two coders marked something.
    by_value : mapping of value to Estimate
        (k)uα: on one value against all else, gaps included.
    by_video : tuple of Estimate
        uα of each video, without interval.
    values : tuple
        Values in the order of the coincidences.
    coincidences : (K+1, K+1) float
        In quanta; 0 is the gap.
    quantum_ms : float
        Length that counts as 1; the coefficients depend on it.
    shared_ms : float
        Time that two coders have seen.
    """

    u: Estimate
    binary: Estimate
    coding: Estimate
    by_value: Mapping[Hashable, Estimate]
    by_video: tuple[Estimate, ...]
    values: tuple[Hashable, ...]
    coincidences: Floats
    quantum_ms: float
    shared_ms: float


def unitizing_alpha(
    continua: Video | Sequence[Video],
    *,
    length_ms: float | Sequence[float],
    quantum_ms: float = 100,
    values: Sequence[Hashable] | None = None,
    coverage: Seen | Sequence[Seen | None] | None = None,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Unitizing:
    """Krippendorff's alpha for timelines.

    Parameters
    ----------
    continua : sequence of timelines, or of videos
        One video: a timeline for each coder, each a sequence of ``(start_ms, end_ms, value)`` that do not overlap; None for a coder who has
        not worked on it. Several videos: one such sequence for each.
    length_ms : float, or sequence of float
        Length of the video, or of each. A number means one video.
    quantum_ms : float
        Length that counts as 1. It matters: a gap counts by its length, a segment by its square. Report it.
    values : sequence, optional
        Values to report on; those that occur if none are given.
    coverage : sequence, optional
        Nested as `continua`: stretches ``(start_ms, end_ms)`` that each coder has seen; None = all. What was seen and not marked is a gap and
        counts; what was not seen does not.
    confidence : float in (0, 1)
        Level of the intervals.
    draws : int
        Bootstrap samples of videos.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Unitizing
        Estimates of unit "coefficient", n = marked pieces; intervals by resampling videos from 8 videos on.

    Raises
    ------
    YuhuError
        YH301 not one length for each video, or not one coverage for each coder; YH303 an option; YH305 segments of one coder overlap, are empty or leave the video.

    Notes
    -----
    O(m·S·log S + S·K² + draws·(V + K²)) for S segments in V videos. Observed and expected coincidences as in krippendorff2016, pooled over
    videos; cuα and (k)uα compare observed with expected shares of the rows and columns they are about.
    """
    proportion(confidence, "confidence")
    if not quantum_ms > 0:
        raise YuhuError("YH303", "quantum_ms is not positive", facts={"found": quantum_ms}, fix="100, or the length of a frame")
    videos, lengths, seen = _nested(continua, length_ms, coverage)
    listed = _values(videos, values)
    places = {value: at + 1 for at, value in enumerate(listed)}
    layers = [
        overlay(video, stretches, places, length_ms=long, quantum_ms=quantum_ms)
        for video, stretches, long in zip(videos, seen, lengths, strict=True)
    ]
    table = np.stack([np.concatenate([layer.coincidences.reshape(-1), layer.squares]) for layer in layers])
    shared = [at for at, layer in enumerate(layers) if layer.length > 0]
    whole = table.sum(axis=0, keepdims=True)
    samples = _samples(table[shared], draws, seed) if len(shared) >= LEAST_CLUSTERS else None
    kinds = ["u", "binary", "coding", *range(1, len(listed) + 1)]
    coders = max((sum(timeline is not None for timeline in video) for video in videos), default=0)

    def estimate(kind: str | int, totals: Floats, drawn: Floats | None, some: Sequence[Overlay]) -> Estimate:
        about = Estimate(
            value=None,
            n=sum(layer.pieces for layer in some),
            n_videos=sum(layer.length > 0 for layer in some),
            unit="coefficient",
            method=f"{kind if isinstance(kind, str) else 'value'}_alpha_2016.quantum_{quantum_ms:g}ms.v1",
            reason="no_units",
        )
        return _estimate(about, kind, totals, drawn, coders, confidence, size=len(listed) + 1)

    found = [estimate(kind, whole, samples, layers) for kind in kinds]
    return Unitizing(
        u=found[0],
        binary=found[1],
        coding=found[2],
        by_value=dict(zip(listed, found[3:], strict=True)),
        by_video=tuple(estimate("u", table[at : at + 1], None, [layer]) for at, layer in enumerate(layers)),
        values=tuple(listed),
        coincidences=whole[0, : (len(listed) + 1) ** 2].reshape(len(listed) + 1, -1),
        quantum_ms=float(quantum_ms),
        shared_ms=sum(layer.length for layer in layers) * quantum_ms,
    )


def _nested(
    continua: Video | Sequence[Video], length_ms: float | Sequence[float], coverage: Seen | Sequence[Seen | None] | None
) -> tuple[Sequence[Video], list[float], Sequence[Seen | None]]:
    if isinstance(length_ms, int | float):
        return [cast("Video", continua)], [float(length_ms)], [cast("Seen | None", coverage)]
    videos, lengths = cast("Sequence[Video]", continua), [float(one) for one in length_ms]
    seen = cast("Sequence[Seen | None]", coverage) if coverage is not None else [None] * len(videos)
    if not len(videos) == len(lengths) == len(seen):
        found = {"videos": len(videos), "lengths": len(lengths), "coverage": len(seen)}
        raise YuhuError("YH301", "arrays differ in length", facts=found, fix="give one length for each video")
    return videos, lengths, seen


def _values(videos: Sequence[Video], values: Sequence[Hashable] | None) -> list[Hashable]:
    used = {segment[2] for video in videos for timeline in video if timeline is not None for segment in timeline}
    if values is None:
        return sorted(used, key=lambda value: (str(type(value)), str(value)))
    strange = used - set(values)
    if strange:
        raise YuhuError("YH305", "a segment has none of the values", facts={"found": min(map(str, strange))}, fix="give all values")
    return list(values)


def _samples(table: Floats, draws: int, seed: int) -> Floats:
    rng = generator(seed, "agreement", "unitizing")
    resampler = Resampler(np.ones(table.shape[0], np.int64), rng)
    return np.concatenate([rows @ table for rows in resampler.samples(draws, 256)])


def _estimate(
    about: Estimate, kind: str | int, totals: Floats, drawn: Floats | None, coders: int, confidence: float, *, size: int
) -> Estimate:
    value = float(alpha_2016(totals, kind, size)[0])
    if np.isnan(value):
        return about.with_(reason=_why(totals[0], kind, coders, size))
    value = min(value, 1.0)
    if value > 1 - _SAME:
        return about.with_(value=1.0, reason="no_disagreement")
    if drawn is None:
        return about.with_(value=value, reason="too_few_blocks")
    interval = percentile(value, alpha_2016(drawn, kind, size), confidence=confidence)
    if isinstance(interval, str):
        return about.with_(value=value, reason=interval)
    return about.with_(value=value, low=interval[0], high=min(interval[1], 1.0), confidence=confidence, reason="")


def _why(totals: Floats, kind: str | int, coders: int, size: int) -> str:
    table = totals[: size * size].reshape(size, size)
    if coders < 2:
        return "one_coder"
    if table.sum() == 0:
        return "no_overlap"
    if table[1:].sum() == 0:
        return "nothing_marked"
    if isinstance(kind, int):
        return "value_not_used" if table[kind].sum() == 0 else "one_value_used"
    return "never_both_marked" if kind == "coding" and table[1:, 1:].sum() == 0 else "one_value_used"


def alpha_2016(totals: Floats, kind: str | int, size: int) -> Floats:
    """A coefficient of the family from coincidences and squared lengths.

    Parameters
    ----------
    totals : (b, size² + size) float
        Coincidences, then squared lengths (plain length for the gap).
    kind : str or int
        ``u``, ``binary``, ``coding``, or the place of a value.
    size : int
        Values, and the gap.

    Returns
    -------
    (b,) float
        NaN where nothing could disagree.

    Notes
    -----
    ε_ck = ℓ·(ℓ_c·ℓ_k - 1[c=k]·Q_c) / (ℓ² - ΣQ). Source: krippendorff2016.
    """
    observed, squares = totals[:, : size * size].reshape(-1, size, size), totals[:, size * size :]
    if kind == "binary":
        observed, squares = _merged(observed, squares)
    expected = _expected(observed, squares)
    if isinstance(kind, int):
        observed, expected, diagonal = observed[:, kind], expected[:, kind], kind
        seen, chance = observed.sum(axis=1) - observed[:, diagonal], expected.sum(axis=1) - expected[:, diagonal]
        scale = observed.sum(axis=1)
    else:
        if kind == "coding":
            observed, expected = observed[:, 1:, 1:], expected[:, 1:, 1:]
        seen, chance = (table.sum(axis=(1, 2)) - np.trace(table, axis1=1, axis2=2) for table in (observed, expected))
        scale = observed.sum(axis=(1, 2))
        if kind == "coding":
            with np.errstate(divide="ignore", invalid="ignore"):
                chance = chance * scale / expected.sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where((chance > _SAME * scale) & (scale > 0), 1 - seen / chance, np.nan)
    return found


def _expected(observed: Floats, squares: Floats) -> Floats:
    margin = observed.sum(axis=2)
    total = margin.sum(axis=1)
    products = margin[:, :, None] * margin[:, None, :]
    at = np.arange(margin.shape[1])
    products[:, at, at] -= squares
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = products * (total / (total**2 - squares.sum(axis=1)))[:, None, None]
    return found


def _merged(observed: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """All values as one; the pieces stay what they are."""
    gap, rest = observed[:, 0, 0], observed[:, 1:, 1:].sum(axis=(1, 2))
    across = observed[:, 0, 1:].sum(axis=1)
    table = np.stack([np.stack([gap, across], axis=1), np.stack([across, rest], axis=1)], axis=1)
    return table, np.stack([squares[:, 0], squares[:, 1:].sum(axis=1)], axis=1)
