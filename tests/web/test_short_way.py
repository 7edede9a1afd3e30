"""The short way: how often one presses, over how many pages, for each step of a coordinator's week.

Each step is taken as a person takes it, from their first page, by a link or a button that stands there; no scripts.
Publishing is counted where it is tested (tests/web/issuing). What these counts were before, and which presses are
safeguards, is told in docs/decisions/0112.
"""

from __future__ import annotations

import io

import pytest
from flask import Flask

from casereader.db import transaction
from tests import sampled
from tests.cast import Cast, SignIn
from tests.lists import list_csv
from tests.web.page import Page, words
from tests.web.walk import Walk, at_home

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_six_presses_of_two_people_lead_from_a_list_to_a_drawn_sample_and_six_to_readers_at_work(
    cast: Cast, sign_in: SignIn
) -> None:
    coordinator, lead = sign_in(cast.coordinator), sign_in(cast.lead)

    sent = at_home(coordinator).press("Check the list", {"file": (io.BytesIO(list_csv().encode()), "return.csv")})
    assert sent.page.heading == "Plan the sample" and sent.cost == (1, 2)
    assert "read without a fault: 100 cases" in sent.page.text and "Worth a look" in sent.page.text  # nobody in group e
    fixed = sent.press("Fix list and plan", {"no_source": "y"})
    assert "List and plan wait for the lead" in coordinator.page("/").text
    drawn = at_home(lead).follow("Confirm list and plan").press("Confirm list and plan")
    drawn.press("Show the seed", {"public_value": "4 8 15 16 23 42"}).press("Draw the sample")
    assert drawn.page.heading == "The sample"
    assert (fixed.cost, drawn.cost) == ((2, 3), (4, 5))

    for paper, heading in {
        "certificate": "Certificate of the draw",
        "list for the link officer": "Records asked for",
        "cover sheets": "Cover sheets",
    }.items():
        printed = at_home(coordinator).follow(paper)
        assert (printed.page.heading, printed.cost) == (heading, (1, 2))
    ticked = {f"reads-{one.public_id}": "y" for one in (cast.reviewer, cast.second_reviewer)}
    assigned = at_home(coordinator).follow("Assign the cases").press("Save and show what this gives", ticked)
    assigned.press("Assign the cases")
    assert (assigned.page.heading, assigned.cost) == ("Progress of the reading", (3, 4))
    for who in (coordinator, lead):
        assert at_home(who).follow("Watch the reading").cost == (1, 2)
    assert at_home(coordinator).follow("timetable").cost == (1, 2)


def test_whoever_begins_an_inspection_is_led_to_name_whom_it_needs_and_from_there_to_the_cases(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.coordinator)
    client.submit("/programmes/new", {"name": "A programme", "instrument": "CRR-1"})
    adds = Walk(client, client.page("/programmes")).follow("Add a partnership")
    leads = [words(one) for one in adds.page.root.iter("option") if one.get("value") == cast.lead.public_id]
    assert leads and cast.local_reviewer.public_id not in adds.page.html
    given = {"name": "Isle of Test", "period_from": "2025-01-01", "period_to": "2026-05-31"}
    given |= {"lead": cast.lead.public_id, "lead_telephone": "01632 960010", "deputy": cast.deputy.public_id}
    adds.press("Add the partnership", given)
    assert adds.page.text.index("Send the list of cases") < adds.page.text.index("Name who reads and whom to tell")

    named = at_home(client).follow("Name who reads and whom to tell")
    named.press("Keep the number", {"telephone": "x4512"})
    named.press("Give the role", {"account": cast.reviewer.public_id, "role": "reviewer"})

    assert named.cost == (3, 4)
    assert "Before records are given out" not in named.page.text
    assert "Name who reads" not in at_home(client).page.text


def test_one_press_after_signing_in_a_reader_has_a_question_to_answer(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.assign(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
    client = sign_in(cast.reviewer)

    reader = at_home(client).press("Start reading")

    assert reader.presses == 1 and names_of_answers(reader.page)
    again = at_home(client).follow("Go on with")
    assert again.presses == 1 and names_of_answers(again.page)


def names_of_answers(page: Page) -> list[str]:
    """The questions in view that take an answer."""
    return [one.get("data-key", "") for one in page.root.iter() if one.get("data-key")]
