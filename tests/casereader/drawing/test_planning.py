"""What a plan would give: the comparison group and its records, other ways to share out, and what is bound with it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from casereader.drawing import draws, plans
from casereader.drawing.choices import Choices, IndependentCount
from casereader.drawing.comparison import Comparison, levels, usual
from casereader.drawing.planning import preview, settled, with_usual
from casereader.drawing.plans import Secrets
from casereader.errors import RefusedError
from casereader.instrument import Instrument
from casereader.models import AuditEvent, Case, SampleCase, SamplingPlan
from casereader.returns import frames
from casereader.vocabulary import SampleRole
from sampling import read_frame, verify
from sampling.digest import json_digest
from tests import sampled
from tests.cast import Cast

AT_HOME = Choices(
    size=20, minimum=1, comparison_column="legal_basis", comparison_values=("CSO at home",), comparison_least=12
)
SECRET, ANOTHER = "the kelpie swims at noon", "and the selkie at dusk"


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def cases(session: Session, cast: Cast, instrument: Instrument) -> Sequence[Case]:
    """100 cases in groups of 20, 40, 30 and 10; every fourth child is on an order at home."""
    found = frames.cases(session, frame=sampled.receive(session, cast, instrument))
    for number, case in enumerate(found):
        case.legal_basis = "CSO at home" if number % 4 == 0 else "none"
    session.flush()
    return found


def test_children_on_orders_at_home_are_compared_by_default_with_enough_records_for_a_share(
    cast: Cast, cases: Sequence[Case]
) -> None:
    on_list = levels(cases)

    found = usual(cast.place.programme, on_list)

    assert found == Comparison("legal_basis", ("CSO at home",))
    assert with_usual(Choices(), found, on_list).comparison_least == 10
    few = {"legal_basis": Counter({"CSO at home": 9, "none": 91})}
    assert with_usual(Choices(), found, few).comparison_least == 0


def test_what_the_programme_reports_goes_before_and_is_left_out_where_the_list_has_none_of_it(
    cast: Cast, cases: Sequence[Case]
) -> None:
    on_list = levels(cases)
    cast.place.programme.comparison = {"column": "living", "values": ["kinship", "foster"]}
    assert usual(cast.place.programme, on_list) == Comparison("living", ("kinship", "foster"))

    cast.place.programme.comparison = {"column": "living", "values": ["secure"]}
    assert usual(cast.place.programme, on_list) == Comparison("legal_basis", ("CSO at home",))
    cast.place.programme.comparison = {"column": "case_ref", "values": ["T00001"]}
    del on_list["legal_basis"]
    assert usual(cast.place.programme, on_list) is None


def test_a_comparison_group_gets_its_records_as_strata_of_its_own_within_the_number_typed(
    cases: Sequence[Case],
) -> None:
    shown = preview(cases, choices=AT_HOME)

    assert shown.size == 20
    assert sum(row.sample for row in shown.rows if row.stratum.endswith(" / CSO at home")) == 12
    assert {row.stratum for row in shown.rows} >= {"a / CSO at home", "a / Peers"}
    assert shown.comparison is not None
    assert (shown.comparison.group.sample, shown.comparison.peers.sample) == (12, 8)
    assert "about 8 of their peers" in shown.comparison.lacking


def test_by_precision_the_records_of_the_group_come_on_top(cases: Sequence[Case]) -> None:
    by_precision = replace(AT_HOME, size=None, margin="0.15")
    without = preview(cases, choices=replace(by_precision, comparison_least=0))

    shown = preview(cases, choices=by_precision)

    assert shown.comparison is not None
    assert shown.comparison.group.sample == pytest.approx(12)
    assert shown.size > without.size
    assert shown.margin <= 0.15
    assert shown.comparison.lacking == ""


def test_strata_that_tell_the_group_from_its_peers_already_stay_as_they_are(cases: Sequence[Case]) -> None:
    for case in cases:
        case.legal_basis = "CSO at home" if case.group == "b" else "none"

    assert settled(cases, choices=AT_HOME).drawn_within == ("group",)
    assert {row.stratum: row.sample for row in preview(cases, choices=AT_HOME).rows}["b"] == 12


@pytest.mark.parametrize(
    ("n_in_group", "says"),
    [
        (0, "the list has no case of CSO at home"),
        (9, "the list has only 9 of CSO at home"),
        (100, "the list has no case of their peers"),
        (12, "about 2 of CSO at home would be read"),
    ],
)
def test_a_comparison_that_will_not_be_possible_is_said_plainly(
    cases: Sequence[Case], n_in_group: int, says: str
) -> None:
    for number, case in enumerate(cases):
        case.legal_basis = "CSO at home" if number < n_in_group else "none"

    shown = preview(cases, choices=replace(AT_HOME, comparison_least=0))

    assert shown.comparison is not None
    assert "No comparison will be possible" in shown.comparison.lacking
    assert says in shown.comparison.lacking


def test_cases_of_which_the_list_does_not_say_it_are_in_neither_side(cases: Sequence[Case]) -> None:
    for case in cases[:10]:
        case.legal_basis = None

    shown = preview(cases, choices=AT_HOME).comparison

    assert shown is not None
    assert shown.n_not_known == 10
    assert shown.group.population + shown.peers.population == 90


def test_every_group_that_the_roll_up_reports_has_its_expected_number_and_margin(cases: Sequence[Case]) -> None:
    shown = preview(cases, choices=Choices(size=20, minimum=2))

    found = {(row.column, row.level): row.gives for row in shown.subgroups}
    living = [gives for (column, _), gives in found.items() if column == "living"]
    assert sum(gives.population for gives in living) == 100
    assert sum(gives.sample for gives in living) == pytest.approx(20)
    assert all(gives.margin > shown.margin for gives in living)
    assert "deprivation" not in {column for column, _ in found}


@pytest.mark.parametrize(
    ("choices", "sizes"),
    [
        (Choices(size=20, minimum=0, method="equal"), [5, 5, 5, 5]),
        (Choices(size=20, minimum=0, method="power", power="0.5"), [5, 6, 6, 3]),
        (Choices(size=20, minimum=0, maximum=6), [5, 6, 6, 3]),
        (Choices(method="fixed", figures={"a": "1", "b": "2", "c": "3", "d": "4"}), [1, 2, 3, 4]),
        (Choices(size=20, method="neyman", figures={"a": "0.5", "b": "0.1", "c": "0.5", "d": "0.5"}), [6, 2, 9, 3]),
    ],
)
def test_other_ways_to_share_out_are_those_of_the_library(
    cases: Sequence[Case], choices: Choices, sizes: list[int]
) -> None:
    choices = replace(choices, minimum=0 if choices.method == "fixed" else choices.minimum)

    assert [row.sample for row in preview(cases, choices=choices).rows] == sizes


@pytest.mark.parametrize(
    "figures", [{}, {"a": "1"}, {"a": "1.5", "b": "2", "c": "3", "d": "4"}, {"a": "x", "b": "2", "c": "3", "d": "4"}]
)
def test_typed_numbers_that_do_not_fit_the_strata_are_refused(cases: Sequence[Case], figures: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match=r"[Ss]tratum|not a number"):
        preview(cases, choices=Choices(method="fixed", figures=figures))


def _drawn(session: Session, cast: Cast, choices: Choices, **more: object) -> SamplingPlan:
    frame = frames.current(session, inspection=cast.place.inspection)
    assert frame is not None
    plan = plans.fix(
        session,
        inspection=cast.place.inspection,
        frame=frame,
        choices=choices,
        independent_counts=sampled.no_source(session, frame),
        public_value_source="Dice",
        public_value_due_at=None,
        salt=sampled.SALT,
        by=cast.coordinator,
        at=sampled.AT,
        **more,  # type: ignore[arg-type]
    )
    plans.confirm(session, inspection=cast.place.inspection, by=cast.lead, at=sampled.AT)
    return plan


@pytest.mark.usefixtures("cases")
def test_all_that_is_fixed_with_the_plan_is_in_its_digest_and_so_in_the_seed(session: Session, cast: Cast) -> None:
    plan = _drawn(session, cast, AT_HOME)
    record = draws.make(session, inspection=cast.place.inspection, public_value="7", by=cast.coordinator, at=sampled.AT)

    paper = json.loads(record.certificate)
    lines = f"seed/1\n{plan.commitment}\n{json_digest(paper['plan'])}\n7\n\n\n"
    assert record.seed == hashlib.sha256(lines.encode()).hexdigest()
    assert json_digest(paper["plan"]) == plan.plan_sha256
    assert paper["plan"]["bound"] == {
        "second_share": "0.1",
        "comparison_column": "legal_basis",
        "comparison_values": ["CSO at home"],
        "comparison_least": "12",
        "instrument": "CRR-1",
        "instrument_version": cast.place.programme.instrument_version,
        "public_value_source": "Dice",
        "public_value_due_at": None,
        "independent_counts": paper["plan"]["bound"]["independent_counts"],
        "partnership_secret_sha256": None,
        "inspectorate_secret_sha256": None,
    }
    said = paper["plan"]["bound"]["independent_counts"]
    assert said == [IndependentCount(**kept).in_words() for kept in plan.independent_counts.values()] and said


@pytest.mark.parametrize(
    "choices",
    [AT_HOME, Choices(size=20, minimum=2, selection="systematic", order_by=("living",))],
    ids=["comparison group", "systematic"],
)
@pytest.mark.usefixtures("cases")
def test_a_draw_by_rarer_choices_verifies_against_the_list_as_it_was_fixed(
    session: Session, cast: Cast, tmp_path: Path, choices: Choices
) -> None:
    plan = _drawn(session, cast, choices)
    record = draws.make(session, inspection=cast.place.inspection, public_value="7", by=cast.coordinator, at=sampled.AT)
    path = tmp_path / "list.csv"
    path.write_text(draws.list_as_fixed(session, plan=plan), encoding="utf-8")

    paper = json.loads(record.certificate)

    assert verify(paper, read_frame(path, strata=tuple(paper["strata"]))) == []
    assert paper["file_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.usefixtures("cases")
def test_the_last_cases_of_a_systematic_sample_are_a_random_part_of_it(session: Session, cast: Cast) -> None:
    _drawn(session, cast, Choices(size=20, minimum=2, selection="systematic", order_by=("living",)))
    draws.make(session, inspection=cast.place.inspection, public_value="7", by=cast.coordinator, at=sampled.AT)

    main = session.exec(
        select(SampleCase)
        .where(SampleCase.role == SampleRole.MAIN, SampleCase.stratum == "b")
        .order_by(SampleCase.order)  # type: ignore[arg-type]
    ).all()

    assert [case.ticket for case in main] == sorted(case.ticket for case in main)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@pytest.mark.usefixtures("cases")
def test_secrets_of_both_sides_enter_the_seed_and_must_be_those_whose_digests_were_fixed(
    session: Session, cast: Cast
) -> None:
    plan = _drawn(session, cast, sampled.CHOICES, secrets=Secrets(_digest(SECRET), _digest(ANOTHER)))
    inspection = cast.place.inspection

    for told, says in (
        ({}, "The partnership’s secret is missing"),
        ({"partnership_secret": SECRET, "inspectorate_secret": "guess"}, "not the inspectorate’s secret"),
        ({"partnership_secret": f"{SECRET} ", "inspectorate_secret": ANOTHER}, "not the partnership’s secret"),
    ):
        with pytest.raises(RefusedError, match=says):
            draws.make(session, inspection=inspection, public_value="7", by=cast.coordinator, at=sampled.AT, **told)
    record = draws.make(
        session,
        inspection=inspection,
        public_value="7",
        partnership_secret=SECRET,
        inspectorate_secret=ANOTHER,
        by=cast.coordinator,
        at=sampled.AT,
    )

    lines = f"seed/1\n{plan.commitment}\n{plan.plan_sha256}\n7\n{SECRET}\n{ANOTHER}\n"
    assert record.seed == hashlib.sha256(lines.encode()).hexdigest()
    events = session.exec(select(AuditEvent).where(AuditEvent.action == "sample drawn")).one()
    assert events.body["entered_for"] == "partnership"
    assert SECRET not in json.dumps(events.body)


@pytest.mark.usefixtures("cases")
def test_a_secret_that_is_not_told_within_a_week_is_left_out_and_the_trail_says_so(
    session: Session, cast: Cast
) -> None:
    _drawn(session, cast, sampled.CHOICES, secrets=Secrets(partnership=_digest(SECRET)))
    make = {"inspection": cast.place.inspection, "public_value": "7", "by": cast.coordinator}

    with pytest.raises(RefusedError, match="9 June 2026"):
        draws.make(session, **make, at=sampled.AT + timedelta(days=6))  # type: ignore[arg-type]
    draws.make(session, **make, at=sampled.AT + timedelta(days=7))  # type: ignore[arg-type]

    event = session.exec(select(AuditEvent).where(AuditEvent.action == "sample drawn")).one()
    assert event.body["not_told"] == ["partnership"]


@pytest.mark.usefixtures("cases")
def test_a_secret_nobody_fixed_and_a_digest_that_is_none_are_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(RefusedError, match="64 digits and letters"):
        _drawn(session, cast, sampled.CHOICES, secrets=Secrets(partnership="abc"))
    _drawn(session, cast, sampled.CHOICES)

    with pytest.raises(RefusedError, match="The inspectorate fixed no secret"):
        draws.make(
            session,
            inspection=cast.place.inspection,
            public_value="7",
            inspectorate_secret="late",
            by=cast.coordinator,
            at=sampled.AT,
        )
