"""Which chapter of which guide is about a page: where *Help* leads from there.

By the page's endpoint or else its blueprint. Of several chapters it is the first of a guide that is written for the
person; else the first. A page that is not named here leads to the beginning of the one guide that is theirs. Who has
several roles or none yet is led to the list of documents, theirs first; so is whoever is in Help.
"""

from __future__ import annotations

from flask import url_for

from casereader.guides import GUIDES, anchor
from casereader.vocabulary import Role
from casereader.web.access import Door

REVIEWER, COORDINATOR, MODERATOR = "reviewer-guide", "coordinator-guide", "moderator-guide"
LEAD, ADMINISTRATOR, VERIFY = "lead-guide", "administrator-guide", "verify-a-draw"
Chapter = tuple[str, str]

_BEGIN: tuple[Chapter, ...] = ((COORDINATOR, "1. Begin a programme and add partnerships"),)
_LIST: tuple[Chapter, ...] = ((COORDINATOR, "2. Send the list"),)
_DRAW: tuple[Chapter, ...] = ((COORDINATOR, "4. Draw"), (LEAD, "1. Before the figures"), (VERIFY, "The quick way"))
_RECORDS: tuple[Chapter, ...] = ((COORDINATOR, "5. Ask for the records"),)
_ASSIGN: tuple[Chapter, ...] = ((COORDINATOR, "6. Assign"),)
_WATCH: tuple[Chapter, ...] = (
    (COORDINATOR, "7. Watch the week"),
    (MODERATOR, "Confirm what takes two"),
    (LEAD, "1. Before the figures"),
)
_ANSWER: tuple[Chapter, ...] = ((REVIEWER, "Answering"),)
_FIGURES: tuple[Chapter, ...] = ((LEAD, "2. Read the roll-up"),)
_EVALUATE: tuple[Chapter, ...] = ((LEAD, "4. Write the evaluation"),)
_TAKE_AWAY: tuple[Chapter, ...] = ((LEAD, "3. Take the figures away"), (COORDINATOR, "8. Export"))
_SIGN_IN: tuple[Chapter, ...] = (
    (ADMINISTRATOR, "4. The second step"),
    (COORDINATOR, "Signing in"),
    (LEAD, "Signing in"),
    (MODERATOR, "Signing in"),
    (REVIEWER, "Signing in"),
)

