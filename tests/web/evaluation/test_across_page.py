"""Partnerships side by side, and together: those read to the end, by name; of the programme once all are in."""

from flask import Flask
from sqlmodel import Session, select

from casereader.db import transaction
from casereader.models import Account, Inspection, Partnership
from casereader.programmes.inspections import Place
from tests import worked
from tests.cast import Cast, SignIn
from tests.web.client import Page
from tests.web.evaluation.test_roll_up_pages import at, elsewhere, people_of


def _place(session: Session, cast: Cast, name: str) -> Place:
    query = select(Inspection, Partnership).join(Partnership).where(Partnership.name == name)
    inspection, partnership = session.exec(query).one()
    return Place(inspection, cast.place.programme, partnership)


def read_both(app: Flask, cast: Cast, *, third: bool = False) -> None:
    """The worked inspection and a twin of it, both read to the end; a third that is not drawn."""
    with transaction(app.extensions["casereader_engine"]) as session:
        elsewhere(session, cast, cast.lead, name="Another Glen")
        for place in (cast.place, _place(session, cast, "Another Glen")):
            worked.build_over(session, place, people_of(cast))
        if third:
            elsewhere(session, cast, cast.outsider, name="Not Mine")


def across(sign_in: SignIn, cast: Cast, who: Account) -> Page:
    """The page as this person sees it."""
    return sign_in(who).page(f"/programmes/{cast.place.programme.public_id}/across")


def test_each_section_of_each_partnership_has_its_figure_and_interval_in_its_cell(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    read_both(app, cast)

    page = across(sign_in, cast, cast.lead)

    head, *rows = page.rows(0)
    assert head == [
        "Partnership",
        "Recognition and response",
        "Assessment",
        "Planning",
        "Review",
        "The child's involvement",
        "Impact",
        "Supervision order at home",
    ]
    assert [row[0] for row in rows] == ["Another Glen", "Glen Test"]
    for row in rows:
        assert row[2].startswith("57%")
        assert row[2].endswith("%")  # the upper limit
        assert row[3] == "too few5 records"
        assert row[4] == "none0 records"


def test_together_they_are_worked_by_hand_and_named_the_programme_only_when_all_are_in(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    read_both(app, cast)

    page = across(sign_in, cast, cast.lead)

    # 21 of a weight of 37 in each: 42 of 74 together, 12 of 22 records
    row = next(row for table in (1, 2) for row in page.rows(table) if row[0].startswith("C9"))
    assert row[1].startswith("57% (")
    assert row[2] == "12 of 22"
    assert row[4].startswith("57% (")
    assert row[4].endswith("of 2 partnerships")
    assert "All 2 partnerships that the programme lists are in: these are figures of the whole programme." in page.text
    assert "speak of the" not in page.text


def test_while_one_is_missing_nothing_is_said_of_the_programme_or_the_country(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    read_both(app, cast, third=True)

    page = across(sign_in, cast, cast.lead)

    assert "These figures speak of the 2 partnerships inspected, of the 3 that the programme lists" in page.text
    assert "does not record that its areas were drawn at random" in page.text
    assert "whole programme" not in page.text


def test_one_inspection_alone_is_not_combined(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build_over(session, cast.place, people_of(cast))

    page = across(sign_in, cast, cast.moderator)

    assert "Figures of partnerships together need two" in page.text
    assert "whole programme" not in page.text


def test_a_list_of_few_records_says_why_nothing_is_weighted_to_its_counts(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build_over(session, cast.place, people_of(cast))

    page = sign_in(cast.lead).page(at(cast, "roll-up"))

    assert "Age band: fewer than two groups with 10 records, so no figure." in page.text
