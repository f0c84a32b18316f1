"""How fast a coder is: from the times at which tasks were finished."""

import datetime as dt
import itertools
from collections.abc import Sequence
from statistics import median

LONGEST_PAUSE_S = 300
_LEAST = 5


def seconds_a_unit(done_at: Sequence[str]) -> float | None:
    """Median seconds from one finished task to the next; pauses over five minutes are left out.

    Parameters
    ----------
    done_at : sequence of str
        Times in ISO 8601, in their order.

    Returns
    -------
    float or None
        None where fewer than five such times are known.
    """
    times = [dt.datetime.fromisoformat(one) for one in done_at]
    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
    worked = [gap for gap in gaps if 0 < gap <= LONGEST_PAUSE_S]
    return median(worked) if len(worked) >= _LEAST else None


def since(done_at: Sequence[str], start: dt.datetime) -> list[str]:
    """Those of some times that are not before a start."""
    return [one for one in done_at if dt.datetime.fromisoformat(one) >= start]
