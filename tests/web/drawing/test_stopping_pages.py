"""The page for when time runs short: the coordinator stops the last tickets after a second look; others are flagged."""

import pytest

from casereader.after_the_draw import stopping
from casereader.after_the_draw.stopping import Drawn
from casereader.db import snapshot
from casereader.figures.groups import level
from casereader.vocabulary import CaseStatus
from tests.cast import SignIn
from tests.databases import ON_BOTH
from tests.web.client import PageClient, filled_in, page_of
from tests.web.reading_room import Room, address

OTHERS = ("lead", "deputy", "administrator", "outsider")


def home_of(room: Room, rest: str = "") -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}{rest}"


def cases(room: Room) -> list[Drawn]:
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        return stopping.drawn(session, inspection=room.cast.place.inspection)


@ON_BOTH
def test_the_proposed_cases_are_stopped_after_a_second_look(room: Room, sign_in: SignIn) -> None:
    coordinator = sign_in(room.cast.coordinator)
    path = home_of(room, "/stopping")
    assert path in coordinator.page(home_of(room, "/progress")).links
    assert "20 of 20 cases are not handed in yet" in coordinator.page(path).text

    shown = coordinator.page(f"{path}?read=16")
    expected = [one.case_ref for one in stopping.propose(cases(room), stop=4)]
    assert [row[0] for row in shown.rows()[1:]] == expected
    looked = coordinator.submit(f"{path}?read=16", action=path)
    assert looked.status_code == 200
    assert sum(one.status is CaseStatus.NOT_REACHED for one in cases(room)) == 0, "nothing is stopped yet"
    sure = page_of(looked)
    assert sure.title.startswith("Stop these 4 cases?")
    assert "This can be undone" in sure.text
    of_stratum: dict[str, list[list[str]]] = {}
    for one in stopping.propose(cases(room), stop=4):
        of_stratum.setdefault(one.stratum, []).insert(0, [one.case_ref, str(one.order)])
    for place, (stratum, rows) in enumerate(of_stratum.items()):
        assert f"{level(room.instrument, 'stratum', stratum)}: {len(rows)} to stop, the last tickets first" in sure.text
        assert [row[:2] for row in sure.rows(place)[1:]] == rows, stratum
    assert coordinator.post(path, data={**filled_in(sure.form(path)), "sure": "y"}).status_code == 303

    page = coordinator.page(path)
    assert page.text.count("so what was read stays a random sample") >= 1 and "Flagged" not in page.text
    certificate = coordinator.page(home_of(room, "/draw/certificate")).text
    assert "What was not reached" in certificate and "Flagged" not in certificate
    stopped = next(one for one in cases(room) if one.case_ref in expected)
    reader = next(
        (account, opened)
        for account in (room.cast.reviewer, room.cast.second_reviewer, room.cast.local_reviewer)
        for opened in room.given(account)
        if opened.case_ref == stopped.case_ref
    )
    client = sign_in(reader[0])
    assert "not reached" in client.page(address(reader[1])).text.casefold()
    assert client.post(address(reader[1], "/start"), data=_token(client)).status_code == 409

    back = f"{path}/{stopped.public_id}/back"
    assert coordinator.submit(path, action=back).status_code == 303
    assert coordinator.post(back, data=_token(coordinator)).status_code == 409
    assert "17 of 20 cases are not handed in yet and can be stopped. Of the others 3 are not reached." in (
        coordinator.page(path).text
    )


