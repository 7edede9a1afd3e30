"""Every page of the demonstration for everybody: the right status, sound HTML, and no link that leads nowhere.

The client checks the soundness of each page it is given. Who may open what is read from what each route states, and
what is theirs from the rows; a new kind of address must say in `tests/addresses.py` what it stands for. The doors are
tried on SQLite and the links followed on PostgreSQL, so that every page is made on both.
"""

from collections import deque
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from casereader import opening, stages
from casereader.db import snapshot
from casereader.models import Account, Inspection, Membership, Reading
from casereader.vocabulary import BANNERS, DataKind, ReadingKind, ReadingState, Role, Stage
from casereader.web.access import Door
from tests.addresses import Address, addresses
from tests.demonstration import EVERYBODY, NOBODY, Demonstration
from tests.web.client import links_of, page_of

SHOWN = {200, 303}
INVENTED = BANNERS[DataKind.DEMO]
REFUSALS = ({403}, {303})

# A page of a later step says that it comes later, and there is nothing at all of a step that a reading has not come to.
NOT_BEFORE = {
    "certificates.show": Stage.DRAWN,
    "certificates.as_json": Stage.DRAWN,
    "certificates.list_csv": Stage.FIXED,
    "changing_draws.extend": Stage.DRAWN,
    "changing_draws.void": Stage.DRAWN,
    "evaluation.questions_csv": Stage.DRAWN,
    "replacements.log_csv": Stage.DRAWN,
    "replacements.log_json": Stage.DRAWN,
    "link_officer.list_csv": Stage.DRAWN,
    "link_officer.list_xlsx": Stage.DRAWN,
    "evaluation.report": Stage.DRAWN,
    "evaluation.tables_csv": Stage.DRAWN,
    "evaluation.tables_ods": Stage.DRAWN,
    "evaluation.tables_xlsx": Stage.DRAWN,
    "evaluation.take_away": Stage.DRAWN,
    "issuing.inspection_csv": Stage.PUBLISHED,
    "issuing.inspection_json": Stage.PUBLISHED,
    "issuing.inspection_xlsx": Stage.PUBLISHED,
}
OPEN = {ReadingState.ASSIGNED, ReadingState.IN_PROGRESS}
TO_REOPEN = {ReadingState.IN_PROGRESS, ReadingState.SUBMITTED, ReadingState.COUNTERSIGNED}
LEAD_ON = {
    "practice.compare",  # of a practice case that nobody has submitted
    "signing.second_step",  # for whoever has taken it, or needs none
    "signing.set_up_app",  # where none is being set up
}
WITH_A_SERVICE = {"signing.outside", "signing.outside_back", "signing.outside_bind"}  # none is set up here
STAGES = list(Stage)


@pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_is_open_to_whom_its_route_says_and_to_nobody_else(demonstration: Demonstration, who: str) -> None:
    client = demonstration.browser_of(who)
    rights = _Rights(demonstration.app, who)
    wrong, refused, sound = [], set(), set()
    for address in addresses(demonstration.app):
        expected = rights.expected(address)
        if expected in REFUSALS:
            if address.endpoint in refused:
                continue  # the door is shut before it matters what is behind it
            refused.add(address.endpoint)
        # One page of a kind is looked over here, another where the links are followed; of the others the door is tried.
        response = client.get(address.path) if address.endpoint not in sound else FlaskClient.open(client, address.path)
        if response.status_code == 200:
            sound.add(address.endpoint)
        if response.status_code not in expected:
            wrong.append(f"{address.path}: {response.status_code}, expected {sorted(expected)}")
        elif who == NOBODY and response.status_code == 303 and not response.location.startswith("/sign-in"):
            wrong.append(f"{address.path} leads nobody to {response.location}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("demonstration", ["postgresql"], indirect=True)
@pytest.mark.parametrize("who", EVERYBODY)
def test_every_link_that_a_person_is_shown_leads_to_a_page_that_says_its_data_are_invented(
    demonstration: Demonstration, who: str
) -> None:
    client = demonstration.browser_of(who)
    adapter = demonstration.app.url_map.bind("127.0.0.1")
    followed: set[str] = set()
    waiting = deque([("/sign-in" if who == NOBODY else "/", "the start")])
    seen, broken = {waiting[0][0]}, []
    while waiting:
        path, found_on = waiting.popleft()
        response = client.get(path)
        if response.status_code not in SHOWN:
            broken.append(f"{path} (on {found_on}): {response.status_code}")
        elif _is_page(response) and INVENTED not in page_of(response).text:
            broken.append(f"{path} does not say that its data are invented")
        for link in links_of(response):
            parts = urlsplit(link)
            assert not parts.netloc, f"{path} leads off this site: {link}"
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if not parts.path.startswith("/") or target in seen:
                continue
            endpoint, _ = adapter.match(parts.path)
            if endpoint not in followed:  # one page of each kind; of the others the doors are tried
                followed.add(endpoint)
                seen.add(target)
                waiting.append((target, path))

    assert not broken, "\n".join(broken)
    assert followed or who in (NOBODY, "outsider")


def _is_page(response: TestResponse) -> bool:
    return response.mimetype == "text/html" and response.status_code == 200


class _Rights:
    """What one person holds, and what each address should answer them."""

    def __init__(self, app: Flask, who: str) -> None:
        self._app = app
        self._account_id: int | None = None
        self._in: dict[int, set[Role]] = {}
        self._opens: set[Role | Door] = {Door.ANYONE}
        self._countersigns: set[tuple[int | None, int | None]] = set()
        with snapshot(app.extensions["casereader_engine"]) as session:
            keys = [key or 0 for key in session.exec(select(Inspection.id))]
            self._stages = {key: one.stage for key, one in stages.standings(session, keys).items()}
            inspections = session.exec(select(Inspection)).all()
            self._sealed = {one.id for one in inspections if opening.seal_of(session, inspection=one).why}
            self._readings = {one.public_id: one for one in session.exec(select(Reading))}
        if who == NOBODY:
            return
        with snapshot(app.extensions["casereader_engine"]) as session:
            account = session.exec(select(Account).where(Account.email == f"{who}@demo.example")).one()
            self._account_id = account.id
            for entry in session.exec(select(Membership).where(Membership.account_id == account.id)):
                self._in.setdefault(entry.inspection_id, set()).add(entry.role)
            paired = select(Membership).where(Membership.paired_with_id == account.id)
            self._countersigns = {(entry.inspection_id, entry.account_id) for entry in session.exec(paired)}
        self._opens |= {Door.SIGNED_IN, *(role for roles in self._in.values() for role in roles)}
        self._opens |= {Door.ADMINISTRATOR} if account.is_administrator else set()
        self._opens |= {Door.PROGRAMMES} if account.may_begin_programmes else set()

    def expected(self, address: Address) -> set[int]:
        """The statuses that the address may answer with."""
        stated: frozenset[Role | Door] = self._app.view_functions[address.endpoint].roles  # type: ignore[attr-defined]
        if address.is_unknown:
            return {404} if stated & self._opens else self._refused()
        if not stated & self._opens:
            return self._refused()
        if address.endpoint in WITH_A_SERVICE:
            return {404}
        if address.inspection_id is None or any(isinstance(door, Door) for door in stated & self._opens):
            moves_on = self._account_id is not None and address.endpoint == "account.sign_in"
            return {303} if moves_on or address.endpoint in LEAD_ON else {200}
        held = stated & self._in.get(address.inspection_id, set())
        if not held:
            return {404}
        if address.endpoint == "concerns.ask" and (address.inspection_id, address.reader_id) in self._countersigns:
            reading = next(self._readings[part] for part in address.path.split("/") if part in self._readings)
            return {200 if reading.needs_countersigning and reading.state not in OPEN else 404}
        if address.reader_id not in (None, self._account_id) and held <= {Role.REVIEWER, Role.LOCAL_REVIEWER}:
            return {404}
        return {self._as_far_as_it_is(address)}

    def _as_far_as_it_is(self, address: Address) -> int:
        """What the page answers whom it is open to, by how far the inspection or the reading has come."""
        stage = self._stages[address.inspection_id or 0]
        reading = next((self._readings[part] for part in address.path.split("/") if part in self._readings), None)
        name = address.endpoint
        if name in ("opened.addendum_json", "opened.certificate_json"):
            return 409 if (address.inspection_id or 0) in self._sealed else 200
        if name in NOT_BEFORE:
            return 200 if STAGES.index(stage) >= STAGES.index(NOT_BEFORE[name]) else 409
        if name == "plans.show" and stage is Stage.LIST_AWAITED:
            return 303  # to the list, which comes first
        if name in ("returns.show", "returns.mapping"):
            return 303  # to the list: nothing is on its way
        if name == "returns.faults_xlsx":
            return 409
        if name == "list_changes.ask":
            return 200 if stage is Stage.CHECKED else 303  # to the list, which is not there or does not change any more
        if reading is None:
            return 200
        is_open, is_paired = reading.state in OPEN, reading.needs_countersigning
        match name:
            case "not_readable.ask":
                return 200 if reading.state is ReadingState.ASSIGNED else 409
            case "reading.reopen":
                return 200 if reading.state in TO_REOPEN else 409
            case "section.show":
                return 200 if is_open else 303  # to what became of it
            case "moderation.show" | "evaluation.topics_of":
                return 404 if is_open else 200
            case "queries.ask":
                return (
                    404 if is_open else 409 if reading.signed_off_at or reading.kind is ReadingKind.CONSENSUS else 200
                )
            case "queries.marks":
                return 404 if is_open else 200
            case "settling.show":
                return 200 if self._is_read_twice(reading) else 404
            case "settling_by_readers.show":
                is_ready = self._is_read_twice(reading) and not self._waits_to_be_countersigned(reading)
                return 200 if is_ready else 404
            case "unlocking.ask":
                return 404 if is_open else 200
            case "countersigning.show":
                return 200 if is_paired and not is_open else 404
        return 200

    def _waits_to_be_countersigned(self, reading: Reading) -> bool:
        case = [one for one in self._readings.values() if one.sample_case_id == reading.sample_case_id]
        return any(one.needs_countersigning and one.countersigned_at is None for one in case)

    def _is_read_twice(self, reading: Reading) -> bool:
        case = [one for one in self._readings.values() if one.sample_case_id == reading.sample_case_id]
        read = {one.kind for one in case if one.state not in OPEN}
        return {ReadingKind.FIRST, ReadingKind.SECOND} <= read

    def _refused(self) -> set[int]:
        return {403} if self._account_id is not None else {303}
