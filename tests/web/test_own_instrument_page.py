"""The partnership's own instrument on its page: the lead answers, others read, and nothing typed is lost."""

import pytest
from flask import Flask

from casereader import own_instrument
from casereader.db import snapshot, transaction
from casereader.instrument import Answer
from casereader.web.evaluation.bearing import BEARS_ON, DEMONSTRATED
from tests import worked
from tests.cast import BEGAN, Cast, SignIn
from tests.web.client import PageClient, filled_in, page_of
from tests.web.page import Page
from tests.web.test_roll_up_pages import at, people_of

REASON = "Records and groups show the same in all localities."
OWN = "own-instrument"


def fields_of(page: Page) -> dict[str, str | list[str]]:
    """What a browser sends of the form as it stands."""
    return filled_in(page.form())


def send(client: PageClient, cast: Cast, fields: dict[str, str | list[str]]) -> Page:
    return page_of(client.post(at(cast, OWN), data=fields))


def stored(app: Flask, cast: Cast) -> own_instrument.Answered:
    with snapshot(app.extensions["casereader_engine"]) as session:
        library = app.extensions["casereader_instruments"]
        return own_instrument.answered(session, place=cast.place, library=library)


def answer(app: Flask, cast: Cast, key: str, value: str) -> None:
    """Another lead saves an answer, from a page that shows what is stored."""
    with transaction(app.extensions["casereader_engine"]) as session:
        library = app.extensions["casereader_instruments"]
        now = own_instrument.answered(session, place=cast.place, library=library)
        question = now.instrument.question(key)
        own_instrument.save(
            session,
            place=cast.place,
            library=library,
            typed={key: Answer(value, REASON, ("records",))},
            seen={key: own_instrument.mark_of(question, now.answers)},
            by=cast.lead,
            at=BEGAN,
        )


@pytest.mark.parametrize(
    ("who", "status"),
    [("lead", 200), ("coordinator", 200), ("moderator", 200), ("reviewer", 403), ("local_reviewer", 403),
     ("deputy", 403), ("administrator", 403), ("outsider", 403)],
)  # fmt: skip
def test_who_may_see_it(cast: Cast, sign_in: SignIn, who: str, status: int) -> None:
    assert sign_in(getattr(cast, who)).get(at(cast, OWN)).status_code == status


def test_the_lead_answers_without_scripts_and_the_others_read_it(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.lead)
    fields = fields_of(client.page(at(cast, OWN)))
    sent = fields | {"P1": "variable", "P1__note": REASON, "P1__sources": "groups", "P1.reference": "Audit, page 4"}

    assert client.post(at(cast, OWN), data=sent).status_code == 303

    assert stored(app, cast).answers["P1"] == Answer("variable", REASON, ("groups",))
    read = sign_in(cast.moderator).page(at(cast, OWN))
    assert "Variable" in read.text
    assert REASON in read.text
    assert "Meetings and focus groups" in read.text
    assert "Audit, page 4" in read.text
    assert "10 of 11 questions lack something still" in read.text
    assert not list(read.root.iter("textarea"))


def test_a_refusal_leads_to_the_question_and_keeps_all_that_was_typed(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.lead)
    fields = fields_of(client.page(at(cast, OWN)))
    named = "Mrs Campbell said so in every group."
    page = send(client, cast, fields | {"P1": "strength", "P1__note": named, "P2": "variable", "P2__note": REASON})

    assert page.status == 422
    assert len(page.errors) == 1 and "looks like" in page.errors[0]
    assert stored(app, cast).answers == {}
    kept = fields_of(page)
    assert (kept["P1"], kept["P1__note"], kept["P2"], kept["P2__note"]) == ("strength", named, "variable", REASON)

    assert client.post(at(cast, OWN), data=kept | {"looked": "y"}).status_code == 303
    assert stored(app, cast).answers["P1"].note == named


def test_what_somebody_saved_in_the_meantime_stands_beside_what_was_typed(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.lead)
    fields = fields_of(client.page(at(cast, OWN)))
    answer(app, cast, "P1", "area_for_improvement")
    answer(app, cast, "P2", "strength")
    mine = {"P1": "strength", "P1__note": "Seen in every locality, by groups.", "P1__sources": "groups"}

    page = send(client, cast, fields | mine)

    assert page.status == 422
    assert "Saved in the meantime: Area for improvement." in page.text
    assert stored(app, cast).answers["P1"].value == "area_for_improvement"
    kept = fields_of(page)
    assert {name: kept[name] for name in mine} == mine
    assert (kept["P2"], kept["P2__note"]) == ("strength", REASON)  # left alone: as it is stored now

    assert client.post(at(cast, OWN), data=kept).status_code == 303
    assert stored(app, cast).answers["P1"].value == "strength"
    assert stored(app, cast).answers["P2"].value == "strength"


def test_beside_a_question_stand_the_figures_of_records_that_bear_on_it(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people_of(cast))

    page = sign_in(cast.lead).page(at(cast, OWN))

    assert "B6 Initial response" in page.text
    assert at(cast, "roll-up/H") in page.links
    assert at(cast, "roll-up/difference") in page.links


def test_every_figure_that_bears_on_a_question_is_one_of_the_default_instrument(app: Flask) -> None:
    library = app.extensions["casereader_instruments"]
    keys = {key for keys in BEARS_ON.values() for key in keys}

    assert list(BEARS_ON) == [question.id for question in library.own.questions]
    assert {key for key in keys if not library["CRR-1"].has(key)} == {DEMONSTRATED}


def test_the_evaluation_leads_the_lead_to_it(cast: Cast, sign_in: SignIn) -> None:
    assert at(cast, OWN) in sign_in(cast.lead).page(at(cast, "evaluation")).links
