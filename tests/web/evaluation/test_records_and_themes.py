"""The pages on records produced and supplied and on themes: `tests/worked.py` with a few answers more."""

from collections.abc import Mapping

import pytest
from flask import Flask
from sqlmodel import select

from casereader.db import transaction
from casereader.models import AnswerRow, Case, Reading, SampleCase
from casereader.vocabulary import ReadingKind
from tests import worked
from tests.cast import Cast, SignIn
from tests.web.evaluation.test_roll_up_pages import at, people_of

SEEN = dict.fromkeys(["b01", "b02", "b03", "a02", "a03", "a04", "a05", "a06", "a08"], "seen")
HEALTH = {**SEEN, "b04": "not_supplied", "b05": "not_expected"}
PRESENT = dict.fromkeys(worked.RATINGS, "no") | {"b01": "yes", "b02": "indicated", "a02": "yes"}
DONE = {"b01": "yes", "b02": "in_part", "a02": "cannot_tell", "a03": "yes"}
"""a03 answered before it said that the theme is absent."""


def answer(app: Flask, answers: Mapping[str, Mapping[str, str]]) -> None:
    """Add answers by key and reference to the first readings."""
    with transaction(app.extensions["casereader_engine"]) as session:
        query = (
            select(Reading.id, Case.case_ref)
            .join(SampleCase, SampleCase.id == Reading.sample_case_id)  # type: ignore[arg-type]
            .join(Case, Case.id == SampleCase.case_id)  # type: ignore[arg-type]
            .where(Reading.kind == ReadingKind.FIRST)
        )
        for reading_id, ref in session.exec(query).all():
            for key, values in answers.items():
                if ref in values:
                    row = AnswerRow(reading_id=reading_id or 0, key=key, value=values[ref], saved_at=worked.READ)
                    session.add(row)


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The worked inspection."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people_of(cast))
    return cast


def test_not_produced_stands_by_stratum_beside_not_reached(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.coordinator).page(at(read, "roll-up/records"))

    # b06, which stands for 5, of 6 of b (30) and 7 of a (14); a07 is not eligible, c01 waits
    rows = {row[0].split(":")[0]: row[1:] for row in page.rows(0)[1:]}
    assert rows["a"] == ["16", "too few", "0 of 7", "no word under 10 records", "0", "0"]
    assert rows["b"] == ["30", "too few", "1 of 6", "no word under 10 records", "0", "0"]
    assert rows["c"] == ["5", "none yet", "0 of 0", "no record has an answer yet", "0", "1"]
    assert (rows["All"][0], rows["All"][2], rows["All"][4:]) == ("51", "1 of 13", ["0", "1"])
    assert rows["All"][1].startswith("11% (")
    (listed,) = {href for href in page.links if "state=not+produced" in href and "stratum" not in href}
    assert "b06" in sign_in(read.coordinator).page(listed.partition("#")[0]).text
    assert "No record read says yet which agencies" in page.text


def test_each_agency_s_records_are_counted_of_those_expected(app: Flask, read: Cast, sign_in: SignIn) -> None:
    answer(app, {"A4.health": HEALTH, "A4.police": {"a02": "seen"}})

    page = sign_in(read.lead).page(at(read, "roll-up/records"))

    # b01, b02, b03 and b04 stand for 5 each, six of a for 2 each (the consensus on a01 says nothing): 27 of 32
    rows = {row[0]: row[1:] for row in page.rows(1)[1:]}
    assert rows["Health"][0].startswith("84% (")
    assert rows["Health"][1] == "9 of 10"
    assert rows["Health"][3:5] == ["1", "1"]
    assert rows["Health"][5] == "73% to 86%"  # 27 / 37 and 32 / 37
    assert rows["Police"][:2] == ["too few", "1 of 1"]
    assert rows["Education"][:2] == ["none yet", "0 of 0"]
    crossed = {row[0].split(":")[0]: row[1:] for row in page.rows(2)[1:]}
    assert list(crossed) == ["a", "b"]
    assert crossed["b"][1].startswith("3 of 4")
    assert crossed["b"][3] == "none expected"


def test_a_theme_has_its_own_denominators(app: Flask, read: Cast, sign_in: SignIn) -> None:
    answer(app, {"H1.present": PRESENT, "H1.recognised": DONE, "R1": {"b01": "yes", "b02": "no"}})

    page = sign_in(read.moderator).page(at(read, "roll-up/themes"))

    # met in b01, b02 (5 each) and a02 (2): 12 of 37, since the consensus on a01 says nothing
    met = page.rows(0)[1]
    assert met[0] == "H1 Cumulative harm"
    assert met[1].startswith("32% (")
    assert met[2] == "3 of 11"
    assert met[4:] == ["2", "1"]
    glance = page.rows(1)
    assert glance[0] == ["Theme", "Recognised", "Assessed", "Addressed in plan", "Made a difference"]
    assert glance[1][:3] == ["H1 Cumulative harm", "1 of 3too few", "0 of 0none yet"]
    assert at(read, "roll-up/readings?question=H1.recognised") in [href.partition("&back")[0] for href in page.links]
    assert "R1 A lasting, trusted worker" in page.text
    relationships = page.rows(len(list(page.root.iter("table"))) - 1)
    assert relationships[1][1:3] == ["too few", "1 of 2"]
