"""What drew responses: the video, or those who had responded before at the same second.

Two clocks tell them apart: the stimulus is tied to media time, what is visible grows on wall-clock time. When not to believe it stands in
docs/moments-statistics.md.
"""

from yuhu.stats.two_clock.checks import Check
from yuhu.stats.two_clock.fitting import TwoClock, fit
from yuhu.stats.two_clock.screen import Screen
from yuhu.stats.two_clock.simulating import simulate

__all__ = ["Check", "Screen", "TwoClock", "fit", "simulate"]
