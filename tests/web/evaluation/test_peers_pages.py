"""Who does worse than their peers: counts where there are too few, and why an inspection compares nothing."""

from flask import Flask
from sqlmodel import Session, select

from casereader.db import transaction
from casereader.models import Case, SamplingPlan
from tests import worked
from tests.cast import Cast, SignIn
from tests.web.evaluation.test_roll_up_pages import at, elsewhere, people_of


def build(app: Flask, cast: Cast) -> None:
    """The worked inspection, whose plan sets those of 12 to 15 against the others."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, people_of(cast))


def change(app: Flask, cast: Cast, **choices: object) -> None:
    """Let the plan say something else."""
    with transaction(app.extensions["casereader_engine"]) as session:
        plan = _plan(session, cast)
        plan.plan = {"choices": {**plan.plan["choices"], **choices}}
        session.add(plan)


def _plan(session: Session, cast: Cast) -> SamplingPlan:
    query = select(SamplingPlan).where(SamplingPlan.inspection_id == cast.place.inspection.id)
    return session.exec(query).one()


def test_few_records_are_counted_and_not_compared(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    build(app, cast)

    page = sign_in(cast.lead).page(at(cast, "roll-up/peers"))

    # b04 is rated 2 and b05 is rated 6; of the others b01, b02, a01 (the consensus), a02 and a03 are good
    assert "10 children on the list are in the group and 36 are not" in page.text
    assert "of 5 the list does not say" in page.text
    assessment = next(row for row in page.rows(0) if row[0].startswith("C9"))
    assert assessment[1:4] == ["1 of 2", "5 of 9", ""]
    assert assessment[4].startswith("Too few records to compare")


def test_a_plan_without_a_group_promised_no_comparison(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    build(app, cast)
    change(app, cast, comparison_column="", comparison_values=[])
    client = sign_in(cast.coordinator)

    here = client.page(at(cast, "roll-up/peers"))
    across = client.page(f"/programmes/{cast.place.programme.public_id}/peers")

    assert "no comparison was promised" in here.text
    assert "No plan of these inspections names a group to compare" in across.text


def test_where_the_list_holds_no_peers_no_comparison_is_possible(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    build(app, cast)
    with transaction(app.extensions["casereader_engine"]) as session:
        for case in session.exec(select(Case).where(Case.age_band == "5-11")):
            case.age_band = "12-15"
            session.add(case)

    page = sign_in(cast.moderator).page(at(cast, "roll-up/peers"))

    assert "The list holds no peers" in page.text
    assert "no comparison is possible" in page.text


def test_before_the_draw_the_page_says_so(cast: Cast, sign_in: SignIn) -> None:
    assert "The sample is not drawn yet" in sign_in(cast.lead).page(at(cast, "roll-up/peers")).text


def test_across_partnerships_only_those_count_whose_reading_is_complete(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    build(app, cast)
    with transaction(app.extensions["casereader_engine"]) as session:
        elsewhere(session, cast, cast.lead, name="Another Glen")
    client = sign_in(cast.lead)

    across = client.page(f"/programmes/{cast.place.programme.public_id}/peers").text
    variation = client.page(f"/programmes/{cast.place.programme.public_id}/variation").text

    # c01 of the worked inspection still waits to be countersigned
    assert "Its records are still being read: Glen Test." in across
    assert "The sample is not drawn yet: Another Glen." in across
    assert "Still being read, and so not here: Glen Test." in variation
    assert "Reading is not complete" in client.page(at(cast, "roll-up/peers")).text
