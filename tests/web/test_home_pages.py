"""What the first page, the board and an inspection's own page say is to be done, by whom, and in which order."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from casereader import audit, readings
from casereader.after_the_draw import extending, voiding
from casereader.db import transaction
from casereader.models import Account, Inspection
from casereader.people import accounts
from casereader.programmes import adding, inspections
from casereader.vocabulary import Role
from casereader.web import home
from casereader.web.programmes.signpost import Signpost, Urgency
from tests import sampled
from tests.cast import Cast, SignIn
from tests.reading import given_to

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

VOID, EXTEND = "Agree to the voiding of the draw, or not", "Agree to the longer sample, or not"


def home_of(cast: Cast) -> str:
    return f"/inspections/{cast.place.inspection.public_id}"


@pytest.fixture
def assigned(app: Flask, cast: Cast) -> Cast:
    """The cast, with a second coordinator, their sample drawn and dealt."""
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.assign(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        inspections.give_role(
            session,
            inspection=cast.place.inspection,
            account=cast.outsider,
            role=Role.COORDINATOR,
            by=cast.coordinator,
            at=sampled.AT,
        )
    return cast


def ask(app: Flask, cast: Cast, what: str, by: Account) -> None:
    verb, more = {VOID: (voiding.ask, {}), EXTEND: (extending.ask, {"sizes": {"b": 12}})}[what]
    with transaction(app.extensions["casereader_engine"]) as session:
        inspection = session.get_one(Inspection, cast.place.inspection.id)
        verb(session, inspection=inspection, reason="A ward is missing.", by=by, at=sampled.AT, **more)


@pytest.mark.parametrize("what", [VOID, EXTEND])
def test_what_is_asked_of_a_draw_waits_for_whoever_may_agree_and_for_nobody_else(
    app: Flask, assigned: Cast, sign_in: SignIn, what: str
) -> None:
    ask(app, assigned, what, assigned.lead)

    for path in ("/", home_of(assigned), "/board"):
        for account in (assigned.coordinator, assigned.outsider):
            assert what in sign_in(account).page(path).text
        assert what not in sign_in(assigned.lead).page(path).text
    assert what not in sign_in(assigned.moderator).page("/").text


def test_two_things_asked_by_two_people_hide_neither_and_a_coordinator_s_asking_waits_for_a_lead(
    app: Flask, assigned: Cast, sign_in: SignIn
) -> None:
    ask(app, assigned, VOID, assigned.coordinator)
    ask(app, assigned, EXTEND, assigned.lead)

    lead, second = (sign_in(one).page("/").text for one in (assigned.lead, assigned.outsider))

    assert VOID in lead and EXTEND not in lead
    assert EXTEND in second and VOID not in second


@pytest.mark.usefixtures("database_url")
def test_what_waits_alike_in_several_inspections_is_said_once_with_the_way_to_each() -> None:
    def waiting(heading: str, where: str, urgency: Urgency) -> dict[str, Any]:
        return {"where": where, **vars(Signpost(heading, "1 reading was handed back.", f"/{where}", urgency))}

    first, *rest = home.grouped(
        [waiting("Give", where, Urgency.SENT_BACK) for where in ("a", "b", "c")]
        + [waiting("Watch", where, Urgency.WATCH) for where in ("a", "b")]
    )

    assert (first["where"], "places" in first) == ("a", False), "the first leads to its own inspection"
    assert [one["where"] for one in rest[0]["places"]] == ["b", "c"]
    assert [(one["heading"], one["where"], "places" in one) for one in rest[1:]] == [
        ("Watch", "a", False),
        ("Watch", "b", False),
    ]


def test_an_earlier_thing_that_waits_does_not_hide_what_is_asked_of_the_draw(
    app: Flask, assigned: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        opened = given_to(session, assigned.reviewer)[0]
        readings.propose_ineligible(
            session,
            opened=opened,
            reason="Listed twice under two references",
            by=assigned.reviewer,
            at=sampled.AT,
        )
    ask(app, assigned, EXTEND, assigned.coordinator)
    lead = sign_in(assigned.lead)

    for path, says in {"/": "Ineligible cases that wait for you", home_of(assigned): "said to be ineligible"}.items():
        assert says in lead.page(path).text
        assert EXTEND in lead.page(path).text
    assert "Look at ineligible cases" not in lead.page("/").text  # each has its box above


def test_what_others_wait_for_comes_first_then_what_is_late_and_the_rest_is_reachable(
    app: Flask, assigned: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        for number in range(10):
            place = adding.add_partnership(
                session,
                programme=assigned.place.programme,
                name=f"Glen {number:02}",
                period_from=date(2025, 1, 1),
                period_to=date(2026, 3, 31),
                lead=assigned.lead,
                by=assigned.coordinator,
                at=sampled.AT,
            )
            if number == 9:
                place.list_due_on = date(2026, 1, 19)
                session.add(place)
    ask(app, assigned, VOID, assigned.lead)
    client = sign_in(assigned.coordinator)

    page, everything = client.page("/"), client.page("/?all=1")

    assert page.text.index(VOID) < page.text.index("Glen 09") < page.text.index("Glen 00")
    assert "Show the other 14" in page.text and "/?all=1" in page.links
    assert "Watch the reading" not in page.text
    assert everything.text.index("Glen 08") < everything.text.index("Watch the reading")
    assert "Show the other" not in everything.text


def test_nobody_is_told_to_agree_whose_account_was_made_by_who_asks(
    app: Flask, assigned: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        audit.record(
            session,
            "account created",
            by=assigned.lead,
            at=sampled.AT,
            kind="account",
            object_id=assigned.outsider.public_id,
        )
    ask(app, assigned, VOID, assigned.lead)

    assert VOID in sign_in(assigned.coordinator).page("/").text
    assert VOID not in sign_in(assigned.outsider).page("/").text


def test_whoever_began_a_programme_and_left_it_is_led_to_its_first_partnership(app: Flask, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        new = accounts.create(
            session, email="new@cast.example", name="New", by=None, at=sampled.AT, may_begin_programmes=True
        )
    client = sign_in(new)
    assert "Begin a programme" in client.page("/").text

    begun = client.submit("/programmes/new", {"name": "Orders", "instrument": "CRR-1"})

    page = client.page("/")
    assert "Add a partnership – Orders" in page.text and "Begin a programme" not in page.text
    assert begun.location in page.links
