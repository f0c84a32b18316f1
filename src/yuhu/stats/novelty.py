"""How unlike earlier works a work is, by its words and by the codes it combines."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, proportion
from yuhu.stats.survey import wilson

METHOD, SURPRISAL, PERCENTILE = "tfidf_novelty.v1", "independence_surprisal.v1", "percentile.v1"
LEAST_EARLIER = LEAST_OTHERS = 10
NGRAMS = (2, 4)
LONGEST = 20_000
MOST = 2_000
_BLOCK = 256


def text_novelty(texts: Sequence[str], *, confidence: float = 0.95) -> list[Estimate]:
    """One less the cosine to the most alike earlier text.

    Parameters
    ----------
    texts : sequence of str
        One for each work, the earliest first; the first 20,000 characters count. Empty: nothing is known.
    confidence : float in (0, 1)
        Level.

    Returns
    -------
    list of Estimate
        In their order; unit "novelty" in [0, 1]; n = earlier texts. The interval is what resampled earlier texts would give, in closed form: its upper
        end is the distance to about the fourth most alike. Reasons: ``no_text_shown``, ``too_few_earlier`` below 10.

    Raises
    ------
    YuhuError
        YH303 `confidence`.

    Notes
    -----
    TF-IDF of character 2- to 4-grams, sublinear; idf over all texts. The last 2,000 works are measured; O(works² x n-grams of a text) at most. Source: uzzi2013 (the idea of unusual combinations).
    """
    proportion(confidence, "confidence")
    known = [at for at, text in enumerate(texts) if text.strip()]
    blank = Estimate(value=None, unit="novelty", method=METHOD, reason="no_text_shown")
    out = [blank] * len(texts)
    for place, at in enumerate(known):
        out[at] = blank.with_(n=place, reason="too_few_earlier")
    if len(known) <= LEAST_EARLIER:
        return out
    first = max(LEAST_EARLIER, len(known) - MOST)
    for place, nearest in _nearest([texts[at][:LONGEST] for at in known], first, confidence):
        value, high = 1 - nearest[0], 1 - nearest[1]
        out[known[place]] = blank.with_(value=value, low=value, high=max(value, high), n=place, confidence=confidence, reason="")
    return out


def _nearest(texts: Sequence[str], first: int, confidence: float) -> list[tuple[int, tuple[float, float]]]:
    """Cosine to the most alike earlier text, and to the one that resampling would still find with 1 − the tail's chance."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    try:
        matrix = TfidfVectorizer(analyzer="char", ngram_range=NGRAMS, sublinear_tf=True).fit_transform(texts)
    except ValueError:  # texts shorter than a bigram: nothing to compare
        return []
    tail, out = (1 - confidence) / 2, []
    for start in range(first, len(texts), _BLOCK):
        stop = min(start + _BLOCK, len(texts))
        alike = (matrix[start:stop] @ matrix[:stop].T).toarray()
        for place in range(start, stop):
            row = np.clip(alike[place - start, :place], 0.0, 1.0)
            missed = min(math.floor(place * (1 - tail ** (1 / place))), place - 1)
            ranked = np.partition(row, [place - 1 - missed, place - 1])
            out.append((place, (float(ranked[place - 1]), float(ranked[place - 1 - missed]))))
    return out


def surprisal(
    present: npt.ArrayLike, generator: np.random.Generator, *, draws: int = 999, confidence: float = 0.95
) -> list[Estimate]:  # fmt: skip
    """How unlikely the codes of a work are together, if each came as often as in earlier works and without regard to the others.

    Parameters
    ----------
    present : (V, C) bool
        Codes of each work, the earliest first.
    generator : numpy.random.Generator
        Of the draws.
    draws : int
        Resamples of the earlier works.
    confidence : float in (0, 1)
        Level.

    Returns
    -------
    list of Estimate
        Unit "bits"; n = earlier works; ``too_few_earlier`` below 10.

    Raises
    ------
    YuhuError
        YH301 `present` is no table; YH303 `confidence`.

    Notes
    -----
    ``−Σ log₂ p`` with p = (k + ½)/(n + 1) of each code that is there, 1 − p of each that is not. Works with the same codes are drawn together: how many of
    each combination are in a resample is multinomial. O(V·draws·(K + C)) for K combinations among the works, the last 2,000 works.
    """
    proportion(confidence, "confidence")
    table = np.asarray(present, np.bool_)
    if table.ndim != 2:
        raise YuhuError("YH301", "codes need one row for each work", facts={"found": table.shape}, fix="an array (works, codes)")
    blank = Estimate(value=None, unit="bits", method=SURPRISAL, reason="too_few_earlier")
    out, tail = [], (1 - confidence) / 2
    combinations, which = np.unique(table, axis=0, return_inverse=True)
    which, times = which.reshape(-1), np.zeros(len(combinations), np.int64)
    for place, own in enumerate(table):
        if place:
            times[which[place - 1]] += 1
        if place < LEAST_EARLIER or place < len(table) - MOST:
            out.append(blank.with_(n=place))
            continue
        value = float(_bits((times @ combinations)[None, :], place, own)[0])
        seen = times > 0
        again = generator.multinomial(place, times[seen] / place, size=draws) @ combinations[seen]
        low, high = np.quantile(_bits(again, place, own), [tail, 1 - tail]).tolist()
        out.append(blank.with_(value=value, low=min(low, value), high=max(high, value), n=place, confidence=confidence, reason=""))
    return out


def _bits(counts: npt.NDArray[np.int64], n: int, own: npt.NDArray[np.bool_]) -> Floats:
    share = (counts + 0.5) / (n + 1)
    return np.asarray(-np.log2(np.where(own, share, 1 - share)).sum(axis=1))


def percentiles(values: Sequence[float | None], *, confidence: float = 0.95) -> list[Estimate]:
    """The place of each number among the others.

    Parameters
    ----------
    values : sequence of float or None
        One for each work; None where there is none.
    confidence : float in (0, 1)
        Level.

    Returns
    -------
    list of Estimate
        Share of the other works with a lower number, equal ones half; n = other works; Wilson's interval, as if the others were drawn from works like
        these. ``too_few_others`` below 10.

    Raises
    ------
    YuhuError
        YH303 `confidence`.

    Notes
    -----
    O(V log V).
    """
    proportion(confidence, "confidence")
    known = np.sort([value for value in values if value is not None])
    n = known.size - 1
    out = []
    for value in values:
        blank = Estimate(value=None, n=max(n, 0) if value is not None else known.size, method=PERCENTILE, reason="too_few_others")
        if value is None or n < LEAST_OTHERS:
            out.append(blank)
            continue
        below, upto = (int(np.searchsorted(known, value, side=side)) for side in ("left", "right"))
        share = (below + (upto - below - 1) / 2) / n
        low, high = wilson(share, n, confidence)
        out.append(blank.with_(value=share, low=low, high=high, confidence=confidence, reason=""))
    return out
