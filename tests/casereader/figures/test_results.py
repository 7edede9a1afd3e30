"""Figures from the database, worked by hand: which cases and readings count, with what weight, in which group.

C9 counts 5, 4, 6 of b01 to b05 as 1 and 3, 2 as 0, each with weight 30 / 6 = 5 (b06, not produced, is decided). In a it
counts 4 (a01, by consensus), 4 and 5 as 1, and 3, 2 and 1 as 0, each with weight 16 / 8 = 2 (a07 and a08 are decided);
a06 cannot be evaluated. So 6 of 11, and (3·5 + 3·2) / (5·5 + 6·2) = 21 / 37.
"""

from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from casereader.errors import ConflictError
from casereader.figures.results import Reach, Results, drawn_results, plain_rows, results_for
from casereader.instrument import Instrument, load
from tests import worked
from tests.cast import Cast, gather
from tests.databases import let_go
from tests.source import ROOT
from tests.worked import People

CRR = load(ROOT / "data" / "instruments" / "crr-1.toml")


@pytest.fixture
def instrument() -> Instrument:
    """CRR-1 as it is shipped."""
    return CRR


@pytest.fixture
def cast(session: Session) -> Cast:
    """The cast and the worked inspection, with an earlier draw that was voided."""
    made = gather(session, instrument=CRR)
    people = people_of(made)
    worked.build_voided(session, made.place, people)
    worked.build(session, made.place, people)
    return made


def people_of(cast: Cast) -> People:
    """Who of the cast reads and settles."""
    return People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)


def row(found: Results, question: str, domain: str = "all", level: str = "") -> dict[str, Any]:
    """One row of the questions."""
    rows = [
        one
        for one in plain_rows(found.figures.questions)
        if (one["question"], one["domain"], one["level"]) == (question, domain, level)
    ]
    assert len(rows) == 1
    return rows[0]


