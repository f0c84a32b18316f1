"""``moments.yaml``: what an analysis of moments is, declared once and recorded with its results."""

from dataclasses import asdict, dataclass, field
from typing import Any

import yaml

FILE = "moments.yaml"
RETENTIONS = ("auto", "measured", "flat", "declared", "unknown")
"""``auto``: measured where the study has a curve of the video, else unknown; ``unknown``: a conclusion must hold in every scenario."""
BASELINES = ("hourly", "day_night", "constant")
ECHO = ("both", "with", "without")
SEGMENTS = ("activity", "language", "region", "none")
_LONGEST_MS = 86_400_000


def _number(default: Any, least: float, most: float) -> Any:
    return field(default=default, metadata={"least": least, "most": most})


def _one_of(default: str, *known: str) -> Any:
    return field(default=default, metadata={"known": known})


def _many(default: tuple[Any, ...], kind: type, least: float | None = None, most: float | None = None, exactly: int | None = None) -> Any:
    return field(default=default, metadata={"many": kind, "least": least, "most": most, "exactly": exactly})


@dataclass(frozen=True)
class Mask:
    """Stretches and messages that no analysis of moments counts.

    Parameters
    ----------
    first_ms, last_ms : int
        Left out at the start (floods of greetings) and at the end of each video.
    leave_out : tuple of str
        Rules of cleaning whose messages are left out; their number is an estimate of its own.
    """

    first_ms: int = _number(5_000, 0, _LONGEST_MS)
    last_ms: int = _number(0, 0, _LONGEST_MS)
    leave_out: tuple[str, ...] = _many(("greeting_flood",), str)


@dataclass(frozen=True)
class Watching:
    """How many were watching at each moment.

    Parameters
    ----------
    retention : str
        One of `RETENTIONS`.
    half_lives : tuple of float
        Scenarios where nobody knows: watching halves every so many durations; flat is always among them.
    declared : tuple of (float, float)
        A curve that somebody declares: share of the duration, share of the viewers; straight between the points.
    """

    retention: str = _one_of("auto", *RETENTIONS)
    half_lives: tuple[float, ...] = _many((0.25, 0.5, 1.0), float, 0.01, 100)
    declared: tuple[tuple[float, float], ...] = _many((), tuple)


@dataclass(frozen=True)
class Intensity:
    """Rates over media time: the window in which gold corrects the rate of a code."""

    window_ms: int = _number(30_000, 1_000, _LONGEST_MS)


@dataclass(frozen=True)
class Peaks:
    """The scan for peaks.

    Parameters
    ----------
    shortest_ms, longest_ms : int
        Windows.
    draws : int
        Draws of the null at most; they end early where a window is plainly no peak.
    alpha : float
        Family-wise error over the windows of a video.
    most : int
        Peaks of a video at most.
    before_ms : int
        What was on screen so long before a peak counts, too: typing takes time.
    code_scans : int
        Scans of single codes at most, those of a video and a code with most messages first.
    """

    shortest_ms: int = _number(2_000, 1, _LONGEST_MS)
    longest_ms: int = _number(30_000, 1, _LONGEST_MS)
    draws: int = _number(999, 19, 1_000_000)
    alpha: float = _number(0.05, 0.0001, 0.5)
    most: int = _number(10, 1, 1_000)
    before_ms: int = _number(5_000, 0, _LONGEST_MS)
    code_scans: int = _number(400, 0, 1_000_000)


@dataclass(frozen=True)
class EventStudy:
    """Lifts after strategies.

    Parameters
    ----------
    baseline_ms, effect_ms : (int, int)
        First and last lag that are compared.
    last_ms : int
        Last lag in the model.
    shifts : int
        Circular shifts drawn where all are too many.
    seam_ms : int
        Left out at both ends of a video.
    position : str
        ``legendre`` or ``spline``: the smooth course of position.
    echo : str
        ``with`` messages that repeat a line, ``without`` them, or ``both``.
    codes_as : str
        ``share``: of the messages that a coder can code, how many more have the code after a strategy; ``rate``: how many more messages with the code come.
    """

    baseline_ms: tuple[int, int] = _many((-5_000, -1_000), int, -_LONGEST_MS, _LONGEST_MS, 2)
    effect_ms: tuple[int, int] = _many((2_000, 15_000), int, -_LONGEST_MS, _LONGEST_MS, 2)
    last_ms: int = _number(30_000, 0, _LONGEST_MS)
    shifts: int = _number(4_999, 99, 1_000_000)
    seam_ms: int = _number(5_000, 0, _LONGEST_MS)
    position: str = _one_of("legendre", "legendre", "spline")
    echo: str = _one_of("both", *ECHO)
    codes_as: str = _one_of("rate", "rate", "share")


