"""Matters of concern on their pages: told first, whole for three people, an alert for the others, one page of paper."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from casereader import concerns
from casereader.concerns import Told
from casereader.db import transaction
from casereader.models import Account, Membership
from casereader.people import sessions
from casereader.programmes import inspections
from casereader.vocabulary import ConcernKind, ToldHow
from tests import sampled
from tests.cast import Cast, SignIn
from tests.databases import ON_BOTH
from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room, address

SEEN = "Bruises in three entries."
FORM = {
    "told_how": "in person",
    "told_when": "today at 10.40",
    "kind": "immediate risk",
    "seen": SEEN,
    "needed": "A check today.",
}
NOT_TOLD = ("reviewer", "second_reviewer", "local_reviewer", "administrator", "outsider")
ALERT = "has waited 31 minutes to be received"


def home_of(room: Room, rest: str = "") -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}{rest}"


def raised(
    room: Room, *, minutes_ago: int = 31, seen: str = SEEN, told_how: ToldHow = ToldHow.TELEPHONE
) -> tuple[str, str, str]:
    """One raised by the reviewer: its name, the reading's address, the case's reference."""
    opened = room.given(room.cast.reviewer)[0]
    with transaction(room.app.extensions["casereader_engine"]) as session:
        concern = concerns.raise_concern(
            session,
            opened=opened,
            instrument=room.instrument,
            told=Told(room.cast.lead.name, told_how, "at once"),
            kind=ConcernKind.IMMEDIATE,
            seen=seen,
            needed="A check today.",
            by=room.cast.reviewer,
            at=datetime.now(UTC) - timedelta(minutes=minutes_ago, seconds=5),
        )
        return concern.public_id, address(opened), opened.case_ref


@ON_BOTH
def test_from_telling_the_lead_to_closing_it_with_the_partnership_s_reference(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path = address(opened, "/concern")
    asked = reviewer.page(path)
    order = ["tell the inspection lead now", room.cast.lead.name, "01632 960010", room.cast.deputy.name, "x4512"]
    places = [asked.text.index(words) for words in [*order, "write it down", "Whom did you tell", "What is it?"]]
    assert places == sorted(places)
    refused = reviewer.submit(path, {"seen": SEEN, "told_whom": "somebody else"})
    assert len(page_of(refused).errors) == 5
    assert SEEN in page_of(refused).text

    recorded = reviewer.submit(path, {**FORM, "told_whom": "somebody else", "told_name": "Their team leader"})
    assert recorded.status_code == 303
    paper = reviewer.page(recorded.location).text
    assert "Their team leader (in person): today at 10.40" in paper and SEEN in paper and opened.case_ref in paper
    assert room.cast.reviewer.name not in paper.partition("Matter of concern")[2]
    mine = reviewer.page(address(opened)).text
    assert "A matter of concern was raised." in mine and SEEN not in mine

    lead = sign_in(room.cast.lead)
    assert "Receive a matter of concern" in lead.page("/").text
    index = home_of(room, "/concerns")
    shown = next(link for link in lead.page(index).links if link.startswith(f"{index}/"))
    assert SEEN in lead.page(shown).text
    assert lead.submit(shown, action=f"{shown}/received").status_code == 303
    assert "Receive a matter of concern" not in lead.page("/").text
    steps = f"{shown}/steps"
    assert lead.submit(shown, {"to": "with the partnership", "done": "Rang them."}, action=steps).status_code == 303
    unfinished = lead.submit(shown, {"to": "closed", "done": "Answered."}, action=steps)
    assert page_of(unfinished).errors == [
        "Give the partnership’s own reference: ask them for it before you close this."
    ]
    assert "Answered." in page_of(unfinished).html
    closing = {"to": "closed", "done": "Answered.", "partnership_ref": "SW-77"}
    assert lead.submit(shown, closing, action=steps).status_code == 303
    page = lead.page(shown)
    assert [row[1::2] for row in page.rows()[1:]] == [
        ["Received", ""],
        ["With the partnership", "Rang them."],
        ["Closed", "Answered."],
    ]
    assert "SW-77" in lead.page(index).text
    again = {**closing, "csrf_token": lead.csrf_token(shown)}
    assert lead.post(steps, data=again).status_code == 303, "sent twice"
    late = lead.post(steps, data={**again, "done": "Answered again."})
    assert late.status_code == 409
    assert home_of(room) in page_of(late).links, "what is refused in an inspection leads back to it"
    assert len(lead.page(shown).rows()) == 4


def test_where_nobody_answered_whom_they_tried_is_kept_and_whom_to_try_next_is_said(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    path = address(room.given(room.cast.reviewer)[0], "/concern")
    unanswered = {**FORM, "told_how": "nobody answered"}
    refused = page_of(reviewer.submit(path, unanswered))
    assert refused.errors == ["Say whom you tried to tell."]

    recorded = reviewer.submit(path, {**unanswered, "told_whom": room.cast.lead.name})

    assert recorded.status_code == 303
    mine = reviewer.page(recorded.location)
    tried = f"nobody answered. Tried: {room.cast.lead.name}, today at 10.40"
    assert tried in mine.text
    told = mine.text.partition("try again now")[2].partition("Go on until")[0]
    assert told.index(f"{room.cast.deputy.name}, deputy: telephone x4512") < told.index(room.cast.lead.name)
    assert {"tel:4512", "tel:01632960010"} <= set(mine.links)
    lead = sign_in(room.cast.lead)
    shown = home_of(room, "/concerns/" + recorded.location.rpartition("/")[2])
    for rest in ("", "/paper"):
        page = lead.page(shown + rest).text
        assert tried in page and "try again now" not in page, rest
    lead.submit(shown, action=f"{shown}/received")
    assert "try again now" not in reviewer.page(recorded.location).text
    both = reviewer.submit(path, {**unanswered, "told_whom": room.cast.lead.name, "told_name": room.cast.deputy.name})
    assert f"Tried: {room.cast.lead.name}, {room.cast.deputy.name}, today" in reviewer.page(both.location).text


def test_every_page_of_a_reading_names_whom_to_tell_and_leads_there_in_one_step(
    room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    reviewer.submit(address(opened), action=address(opened, "/start"))
    for rest in ("/C", "/history"):  # every view of an open reading is in the one page
        page = reviewer.page(address(opened, rest))
        assert address(opened, "/concern") in page.links, rest
        assert "01632 960010" in page.text, rest


def test_who_countersigns_a_reading_can_raise_one_about_it_too(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.local_reviewer)[0]
    path = address(opened, "/concern")
    inspector, other = sign_in(room.cast.reviewer), sign_in(room.cast.second_reviewer)
    assert inspector.get(path).status_code == 404, "not before it is submitted"
    room.complete(opened.reading.public_id)

    looking = home_of(room, f"/countersigning/{opened.reading.public_id}")
    assert path in inspector.page(looking).links
    assert looking in inspector.page(path).links
    recorded = inspector.submit(path, {**FORM, "told_whom": room.cast.deputy.name})
    assert recorded.status_code == 303
    assert looking in inspector.page(recorded.location).links
    assert other.get(path).status_code == other.get(recorded.location).status_code == 404
    local = sign_in(room.cast.local_reviewer)
    assert "A matter of concern was raised." in local.page(address(opened)).text
    assert local.get(recorded.location).status_code == 404, "whoever reads it sees only that there is one"


def test_what_it_says_is_for_lead_and_deputy_and_for_nobody_else(room: Room, sign_in: SignIn) -> None:
    concern, reading, _ = raised(room)
    for name in (*NOT_TOLD, "moderator", "coordinator", None, "lead", "deputy"):
        expected = 303 if name is None else 200 if name in ("lead", "deputy") else 403
        client = sign_in(getattr(room.cast, name) if name else None)
        for rest in ("", f"/{concern}", f"/{concern}/paper"):
            response = client.get(home_of(room, f"/concerns{rest}"))
            assert response.status_code == expected, (name, rest)
            assert (SEEN in response.text) == (expected == 200 and rest != ""), (name, rest)
        for step in ("received", "steps"):
            sent = client.post(home_of(room, f"/concerns/{concern}/{step}"), data={"csrf_token": _token(client, name)})
            done = {403: 403, 303: 401, 200: 303 if step == "received" else 422}[expected]
            assert sent.status_code == done, (name, step)
        own = client.get(f"{reading}/concern/{concern}").status_code
        reads = name in ("second_reviewer", "local_reviewer")
        assert own == {"reviewer": 200, None: 303}.get(name, 404 if reads else 403), name


def test_one_not_received_in_time_is_on_every_page_of_those_who_run_the_inspection(room: Room, sign_in: SignIn) -> None:
    concern, _, case_ref = raised(room)
    for name in (*NOT_TOLD, "moderator", "coordinator", "lead", "deputy"):
        is_whole, is_alerted = name in ("lead", "deputy"), name not in NOT_TOLD
        client = sign_in(getattr(room.cast, name))
        pages = ["/"]
        if is_alerted and name != "deputy":
            pages += [home_of(room), home_of(room, "/progress"), "/programmes"]
        if "reviewer" in name:
            pages += ["/readings"]
        for path in pages:
            page = client.page(path)
            head = "".join(page.text.partition("A matter of concern")[1:])[:300]
            assert (ALERT in head) == is_alerted, (name, path)
            assert case_ref not in head, (name, path)
            assert (f"/concerns/{concern}" in page.html) == is_whole, (name, path)
            assert SEEN not in page.html, (name, path)
            if is_alerted and not is_whole:
                assert "Find Leslie Lead (lead, 01632 960010) or Dolina Deputy (deputy, x4512) now." in head


def test_the_screen_in_the_reading_room_and_one_in_time_show_no_alert(room: Room, sign_in: SignIn) -> None:
    raised(room)
    coordinator = sign_in(room.cast.coordinator)
    assert ALERT in coordinator.page(home_of(room, "/progress")).text
    assert "matter of concern" not in coordinator.page(home_of(room, "/progress/room")).text

    raised_now, _, _ = raised(room, minutes_ago=1, seen="Another thing.")
    says = "2 matters of concern wait to be received, 1 of them late, the first for 31 minutes"
    for client in (coordinator, sign_in(room.cast.lead)):
        assert client.page("/").text.count("to be received") == 1
        assert says in client.page("/").text, "those in time are counted beside the late one"
    assert "Receive 2 matters of concern" in sign_in(room.cast.lead).page("/").text
    assert raised_now in sign_in(room.cast.lead).page(home_of(room, "/concerns")).html


def test_several_not_received_are_one_line_and_the_list_of_concerns_says_more_of_each(
    room: Room, sign_in: SignIn
) -> None:
    for minutes in (119, 2900):
        raised(room, minutes_ago=minutes, seen=f"Seen {minutes} minutes ago.")
    raised(room, minutes_ago=0, seen="Seen just now.", told_how=ToldHow.NOBODY)
    index = home_of(room, "/concerns")

    for name, does in (("moderator", "Find Leslie Lead (lead, 01632 960010)"), ("lead", "Receive them now")):
        page = sign_in(getattr(room.cast, name)).page("/")
        assert page.html.count("cr_alert__text") == 1, name
        says = "3 matters of concern wait to be received, all of them late, the first for 2 days"
        assert f"{says} ({room.cast.place.name}). Nobody answered when the reviewer tried to tell of 1 of them." in (
            page.text
        ), name
        assert does in page.text, name
        assert (index in page.links) == (name == "lead")

    standings = [row[3] for row in sign_in(room.cast.deputy).page(index).rows()[1:]]
    assert standings == [
        "RaisedHas waited 0 minutes. Nobody answered when the reviewer tried.",
        "RaisedHas waited 119 minutes.",
        "RaisedHas waited 2 days.",
    ]


@pytest.mark.parametrize("n", [1, 4])
def test_the_bar_stays_short_however_many_inspections_wait(app: Flask, n: int) -> None:
    each = {"n": 2, "n_late": 1, "waited": "2 days", "n_unanswered": 0, "contacts": [], "href": "/there"}
    alerts = [{**each, "where": f"Place {place}"} for place in range(n)]
    with app.test_request_context():
        bar = app.jinja_env.get_template("concerns/alerts.html").make_module().shown(alerts)

    head, _, folded = bar.partition("<details")
    assert head.count("cr_alert__text") == 1
    assert folded.count('href="/there"') == (n if n > 1 else 0)
    if n > 1:
        assert "8 matters of concern wait to be received in 4 inspections, 4 of them late, the first for 2 days" in bar


def test_one_that_still_has_time_beside_late_ones_of_another_inspection_is_counted_and_not_called_late(
    app: Flask,
) -> None:
    each = {"waited": "2 days", "n_unanswered": 0, "contacts": [], "href": "/there", "where": "Glen Test"}
    alerts = [{**each, "n": 3, "n_late": 3}, {**each, "n": 1, "n_late": 0}]
    with app.test_request_context():
        bar = app.jinja_env.get_template("concerns/alerts.html").make_module().shown(alerts)

    assert "4 matters of concern wait to be received in 2 inspections, 3 of them late, the first for 2 days" in bar
    assert "3 matters of concern wait to be received, all of them late" in bar
    assert "A matter of concern has waited 2 days to be received and is not late yet" in bar


def test_a_concern_of_another_inspection_or_reading_is_the_one_404(room: Room, sign_in: SignIn) -> None:
    concern, _, _ = raised(room)
    elsewhere = room.given(room.cast.reviewer)[1]
    reviewer, lead = sign_in(room.cast.reviewer), sign_in(room.cast.lead)

    assert reviewer.get(address(elsewhere, f"/concern/{concern}")).status_code == 404
    for unknown in ("AAAAAAAAAAAAAAAAAAAAAA", "x", "0"):
        assert lead.get(home_of(room, f"/concerns/{unknown}")).status_code == 404
    with transaction(room.app.extensions["casereader_engine"]) as session:
        for entry in inspections.members(session, inspection=room.cast.place.inspection, account=room.cast.lead):
            session.delete(session.get_one(Membership, entry.id))
    assert lead.get(home_of(room, f"/concerns/{concern}")).status_code == 403


def test_the_people_page_takes_a_telephone_and_says_what_is_missing_before_records_are_given_out(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    place = cast.place.inspection.public_id
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.draw(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        for entry in inspections.members(session, inspection=cast.place.inspection, account=cast.deputy):
            session.delete(session.get_one(Membership, entry.id))
    coordinator = sign_in(cast.coordinator)
    people = f"/inspections/{place}/people"
    assign = f"/inspections/{place}/assign"
    asked = coordinator.page(assign)
    assert "Name a deputy" in asked.text and people in asked.links
    assert all(form.get("action") != assign for form in asked.root.iter("form"))
    token = coordinator.csrf_token(people)
    sent = coordinator.post(
        f"/inspections/{place}/assign", data={"csrf_token": token, "reader": cast.reviewer.public_id}
    )
    assert sent.status_code == 422 and "Name a deputy" in sent.text

    wrong = {"account": cast.outsider.public_id, "role": "deputy", "telephone": "reception"}
    refused = coordinator.submit(people, wrong, action=people)
    assert refused.status_code == 422 and "Enter a telephone number" in refused.text
    assert cast.outsider.email not in refused.text.partition("Give somebody a role")[0]
    assert coordinator.submit(people, {**wrong, "telephone": ""}, action=people).status_code == 303
    assert "Give the telephone number of the deputy" in coordinator.page(people).text
    number = f"{people}/{cast.outsider.public_id}/telephone"
    assert number in coordinator.page(people).links
    assert coordinator.submit(number, {"telephone": "12"}).status_code == 422
    assert coordinator.submit(number, {"telephone": "0131 496 0100"}).status_code == 303
    assert "0131 496 0100" in coordinator.page(people).text
    assert "No record is given out before" not in coordinator.page(assign).text
    assert coordinator.get(f"{people}/{cast.reviewer.public_id}/telephone").status_code == 404
    assert sign_in(cast.moderator).get(number).status_code == 403


def test_an_account_that_stopped_is_on_no_reader_s_page_and_the_people_page_warns(room: Room, sign_in: SignIn) -> None:
    cast, people = room.cast, f"/inspections/{room.cast.place.inspection.public_id}/people"
    path = address(room.given(cast.reviewer)[0], "/concern")
    raised(room)
    coordinator, reviewer, moderator = (sign_in(one) for one in (cast.coordinator, cast.reviewer, cast.moderator))
    assert "stopped working" not in coordinator.page(people).text
    for account, left in ((cast.deputy, cast.lead.name), (cast.lead, "names no lead and no deputy")):
        with transaction(room.app.extensions["casereader_engine"]) as session:
            stopped = session.get_one(Account, account.id)
            sessions.disable(session, account=stopped, by=None, at=datetime.now(UTC))

        for page in (reviewer.page(path), reviewer.page(path.removesuffix("/concern"))):
            assert account.name not in page.text
        assert left in reviewer.page(path).text
        warned = coordinator.page(people).text
        assert "An account has stopped working" in warned
        assert f"{account.name} is " in warned and "Name another" in warned

    assert "Find the coordinator (no lead and no deputy is named) now" in moderator.page("/").text


def test_who_began_the_programme_says_how_long_one_may_wait(room: Room, sign_in: SignIn) -> None:
    raised(room)
    path = f"/programmes/{room.cast.place.programme.public_id}/concerns"
    coordinator = sign_in(room.cast.coordinator)
    assert ALERT in coordinator.page("/").text
    for wrong in ("0", "1441", "soon", ""):
        assert coordinator.submit(path, {"minutes": wrong}).status_code == 422

    assert coordinator.submit(path, {"minutes": "60"}).status_code == 303

    assert ALERT not in coordinator.page("/").text
    assert sign_in(room.cast.lead).get(path).status_code == 403


def _token(client: PageClient, name: str | None) -> str:
    return client.csrf_token("/" if name else "/sign-in")
