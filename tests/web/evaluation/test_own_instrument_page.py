"""The partnership's own instrument on its page: the lead answers, others read, and nothing typed is lost."""

import pytest
from flask import Flask
from sqlmodel import select

from casereader import own_instrument
from casereader.db import snapshot, transaction
from casereader.instrument import Answer
from casereader.models import AnswerRow, Reading, SampleCase
from casereader.programmes import adding
from casereader.vocabulary import CaseStatus, ReadingKind
from casereader.web.evaluation.bearing import BEARS_ON, DEMONSTRATED
from tests import worked
from tests.cast import BEGAN, Cast, SignIn
from tests.web.client import PageClient, filled_in, page_of
from tests.web.evaluation.test_roll_up_pages import at, people_of
from tests.web.page import Page

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


def complete(app: Flask, cast: Cast, value: str = "variable") -> None:
    """The lead has answered every question so."""
    library = app.extensions["casereader_instruments"]
    with transaction(app.extensions["casereader_engine"]) as session:
        now = own_instrument.answered(session, place=cast.place, library=library)
        own_instrument.save(
            session,
            place=cast.place,
            library=library,
            typed={question.id: Answer(value, REASON, ("records",)) for question in now.instrument.questions},
            seen={one.id: own_instrument.mark_of(one, now.answers) for one in now.instrument.questions},
            by=cast.lead,
            at=BEGAN,
        )


def overview(cast: Cast, sign_in: SignIn) -> Page:
    return sign_in(cast.coordinator).page(f"/programmes/{cast.place.programme.public_id}/overview")


def table_of(page: Page, first: str) -> list[list[str]]:
    """The rows of the table whose first column is called so."""
    n = len(list(page.root.iter("table")))
    return next(rows for rows in map(page.rows, range(n)) if rows[0][0] == first)


def test_the_overview_counts_partnerships_once_their_instrument_is_complete(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    answer(app, cast, "P1", "variable")
    assert "No partnership’s own instrument is complete yet" in overview(cast, sign_in).text

    complete(app, cast)
    page = overview(cast, sign_in)

    rows = table_of(page, "Question")
    assert rows[0] == ["Question", "Strength", "Variable", "Area for improvement", "Not enough evidence"]
    assert rows[1] == ["P1 Early help and universal services", "0 of 1", "1 of 1", "0 of 1", "0 of 1"]
    assert "All partnerships that this programme lists are in (1 of 1)" in page.text


def test_figures_are_for_the_inspected_until_all_that_the_programme_lists_are_in(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    complete(app, cast)
    with transaction(app.extensions["casereader_engine"]) as session:
        inspection = cast.place.inspection
        adding.add_partnership(
            session,
            programme=cast.place.programme,
            name="Elsewhere",
            period_from=inspection.period_from,
            period_to=inspection.period_to,
            lead=None,
            by=None,
            at=BEGAN,
        )

    page = overview(cast, sign_in)

    assert "Figures are for the 1 inspected. The programme lists 2 partnerships, of which 1 is in" in page.text
    assert "All partnerships that this programme lists are in" not in page.text


def test_quality_assurance_stands_beside_what_is_demonstrated_as_association(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    # b has 5 read of weight 5, a has 7 of weight 2; all improve, and only in b is it confirmed: 25 of 39, 5 of 12.
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people_of(cast))
        query = select(Reading, SampleCase).join(SampleCase).where(Reading.kind != ReadingKind.SECOND)
        for reading, sample in session.exec(query).all():
            evidence = "confirmed" if sample.stratum == "b" else "recorded"
            for key, value in {"G2": "some", "G3": evidence}.items():
                session.add(AnswerRow(reading_id=reading.id or 0, key=key, value=value, saved_at=worked.READ))
            if sample.status is CaseStatus.WAITING:
                sample.status, sample.decided_at, sample.decided_by_id = CaseStatus.NOT_PRODUCED, BEGAN, cast.lead.id
    complete(app, cast, "strength")

    page = overview(cast, sign_in)

    assert "association, not a cause" in page.text
    assert table_of(page, "Quality assurance")[1] == ["Strength", "1", "1", "64%", "64%", "64%"]
    name, judgement, share, k_of_n, _ = next(
        rows for rows in map(page.rows, range(len(list(page.root.iter("table"))))) if rows[0][1] == "Quality assurance"
    )[1]
    assert (name, judgement, k_of_n) == ("Glen Test", "Strength", "5 of 12")
    assert share.startswith("64% (")
