"""Array types and checks that every statistic shares."""

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def equal_lengths(**arrays: npt.ArrayLike | None) -> None:
    """Check that arrays have one length.

    Raises
    ------
    YuhuError
        YH301 lengths differ.
    """
    lengths = {name: len(np.atleast_1d(array)) for name, array in arrays.items() if array is not None}
    if len(set(lengths.values())) > 1:
        raise YuhuError("YH301", "arrays differ in length", facts=lengths, fix="give one value for each unit")


def known_chances(chance: Floats) -> None:
    """Check inclusion chances.

    Raises
    ------
    YuhuError
        YH302 a chance lies outside (0, 1].
    """
    if chance.size and not bool(np.all((chance > 0) & (chance <= 1))):
        bad = chance[~((chance > 0) & (chance <= 1))][0]
        raise YuhuError(
            "YH302",
            "a chance lies outside (0, 1]",
            facts={"found": bad},
            fix="store the chance with which the unit was drawn, before it was coded",
        )


def proportion(value: float, name: str) -> None:
    """Check a number in (0, 1).

    Raises
    ------
    YuhuError
        YH303 it is not.
    """
    if not 0 < value < 1:
        raise YuhuError("YH303", f"{name} lies outside (0, 1)", facts={"found": value}, fix="for example confidence=0.95")
