"""A reading that takes no answers now, for its reader: how it stands, and what of it waits for whom."""

from __future__ import annotations

from flask import render_template, url_for

from casereader.after_the_draw import turning_up
from casereader.errors import AbsentError
from casereader.instrument import Instrument
from casereader.moderating import proposals, settlements, settling
from casereader.readings import Opened
from casereader.web import objects
from casereader.web.access import person
from casereader.web.answers import query_pages, reading_pages
from casereader.web.readings import warned
from casereader.web.request_session import db


def rendered(opened: Opened, instrument: Instrument) -> str:
    """The page."""
    says, kind, next_step = reading_pages.state_of(opened)
    is_submitted = opened.reading.submitted_at is not None
    settle = _settle_link(opened)
    asked = query_pages.waiting_in(opened, instrument) if is_submitted else []
    if not opened.is_set_aside and opened.reading.signed_off_at is None:
        next_step = _what_waits(settle, len(asked)) or next_step
    return render_template(
        "reading/closed.html",
        **reading_pages.frame(opened, instrument),
        says=says,
        kind=kind,
        next_step=next_step,
        went_back=objects.went_back(),
        concern_says=reading_pages.concern_says(opened),
        settle=settle,
        asked=asked,
        is_overtaken=turning_up.is_overtaken(db(), sample_case=opened.sample_case),
        concern_warned=warned.concern_warnings(opened, instrument) if is_submitted else [],
    )


def has_proposal(opened: Opened) -> bool:
    """Whether something stands proposed of how this reading and the other of its case are settled."""
    try:
        pair = proposals.find_own(db(), public_id=opened.reading.public_id, account=person().account)
    except AbsentError:
        return False
    kept = settlements.standing(db(), sample_case_id=pair.first.reading.sample_case_id)
    return kept is not None and not settlements.has_lapsed(kept, first=pair.first.reading, second=pair.second.reading)


def _what_waits(settle: dict[str, str] | None, n_asked: int) -> str:
    """What of a submitted reading waits, in words; blank where it only has to be looked over."""
    found = []
    if settle and settle["turn"]:
        found.append(f"It is to be settled with the other reader: {settle['turn']}")
    if n_asked:
        says = f"{n_asked} queries or marks are" if n_asked != 1 else "1 query or mark is"
        found.append(f"{says} not resolved yet: a moderator answers before this reading is signed off")
    return ". ".join(found)


def _settle_link(opened: Opened) -> dict[str, str] | None:
    """The way to this reading beside the other of its case; None until both are in."""
    try:
        pair = proposals.find_own(db(), public_id=opened.reading.public_id, account=person().account)
    except AbsentError:
        return None
    href = url_for("settling_by_readers.show", public_id=opened.reading.public_id)
    if settling.consensus_of(db(), sample_case_id=pair.first.reading.sample_case_id) is not None:
        return {"href": href, "text": "See how it was settled", "turn": ""}
    if proposals.why_not_proposed(pair):
        return {"href": href, "text": "See it beside the other reading", "turn": ""}
    kept = settlements.standing(db(), sample_case_id=pair.first.reading.sample_case_id)
    turn = proposals.turn_of(kept, pair.first.reading, pair.second.reading, person().account)
    return {"href": href, "text": "Settle it with the other reader", "turn": turn.value}
