"""The next step of an inspection's own way, for the coordinator and for the lead, from the list to publication."""

from __future__ import annotations

from collections.abc import Collection

from flask import url_for

from casereader.programmes.inspections import Place
from casereader.stages import still_to_name
from casereader.stages.stages import ISSUING, Standing
from casereader.vocabulary import DataKind, Role, Stage
from casereader.web.programmes.signpost import Sends, Signpost, Urgency
from casereader.web.programmes.whole_way import papers

WAITS_FOR_NAMES = (Stage.FIXED, Stage.CONFIRMED, Stage.DRAWN)  # the coordinator has time, or cannot go on without


def to_name(place: Place, standing: Standing, roles: Collection[Role]) -> Signpost | None:
    """Who is still to be named before cases are given out; that nobody reads yet is told to coordinators alone."""
    lacks_readers = standing.lacks_readers and Role.COORDINATOR in roles
    if not (standing.untold or lacks_readers) or not {Role.COORDINATOR, Role.LEAD} & set(roles):
        return None
    heading, text = still_to_name.words(standing, with_readers=lacks_readers)
    urgency = Urgency.STEP if standing.stage in WAITS_FOR_NAMES else Urgency.SOON
    href = url_for("programmes.people", public_id=place.inspection.public_id)
    return Signpost(heading, text, href, urgency)


def of_coordinator(place: Place, standing: Standing, roles: Collection[Role], *, me: int) -> Signpost | None:
    """What a coordinator does next; None where it is somebody else's turn, or they are none here."""
    if Role.COORDINATOR not in roles:
        return None
    key = place.inspection.public_id
    match standing.stage:
        case Stage.LIST_AWAITED:
            text = "Send the list that the partnership returned; it is checked at once."
            sends = Sends(place.inspection.id or 0, key, may_try=place.programme.data_kind is DataKind.DEMO)
            return Signpost("Send the list of cases", text, url_for("frames.show", public_id=key), sends=sends)
        case Stage.CHECKED:
            text = "Choose strata and size, see the margin of error, and fix list and plan."
            if standing.sent_back:
                text = "The lead sent list and plan back and says what should be changed before they are fixed again."
            urgency = Urgency.SENT_BACK if standing.sent_back else Urgency.STEP
            return Signpost("Plan the sample", text, url_for("plans.show", public_id=key), urgency)
        case Stage.FIXED:
            text = "A second person confirms them. Until then you can open them again; print them for both sides."
            href = url_for("plans.show", public_id=key)
            return Signpost("List and plan wait for the lead", text, href, Urgency.OTHERS)
        case Stage.CONFIRMED:
            return _draw(key)
        case Stage.DRAWN:
            text, href = "Share the sampled cases among the reviewers.", url_for("assigning.show", public_id=key)
            return Signpost("Assign the cases", text, href, papers=papers(place, standing, roles))
        case Stage.READING:
            return _watch(place, standing, roles)
        case Stage.EVALUATED:
            return _publish(key, standing, me)
        case _:
            return None


def of_lead(place: Place, standing: Standing, roles: Collection[Role], *, me: int) -> Signpost | None:
    """What a lead does next; None where it is somebody else's turn."""
    key = place.inspection.public_id
    match standing.stage:
        case Stage.FIXED if standing.fixed_by_id != me:
            text = "The coordinator fixed them. The sample can be drawn only after a second person has confirmed."
            return Signpost("Confirm list and plan", text, url_for("plans.show", public_id=key), Urgency.FOR_ME)
        case Stage.CONFIRMED:
            return _draw(key)
        case Stage.DRAWN:
            text = "It lets both sides check the draw. The coordinator gives the cases out."
            href, also = url_for("certificates.show", public_id=key), papers(place, standing, roles)[1:]
            return Signpost("Print the certificate", text, href, Urgency.WATCH, papers=also)
        case Stage.READING:
            return _watch(place, standing, roles)
        case Stage.MODERATING | Stage.EVALUATING if not standing.wave:  # its figures are shut before reading is over
            text = "Every assigned record is read: look at the figures and write the evaluation."
            if standing.opened_again:
                text = "A reading was opened again and is in no figure until it is submitted: look at the others."
            return Signpost("Evaluate the partnership", text, url_for("evaluation.show", public_id=key))
        case Stage.EVALUATED:
            return _publish(key, standing, me)
        case _:
            return None


def _draw(key: str) -> Signpost:
    text = "When the public value is known, enter it: the seed and the sample follow from it."
    return Signpost("Draw the sample", text, url_for("draws.show", public_id=key))


def _watch(place: Place, standing: Standing, roles: Collection[Role]) -> Signpost:
    text = f"{standing.n_submitted} of {standing.n_readings} readings are submitted."
    href = url_for("progress.show", public_id=place.inspection.public_id)
    return Signpost("Watch the reading", text, href, Urgency.WATCH, papers=papers(place, standing, roles))


def _publish(key: str, standing: Standing, me: int) -> Signpost | None:
    """Prepare an issue; where one is prepared, whoever may issue it is told so as of every asking."""
    waiting = next((ask for ask in standing.asks if ask.what == ISSUING), None)
    if waiting is None:
        text = "Every quality indicator has its final evaluation. See what would be withheld and why, then issue it."
        return Signpost("Publish the findings", text, url_for("issuing.inspection_issues", public_id=key))
    if me in waiting.waits_for:
        return None
    text = "It is prepared. Another person, one of you two a lead, looks it over and issues it."
    href = url_for("issuing.inspection_issue", public_id=key, issue=waiting.of)
    return Signpost("An issue waits for a second person", text, href, Urgency.OTHERS)
