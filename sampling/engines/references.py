"""References that are beyond doubt, as regular expressions that every engine can use; all others go to the reader."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from sampling.frame.headers import header_key
from sampling.frame.references import NOTABLE, PLAIN

# NOTABLE begins with (?i), which holds for what is joined to it, too.
SOUND = PLAIN.replace(r"\p{Latin}", "A-Za-z")


def notable(header: str) -> str:
    """What a sound reference must not match besides: a form to be looked at, or the header of its own column."""
    return f"{NOTABLE}|^[ _]*{'[ _]*'.join(re.escape(c) for c in header_key(header))}[ _]*$"


def all_differ(hashes: NDArray[np.uint64]) -> bool:
    """Whether no hash is there twice; sorts them in place. Two references whose hashes meet by chance count as one."""
    hashes.sort()
    return not bool((hashes[1:] == hashes[:-1]).any())
