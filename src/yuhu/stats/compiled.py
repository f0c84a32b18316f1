"""Loops compiled to machine code, kept between runs where the disk allows it.

numba takes long to load. So whoever needs a compiled loop imports its module inside the function that calls it, never at the top.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """The function as machine code, compiled at its first call.

    Parameters
    ----------
    function : callable
        Loops over arrays and numbers, as numba understands them.

    Returns
    -------
    callable
        The same function. Its machine code is kept in NUMBA_CACHE_DIR, beside the module, or in the user's cache folder, whichever can be
        written first; where none can, it is compiled anew in each process.

    Notes
    -----
    Neither fast mathematics nor threads: the same input gives the same bytes.
    """
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no place for a cache: a read-only installation without a home
        return cast(F, numba.njit(nogil=True)(function))
