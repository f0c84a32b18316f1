"""Videos in which nothing is to be found, four designs, and the methods that people use instead; for the tables of docs/moments-statistics.md."""

import numpy as np
from scipy import signal, stats

from yuhu.stats.position import position_basis
from yuhu.stats.shift import VideoSeries

BINS, ONSETS, SEGMENT = 600, 6, 15
NULLS = ("inhomogeneous Poisson", "overdispersed, Gamma k = 5", "autocorrelated, AR .9", "20 videos, late strategies, rising response")
VIDEOS, SHORT = 20, 300


def autocorrelated(rng, bins, rho=0.9, sd=0.5):
    """Multiplier with mean 1 whose log is AR(1)."""
    noise = rng.normal(size=bins) * np.sqrt(1 - rho**2)
    noise[0] /= np.sqrt(1 - rho**2)
    return np.exp(sd * signal.lfilter([1.0], [1.0, -rho], noise) - sd**2 / 2)


def rates(rng, design, bins=BINS, base=3.0):
    """Expected responses of each bin under a null design of one video."""
    place = np.arange(bins) / bins
    if design == NULLS[0]:
        return base * np.exp(0.5 * np.sin(2 * np.pi * (1.5 * place + rng.random())))
    if design == NULLS[1]:
        return base * rng.gamma(5, 1 / 5, bins)
    if design == NULLS[2]:
        return base * autocorrelated(rng, bins)
    return base * (0.4 + 1.2 * place ** rng.uniform(0.7, 1.5)) * rng.gamma(5, 1 / 5, bins)


def segments(rng, bins=BINS, onsets=ONSETS, *, late=False):
    """(1, bins): segments of 15 s that do not overlap, anywhere or mostly in the second half."""
    room = bins - onsets * SEGMENT
    free = rng.beta(4, 1.5, onsets) if late else rng.random(onsets)
    starts = (np.sort(free) * room).astype(int) + SEGMENT * np.arange(onsets)
    out = np.zeros((1, bins))
    for start in starts:
        out[0, start : start + SEGMENT] = 1
    return out


def lifted(rate, shown, lift):
    """The rate raised 2 to 15 s after each onset."""
    out = rate.copy()
    video = VideoSeries(np.zeros(rate.size), shown)
    for start in video.onsets(0)[0]:
        out[start + 2 : start + 16] *= lift
    return out


def study(rng, design, lift=1.0):
    """Videos of one round."""
    if design != NULLS[3]:
        shown = segments(rng)
        return [VideoSeries(rng.poisson(lifted(rates(rng, design), shown, lift)), shown)]
    out = []
    for number in range(VIDEOS):
        shown = segments(rng, SHORT, 3, late=True)
        out.append(VideoSeries(rng.poisson(lifted(rates(rng, design, SHORT), shown, lift)), shown, name=str(number)))
    return out


def effect_window(video):
    return lifted(np.ones(video.bins), video.strategies, 2.0) - 1


def regression(videos, lags=None, *, position=True):
    """p of the effect window in least squares of counts on it and on position; with `lags`, Newey and West's errors."""
    top = bottom = variance = 0.0
    for video in videos:
        basis = position_basis(video.bins, "legendre" if position else "none", 6)
        window = effect_window(video)
        onto = np.linalg.lstsq(basis, np.stack([window, video.counts], axis=1), rcond=None)[0]
        x, y = (np.stack([window, video.counts], axis=1) - basis @ onto).T
        slope = (x @ y) / (x @ x)
        rest = y - slope * x
        if lags is None:
            part = (x @ x) * (rest @ rest) / (video.bins - basis.shape[1] - 1)
        else:
            z = x * rest
            part = z @ z + 2 * sum((1 - lag / (lags + 1)) * (z[lag:] @ z[:-lag]) for lag in range(1, lags + 1))
        top, bottom, variance = top + x @ y, bottom + x @ x, variance + max(part, 1e-12)
    return 2 * stats.norm.sf(abs(top) / np.sqrt(variance))


def bin_permutation(videos, rng, draws=499):
    """p of the mean in the effect window if bins are permuted, net of position."""
    seen, drawn = 0.0, np.zeros(draws)
    for video in videos:
        basis = position_basis(video.bins, "legendre", 6)
        rest = video.counts - basis @ np.linalg.lstsq(basis, video.counts, rcond=None)[0]
        window = effect_window(video)
        seen += window @ rest
        drawn += rng.permuted(np.tile(rest, (draws, 1)), axis=1) @ window
    return (1 + (np.abs(drawn) >= abs(seen)).sum()) / (draws + 1)
