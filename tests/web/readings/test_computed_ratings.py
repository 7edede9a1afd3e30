"""A CFSR-style reading in the browser: answered, rated by the rules, overridden with a reason, submitted, rolled up."""

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from flask import Flask

from casereader.db import transaction
from casereader.drawing.choices import Choices
from casereader.instrument import Answer, Instrument, Library, loads
from casereader.vocabulary import ReadingState
from tests import sampled
from tests.cast import Cast, SignIn, gather
from tests.reading import complete, full_answers, given_to
from tests.web.app import make_app
from tests.web.client import PageClient, page_of
from tests.web.page import words
from tests.web.reading_room import Room, address

INSTRUMENTS = Path(__file__).resolve().parents[3] / "data" / "instruments"
GROUPS = {"foster_1": 5, "foster_2": 5, "foster_3": 5, "foster_4": 5, "in_home": 20}
REASON = "Both children were seen on the next morning, which the county's own rules allow."


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on SQLite: nothing here depends on the database."""
    made = make_app(sqlite_url, tmp_path)
    yield made
    made.extensions["casereader_engine"].dispose()


@pytest.fixture
def room(app: Flask) -> Room:
    """The cast at work on the CFSR-style instrument, every case given to the two reviewers."""
    instrument: Instrument = app.extensions["casereader_instruments"]["CFSR-style"]
    with transaction(app.extensions["casereader_engine"]) as session:
        cast: Cast = gather(session, instrument=instrument, evaluated=("S1", "S2"))
        sampled.assign(session, cast, instrument, to=[cast.reviewer, cast.second_reviewer], groups=GROUPS)
    return Room(app, cast, instrument, ("", ""))


@pytest.fixture
def reviewer(room: Room, sign_in: SignIn) -> PageClient:
    """The reviewer's browser."""
    return sign_in(room.cast.reviewer)


def fill(client: PageClient, room: Room, where: str, section: str, answers: dict[str, Answer]) -> int:
    """Fill in a section's form and press its button; the status of the reply."""
    values: dict[str, object] = {}
    for part in room.instrument.section(section).parts:
        if (answer := answers.get(part.key)) is not None:
            values |= {part.key: answer.value, f"{part.key}__note": answer.note}
            values |= {f"{part.key}__ground": answer.ground} if answer.ground else {}
    page = f"{where}/{section}"
    response = client.submit(page, values, action=page, button="next")
    assert response.status_code in (303, 422), page_of(response).errors
    return response.status_code


