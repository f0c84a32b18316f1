"""Peaks and changes of level: a scan with an error rate over all windows, change points, false discoveries over videos."""

from yuhu.stats.multiplicity import benjamini_hochberg
from yuhu.stats.scan.changes import Changes, change_points
from yuhu.stats.scan.nulls import Variation
from yuhu.stats.scan.peaks import Peak, ScanResult, scan_peaks

__all__ = ["Changes", "Peak", "ScanResult", "Variation", "benjamini_hochberg", "change_points", "scan_peaks"]
