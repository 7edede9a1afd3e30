"""Post-stratification: weights carried to known counts, and what that takes off the variance.

After sampling, the cases of a group (an age band, say) are known to number N_g in the whole population. Each weight
of the group is multiplied by N_g over the group's weights, and the variance is that of what is left of each record's
value after its post-stratum's weighted mean is taken away (R survey's `postStratify`). The records outside a domain,
worth nothing there before, then carry the mean with its sign turned, so they are added here.
"""

from __future__ import annotations

import numpy as np

from sampling.estimation.variance import Cells, Codes, Floats, compress


def adjusted_weights(weight: Floats, post: Codes, known: Floats) -> Floats:
    """The weights multiplied so that those of each post-stratum sum to its known number of cases."""
    sums = np.bincount(post, weights=weight)
    return weight * (known / sums)[post]


def residuals(
    *,
    domain: Codes,
    stratum: Codes,
    post: Codes,
    z: Floats,
    all_strata: Codes,
    all_posts: Codes,
    weight: Floats,
    known: Floats,
    domains: int,
    strata: int,
) -> tuple[Cells, Floats, Floats]:
    """Cells, values and counts for the variance: records of each domain, then groups of equal records outside it.

    `domain`, `stratum`, `post` and `z` are of the answering records; `all_strata`, `all_posts` and the adjusted
    `weight` of every row of the table.
    """
    posts = len(known)
    mean = np.bincount(domain * posts + post, weights=z, minlength=domains * posts) / np.tile(known, domains)
    classes, class_of = compress(all_strata * posts + all_posts)
    rows = np.bincount(class_of)
    share_of = np.zeros(len(classes))
    share_of[class_of] = weight
    class_stratum, class_post = classes // posts, classes % posts
    own = np.searchsorted(classes, stratum * posts + post)
    inside = np.bincount(domain * len(classes) + own, minlength=domains * len(classes))
    outside = np.tile(rows, domains) - inside
    means = mean.reshape(domains, posts)[:, class_post]
    far_z = -(share_of * means).ravel()
    near_z = z - share_of[own] * mean[domain * posts + post]
    every_domain = np.repeat(np.arange(domains), len(classes))
    needed = (outside > 0) & (far_z != 0)
    cells = Cells.of(
        np.concatenate([domain, every_domain[needed]]),
        np.concatenate([stratum, np.tile(class_stratum, domains)[needed]]),
        strata,
    )
    count = np.concatenate([np.ones(len(z)), outside[needed]])
    return cells, np.concatenate([near_z, far_z[needed]]), count
