"""The short way: how often one presses between a list and a drawn sample, and between signing in and an answer.

Each step is taken as a person takes it, by a link or a button of the page that stands there, without scripts.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from casereader.db import transaction
from tests import sampled
from tests.cast import Cast, SignIn
from tests.lists import GROUPS, list_csv
from tests.web.client import PageClient, filled_in, page_of
from tests.web.page import IN_EVERY_HEAD, Page, words

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Walk:
    """One person's way through the pages, and how often they pressed anything."""

    client: PageClient
    page: Page
    presses: int = 0

    def follow(self, text: str) -> None:
        """Press the first link of the page that says so."""
        link = next(one for one in self.page.root.iter("a") if words(one).startswith(text))
        self._press(self.client.get(link.get("href", "").partition("#")[0], follow_redirects=True))

    def press(self, text: str, values: dict[str, object] | None = None) -> None:
        """Press the button that says so, with its form filled in; what the form does not ask for is an error."""
        forms = [form for form in self.page.root.iter("form") if form.get("action") not in IN_EVERY_HEAD]
        form, button = next((form, one) for form in forms for one in form.iter("button") if words(one) == text)
        filled: dict[str, object] = dict(filled_in(form))
        assert not set(values or {}) - names(form)
        filled |= values or {}
        if name := button.get("name"):
            filled[name] = button.get("value", "")
        self._press(self.client.post(form.get("action") or self.path, data=filled, follow_redirects=True))

    def _press(self, answer: object) -> None:
        self.presses += 1
        self.page = page_of(answer)  # type: ignore[arg-type]
        assert self.page.status == 200, self.page.text[:400]
        self.path = answer.request.path  # type: ignore[attr-defined]

    path: str = "/"


def names(form: Element) -> set[str]:
    """What a form asks for."""
    return {one.get("name", "") for tag in ("input", "select", "textarea") for one in form.iter(tag)}


def test_seven_presses_of_two_people_lead_from_a_list_to_a_drawn_sample(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    coordinator = Walk(client, client.page("/"))
    coordinator.follow("Send the list of cases")
    coordinator.press("Check the list", {"file": (io.BytesIO(list_csv({**GROUPS, "e": 5}).encode()), "return.csv")})
    assert "read without a fault: 105 cases" in coordinator.page.text
    coordinator.press("Fix list and plan", {"no_source": "y"})
    client = sign_in(cast.lead)
    lead = Walk(client, client.page("/"))
    lead.follow("Confirm list and plan")
    lead.press("Confirm list and plan")
    lead.press("Show the seed", {"public_value": "4 8 15 16 23 42"})
    lead.press("Draw the sample")

    assert lead.page.heading == "The sample"
    assert (coordinator.presses, lead.presses) == (3, 4)


def test_one_press_after_signing_in_a_reader_has_a_question_to_answer(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.assign(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
    client = sign_in(cast.reviewer)
    reader = Walk(client, client.page("/"))

    reader.press("Start reading")

    assert reader.presses == 1 and names_of_answers(reader.page)
    again = Walk(client, client.page("/"))
    again.follow("Go on with")
    assert again.presses == 1 and names_of_answers(again.page)


def names_of_answers(page: Page) -> list[str]:
    """The questions in view that take an answer."""
    return [one.get("data-key", "") for one in page.root.iter() if one.get("data-key")]


def test_a_list_in_which_something_was_noticed_is_looked_at_before_it_is_planned(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    coordinator = Walk(client, client.page("/"))
    coordinator.follow("Send the list of cases")
    coordinator.press("Check the list", {"file": (io.BytesIO(list_csv().encode()), "return.csv")})  # group e has nobody

    assert coordinator.page.heading == "List of cases" and "Worth a look" in coordinator.page.text