def test_a_share_is_weighted_by_the_cases_decided_and_counts_the_consensus(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    figure = row(results_for(session, [cast.place], instrument), "C9")

    assert figure["inspection"] == "programme-2026/glen-test"
    assert (figure["population"], figure["n"], figure["k"]) == (51, 11, 6)
    assert figure["share"] == pytest.approx(21 / 37)
    assert figure["word"] == "the majority"
    assert figure["lower"] < 0.5 < 21 / 37 < figure["upper"]
    assert "less than half" in figure["also"]
    assert (figure["cannot_be_evaluated"], figure["not_produced"], figure["not_reached"]) == (1, 1, 1)


def test_the_range_that_a_record_not_produced_leaves_open_carries_its_weight(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    figure = row(results_for(session, [cast.place], instrument), "C9")

    assert figure["lowest"] == pytest.approx(21 / 42)
    assert figure["highest"] == pytest.approx(26 / 42)


def test_groups_are_those_of_the_list_with_its_counts(session: Session, cast: Cast, instrument: Instrument) -> None:
    found = results_for(session, [cast.place], instrument)

    younger, older = row(found, "C9", "age_band", "5-11"), row(found, "C9", "age_band", "12-15")
    assert (younger["population"], younger["n"], younger["k"]) == (36, 9, 5)
    assert younger["share"] == pytest.approx((2 * 5 + 3 * 2) / (3 * 5 + 6 * 2))
    assert (younger["not_produced"], younger["word"], younger["also"]) == (1, "", "")
    assert (older["population"], older["n"], older["k"], older["share"]) == (10, 2, 1, pytest.approx(0.5))
    assert row(found, "C9", "stratum", "a")["population"] == 16


def test_a_group_that_the_list_does_not_hold_comes_from_the_records_read(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    figure = row(results_for(session, [cast.place], instrument), "C9", "deprivation", "1")

    assert (figure["population"], figure["n"], figure["k"], figure["not_produced"]) == (None, 5, 3, 0)


def test_a_stratum_with_nothing_decided_is_in_no_figure_and_is_named(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    figures = results_for(session, [cast.place], instrument).figures

    assert plain_rows(figures.strata_left_out) == [
        {"inspection": "programme-2026/glen-test", "stratum": "c", "population": 5, "not_reached": 1}
    ]


def test_an_answer_that_skip_logic_closed_is_not_counted(session: Session, cast: Cast, instrument: Instrument) -> None:
    figures = results_for(session, [cast.place], instrument).figures

    assert set(figures.questions["question"]) == {"C9", "D11"}


def test_skip_logic_goes_by_the_group_on_the_list_where_the_sample_was_drawn_by_something_else(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    from sqlmodel import select

    from casereader.models import AnswerRow, Case, DrawRecord, Reading, SampleCase

    draw = session.exec(select(DrawRecord).where(DrawRecord.voided_at == None)).one()  # noqa: E711
    let_go(session)
    draw.certificate = draw.certificate.replace('"a"', '"young"')
    for sample, case in session.exec(select(SampleCase, Case).join(Case).where(SampleCase.draw_id == draw.id)).all():
        if sample.stratum == "a":
            sample.stratum, case.group = "young", "c"  # section B is not asked in c
            for reading in session.exec(select(Reading).where(Reading.sample_case_id == sample.id)):
                session.add(AnswerRow(reading_id=reading.id or 0, key="B6", value="5", saved_at=worked.READ))
    session.flush()

    figures = results_for(session, [cast.place], instrument).figures

    assert set(figures.questions["question"]) == {"C9", "D11"}
    assert row(results_for(session, [cast.place], instrument), "C9")["share"] == pytest.approx(21 / 37)


def test_a_part_of_the_figures_is_the_same_as_in_the_whole(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    part = results_for(session, [cast.place], instrument, only=["C9", "I8"], by=["deprivation"])
    whole = results_for(session, [cast.place], instrument)

    assert set(part.figures.questions["question"]) == {"C9"}
    assert set(part.figures.questions["domain"]) == {"all", "stratum", "deprivation"}
    assert row(part, "C9", "stratum", "a") == row(whole, "C9", "stratum", "a")
    assert row(part, "C9", "deprivation", "2") == row(whole, "C9", "deprivation", "2")


def test_it_says_how_far_the_reading_is_and_when_the_data_last_changed(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    found, data_time = drawn_results(session, cast.place, instrument)

    assert found.reach == {
        "programme-2026/glen-test": Reach(read=12, not_produced=1, ineligible=1, not_reached=0, waiting=1)
    }
    assert found.reach["programme-2026/glen-test"].to_read == 14
    assert data_time == worked.READ


def test_before_the_draw_there_are_no_figures_and_no_file(session: Session, instrument: Instrument) -> None:
    made = gather(session, instrument=instrument)

    found = results_for(session, [made.place], instrument)

    assert found.figures.questions.empty
    assert found.reach[made.place.path] == Reach()
    with pytest.raises(ConflictError, match="not drawn yet"):
        drawn_results(session, made.place, instrument)


def test_the_number_of_queries_does_not_grow_with_the_inspections(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    from casereader.programmes import adding, inspections

    places = [cast.place]
    for name in ("Second", "Third", "Fourth"):
        added = adding.add_partnership(
            session,
            programme=cast.place.programme,
            name=name,
            period_from=cast.place.inspection.period_from,
            period_to=cast.place.inspection.period_to,
            lead=cast.lead,
            by=cast.coordinator,
            at=worked.DRAWN,
        )
        places.append(inspections.place_of(session, inspection_id=added.id or 0))
        worked.build(session, places[-1], people_of(cast))

    assert _queries(session, places[:1], instrument) == _queries(session, places, instrument) <= 7
    many = results_for(session, places, instrument)
    alone = results_for(session, places[:1], instrument)
    first = many.figures.questions[many.figures.questions["inspection"] == places[0].path]
    assert plain_rows(first) == plain_rows(alone.figures.questions)


def _queries(session: Session, places: list[Any], instrument: Instrument) -> int:
    asked: list[str] = []

    def count(*arguments: Any) -> None:
        asked.append(arguments[2])

    session.flush()
    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", count)
    try:
        results_for(session, places, instrument)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(asked)
