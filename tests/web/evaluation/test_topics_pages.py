"""Topics of strengths and areas for development: counted once a record, atypical ones apart, renamed by the lead."""

import pytest
from flask import Flask
from sqlmodel import select

from casereader.db import snapshot, transaction
from casereader.models import AnswerRow, AuditEvent, TopicRecode
from tests import worked
from tests.cast import Cast, SignIn
from tests.trail import said
from tests.web.evaluation.test_records_and_themes import answer
from tests.web.evaluation.test_roll_up_pages import EVERYBODY, SEE, at, people_of

TOPICS = {
    "J3.1": {"b01": "planning", "b02": "planning", "b03": "planning", "b04": "other"},
    "J3.2": {"b01": "planning", "b02": "review"},
    "J4.1": {"b01": "drift"},
    "G4.help": {"b01": "none"},
    "G4.hindrance": {"b01": "none"},
    "J5": {"b03": "atypical", "b01": "typical"},
}


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The worked inspection with a few topics: b01 gives one twice, b03 is atypical."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people_of(cast))
    answer(app, TOPICS)
    return cast


def of(read: Cast, sign_in: SignIn, ref: str) -> str:
    """The page of the topics of a record."""
    records = sign_in(read.lead).page(at(read, "roll-up/topics/records"))
    refs = [row[0].removesuffix("Atypical") for row in records.rows(0)[1:]]
    return [href for href in records.links if "/topics/of/" in href][refs.index(ref)]


def test_a_topic_counts_once_a_record_and_atypical_records_apart(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.coordinator).page(at(read, "roll-up/topics"))

    # planning: b01 (twice in one record) and b02; b03 is atypical
    assert page.rows(0)[1:] == page.rows(1)[1:] == [["Nothing stands out", "1", "0"]]  # help and hindrance, apart
    assert page.rows(2)[1:] == [["Planning", "2", "1"], ["Review", "1", "0"], ["Something else", "1", "0"]]
    assert page.rows(3)[1:] == [["Pace, drift or delay", "1", "0"]]
    assert "3 typical records name a topic. 1 more is atypical" in page.text
    assert at(read, "roll-up/topics/records") not in page.links


def test_counts_are_for_all_who_see_figures_records_for_those_who_read_and_names_for_the_lead(
    read: Cast, sign_in: SignIn
) -> None:
    one = of(read, sign_in, "b01")
    for who in EVERYBODY:
        client = sign_in(getattr(read, who))
        assert client.get(at(read, "roll-up/topics")).status_code == (200 if who in SEE else 403)
        may_read = who in ("moderator", "lead")
        assert client.get(at(read, "roll-up/topics/records")).status_code == (200 if may_read else 403)
        assert client.get(one).status_code == (200 if who == "lead" else 403)


def test_the_lead_gives_a_topic_another_name_and_the_answer_stays(app: Flask, read: Cast, sign_in: SignIn) -> None:
    lead, one = sign_in(read.lead), of(read, sign_in, "b04")

    told = lead.submit(one, {"topic-J3-1": "child_involved"})

    assert told.status_code == 303
    page = lead.page(at(read, "roll-up/topics"))
    assert ["Involving the child", "1", "0"] in page.rows(2)
    assert "Something else" not in [row[0] for row in page.rows(2)]
    assert "The lead gave 1 topic another name" in page.text
    records = sign_in(read.moderator).page(at(read, "roll-up/topics/records"))
    assert "Involving the child (given as: Something else)" in records.text
    history = lead.page(one).rows(0)[1]
    assert history[2:] == ["J3.1", "Something else", "Involving the child"]
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert {row.value for row in session.exec(select(AnswerRow).where(AnswerRow.key == "J3.1"))} == {
            "planning",
            "other",
        }
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "topics recoded")).one()
        assert said(event) == {"keys": ["J3.1"]}


def test_a_name_given_meanwhile_is_not_written_over(app: Flask, read: Cast, sign_in: SignIn) -> None:
    lead, one = sign_in(read.lead), of(read, sign_in, "b04")
    lead.submit(one, {"topic-J3-1": "review"})

    late = lead.submit(one, {"topic-J3-1": "planning", "after": "0"})
    wrong = lead.submit(one, {"topic-J3-1": "no such topic"})

    assert late.status_code == 409
    assert wrong.status_code == 422
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert [row.after for row in session.exec(select(TopicRecode))] == ["review"]


def test_a_name_lapses_when_the_reader_answers_anew(app: Flask, read: Cast, sign_in: SignIn) -> None:
    lead, one = sign_in(read.lead), of(read, sign_in, "b04")
    lead.submit(one, {"topic-J3-1": "review"})
    with transaction(app.extensions["casereader_engine"]) as session:
        row = session.exec(select(AnswerRow).where(AnswerRow.key == "J3.1", AnswerRow.value == "other")).one()
        row.value = "drift"
        session.add(row)

    assert ["Pace, drift or delay", "1", "0"] in lead.page(at(read, "roll-up/topics")).rows(2)
