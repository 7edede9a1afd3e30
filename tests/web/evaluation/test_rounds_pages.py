"""What changed since earlier rounds: compared where both ask the same and the earlier reading is over."""

from datetime import date

import pytest
from flask import Flask

from casereader.db import transaction
from casereader.models import Account, EarlierFigure
from casereader.programmes import adding, inspections, programmes
from casereader.programmes.inspections import Place
from casereader.vocabulary import Comparability
from tests import worked
from tests.cast import BEGAN, Cast, SignIn
from tests.databases import ON_BOTH
from tests.web.evaluation.test_roll_up_pages import at, people_of

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def an_earlier_round(app: Flask, cast: Cast, *, instrument: str = "CRR-1", over: bool = True) -> Place:
    """The worked inspection twice: now, and in a programme two years before, whose last record was not produced."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people_of(cast))
        coordinator, lead = (session.get_one(Account, one.id) for one in (cast.coordinator, cast.lead))
        programme = programmes.begin(
            session,
            name="Programme 2024",
            instrument=app.extensions["casereader_instruments"][instrument],
            evaluated_qis=(),
            by=coordinator,
            at=BEGAN,
        )
        inspection = adding.add_partnership(
            session,
            programme=programme,
            name=cast.place.partnership.name,
            period_from=date(2023, 1, 1),
            period_to=date(2024, 3, 31),
            lead=lead,
            by=coordinator,
            at=BEGAN,
        )
        place = inspections.place_of(session, inspection_id=inspection.id or 0)
        (worked.build_over if over else worked.build)(session, place, people_of(cast))
        session.expunge_all()
    return place


def publish(app: Flask, cast: Cast, comparability: Comparability, *, per_one: str = "0.95", n: int | None = 80) -> None:
    """A figure published of C9 before."""
    with transaction(app.extensions["casereader_engine"]) as session:
        session.add(
            EarlierFigure(
                inspection_id=cast.place.inspection.id or 0,
                source="Joint report",
                asked=f"Was the assessment good? {comparability} {n}",
                share=per_one,
                n=n,
                question="C9",
                comparability=comparability,
                entered_at=BEGAN,
                entered_by_id=cast.lead.id or 0,
            )
        )


@ON_BOTH
def test_the_same_records_twice_are_no_clear_change(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    earlier = an_earlier_round(app, cast)

    page = sign_in(cast.lead).page(at(cast, "roll-up/rounds"))

    assert "Since Programme 2024, January 2023 to March 2024" in page.text
    row = next(row for row in page.rows(0) if row[0].startswith("C9"))
    assert row[1].startswith("57%") and row[2].startswith("57%") and "6 of 11" in row[1]
    assert row[3].startswith("0 points (") and row[4] == "No clear change"
    d11 = next(row for row in page.rows(0) if row[0].startswith("D11"))
    assert d11[1:] == ["5 of 5", "5 of 5", "", "Too few records to compare"]
    assert f"/inspections/{earlier.inspection.public_id}/roll-up" in page.links


@ON_SQLITE
def test_an_earlier_round_without_a_role_in_it_shows_no_figure(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    earlier = an_earlier_round(app, cast)

    page = sign_in(cast.moderator).page(at(cast, "roll-up/rounds"))

    assert "You hold no role in that inspection" in page.text
    assert "No clear change" not in page.text.split("How to read")[0]
    assert f"/inspections/{earlier.inspection.public_id}/roll-up" not in page.links


@ON_SQLITE
def test_nothing_is_compared_before_the_earlier_reading_is_over(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    earlier = an_earlier_round(app, cast, over=False)
    lead = sign_in(cast.lead)

    assert "Its reading is not over" in lead.page(at(cast, "roll-up/rounds")).text
    then = lead.page(f"/inspections/{earlier.inspection.public_id}/roll-up/rounds")
    assert "No earlier inspection of this partnership is kept here" in then.text, "a later round is not looked back on"


@ON_SQLITE
def test_a_round_read_with_another_instrument_is_not_compared(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    an_earlier_round(app, cast, instrument="CFSR-style")

    page = sign_in(cast.lead).page(at(cast, "roll-up/rounds"))

    assert "another instrument: nothing is asked the same" in page.text


@ON_SQLITE
def test_a_published_figure_is_tested_only_where_it_is_the_same_and_says_its_records(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    an_earlier_round(app, cast)
    publish(app, cast, Comparability.SAME)
    publish(app, cast, Comparability.SAME, n=None)
    publish(app, cast, Comparability.SIMILAR)
    publish(app, cast, Comparability.NOT_COMPARABLE)

    page = sign_in(cast.coordinator).page(at(cast, "roll-up/rounds"))

    table = next(
        page.rows(at) for at in range(9) if page.rows(at)[0][0:1] == ["Question"] and len(page.rows(at)[0]) == 6
    )
    said = {row[0].split("C9")[0].removeprefix("Was the assessment good? "): row for row in table[1:]}
    assert said["same 80"][1].startswith("57%") and said["same 80"][2:4] == ["95% of 80", "Joint report"]
    assert said["same 80"][4].startswith("−38 points (") and said["same 80"][5] == "Declined"
    assert "does not say how many records" in said["same None"][5]
    assert said["similar 80"][4] == "" and "never tested" in said["similar 80"][5]
    assert "never tested" in said["not comparable 80"][5]
    assert "1 published figure is tested" in page.text


@ON_SQLITE
def test_without_earlier_rounds_the_page_says_so_and_readers_are_kept_out(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.moderator).page(at(cast, "roll-up/rounds"))

    assert "No earlier inspection of this partnership is kept here" in page.text
    assert "No published figure is entered" in page.text
    assert sign_in(cast.reviewer).get(at(cast, "roll-up/rounds")).status_code == 403
    assert sign_in(cast.outsider).get(at(cast, "roll-up/rounds")).status_code in (403, 404)
