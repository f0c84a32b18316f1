"""How often the chart on anchors gives an alarm: python bench/anchor_alarms.py [rounds]. The table of docs/agreement.md."""

import math
import sys

import numpy as np

from yuhu.stats.agreement import cusum
from yuhu.verbs.agree_anchors import SLACK

CODERS = 4


def main(rounds):
    """Print the share of alarms of the first coder and of the others: errors as before, and rising from the middle on for the first coder."""
    rng = np.random.default_rng(3)
    for n in (20, 40, 80):
        for share, late in ((0.1, None), (0.3, None), (0.1, 0.4), (0.3, 0.7)):
            first = others = 0
            for _ in range(rounds):
                errors = (rng.random((CODERS, n)) < share).astype(float)
                if late is not None:
                    errors[0, n // 2 :] = rng.random(n - n // 2) < late
                expected = math.ceil(round(errors.mean() * 20, 9)) / 20
                if not expected:
                    continue
                alarms = [bool(cusum(row, expected=expected, slack=SLACK).alarms) for row in errors]
                first, others = first + alarms[0], others + sum(alarms[1:])
            print(f"{n} anchors, errors {share} -> {late}: {first / rounds:.3f}, others {others / rounds / (CODERS - 1):.3f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
