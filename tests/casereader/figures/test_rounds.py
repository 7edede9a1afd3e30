"""A partnership over time: its other inspections, and the figures published of it before."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import Session

from casereader.errors import AbsentError, RefusedError
from casereader.figures import rounds
from casereader.figures.rounds import Entry
from casereader.instrument import Instrument
from casereader.programmes import adding, inspections, programmes
from casereader.vocabulary import Comparability, Role
from tests.cast import BEGAN, Cast

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PERIOD = (date(2027, 1, 1), date(2028, 3, 31))
FIGURE = Entry(
    source="Joint inspection report,  page 14",
    asked="Was the assessment good or better?",
    per_cent=Decimal("62.5"),
    comparability=Comparability.SIMILAR,
    question="C9",
    published_on=date(2021, 5, 1),
    n=80,
)


@ON_SQLITE
def test_an_earlier_figure_is_kept_as_it_was_published(session: Session, cast: Cast, instrument: Instrument) -> None:
    rounds.enter(session, place=cast.place, instrument=instrument, entry=FIGURE, by=cast.lead, at=BEGAN)

    (kept,) = rounds.figures(session, inspection=cast.place.inspection)
    assert (kept.source, kept.share, kept.n, kept.question) == ("Joint inspection report, page 14", "0.625", 80, "C9")
    assert kept.comparability is Comparability.SIMILAR


@ON_SQLITE
def test_every_fault_of_an_earlier_figure_is_told_at_once(session: Session, cast: Cast, instrument: Instrument) -> None:
    wrong = Entry(
        source=" ",
        asked="x" * 301,
        per_cent=Decimal(101),
        comparability=Comparability.SAME,
        question="A7x",
        published_on=date(2030, 1, 1),
        n=0,
    )

    with pytest.raises(RefusedError) as refused:
        rounds.enter(session, place=cast.place, instrument=instrument, entry=wrong, by=cast.lead, at=BEGAN)

    assert len(refused.value.reasons) == 6
    assert rounds.figures(session, inspection=cast.place.inspection) == []


@ON_SQLITE
def test_what_is_compared_is_compared_with_a_question(session: Session, cast: Cast, instrument: Instrument) -> None:
    alone = Entry("Report", "Something else", Decimal(10), Comparability.SAME)

    with pytest.raises(RefusedError, match="not comparable"):
        rounds.enter(session, place=cast.place, instrument=instrument, entry=alone, by=cast.lead, at=BEGAN)

    beside = Entry("Report", "Something else", Decimal(10), Comparability.NOT_COMPARABLE)
    rounds.enter(session, place=cast.place, instrument=instrument, entry=beside, by=cast.lead, at=BEGAN)


@ON_SQLITE
def test_a_figure_of_another_inspection_is_not_there_to_be_taken_out(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    figure = rounds.enter(session, place=cast.place, instrument=instrument, entry=FIGURE, by=cast.lead, at=BEGAN)
    other = _next_round(session, cast, instrument)

    with pytest.raises(AbsentError):
        rounds.take_out(session, inspection=other.inspection, public_id=figure.public_id, by=cast.lead, at=BEGAN)
    rounds.take_out(session, inspection=cast.place.inspection, public_id=figure.public_id, by=cast.lead, at=BEGAN)

    assert rounds.figures(session, inspection=cast.place.inspection) == []


@ON_SQLITE
def test_rounds_of_the_same_partnership_know_each_other(session: Session, cast: Cast, instrument: Instrument) -> None:
    other = _next_round(session, cast, instrument)

    assert [one.programme.name for one in rounds.of_partnership(session, place=cast.place)] == ["Programme 2028"]
    assert [one.programme.name for one in rounds.of_partnership(session, place=other)] == ["Programme 2026"]


@ON_SQLITE
def test_a_list_of_partnerships_is_added_whole_with_lead_deputy_and_weeks(session: Session, cast: Cast) -> None:
    lines = adding.read_lines("Strath One, 2026-09-07\n\n  Strath Two \nStrath Three\t14/09/2026\n")

    made = adding.add(
        session,
        programme=cast.place.programme,
        lines=lines,
        notified_on=date(2026, 9, 21),
        period=PERIOD,
        lead=cast.lead,
        deputy=cast.deputy,
        by=cast.coordinator,
        at=BEGAN,
    )

    assert [one.notified_on for one in made] == [date(2026, 9, 7), date(2026, 9, 21), date(2026, 9, 14)]
    assert [one.reading_starts for one in made] == [date(2026, 10, 26), date(2026, 11, 9), date(2026, 11, 2)]
    roles = {entry.role for _, entry in inspections.people(session, inspection=made[2])}
    assert roles == {Role.COORDINATOR, Role.LEAD, Role.DEPUTY}


@ON_SQLITE
def test_every_faulty_line_is_named_and_nothing_is_added(session: Session, cast: Cast) -> None:
    with pytest.raises(RefusedError) as refused:
        adding.read_lines("Glen One, next week\nGlen/Two\nGlen Three\nglen three\n")
    assert [reason.split(":")[0] for reason in refused.value.reasons] == ["Line 1", "Line 2", "Line 4"]

    with pytest.raises(RefusedError, match="Line 2: Glen Test is in this programme already"):
        adding.add(
            session,
            programme=cast.place.programme,
            lines=adding.read_lines("Strath One\nGlen Test"),
            notified_on=None,
            period=PERIOD,
            lead=cast.lead,
            deputy=None,
            by=cast.coordinator,
            at=BEGAN,
        )

    assert [place.partnership.name for place in inspections.all_places(session)] == ["Glen Test"]


def test_a_list_of_nothing_and_one_without_end_are_refused() -> None:
    with pytest.raises(RefusedError, match="at least one"):
        adding.read_lines(" \n\n")
    with pytest.raises(RefusedError, match="at most 200"):
        adding.read_lines("\n".join(f"Area {n}" for n in range(201)))


@ON_SQLITE
def test_the_order_of_groups_is_the_instruments_until_another_is_chosen(
    session: Session, cast: Cast, instrument: Instrument
) -> None:
    programme = cast.place.programme
    assert programmes.stratum_order(programme, instrument) == ["a", "b", "c", "d", "e"]

    places = {"a": "3", "b": "1", "c": "2", "d": "4", "e": "5"}
    programmes.choose_stratum_order(
        session, programme=programme, instrument=instrument, places=places, by=cast.coordinator, at=BEGAN
    )

    assert programmes.stratum_order(programme, instrument) == ["b", "c", "a", "d", "e"]
    for wrong in ({**places, "e": "4"}, {**places, "e": ""}, {**places, "e": "6"}, {**places, "e": "５"}):
        with pytest.raises(RefusedError, match="a place of its own, from 1 to 5"):
            programmes.choose_stratum_order(
                session, programme=programme, instrument=instrument, places=wrong, by=cast.coordinator, at=BEGAN
            )


def _next_round(session: Session, cast: Cast, instrument: Instrument) -> inspections.Place:
    at = datetime(2028, 6, 1, tzinfo=UTC)
    programme = programmes.begin(
        session, name="Programme 2028", instrument=instrument, evaluated_qis=["5.2"], by=cast.coordinator, at=at
    )
    inspection = adding.add_partnership(
        session,
        programme=programme,
        name="Glen Test",
        period_from=PERIOD[0],
        period_to=PERIOD[1],
        lead=cast.lead,
        by=cast.coordinator,
        at=at,
    )
    return inspections.place_of(session, inspection_id=inspection.id or 0)