CHAPTERS: dict[str, tuple[Chapter, ...]] = {
    "signing": _SIGN_IN,
    "settings": ((REVIEWER, "Before you start a record"),),
    "admin": ((ADMINISTRATOR, "3. Accounts"),),
    "admin.tries": ((ADMINISTRATOR, "6. Wrong tries"),),
    "admin.ask_to_remove_methods": ((ADMINISTRATOR, "5. Helping somebody who cannot get in"),),
    "trail": ((ADMINISTRATOR, "12. The audit trail"),),
    "retention": (
        (LEAD, "8. How long it is kept, and erasing it"),
        (ADMINISTRATOR, "13. How long things are kept, and erasing"),
    ),
    "subject": ((LEAD, "9. When somebody asks what is held about them"),),
    "programmes.new": _BEGIN,
    "programmes.add": _BEGIN,
    "programmes.people": _BEGIN,
    "programme_groups": _BEGIN,
    "indicators": _BEGIN,
    "several": _BEGIN,
    "board": _BEGIN,
    "dates": _BEGIN,
    "reader_sign_ins": _BEGIN,
    "rounds": _BEGIN,
    "text_fixes": _BEGIN,
    "joining": _BEGIN,
    "contacts": _BEGIN,
    "contacts.waiting": ((COORDINATOR, "7. Watch the week"), (LEAD, "Matters of concern")),
    "frames": _LIST,
    "list_papers": _LIST,
    "returns": _LIST,
    "list_changes": _LIST,
    "plans": ((COORDINATOR, "3. Plan the sample"), (LEAD, "1. Before the figures")),
    "draws": _DRAW,
    "certificates": _DRAW,
    "changing_draws": _DRAW,
    "opened": ((VERIFY, "The assignment"),),
    "records": _RECORDS,
    "link_officer": _RECORDS,
    "conflicts": (
        *_ASSIGN,
        (MODERATOR, "Signing in"),
        (REVIEWER, "Before you start a record"),
    ),
    "assigning": _ASSIGN,
    "timetable": _ASSIGN,
    "moving": _ASSIGN,
    "calibration": (*_ASSIGN, (MODERATOR, "Before the reading days"), (LEAD, "Calibration")),
    "progress": _WATCH,
    "replacements": _WATCH,
    "stopping": _WATCH,
    "after_waves": ((LEAD, "10. Waves"), (COORDINATOR, "12. Reading in waves")),
    "workbooks": ((COORDINATOR, "10. Reading without a server"),),
    "offline_weeks": (
        (COORDINATOR, "11. An offline week with a laptop"),
        ("offline-weeks", "During the week"),
    ),
    "reading": _ANSWER,
    "reading.index": ((REVIEWER, "Before you start a record"),),
    "reading.check": ((REVIEWER, "Checking and submitting"),),
    "reading.reopen": ((REVIEWER, "Checking and submitting"),),
    "section": _ANSWER,
    "notes": ((REVIEWER, "Your notes beside the form"),),
    "rescue": ((REVIEWER, "A rescue file"),),
    "not_readable": ((REVIEWER, "Before you start a record"),),
    "practice": ((REVIEWER, "Practice"),),
    "countersigning": ((REVIEWER, "Local reviewers"),),
    "settling_by_readers": ((REVIEWER, "After you have submitted"),),
    "my_queries": ((REVIEWER, "Queries"),),
    "concerns": ((LEAD, "Matters of concern"), (REVIEWER, "A matter of concern")),
    "concerns.ask": ((REVIEWER, "A matter of concern"),),
    "concerns.mine": ((REVIEWER, "A matter of concern"),),
    "actions": (
        (COORDINATOR, "Actions"),
        (LEAD, "Actions"),
        (MODERATOR, "A child at risk, and what must be put right"),
        (REVIEWER, "An action"),
    ),
    "actions.mine": ((REVIEWER, "An action"),),
    "moderation": ((MODERATOR, "Look a reading over"),),
    "settling": ((MODERATOR, "Settle two readings of one case"),),
    "briefing": ((MODERATOR, "The morning briefing"),),
    "queries": ((MODERATOR, "Ask about an answer"),),
    "unlocking": (
        (COORDINATOR, "7. Watch the week"),
        (MODERATOR, "Confirm what takes two"),
        (LEAD, "5. Lock the readings"),
    ),
    "evaluation": _FIGURES,
    "evaluation.show": _EVALUATE,
    "evaluation.indicator": _EVALUATE,
    "evaluation.own": ((LEAD, "The partnership as a whole"),),
    "evaluation.accuracy": ((COORDINATOR, "Factual accuracy"), *_EVALUATE),
    "evaluation.challenge": ((COORDINATOR, "Factual accuracy"), *_EVALUATE),
    "evaluation.take_away": _TAKE_AWAY,
    "evaluation.file": _TAKE_AWAY,
    "evaluation.report": _TAKE_AWAY,
    "agreement": _FIGURES,
    "severity": _FIGURES,
    "issuing": ((COORDINATOR, "Publishing"), (LEAD, "6. Publish the findings")),
}


def address(endpoint: str | None, opens: frozenset[Role | Door]) -> str:
    """Where *Help* leads from a page, for somebody for whom that much `opens`."""
    mine = {name for name, guide in GUIDES.items() if guide.roles & opens}
    mine |= {ADMINISTRATOR} if Door.ADMINISTRATOR in opens else set()
    name = endpoint or ""
    chapters = CHAPTERS.get(name) or CHAPTERS.get(name.partition(".")[0], ())
    if not chapters:
        theirs = [one for one in mine if not GUIDES[one].is_sheet]
        is_one = len(theirs) == 1 and not name.startswith("help.")
        return url_for("help.show", guide=theirs[0]) if is_one else url_for("help.index")
    guide, heading = next((one for one in chapters if one[0] in mine), chapters[0])
    return url_for("help.show", guide=guide, _anchor=anchor(heading))
