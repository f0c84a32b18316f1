"""What measures work on: the tables of a study and the settings of inference, and the contract of a measure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar, runtime_checkable

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.moments import MomentsSpec

Made = TypeVar("Made")


@dataclass(frozen=True)
class Frame:
    """The messages that a sample was drawn from.

    Parameters
    ----------
    codes : sequence of str
        Decisions whose gold comes from this sample.
    sources : sequence of str or None
        Sources that were there; None where the sample does not say: all.
    languages : sequence of str
        Languages that the coders read; messages of no language in particular are always in. Empty: all.
    spent : sequence of str
        Ids of responses that could not be drawn: pilots and training had them.
    left_out : sequence of str
        Rules of cleaning whose messages could not be drawn.
    """

    codes: Sequence[str]
    sources: Sequence[str] | None = None
    languages: Sequence[str] = ()
    spent: Sequence[str] = ()
    left_out: Sequence[str] = ()


@dataclass(frozen=True)
class Gold:
    """Units that people coded, with their chances.

    ``units``: ``response_id, code, value_id, human, chance, stratum, is_complete, video_id, platform, lang, region, work_id``; ``human`` is the mean of the coders
    in [0, 1], ``is_complete`` whether people coded (nearly) all units drawn, ``work_id`` the work, or the root post where there is no video. ``frames`` say what
    they were drawn from.
    """

    units: pl.DataFrame
    coders: Sequence[str] = ()
    samples: Sequence[str] = ()
    frames: Sequence[Frame] = ()


@dataclass(frozen=True)
class MachineEvidence:
    """What another machine coder said: as in `Evidence`, with responses under its own text keys."""

    coder: str
    responses: pl.LazyFrame
    codings: pl.LazyFrame
    abstained: pl.LazyFrame
    scores: pl.LazyFrame | None
    failed: pl.LazyFrame | None
    served: Sequence[str]
    saw_context: bool = False


@dataclass(frozen=True)
class Shown:
    """What the videos show, and who watched: what moments are found with besides the responses.

    Parameters
    ----------
    videos : pl.DataFrame
        ``video_id, work_id, platform, title, duration_ms, offset_ms, published_at, series, number``, one row each; ``number`` is the place of the work in
        its series, both null where study.yaml names none.
    segments, signals, exposure, mentions : pl.LazyFrame
        As in `core.schema.TABLES`.
    spans : pl.DataFrame
        ``coder, coder_kind, video_id, start_ms, end_ms, code, value``: segments that coders marked under the code as it now stands, without the value that
        means "not there".
    watched : pl.DataFrame
        ``coder, coder_kind, video_id, code, start_ms, end_ms``: stretches in which a gap is a decision.
    cut : collection of str
        Videos of which an export is known not to hold all danmaku.
    """

    videos: pl.DataFrame
    segments: pl.LazyFrame
    signals: pl.LazyFrame
    exposure: pl.LazyFrame
    mentions: pl.LazyFrame
    spans: pl.DataFrame
    watched: pl.DataFrame
    cut: Collection[str] = ()


@dataclass(frozen=True)
class PlantedEffects:
    """What a constructed study planted besides its moments: strategies that messages answer and that they do not, and the share of danmaku drawn by others'."""

    answered: Sequence[str]
    unanswered: Sequence[str]
    contagion: float | None


@dataclass(frozen=True)
class Evidence:
    """What measures work on: tables of a study and the settings of inference, nothing else of it.

    ``scores`` (``text_key, lang, code, value_id, probability``) and ``failed`` (``text_key, lang, code``) are those of the same coder, where it has any.
    ``totals`` holds the platforms' own totals (``video_id, group, total``; group is comment or danmaku). ``responses`` carries ``work_id`` besides its own columns; ``codings`` and ``abstained`` are those of one machine coder, or None.
    ``flags`` (``response_id, rule``) are those of cleaning, or None. ``others`` are the study's other machine coders. ``comparable`` is what bridge sets said of (decision, value, language, other language), languages in their order: comparable, not_comparable, not_judged. Responses that study.yaml leaves out are in neither ``responses`` nor ``gold``; ``uncleaned`` holds them, too.
    ``saw_context`` says whether the coder read what was spoken around a danmaku. ``shown`` is what the videos show, ``planted_moments`` (``video_id, at_ms, end_ms, share, after``) what a constructed study planted there, ``planted_effects`` what else it planted, ``moments`` how moments are looked for; ``made`` holds what `once` made.
    """

    responses: pl.LazyFrame
    metrics: pl.LazyFrame
    codings: pl.LazyFrame | None
    abstained: pl.LazyFrame | None
    gold: Gold
    planted: pl.DataFrame | None
    book: Codebook
    served: Sequence[str]
    coder: str
    target: str
    seed: int
    confidence: float
    bin_ms: int
    k_anonymity: int
    scores: pl.LazyFrame | None = None
    failed: pl.LazyFrame | None = None
    totals: pl.DataFrame | None = None
    flags: pl.LazyFrame | None = None
    uncleaned: pl.LazyFrame | None = None
    others: Sequence[MachineEvidence] = ()
    comparable: Mapping[tuple[str, str, str, str], str] = field(default_factory=dict)
    saw_context: bool = False
    shown: Shown | None = None
    planted_moments: pl.DataFrame | None = None
    planted_effects: PlantedEffects | None = None
    moments: MomentsSpec = field(default_factory=MomentsSpec)
    made: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def by(self, other: MachineEvidence) -> "Evidence":
        """The same evidence as another machine coder sees it."""
        fields = ("coder", "responses", "codings", "abstained", "scores", "failed", "served", "saw_context")
        return replace(self, others=(), made={}, **{name: getattr(other, name) for name in fields})

    def once(self, key: Any, make: Callable[[], Made]) -> Made:
        """What `make` gives, worked out once for all measures of this evidence; `key` names it and all that it depends on besides the evidence."""
        if key not in self.made:
            self.made[key] = make()
        found: Made = self.made[key]
        return found

    @property
    def everything(self) -> pl.LazyFrame:
        """All responses, whatever is left out of the measures."""
        return self.responses if self.uncleaned is None else self.uncleaned


@runtime_checkable
class Measure(Protocol):
    """Tables in, estimates out; pure and seeded.

    ``needs`` names the columns of each table it reads; `estimate` returns a frame with the columns of `core.schema.ESTIMATES`, in a fixed order.
    """

    name: str
    needs: Mapping[str, Sequence[str]]

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """The estimates of this measure."""
        ...
