"""Issues: findings frozen for publication, prepared by one person and issued by another, corrected only by the next.

What may go out is decided by `casereader.disclosure`; here it is gathered, frozen, numbered, and rebuilt.
"""

from __future__ import annotations

from casereader.issues.comparing import Comparison, compare
from casereader.issues.deeds import (
    both_may,
    correct,
    drop,
    issue,
    keep,
    prepare,
    why_not_issued,
)
from casereader.issues.differing import differs
from casereader.issues.drafting import Draft, draft, proven, signs_in_note
from casereader.issues.listing import find, numbered, of, only_one, standing, waiting
from casereader.issues.readiness import why_not
from casereader.issues.saying import Reads, as_json, reads, scale_of
from casereader.issues.scope import Scope, of_place, of_programme

__all__ = [
    "Comparison",
    "Draft",
    "Reads",
    "Scope",
    "as_json",
    "both_may",
    "compare",
    "correct",
    "differs",
    "draft",
    "drop",
    "find",
    "issue",
    "keep",
    "numbered",
    "of",
    "of_place",
    "of_programme",
    "only_one",
    "prepare",
    "proven",
    "reads",
    "scale_of",
    "signs_in_note",
    "standing",
    "waiting",
    "why_not",
    "why_not_issued",
]
