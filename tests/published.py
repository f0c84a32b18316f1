"""Published ratings, as printed in their sources (methods 2 and appendix A of the specification)."""

import numpy as np


def table(*rows):
    """Ratings from strings; ``.`` and ``*`` are missing."""
    return np.array([[np.nan if cell in ".*" else float(cell) for cell in row.replace(" ", "")] for row in rows])


KRIPPENDORFF = table(
    "1 2 3 3 2 1 4 1 2 * * *",
    "1 2 3 3 2 2 4 1 2 5 * 3",
    "* 3 3 3 2 3 4 2 2 5 1 *",
    "1 2 3 3 2 4 4 1 2 5 1 *",
)
"""4 coders, 12 units."""

_HAYES = (
    "112.2|1101.|2333.|.00.0|000.0|000.0|102.1|1.20.|222.2|2111.|.100.|0000.|1222.|33223|111.1|111.1|212.2|1233.|1101.|000.0|"
    "0011.|00.00|2333.|0000.|12.22|0111.|00010|1212.|1122.|112.2|110.0|2121.|22.22|3222.|222.2|223.2|222.2|22.12|2222.|111.1"
)
HAYES = table(*_HAYES.split("|")).T
"""Hayes and Krippendorff 2007: 5 coders, 40 units."""

_FLEISS = (
    "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 "
    "00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"
)
FLEISS_COUNTS = [[int(cell) for cell in row] for row in _FLEISS.split()]
FLEISS = np.array([[value for value, number in enumerate(row) for _ in range(number)] for row in FLEISS_COUNTS], float).T
"""Fleiss 1971: 6 ratings of 30 patients in 5 values."""

_DAWID_SKENE = (
    "1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 1211111 "
    "1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121 "
    "1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222"
)
DAWID_SKENE = table(*_DAWID_SKENE.split()).T
"""Dawid and Skene 1979: 45 patients; the first of 5 observers thrice, in rows 0 to 2."""

ADMISSIONS = np.array(
    [
        [[512, 313], [89, 19]],
        [[353, 207], [17, 8]],
        [[120, 205], [202, 391]],
        [[138, 279], [131, 244]],
        [[53, 138], [94, 299]],
        [[22, 351], [24, 317]],
    ]
)
"""Admissions to Berkeley by department."""


def two_coders(counts):
    """Ratings of two coders from a square table of counts, rows the first coder."""
    counts = np.asarray(counts)
    first, second = np.indices(counts.shape)
    return np.stack([np.repeat(first.ravel(), counts.ravel()), np.repeat(second.ravel(), counts.ravel())]).astype(float)
