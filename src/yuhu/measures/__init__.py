"""Measures, one file per concept: tables in, estimates out."""

from yuhu.core.registry import register
from yuhu.measures.attention import AttentionOverTime
from yuhu.measures.coder_quality import CoderQuality
from yuhu.measures.content import ContentSide
from yuhu.measures.contrast import Contrast
from yuhu.measures.empathic_groups import EmpathicGroups
from yuhu.measures.event_study import EventStudy
from yuhu.measures.export_bounds import ExportBounds
from yuhu.measures.feedback_action import FeedbackAction
from yuhu.measures.moment_rate import MomentRate
from yuhu.measures.multiverse import Multiverse
from yuhu.measures.peaks import Peaks
from yuhu.measures.posting import Posting
from yuhu.measures.prevalence import Prevalence
from yuhu.measures.progression import Progression
from yuhu.measures.sensitivity import Sensitivity
from yuhu.measures.transitions import EpisodeTransitions
from yuhu.measures.two_clocks import TwoClocks

for _measure in (
    Prevalence,
    Multiverse,
    Contrast,
    CoderQuality,
    MomentRate,
    Peaks,
    AttentionOverTime,
    ExportBounds,
    Sensitivity,
    EventStudy,
    TwoClocks,
    Posting,
    Progression,
    EmpathicGroups,
    FeedbackAction,
    EpisodeTransitions,
    ContentSide,
):
    register("measures", _measure.name, _measure)