@dataclass(frozen=True)
class TwoClocks:
    """Stimulus and audience.

    Parameters
    ----------
    step_ms : int
        Width of a step of media time.
    cohorts : int
        Cohorts of viewers; never more than stretches between observations of the views.
    draws : int
        Rounds of the bootstrap and of the checks; below 60 nothing can be separated.
    visible_ms : int
        How long a message is on screen.
    pool : int
        The newest so many messages are what the platform shows; 0: all.
    segments : str
        Who gets a stimulus of their own: ``activity`` (people with one message in the video, and with several), ``language``, ``region``, or ``none``.
    most : int
        Fits at most: all messages of a video, with one stimulus and with segments (two fits), or messages with a code; the largest videos first, codes last.
    """

    step_ms: int = _number(1_000, 100, 60_000)
    cohorts: int = _number(40, 8, 10_000)
    draws: int = _number(199, 0, 100_000)
    visible_ms: int = _number(8_000, 0, 3_600_000)
    pool: int = _number(0, 0, 1_000_000_000)
    segments: str = _one_of("activity", *SEGMENTS)
    most: int = _number(12, 0, 1_000_000)


@dataclass(frozen=True)
class Posting:
    """Hawkes process of the times at which messages were sent.

    Parameters
    ----------
    baseline : str
        ``hourly``, ``day_night`` or ``constant``.
    draws : int
        Rounds of the bootstrap, at most.
    offset_hours : float
        How far local time is ahead of UTC, for ``day_night``.
    most : int
        Fits at most, a kind of message under a video each; the largest first.
    bootstrapped : int
        How many of them have the bootstrap, and a fit of first messages besides; the others have plain intervals.
    """

    baseline: str = _one_of("hourly", *BASELINES)
    draws: int = _number(99, 0, 100_000)
    offset_hours: float = _number(8.0, -14, 14)
    most: int = _number(100, 0, 1_000_000)
    bootstrapped: int = _number(20, 0, 1_000_000)


@dataclass(frozen=True)
class Transitions:
    """From one episode to the next: the first stretch of the next, and the last one of this."""

    window_ms: int = _number(20_000, 1_000, _LONGEST_MS)


@dataclass(frozen=True)
class Groups:
    """Empathic groups: resamples, the agreement of memberships that makes a group, and the false discovery rate."""

    draws: int = _number(200, 20, 100_000)
    least_agreement: float = _number(0.6, 0, 1)
    false_discovery: float = _number(0.05, 0.0001, 0.5)


@dataclass(frozen=True)
class MomentsSpec:
    """An analysis of moments.

    Parameters
    ----------
    step_ms : int
        Width of a step of media time.
    codes : tuple of str
        Response codes whose moments are looked for (``affective_empathy``, or ``affective_empathy=2`` for a value); empty: every decision that is there
        or not, or has steps, at its first step.
    strategies : tuple of str
        Timeline codes; empty: all that anybody marked.
    segment_coders : tuple of str
        Whose segments count; empty: all people, and a machine's only where no person marked any.
    mask, watching, intensity, peaks, event_study, two_clocks, posting, transitions, groups
        See their classes.
    """

    step_ms: int = _number(1_000, 100, 60_000)
    codes: tuple[str, ...] = _many((), str)
    strategies: tuple[str, ...] = _many((), str)
    segment_coders: tuple[str, ...] = _many((), str)
    mask: Mask = field(default_factory=Mask)
    watching: Watching = field(default_factory=Watching)
    intensity: Intensity = field(default_factory=Intensity)
    peaks: Peaks = field(default_factory=Peaks)
    event_study: EventStudy = field(default_factory=EventStudy)
    two_clocks: TwoClocks = field(default_factory=TwoClocks)
    posting: Posting = field(default_factory=Posting)
    transitions: Transitions = field(default_factory=Transitions)
    groups: Groups = field(default_factory=Groups)

    def as_dict(self) -> dict[str, Any]:
        """All of it, for the record."""
        return asdict(self)

    def text(self) -> str:
        """The YAML that says the same."""
        return str(yaml.safe_dump(_plain(self.as_dict()), sort_keys=False, allow_unicode=True, default_flow_style=None, width=140))


def _plain(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    return [_plain(each) for each in item] if isinstance(item, tuple) else item
