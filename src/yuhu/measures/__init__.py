"""Measures, one file per concept: tables in, estimates out."""

from yuhu.core.registry import register
from yuhu.measures.attention import AttentionOverTime
from yuhu.measures.coder_quality import CoderQuality
from yuhu.measures.contrast import Contrast
from yuhu.measures.export_bounds import ExportBounds
from yuhu.measures.intensity import ResponseIntensity
from yuhu.measures.multiverse import Multiverse
from yuhu.measures.prevalence import Prevalence
from yuhu.measures.sensitivity import Sensitivity

for _measure in (Prevalence, Multiverse, Contrast, CoderQuality, ResponseIntensity, AttentionOverTime, ExportBounds, Sensitivity):
    register("measures", _measure.name, _measure)
