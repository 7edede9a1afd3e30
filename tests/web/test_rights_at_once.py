"""A change of rights holds from the next request on, on a page and for a script alike, and costs nobody their words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, delete

from casereader.db import transaction
from casereader.models import Account, Inspection, Membership
from casereader.vocabulary import Role
from tests.cast import PASSWORD, Cast, SignIn
from tests.web.client import page_of
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WORDS = "The plan names <b>nobody</b> & is of March"


def _change(room: Room, account: Account, change: Callable[[Session, Account, Inspection], None]) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        change(
            session,
            session.get_one(Account, account.id),
            session.get_one(Inspection, room.cast.place.inspection.id),
        )


def _takes_the_role(session: Session, account: Account, _inspection: Inspection) -> None:
    session.exec(delete(Membership).where(col(Membership.account_id) == account.id))


def _disables(_session: Session, account: Account, _inspection: Inspection) -> None:
    account.disabled_at = datetime.now(UTC)


def _lets_the_last_day_pass(_session: Session, account: Account, _inspection: Inspection) -> None:
    account.ends_on = datetime.now(UTC).date() - timedelta(days=1)


def _asks_for_a_second_factor(_session: Session, _account: Account, inspection: Inspection) -> None:
    inspection.readers_need_second_factor = True


@pytest.mark.parametrize(
    ("change", "page", "leads_to", "asks", "saves"),
    [
        (_takes_the_role, 403, "", 403, 403),
        (_disables, 303, "/sign-in?", 303, 401),
        (_lets_the_last_day_pass, 303, "/sign-in?", 303, 401),
        (_asks_for_a_second_factor, 303, "/sign-in-methods?", 401, 401),
    ],
)
def test_what_is_taken_or_newly_asked_for_holds_at_the_next_request_of_a_page_and_of_a_script(
    room: Room,
    sign_in: SignIn,
    change: Callable[[Session, Account, Inspection], None],
    page: int,
    leads_to: str,
    asks: int,
    saves: int,
) -> None:
    client, opened = sign_in(None), room.given(room.cast.reviewer)[0]
    client.sign_in(room.cast.reviewer.email, PASSWORD)
    token = client.csrf_token(address(opened))
    before = room.stored(opened)
    assert client.get(address(opened, "/saves")).status_code == 200

    _change(room, room.cast.reviewer, change)

    shown = client.get(address(opened))
    assert shown.status_code == page and (shown.location or "").startswith(leads_to)
    sent = {"version": 1, "idempotency_key": "k" * 16, "answers": {"C9": {"value": "5"}}}
    saved = client.post(address(opened, "/answers"), json=sent, headers={"X-CSRFToken": token})
    asked = client.get(address(opened, "/saves"), headers={"Accept": "application/json"}).status_code
    assert (saved.status_code, asked) == (saves, asks)
    assert saved.is_json and room.stored(opened) == before


def test_a_role_that_is_given_opens_pages_and_what_scripts_ask_at_the_next_request(cast: Cast, sign_in: SignIn) -> None:
    client, inspection = sign_in(cast.outsider), cast.place.inspection
    assert client.get("/readings").status_code == 403
    room = f"/inspections/{inspection.public_id}/progress"
    assert client.get(room, headers={"Accept": "application/json"}).status_code == 403

    people = f"/inspections/{inspection.public_id}/people"
    given = {"account": cast.outsider.public_id, "role": Role.REVIEWER.value}
    assert sign_in(cast.lead).submit(people, given, action=people).status_code == 303
    assert client.get("/readings").status_code == 200
    given = {"account": cast.outsider.public_id, "role": Role.COORDINATOR.value}
    assert sign_in(cast.lead).submit(people, given, action=people).status_code == 303
    assert client.get(room, headers={"Accept": "application/json"}).status_code == 200


def test_a_role_taken_while_a_long_form_is_open_shows_what_was_typed_to_whoever_typed_it_and_keeps_nothing(
    room: Room, sign_in: SignIn
) -> None:
    client, opened = sign_in(room.cast.reviewer), room.given(room.cast.reviewer)[0]
    path = address(opened, "/C")
    client.submit(address(opened), action=address(opened, "/start"))
    form = {"csrf_token": client.csrf_token(path), "version": "1", "C9.note": WORDS, "C9": "5"}
    before = room.stored(opened)
    _change(room, room.cast.reviewer, _takes_the_role)

    refused = client.post(path, data=form)

    assert refused.status_code == 403 and refused.headers["Cache-Control"] == "no-store"
    assert "What you sent" in refused.text and WORDS in page_of(refused).text and "<b>nobody" not in refused.text
    assert opened.case_ref not in refused.text
    assert room.stored(opened) == before
    assert WORDS not in client.get(path).text
    foreign = client.post(path, data=form | {"csrf_token": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert WORDS not in page_of(foreign).text
    concern = client.post(address(opened, "/concern"), data={"csrf_token": form["csrf_token"], "what": WORDS})
    assert concern.status_code == 403 and WORDS in page_of(concern).text


def test_whoever_runs_an_inspection_keeps_the_words_of_any_long_form_too(cast: Cast, sign_in: SignIn) -> None:
    lead = sign_in(cast.lead)
    path = f"/inspections/{cast.place.inspection.public_id}/actions/record"
    token = lead.csrf_token(path)
    coordinator, people = sign_in(cast.coordinator), f"/inspections/{cast.place.inspection.public_id}/people"
    named = {"account": cast.outsider.public_id, "role": Role.LEAD.value}
    assert lead.submit(people, named, action=people).status_code == 303
    ended = coordinator.submit(people, action=f"{people}/{cast.lead.public_id}/lead/end")
    assert ended.status_code == 303

    refused = lead.post(path, data={"csrf_token": token, "what": WORDS})

    assert refused.status_code == 403 and WORDS in page_of(refused).text
