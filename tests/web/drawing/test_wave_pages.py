"""Reading in waves on the pages: off unless chosen, faults all at once, the rule before the lead, counts by wave."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from casereader import assignments
from casereader.assignments import availability
from casereader.assignments.availability import Given
from casereader.db import snapshot, transaction
from casereader.drawing import plans
from casereader.drawing.wave_rule import Rule
from tests import sampled
from tests.cast import Cast, SignIn
from tests.web.client import page_of
from tests.web.page import Page, words

RULE = Rule(n_waves=4, questions=("C9", "D11"), minimum=2, maximum=26)
IN_WAVES = replace(sampled.CHOICES, waves=RULE)
REST = "confidence=90&margin=10&ineligible=0&minimum=2&reserve=50&second_share=0"
BY_NUMBER = {"by": "number", "size": "20", "no_source": "y", "comparison": ""}


def home_of(cast: Cast) -> str:
    return f"/inspections/{cast.place.inspection.public_id}"


def details(page: Page, words_of_it: str) -> bool:
    """Whether the part of the page that is folded away under these words is open."""
    (found,) = [one for one in page.root.iter("details") if words_of_it in words(one.find("summary"))]
    return found.get("open") is not None


def cut_offs(page: Page) -> str | None:
    """What stands in the field of the cut-offs."""
    return next(one.get("value") for one in page.root.iter("input") if one.get("name") == "wave_thresholds")


@pytest.fixture
def received(app: Flask, cast: Cast) -> None:
    """The list."""
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.receive(session, cast, app.extensions["casereader_instruments"]["CRR-1"])


@pytest.fixture
def given(app: Flask, cast: Cast) -> None:
    """The sample in four waves, given to two readers."""
    instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.draw(session, cast, instrument, choices=IN_WAVES)
        assignments.assign(
            session,
            inspection=cast.place.inspection,
            instrument=(instrument.id, instrument.version),
            chosen=[cast.reviewer, cast.second_reviewer],
            by=cast.coordinator,
            at=sampled.AT,
        )


@pytest.mark.usefixtures("received")
def test_waves_are_off_and_folded_away_unless_somebody_types_how_many(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client, plan = sign_in(cast.coordinator), f"{home_of(cast)}/plan"
    page = client.page(plan)
    assert not details(page, "read in waves")
    assert "Read by its end" not in page.text
    assert cut_offs(page) == "50, 75"
    asked = client.submit(plan, {"waves": "2"}, action=plan, button="all-cut-offs")
    assert cut_offs(page_of(asked)) == "15, 50, 75, 90"

    assert client.submit(plan, {"no_source": "y"}, action=plan, button="fix").status_code == 303
    assert "wave" not in client.page(plan).text.casefold()
    with snapshot(app.extensions["casereader_engine"]) as session:
        kept = plans.current(session, inspection=cast.place.inspection)
        assert (
            kept is not None and "waves" not in kept.plan["choices"] and "waves" not in kept.plan["sampling"]["bound"]
        )


@pytest.mark.usefixtures("received")
def test_an_address_that_was_kept_from_before_a_field_was_added_shows_the_waves_as_usual(
    cast: Cast, sign_in: SignIn
) -> None:
    kept = "strata=group&by=number&size=20&waves=4&wave_questions=C9&wave_thresholds=50&wave_error_rate=10"
    page = sign_in(cast.coordinator).page(f"{home_of(cast)}/plan?{kept}&{REST}&wave_minimum=1")

    assert page.rows(1)[1][:3] == ["Wave 1", "5", "5"], "without wave_split each question has the rate on its own"


@pytest.mark.usefixtures("received")
def test_every_fault_of_the_rule_is_told_at_once_each_beside_its_field(cast: Cast, sign_in: SignIn) -> None:
    client, plan = sign_in(cast.coordinator), f"{home_of(cast)}/plan"
    wrong = {
        **BY_NUMBER,
        "waves": "4",
        "wave_questions": ["C9"],
        "wave_others": "Z1",
        "wave_thresholds": "50, x, 75",
        "wave_error_rate": "",
        "wave_minimum": "4",
        "selection": "systematic",
        "order_by": "living",
    }
    page = page_of(client.submit(plan, wrong, action=plan, button="show"))

    assert page.status == 422
    told = " ".join(page.errors)
    reasons = ("by ticket alone", "Z1 is no question", "“x” is no per cent", "enter the error rate", "from 1 to 3")
    assert [one for one in reasons if one not in told] == []
    assert details(page, "read in waves")
    out_of_bounds = {**BY_NUMBER, "waves": "1", "wave_error_rate": "NaN", "wave_maximum": "0", "wave_minimum": "some"}
    told = " ".join(page_of(client.submit(plan, out_of_bounds, action=plan, button="show")).errors)
    reasons = ("from 2 to 20", "between 0.1 and 50%", "between 1 and 100000", "no whole number")
    assert [one for one in reasons if one not in told] == []


@pytest.mark.usefixtures("received")
def test_what_a_size_cannot_give_is_told_beside_the_table_and_is_not_fixed(cast: Cast, sign_in: SignIn) -> None:
    client, plan = sign_in(cast.coordinator), f"{home_of(cast)}/plan"
    wrong = {**BY_NUMBER, "size": "10", "minimum": "1", "waves": "12", "wave_maximum": "9"}

    shown = page_of(client.submit(plan, wrong, action=plan, button="show"))
    assert "10 records cannot be read in 12 waves" in shown.text and "9 does not" in shown.text
    given = {"shown": next(one.get("value") for one in shown.root.iter("input") if one.get("name") == "shown")}
    refused = page_of(client.submit(plan, {**wrong, **given}, action=plan, button="fix"))
    assert len([one for one in refused.errors if "Waves: " in one]) == 2


@pytest.mark.usefixtures("received")
def test_the_lead_sees_the_rule_and_the_waves_before_confirming(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client, plan = sign_in(cast.coordinator), f"{home_of(cast)}/plan"
    chosen = {
        **BY_NUMBER,
        "waves": "4",
        "wave_questions": ["C9", "D11"],
        "wave_others": "D12",
        "wave_split": "shared",
        "wave_minimum": "2",
        "wave_maximum": "30",
        "wave_error_rate": "5",
        "wave_thresholds": "75 50%",
    }
    shown = page_of(client.submit(plan, chosen, action=plan, button="show"))
    assert ["Wave 1", "5", "5", "a: 1, b: 2, c: 2"] in [row[:4] for table in range(2) for row in shown.rows(table)]
    given = {"shown": next(one.get("value") for one in shown.root.iter("input") if one.get("name") == "shown")}
    assert client.submit(plan, {**chosen, **given}, action=plan, button="fix").status_code == 303

    page = sign_in(cast.lead).page(plan)
    assert "4, each in proportion to the strata; waves 1 to any" in page.text
    assert (
        "at the cut-offs 50%, 75%, an error rate of 5%" in page.text
        and "the rule of the waves, comparison" in page.text
    )
    assert "After waves 1 to 2 fewer than 10" not in page.text and "After wave 1 fewer than 10" in page.text
    assert "D12" in page.text and "holds none of 50%, 75%: whatever" in page.text
    assert "5% at most that an interval of any of the questions" in page.text
    assert "once waves 1 to 2 are complete" in page.text and "30 records, if it is ever made longer" in page.text
    with snapshot(app.extensions["casereader_engine"]) as session:
        kept = plans.current(session, inspection=cast.place.inspection)
        assert plans.choices_of(kept).waves == Rule(
            4, ("C9", "D11", "D12"), ("0.5", "0.75"), "0.05", "shared", minimum=2, maximum=30
        )


@pytest.mark.usefixtures("given")
def test_certificate_progress_and_printed_lists_go_by_wave_and_the_reader_s_list_does_too(
    cast: Cast, sign_in: SignIn
) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    assert "once waves 1 to 2 are complete" in client.page(f"{home}/draw/certificate").text

    assert "26 records at most" in client.page(f"{home}/draw/extend").text
    assert client.page(f"{home}/draw").rows()[0][-1] == "Wave"
    progress = client.page(f"{home}/progress")
    by_wave = [row for table in range(4) for row in progress.rows(table) if row[0].startswith("Wave ")]
    assert [row[1:] for row in by_wave] == [["5", "0", "0", "5", "Not begun"]] * 4

    assert "Wave" in next(row for table in range(8) for row in progress.rows(table) if row[0] == "Reference")
    assert "there is no wave to assign" in client.page(f"{home}/draw").text
    assert "wave 4" in client.page(f"{home}/records").text

    sheets = client.page(f"{home}/timetable")
    assert "take those of one wave in the order in which they stand" in sheets.text
    assert "Wave" in client.page(f"{home}/timetable/coordinator").rows()[0]

    mine = sign_in(cast.reviewer).page("/readings").text
    places = [mine.index(f"Wave {number}.") for number in (1, 2, 3, 4)]
    assert places == sorted(places)


def test_before_the_cases_are_given_out_the_page_says_how_many_of_each_wave_everybody_would_have(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.draw(session, cast, app.extensions["casereader_instruments"]["CRR-1"], choices=IN_WAVES)
        given = [Given(person, [], "4", reads=True) for person in (cast.reviewer, cast.second_reviewer)]
        inspection, by = cast.place.inspection, cast.coordinator
        availability.set_days(session, inspection=inspection, given=given, by=by, at=sampled.AT)

    page = sign_in(cast.coordinator).page(f"{home_of(cast)}/assign")
    over = [words(cell) for row in page.root.iter("tr") for cell in row if words(cell).startswith("1: ")]
    assert len(over) == 2 and all(one.count(" · ") == 3 for one in over)
    assert "Everybody has about their share of every wave" in page.text


def test_without_waves_no_page_of_the_reading_week_speaks_of_them(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.assign(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
    home = home_of(cast)

    client = sign_in(cast.coordinator)
    paths = ["progress", "timetable", "timetable/coordinator", "draw/certificate", "draw", "draw/extend", "assign"]
    texts = [client.page(f"{home}/{path}").text for path in paths]
    texts.append(sign_in(cast.reviewer).page("/readings").text)
    assert [text for text in texts if "wave" in text.casefold()] == []
