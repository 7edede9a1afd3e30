"""The pages of one inspection, for those who run it: each where its stage and the person's roles open it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from casereader.in_waves import looking
from casereader.programmes import contacts
from casereader.programmes.inspections import Place
from casereader.stages.stages import Standing
from casereader.vocabulary import Role
from casereader.web.programmes import whole_way
from casereader.web.request_session import db

RUNS = frozenset({Role.COORDINATOR, Role.LEAD})
SEES = RUNS | {Role.MODERATOR}
Links = list[dict[str, str]]


def groups(place: Place, standing: Standing, roles: frozenset[Role]) -> tuple[list[tuple[str, Links]], Links]:
    """What the page of an inspection leads to, under headings; and what only few need, apart."""
    begun = bool(standing.n_readings)
    found = [
        ("People and days", list(_people(place, roles))),
        ("List and reading", list(_reading(place, standing, roles))),
        ("Figures and findings", list(_findings(place, roles, begun=begun))),
    ]
    return [(heading, links) for heading, links in found if links], list(_advanced(place, roles, begun=begun))


def _to(place: Place, text: str, endpoint: str) -> dict[str, str]:
    return {"text": text, "href": url_for(endpoint, public_id=place.inspection.public_id)}


def _people(place: Place, roles: frozenset[Role]) -> Iterator[dict[str, str]]:
    if roles & RUNS:
        yield _to(place, "People and roles", "programmes.people")
        yield _to(place, "Conflicts of interest", "conflicts.show")
        yield _to(place, "Dates", "dates.show")
    if roles & SEES:
        yield _to(place, "Calibration before the week", "calibration.show")


def _reading(place: Place, standing: Standing, roles: frozenset[Role]) -> Iterator[dict[str, str]]:
    if roles & RUNS:
        yield _to(place, "List of cases", "frames.show")
        yield from whole_way.since_the_draw(place, standing)
        if looking.looked(db(), [place.inspection.id or 0]):
            yield _to(place, "Waves", "after_waves.show")
    if whole_way.is_drawn(standing):
        yield _to(place, "Check a certificate", "certificates.verify")
    if not standing.n_readings:
        return
    yield _to(place, "Progress of the reading", "progress.show")
    if roles & {Role.MODERATOR, Role.LEAD}:
        yield _to(place, "Moderation", "moderation.index")
        yield _to(place, "Morning briefing", "briefing.show")
    if roles & SEES:
        yield _to(place, "Actions", "actions.index")
    if roles & set(contacts.TOLD):
        yield _to(place, "Matters of concern", "concerns.index")


def _findings(place: Place, roles: frozenset[Role], *, begun: bool) -> Iterator[dict[str, str]]:
    if begun:
        yield _to(place, "Roll-up", "evaluation.rollup")
        yield _to(place, "Agreement of readers", "agreement.inspection")
        yield _to(place, "Evaluation", "evaluation.show")
        yield _to(place, "The partnership’s own instrument", "evaluation.own")
    if roles & RUNS:
        yield _to(place, "Figures published earlier", "rounds.show")
        if begun:
            yield _to(place, "Publication", "issuing.inspection_issues")


def _advanced(place: Place, roles: frozenset[Role], *, begun: bool) -> Iterator[dict[str, str]]:
    if begun:
        yield _to(place, "How the sample was drawn and given out", "opened.show")
        if Role.COORDINATOR in roles:
            yield _to(place, "Reading without a server", "workbooks.index")
        if roles & SEES:
            yield _to(place, "Offline week", "offline_weeks.show")
    if roles & RUNS:
        yield _to(place, "How readers sign in", "reader_sign_ins.show")
    if Role.LEAD in roles:
        yield _to(place, "How long it is kept", "retention.show")
        yield _to(place, "All that is held about one case", "subject.ask")
