"""What `yuhu agree` makes of bridge sets whose truth is known: python bench/bridge_verdicts.py [rounds]. The table of docs/agreement.md."""

import sys
from collections import Counter

import numpy as np
import polars as pl

from yuhu.core.codebook import built_in_codebook
from yuhu.study.agreements import NOT_COMPARABLE, VERDICT
from yuhu.verbs.agree_bridge import bridge_rows
from yuhu.verbs.bridge_codings import BridgeCodings

CODES = ("anger", "cultural_identity", "empathic_concern", "collective_memory", "hostility", "formula")
DESIGNS = (
    (200, 0.4, 0.03, 0.0),
    (200, 0.4, 0.03, 0.05),
    (200, 0.4, 0.03, 0.1),
    (200, 0.4, 0.03, 0.2),
    (200, 0.15, 0.02, 0.0),
    (200, 0.15, 0.02, 0.1),
    (400, 0.15, 0.02, 0.0),
)
"""Units; odds of a code at a message of middling depth, as a share; share of wrong answers; share of English versions that the first code is read into."""


def world(rng, n, share, wrong, added):
    """One coder in each group; a message that has one code is likelier to have others."""
    lang = np.repeat(["en", "zh"], n // 2)
    lot = np.concatenate([rng.permutation(np.repeat([0, 1], n // 4)) for _ in range(2)])
    unit, is_a = np.repeat(np.arange(n), 2), np.tile([True, False], n)
    is_english = ((~is_a) ^ (lot[unit] == 1)) ^ (lang[unit] == "en")
    depth, rows = rng.normal(size=n), []
    for at, code in enumerate(CODES):
        truth = rng.random(n) < 1 / (1 + np.exp(-(depth + np.log(share / (1 - share)))))
        said = truth[unit] | ((at == 0) & is_english & (rng.random(2 * n) < added))
        said ^= rng.random(2 * n) < wrong
        rows.append(pl.DataFrame({"sheet": np.arange(2 * n), "code": code, "value": np.where(said, "1", "0")}))
    sheets = pl.DataFrame(
        {"sheet": np.arange(2 * n), "unit": unit, "coder": np.where(is_a, "anna", "bo"), "is_a": is_a, "lang": lang[unit]}
    )
    return BridgeCodings(
        pl.concat(rows), sheets, lot, (lang == "zh").astype(int), [], pl.DataFrame(schema={"code": pl.String, "n_units": pl.Int64})
    )


def main(rounds):
    """Print one line for each design."""
    book = built_in_codebook()
    known = [book.variables[code] for code in CODES]
    for n, share, wrong, added in DESIGNS:
        rng, first, false = np.random.default_rng(7), Counter(), 0
        for seed in range(rounds):
            rows = bridge_rows(world(rng, n, share, wrong, added), book, known, minimum=0.667, confidence=0.95, draws=199, seed=seed)
            verdicts = [(row["verdict"], row["reason"]) for row in rows if row["coefficient"] == VERDICT]
            first[verdicts[0]] += 1
            false += any(verdict == NOT_COMPARABLE for verdict, _ in verdicts[bool(added) :])
        found = ", ".join(
            f"{verdict} ({reason or '-'}) {count / rounds:.2f}" for (verdict, reason), count in sorted(first.items(), key=str)
        )
        print(f"{n} units, share {share}, wrong {wrong}, added {added}: {found}; a false difference {false / rounds:.2f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