def test_a_reading_is_rated_by_the_rules_overridden_submitted_and_rolled_up(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    where = address(opened)
    reviewer.post(f"{where}/start", data={"csrf_token": reviewer.csrf_token(where)})
    assert "Not yet: it follows once every answer it rests on is given." in reviewer.page(f"{where}/S1").text

    answers = full_answers(room.instrument, opened, overrides={"Q1A": "yes", "Q1B": "no"})
    assert fill(reviewer, room, where, "S1", answers) == 303
    shown = reviewer.page(f"{where}/S1").text
    assert "Area needing improvement" in shown and "Not achieved" in shown

    overridden = answers | {"item1.override": Answer("strength", REASON)}
    for section in room.instrument.sections:
        assert fill(reviewer, room, where, section.id, overridden) == 303
    check = reviewer.page(f"{where}/check").text
    assert f"Computed: Area needing improvement. Strength stands in its place. Reason: {REASON}" in check
    assert "Computed: Substantially achieved." in check
    assert reviewer.submit(f"{where}/check", {"declared": "y"}, action=f"{where}/submit").status_code == 303
    assert room.now(opened).reading.state is ReadingState.SUBMITTED
    assert REASON in reviewer.page(f"{where}/history?question=item1").text

    lead = sign_in(room.cast.lead)
    rolled = lead.page(f"/inspections/{room.cast.place.inspection.public_id}/roll-up/S1").text
    assert "Counts: strength." in rolled and "Counts: substantially achieved." in rolled
    assert "1 of 1" in rolled


def test_an_override_without_a_reason_stops_the_submission_and_a_rating_cannot_be_posted(
    room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    where = address(opened)
    answers = full_answers(room.instrument, opened) | {"item1.override": Answer("ani")}
    for section in room.instrument.sections:
        assert fill(reviewer, room, where, section.id, answers) == 303

    refused = reviewer.submit(f"{where}/check", {"declared": "y"}, action=f"{where}/submit")
    assert refused.status_code == 422
    assert any("needs a note" in words(link) for link in page_of(refused).root.iter("a"))

    sent = {"csrf_token": reviewer.csrf_token(f"{where}/S1"), "item1": "strength"}
    sent["version"] = str(room.now(opened).reading.version)
    assert reviewer.post(f"{where}/S1", data=sent).status_code == 422


def test_the_roll_up_of_many_readings_counts_the_ratings_that_stand(room: Room, sign_in: SignIn) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        for number, account in enumerate((room.cast.reviewer, room.cast.second_reviewer)):
            for one in given_to(session, account):
                complete(session, one, room.instrument, by=account, overrides={"Q3A": "no"} if number else {})
        n = [len(given_to(session, account)) for account in (room.cast.reviewer, room.cast.second_reviewer)]

    text = sign_in(room.cast.lead).page(f"/inspections/{room.cast.place.inspection.public_id}/roll-up/S2").text

    assert f"{n[0]} of {sum(n)}" in text  # item 3 and safety 2: strength where 3A is yes
    assert Choices(size=20, minimum=2) == sampled.CHOICES and sum(n) == 20


def test_the_example_of_bands_is_not_offered_to_a_programme(room: Room, sign_in: SignIn) -> None:
    page = sign_in(room.cast.coordinator).page("/programmes/new").text

    assert "CFSR-style, version 1.0" in page and "BANDS-EXAMPLE" not in page


def test_standards_stand_in_bands_on_the_roll_up_and_in_the_workbook(app: Flask, sign_in: SignIn) -> None:
    text = (INSTRUMENTS / "bands-example.toml").read_text(encoding="utf-8")
    text = text.replace('id = "BANDS-EXAMPLE"', 'id = "OURS"').replace("example = true\n", "")
    ours = loads(text.encode(), name="ours.toml")
    app.extensions["casereader_instruments"] = Library([ours])
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=ours, evaluated=())
        sampled.assign(session, cast, ours, to=[cast.reviewer], groups={"all": 20})
        for number, one in enumerate(given_to(session, cast.reviewer)):
            # K3: yes for 12 of 20, the lowest of its standard; K5 for 16 of 20
            said = {"K3": "yes" if number < 12 else "no", "K5": "yes" if number < 16 else "no"}
            complete(session, one, ours, by=cast.reviewer, overrides=said)
    lead, inspection = sign_in(cast.lead), f"/inspections/{cast.place.inspection.public_id}/roll-up"

    page = lead.page(inspection).text

    assert "Assessment Requires improvement K3 Safety of others 60%" in page
    assert "Delivery Outstanding K5 Support for change 80%" in page
    assert "it is no evaluation" in page
    book = openpyxl.load_workbook(io.BytesIO(lead.get(f"{inspection}/tables.xlsx").data))
    cells = [[cell.value for cell in row] for sheet in book for row in sheet]
    assert ["Assessment", "Requires improvement", "K3", 0.6] in [row[1:] for row in cells]


def test_a_reading_workbook_and_a_blank_form_ask_for_the_override_and_not_for_the_rating(
    room: Room, sign_in: SignIn
) -> None:
    coordinator, desk = sign_in(room.cast.coordinator), f"/inspections/{room.cast.place.inspection.public_id}/workbooks"
    coordinator.submit(desk, {"reader": room.cast.reviewer.public_id}, action=f"{desk}/issue")
    (link,) = [href for href in coordinator.page(desk).links if href.endswith(".xlsx")]
    book = openpyxl.load_workbook(io.BytesIO(coordinator.get(link).data))

    keys = {cell.value for sheet in book for cell in sheet["A"]}

    assert {"Q1A", "item1.override", "safety2.override"} <= keys
    assert not {"item1", "safety1", "item2", "item3", "safety2", "item13"} & keys
    paper = coordinator.page(f"{desk}/blank-form").text
    assert "What is the rating of item 1?" in paper and "Another rating" in paper