def test_other_cases_need_a_reason_and_are_flagged_on_certificate_and_figures(room: Room, sign_in: SignIn) -> None:
    coordinator, lead = sign_in(room.cast.coordinator), sign_in(room.cast.lead)
    path = home_of(room, "/stopping")
    first = cases(room)[0]
    sent = {**_token(coordinator), "case": first.public_id, "reason": ""}

    refused = coordinator.post(path, data=sent)
    assert refused.status_code == 422
    assert page_of(refused).errors == ["These are not the last tickets of their strata: say why it must be these."]
    asked = page_of(coordinator.post(path, data={**sent, "reason": "<i>Ill</i>"}))
    assert "These are not the last tickets of their strata." in asked.text and "“<i>Ill</i>”" in asked.text
    assert cases(room)[0].status is CaseStatus.WAITING
    unsaid = coordinator.post(path, data={**sent, "sure": "y"})
    assert unsaid.status_code == 422, "the second look does not stand for the reason"
    assert coordinator.post(path, data={**sent, "reason": "<i>Ill</i>", "sure": "y"}).status_code == 303

    for client, rest in ((coordinator, "/draw/certificate"), (lead, "/draw/certificate"), (lead, "/roll-up")):
        text = client.page(home_of(room, rest)).text
        assert "is no random sample of this stratum" in text and "Reason given: <i>Ill</i>." in text, rest
    assert coordinator.post(path, data=sent).status_code == 409
    assert coordinator.post(path, data={**_token(coordinator), "reason": "x"}).status_code == 422
    assert coordinator.post(path, data={**sent, "case": "A" * 22}).status_code == 404


def test_a_number_that_cannot_be_is_refused_with_the_bounds(room: Room, sign_in: SignIn) -> None:
    coordinator = sign_in(room.cast.coordinator)
    for given in ("-1", "21", "1e1", "x", "４", "9" * 40):
        page = coordinator.page(home_of(room, f"/stopping?read={given}"), status=422)
        assert page.errors == ["Enter a whole number from 0 to 20."], given


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_reader_is_told_what_becomes_of_a_record_that_turns_up_and_the_coordinator_decides(
    room: Room, sign_in: SignIn
) -> None:
    late = max(cases(room), key=lambda one: one.order)
    account, opened = next(
        (account, opened)
        for account in (room.cast.reviewer, room.cast.second_reviewer, room.cast.local_reviewer)
        for opened in room.given(account)
        if opened.case_ref == late.case_ref
    )
    coordinator, reader, path = sign_in(room.cast.coordinator), sign_in(account), home_of(room, "/stopping")
    reader.submit(address(opened, "/not-readable"), {"way": "not produced", "reason": "Lost."})
    assert "no random sample" not in reader.page(address(opened)).text
    others = [one for one in cases(room) if one.stratum == late.stratum and one.can_stop]
    sent = {**_token(coordinator), "case": [one.public_id for one in others]}
    sure = page_of(coordinator.post(path, data=sent)).text
    assert f"No record would be left to read of {late.stratum}." in sure
    some = {**sent, "case": [one.public_id for one in others[1:]] or sent["case"], "sure": "y"}
    assert coordinator.post(path, data=some).status_code == 303

    assert "is kept as not reached, in no figure" in reader.page(address(opened)).text
    assert reader.submit(address(opened), action=address(opened, "/turned-up")).status_code == 303
    assert "Tell the coordinator, who decides" in reader.page(address(opened)).text
    page = coordinator.page(path).text
    assert f"{late.case_ref}: {late.stratum}, {late.order} in ticket order (It turned up after earlier cases" in page
    coordinator.submit(path, action=f"{path}/{late.public_id}/back")
    assert "is no random sample of this stratum" in coordinator.page(path).text, "the warning of what it did"


def test_stopping_is_the_coordinator_s(room: Room, sign_in: SignIn) -> None:
    one = cases(room)[-1]
    for name in (*("reviewer", "second_reviewer", "local_reviewer", "moderator"), *OTHERS):
        client = sign_in(getattr(room.cast, name))
        assert client.get(home_of(room, "/stopping")).status_code == 403, name
        sent = client.post(home_of(room, "/stopping"), data={**_token(client), "case": one.public_id})
        assert sent.status_code == 403, name
        back = client.post(home_of(room, f"/stopping/{one.public_id}/back"), data=_token(client))
        assert back.status_code == 403, name
    assert cases(room)[-1] == one


def _token(client: PageClient) -> dict[str, str]:
    return {"csrf_token": client.csrf_token("/")}
