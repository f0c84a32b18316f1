"""Agreement between coders: one function for each coefficient, and `agreement` for all of them in one pass.

Each takes ratings as (coders, units) with NaN for "not coded" and returns an `Estimate`: the value with its interval, or the reason
why there is none. Which coefficient answers what stands in docs/agreement.md.
"""

from yuhu.stats.agreement.alpha import FIRM, TENTATIVE, AlphaEstimate, krippendorff_alpha
from yuhu.stats.agreement.boundaries import BoundaryEdits, boundary_edits, boundary_similarity
from yuhu.stats.agreement.by_coder import (
    LeftOut,
    Pair,
    WithinCoder,
    agreement_by,
    intra_coder_agreement,
    leave_one_coder_out,
    pairwise_agreement,
)
from yuhu.stats.agreement.cusum import Cusum, cusum
from yuhu.stats.agreement.dawid_skene import DawidSkene, dawid_skene
from yuhu.stats.agreement.distances import SCHEMES
from yuhu.stats.agreement.drift import CoderDrift, drift
from yuhu.stats.agreement.estimation import INTERVALS
from yuhu.stats.agreement.kappas import brennan_prediger, cohen_kappa, conger_kappa, fleiss_kappa, gwet_ac1, gwet_ac2, scott_pi
from yuhu.stats.agreement.mantel_haenszel import CommonOdds, common_odds, false_discovery
from yuhu.stats.agreement.one_code import Agreement, agreement
from yuhu.stats.agreement.plain_agreement import percent_agreement, specific_agreement
from yuhu.stats.agreement.ratings import LEVELS
from yuhu.stats.agreement.reliability_planning import (
    ReliabilityPlan,
    bloch_kraemer_units,
    influence_sd,
    plan_half_width,
    plan_lower_bound,
    plan_reliability,
)
from yuhu.stats.agreement.unitizing import Unitizing, unitizing_alpha
from yuhu.stats.agreement.unitizing_2004 import AlphaU2004, alpha_u_2004

__all__ = [
    "FIRM",
    "INTERVALS",
    "LEVELS",
    "SCHEMES",
    "TENTATIVE",
    "Agreement",
    "AlphaEstimate",
    "AlphaU2004",
    "BoundaryEdits",
    "CoderDrift",
    "CommonOdds",
    "Cusum",
    "DawidSkene",
    "LeftOut",
    "Pair",
    "ReliabilityPlan",
    "Unitizing",
    "WithinCoder",
    "agreement",
    "agreement_by",
    "alpha_u_2004",
    "bloch_kraemer_units",
    "boundary_edits",
    "boundary_similarity",
    "brennan_prediger",
    "cohen_kappa",
    "common_odds",
    "conger_kappa",
    "cusum",
    "dawid_skene",
    "drift",
    "false_discovery",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "influence_sd",
    "intra_coder_agreement",
    "krippendorff_alpha",
    "leave_one_coder_out",
    "pairwise_agreement",
    "percent_agreement",
    "plan_half_width",
    "plan_lower_bound",
    "plan_reliability",
    "scott_pi",
    "specific_agreement",
    "unitizing_alpha",
]
