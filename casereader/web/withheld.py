"""Pages on which one thing is done, and in an offline week not here: they say why at the top, and have no buttons."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import request

from casereader import away
from casereader.programmes.inspections import Place
from casereader.web.request_session import db

# What the trail calls the deed of a page; where several are done on one, all of them are held by the same rule.
DEEDS: Mapping[str, str] = MappingProxyType(
    {
        # of the office
        "programmes.people": "role given",
        "contacts.telephone": "telephone given",
        "joining.show": "people joined from a list",
        "dates.show": "dates agreed",
        "dates.published": "publication recorded",
        "reader_sign_ins.show": "readers' sign-ins settled",
        "rounds.show": "earlier figure entered",
        "workbooks.index": "workbook issued",
        "workbooks.look": "workbook taken in",
        "evaluation.indicator": "evaluation written",
        "evaluation.own": "partnership's own instrument answered",
        # of the room
        "assigning.show": "cases assigned",
        "moving.show": "readings of one reader moved",
        "progress.give": "reading given to another",
        "stopping.show": "cases stopped",
        "replacements.propose": "replacement proposed",
        "conflicts.show": "conflict of interest declared",
        "settling.show": "readings settled",
        "settling_by_readers.show": "settlement proposed",
        # of neither
        "frames.show": "list received",
        "list_changes.ask": "list changed",
        "plans.show": "list and plan fixed",
        "draws.show": "sample drawn",
        "changing_draws.extend": "extension asked for",
        "changing_draws.void": "voiding asked for",
        "unlocking.ask": "unlock asked for",
        "unlocking.show": "reading unlocked",
        "issuing.inspection_issues": "issue prepared",
        "issuing.inspection_issue": "issue issued",
    }
)

# Pages with forms of what is done on either side, or of what is taken away: none on a laptop whose last file went back.
OF_BOTH = frozenset(
    {
        *("actions.mine", "actions.index", "actions.ask", "actions.show", "reading.reopen", "my_queries.show"),
        *("moderation.index", "moderation.show", "countersigning.show", "queries.ask", "queries.marks", "queries.show"),
        *("concerns.show", "agreement.inspection", "after_waves.show", "retention.show"),
        *("evaluation.accuracy", "evaluation.challenge", "evaluation.topics_of"),
        *("evaluation.report", "evaluation.take_away"),
    }
)


def why(place: Place) -> str:
    """Why nothing is done on this page now; blank where it is, or where the page is not one of these."""
    if request.endpoint in OF_BOTH:
        return away.says(db(), place.inspection.id) if away.is_closed_here(db(), place.inspection.id) else ""
    deed = DEEDS.get(request.endpoint or "")
    return away.why_not(db(), deed, place.inspection.id) if deed else ""
