"""Seeded randomness: one generator per task, so that results do not depend on the order of threads."""

import hashlib

import numpy as np


def generator(seed: int, *task: str) -> np.random.Generator:
    """A PCG64DXSM generator for one task of one study.

    Parameters
    ----------
    seed : int
        The study's seed, at least 0.
    *task : str
        What the numbers are for, for example ``("prevalence", "anger")``.

    Notes
    -----
    O(1). The task's name is hashed into the seed sequence, so new tasks leave the others' numbers alone.
    """
    digest = hashlib.blake2b("\x1f".join(task).encode(), digest_size=16).digest()
    words = [int.from_bytes(digest[at : at + 4], "little") for at in range(0, 16, 4)]
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence([seed, *words])))
