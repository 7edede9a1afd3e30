"""Issues: findings frozen for publication, prepared by one person and issued by another, corrected only by the next.

What may go out is decided by `casereader.disclosure`; here it is gathered, frozen, numbered, and rebuilt.
"""

from __future__ import annotations

from casereader.issues.basis import Basis, MovedError
from casereader.issues.comparing import Comparison, compare
from casereader.issues.deeds import (
    LookedOver,
    both_may,
    drop,
    issue,
    keep,
    look_again,
    look_over,
    prepare,
    publish,
    still_open,
    why_not_by,
    why_not_issued,
)
from casereader.issues.differing import differs
from casereader.issues.drafting import Draft, draft, in_turn, note_to_publish, signs_in_note
from casereader.issues.listing import find, numbered, of, only_one, standing, takes_long, waiting
from casereader.issues.readiness import why_not
from casereader.issues.saying import Reads, as_json, reads, scale_of
from casereader.issues.scope import Scope, of_place, of_programme

__all__ = [
    "Basis",
    "Comparison",
    "Draft",
    "LookedOver",
    "MovedError",
    "Reads",
    "Scope",
    "as_json",
    "both_may",
    "compare",
    "differs",
    "draft",
    "drop",
    "find",
    "in_turn",
    "issue",
    "keep",
    "look_again",
    "look_over",
    "note_to_publish",
    "numbered",
    "of",
    "of_place",
    "of_programme",
    "only_one",
    "prepare",
    "publish",
    "reads",
    "scale_of",
    "signs_in_note",
    "standing",
    "still_open",
    "takes_long",
    "waiting",
    "why_not",
    "why_not_by",
    "why_not_issued",
]
