"""The pages of one inspection, for those who run it: each where its stage and the person's roles open it."""

from __future__ import annotations

from flask import url_for

from casereader.in_waves import looking
from casereader.people import contacts
from casereader.programmes.inspections import Place
from casereader.programmes.stages import Standing
from casereader.vocabulary import Role
from casereader.web.programmes import signposts
from casereader.web.request_session import db

RUNS = frozenset({Role.COORDINATOR, Role.LEAD})


def links(place: Place, standing: Standing, roles: frozenset[Role]) -> list[dict[str, str]]:
    """What the page of an inspection leads to."""
    key = place.inspection.public_id
    found = []
    if roles & RUNS:
        found += [
            {"text": "People and roles", "href": url_for("programmes.people", public_id=key)},
            {"text": "Conflicts of interest", "href": url_for("conflicts.show", public_id=key)},
            {"text": "Dates", "href": url_for("dates.show", public_id=key)},
            {"text": "How readers sign in", "href": url_for("reader_sign_ins.show", public_id=key)},
            *(
                [
                    {"text": "How long it is kept", "href": url_for("retention.show", public_id=key)},
                    {"text": "All that is held about one case", "href": url_for("subject.ask", public_id=key)},
                ]
                if Role.LEAD in roles
                else []
            ),
            {"text": "List of cases", "href": url_for("frames.show", public_id=key)},
            {"text": "Figures published earlier", "href": url_for("rounds.show", public_id=key)},
            *signposts.since_the_draw(place, standing),
        ]
    if roles & {*RUNS, Role.MODERATOR}:
        found.append({"text": "Calibration before the week", "href": url_for("calibration.show", public_id=key)})
    if roles & RUNS and looking.looked(db(), [place.inspection.id or 0]):
        found.append({"text": "Waves", "href": url_for("after_waves.show", public_id=key)})
    if standing.n_readings:
        found += [
            {"text": "Progress of the reading", "href": url_for("progress.show", public_id=key)},
            {"text": "Roll-up", "href": url_for("evaluation.rollup", public_id=key)},
            {"text": "Evaluation", "href": url_for("evaluation.show", public_id=key)},
            {"text": "The partnership’s own instrument", "href": url_for("evaluation.own", public_id=key)},
            {"text": "Agreement of readers", "href": url_for("agreement.inspection", public_id=key)},
            {"text": "How the sample was drawn and given out", "href": url_for("opened.show", public_id=key)},
            {"text": "Check a certificate", "href": url_for("certificates.verify", public_id=key)},
        ]
        if roles & RUNS:
            found.append({"text": "Publication", "href": url_for("issuing.inspection_issues", public_id=key)})
        if Role.COORDINATOR in roles:
            found.append({"text": "Reading without a server", "href": url_for("workbooks.index", public_id=key)})
        if roles & {*RUNS, Role.MODERATOR}:
            found.append({"text": "Offline week", "href": url_for("offline_weeks.show", public_id=key)})
        if roles & {Role.MODERATOR, Role.LEAD}:
            found.append({"text": "Moderation", "href": url_for("moderation.index", public_id=key)})
            found.append({"text": "Morning briefing", "href": url_for("briefing.show", public_id=key)})
        if roles & {*RUNS, Role.MODERATOR}:
            found.append({"text": "Actions", "href": url_for("actions.index", public_id=key)})
        if roles & set(contacts.TOLD):
            found.append({"text": "Matters of concern", "href": url_for("concerns.index", public_id=key)})
    return found
