"""The covariance of two rounds that read some of the same cases.

Where both rounds draw by the same permanent tickets, the cases drawn twice are a random part of each stratum. For every
pair of strata (h of round a, k of round b) with m ≥ 2 common cases the covariance of the weighted totals is
m·s·(1 − max(f_h, f_k)), s the covariance of the two values over the common cases and f the fractions read: the overlap
estimator of Tam (1984) and Qualité and Tillé (2008), with the number of cases common to both populations put at m over
the smaller fraction, as coordinated draws have it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.estimation.variance import Codes, Floats, Strata, compress, sums


def covariance(
    rows_a: NDArray[np.int64],
    rows_b: NDArray[np.int64],
    *,
    stratum: Codes,
    strata: Strata,
    domain: Codes,
    z: Floats,
    domains: int,
) -> Floats:
    """Covariance of Σz over the rows of round a and Σz over those of round b, by domain.

    `rows_a` and `rows_b` are the two rows of each common case; `z` is 0 on rows outside every domain or group.
    """
    strata_count = len(strata.size)
    pairs, pair = compress(stratum[rows_a] * strata_count + stratum[rows_b])
    common = np.bincount(pair)
    places = domains * len(pairs)

    def by_domain(of: Codes, values: Floats) -> Floats:
        return sums(of * len(pairs) + pair, values, places).reshape(domains, len(pairs))

    together = domain[rows_a] == domain[rows_b]
    products = by_domain(domain[rows_a], np.where(together, z[rows_a] * z[rows_b], 0.0))
    totals = by_domain(domain[rows_a], z[rows_a]) * by_domain(domain[rows_b], z[rows_b])
    read = strata.size / strata.population
    unread = 1 - np.maximum(read[pairs // strata_count], read[pairs % strata_count])
    # Of one common case alone, product and total are the same, and nothing is left to scale.
    scale = common / np.maximum(common - 1, 1) * unread
    result: Floats = ((products - totals / common) * scale).sum(axis=1)
    return result
