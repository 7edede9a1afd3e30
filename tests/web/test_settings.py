"""A person's own settings: kept on the account, on every page, and nobody else's business."""

import pytest
from sqlmodel import select

from casereader.db import make_engine, snapshot
from casereader.models import AuditEvent
from tests.cast import SignIn
from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def classes(client: PageClient, path: str) -> set[str]:
    return set(client.page(path).root.get("class", "").split())


def test_what_a_reader_chose_is_on_every_page_of_theirs_on_every_computer(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]

    saved = reviewer.submit("/settings", {"preferences": ["list", "large"]})

    assert saved.location == "/settings"
    other = sign_in(room.cast.reviewer)
    for path in ("/settings", "/readings", address(opened, "/C")):
        assert classes(other, path) == {"cr_prefers-list", "cr_prefers-large"}
    assert classes(sign_in(room.cast.second_reviewer), "/readings") == set()
    ticked = [box.get("value") for box in other.page("/settings").root.iter("input") if box.get("checked") is not None]
    assert ticked == ["list", "large"]


def test_settings_can_be_taken_back_and_strange_ones_are_passed_over(reviewer: PageClient) -> None:
    reviewer.submit("/settings", {"preferences": ["still"]})
    token = reviewer.csrf_token("/settings")

    reviewer.post("/settings", data={"csrf_token": token, "preferences": ["spacing", '"><script>']})
    assert classes(reviewer, "/readings") == {"cr_prefers-spacing"}

    reviewer.post("/settings", data={"csrf_token": token})
    assert classes(reviewer, "/readings") == set()


def test_settings_saved_as_they_were_leave_no_event(reviewer: PageClient, database_url: str) -> None:
    engine = make_engine(database_url)
    for chosen, n_events in ((["still"], 1), (["still"], 1), ([], 2), ([], 2)):
        assert reviewer.submit("/settings", {"preferences": chosen}).status_code == 303
        with snapshot(engine) as session:
            found = session.exec(select(AuditEvent).where(AuditEvent.action == "settings chosen")).all()
        assert len(found) == n_events
    engine.dispose()


def test_settings_are_for_whoever_is_signed_in(client: PageClient) -> None:
    assert client.get("/settings").location.startswith("/sign-in")
    assert page_of(client.get("/sign-in")).root.get("class") is None
