"""The older correction by sensitivity and specificity, for comparison with papers that used it."""

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate

METHOD = "rogan_gladen.v1"


def rogan_gladen(share: float, sensitivity: float, specificity: float) -> Estimate:
    """Share of a code from the machine's share and error rates that were measured elsewhere.

    Parameters
    ----------
    share : float in [0, 1]
        That the machine found.
    sensitivity, specificity : float in [0, 1]
        Of the machine.

    Returns
    -------
    Estimate
        Unit "share", cut to [0, 1]; never an interval, reason ``assumed_rates``; no value where sensitivity + specificity is at most 1.

    Raises
    ------
    YuhuError
        YH303 an argument lies outside [0, 1].

    Warnings
    --------
    Right only where the error rates are those of these very units: they must carry over from where they were measured, and be the same in
    all groups that are compared. They seldom are (docs/correction.md shows what happens then); `corrected_mean` needs neither.

    Notes
    -----
    ``(p + sp − 1) / (se + sp − 1)``. O(1). Source: rogan1978.
    """
    given = np.array([share, sensitivity, specificity], np.float64)
    if not bool(np.all((given >= 0) & (given <= 1))):
        raise YuhuError("YH303", "a share or rate lies outside [0, 1]", facts={"found": given.tolist()}, fix="give shares, never per cent")
    gain = sensitivity + specificity - 1
    if gain <= 0:
        return Estimate(value=None, method=METHOD, reason="not_identified")
    return Estimate(value=float(np.clip((share + specificity - 1) / gain, 0, 1)), method=METHOD, reason="assumed_rates")
