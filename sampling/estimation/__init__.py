"""Estimates from a stratified sample: shares, means, totals, ratios and differences, by domain, with honest intervals.

`sample` reads and checks the table, `variance` is the arithmetic; callers use `shares`, `totals`, `comparison` and
`design_effect`. The method and its references are in docs/method/estimation.md.
"""

from sampling.estimation.comparison import compare
from sampling.estimation.design_effect import design_effect
from sampling.estimation.shares import DEFAULT, METHODS, Method, estimate_share
from sampling.estimation.totals import estimate_mean, estimate_ratio, estimate_total

__all__ = [
    "DEFAULT",
    "METHODS",
    "Method",
    "compare",
    "design_effect",
    "estimate_mean",
    "estimate_ratio",
    "estimate_share",
    "estimate_total",
]
