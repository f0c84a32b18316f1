"""Smooth courses of rates: local likelihood with a bandwidth chosen by cross-validation."""

from yuhu.stats.smoothing.local import LocalRate, local_rate

__all__ = ["LocalRate", "local_rate"]
