"""Which reading of a case one is, for somebody who moderates: of their own it is never told that it is first or second.

Whoever reads and moderates would learn from that word that somebody else reads the case as well.
"""

from __future__ import annotations

from casereader.models import Reading
from casereader.vocabulary import ReadingKind
from casereader.web.access import person

OWN = "your own"


def which(reading: Reading) -> str:
    """First, second, consensus, or the person's own."""
    is_own = reading.reviewer_id == person().id and reading.kind is not ReadingKind.CONSENSUS
    return OWN if is_own else reading.kind.value
