"""The pages around the assignment: days, what the rule gives, conflicts, a reader who falls ill, people from a list."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlmodel import col, select

from casereader.assignments import availability
from casereader.assignments.availability import Given
from casereader.db import snapshot, transaction
from casereader.models import Account, ConflictOfInterest, Inspection, Membership, Reading
from casereader.vocabulary import READER_ROLES, ReadingKind
from tests import sampled
from tests.cast import Cast, SignIn
from tests.reading import given_to
from tests.web.client import PageClient, filled_in, page_of
from tests.web.page import Page, words

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def home_of(cast: Cast) -> str:
    return f"/inspections/{cast.place.inspection.public_id}"


def strata_of(progress: Page) -> list[list[str]]:
    """The rows of the strata: name, to be read, read, and more."""
    tables = (progress.rows(table) for table in range(len(list(progress.root.iter("table")))))
    return next(rows[1:] for rows in tables if rows[0][0] == "Stratum")


@pytest.fixture
def days(app: Flask, cast: Cast) -> list[str]:
    """The three reading days, as the form names them."""
    with transaction(app.extensions["casereader_engine"]) as session:
        inspection = session.get_one(Inspection, cast.place.inspection.id)
        inspection.reading_starts, inspection.reading_ends = date(2026, 6, 8), date(2026, 6, 10)
        session.add(inspection)
    return ["2026-06-08", "2026-06-09", "2026-06-10"]


@pytest.fixture
def drawn(app: Flask, cast: Cast, days: list[str]) -> Cast:
    """The cast, their sample drawn and not assigned."""
    assert days
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.draw(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
    return cast


@pytest.fixture
def assigned(app: Flask, cast: Cast, days: list[str]) -> Cast:
    """The cast, their sample drawn and dealt to the three readers."""
    assert days
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.assign(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
    return cast


def test_days_are_ticked_what_the_rule_gives_is_shown_and_that_is_what_is_given(
    drawn: Cast, days: list[str], sign_in: SignIn
) -> None:
    client, assign = sign_in(drawn.coordinator), f"{home_of(drawn)}/assign"
    ticked = {f"day-{drawn.reviewer.public_id}-{day}": "y" for day in days}
    ticked[f"day-{drawn.second_reviewer.public_id}-{days[0]}"] = "y"
    client.submit(assign, ticked, action=f"{assign}/days")

    page = client.page(assign)
    rows = {row[0]: row for row in page.rows()[1:]}
    assert [rows[drawn.reviewer.name][1:4], rows[drawn.second_reviewer.name][1:4]] == [
        ["12", "15", "15"],
        ["4", "5", "5"],
    ]
    assert "More than can be read" in page.text
    before = client.page(f"{home_of(drawn)}/progress")
    by_stratum = strata_of(before)
    assert ["Not assigned", str(sum(int(row[1]) for row in by_stratum))] in before.rows()
    assert {row[2] for row in by_stratum} == {"0"}
    dealt = client.submit(assign, action=assign)
    assert dealt.status_code == 303
    assert "Every case that is to be read has its reader" in client.page(assign).text
    assert strata_of(client.page(f"{home_of(drawn)}/progress")) == by_stratum


def test_all_days_are_ticked_at_once_for_one_reader_and_for_everybody(
    drawn: Cast, days: list[str], sign_in: SignIn
) -> None:
    client, assign = sign_in(drawn.coordinator), f"{home_of(drawn)}/assign"

    client.submit(assign, {f"all-{drawn.reviewer.public_id}": "y"}, action=f"{assign}/days")
    one = filled_in(client.page(assign).form(f"{assign}/days"))
    client.submit(assign, {"all": "y"}, action=f"{assign}/days")
    everybody = filled_in(client.page(assign).form(f"{assign}/days"))

    assert {name for name in one if name.startswith("day-")} == {
        f"day-{drawn.reviewer.public_id}-{day}" for day in days
    }
    assert sum(name.startswith("day-") for name in everybody) == 3 * len(days)


def test_a_local_reviewer_is_not_dealt_to_without_their_inspector_and_what_was_typed_stays(
    drawn: Cast, days: list[str], sign_in: SignIn
) -> None:
    client, assign = sign_in(drawn.coordinator), f"{home_of(drawn)}/assign"
    local = drawn.local_reviewer.public_id
    client.submit(assign, {f"day-{local}-{days[0]}": "y"}, action=f"{assign}/days")
    assert f"choose {drawn.reviewer.name} as well" in client.page(assign).text

    refused = client.submit(assign, {f"per-{local}": "lots"}, action=f"{assign}/days")
    assert refused.status_code == 422
    assert "enter the records on a day" in page_of(refused).errors[0]
    assert 'value="lots"' in refused.text


def test_the_sample_leads_where_the_inspection_does_as_long_as_nobody_reads(
    app: Flask, drawn: Cast, sign_in: SignIn
) -> None:
    client = sign_in(drawn.coordinator)
    assert "Name who reads" not in client.page(f"{home_of(drawn)}/draw").text
    assert "None declared by now." in client.page(f"{home_of(drawn)}/assign").text

    with transaction(app.extensions["casereader_engine"]) as session:
        for one in session.exec(select(Membership).where(col(Membership.role).in_(READER_ROLES))):
            session.delete(one)

    for rest in ("", "/draw"):
        page = client.page(home_of(drawn) + rest)
        assert "Name who reads" in page.text and f"{home_of(drawn)}/people" in page.links, rest


def test_what_was_shown_and_is_no_more_so_is_not_dealt(
    app: Flask, drawn: Cast, days: list[str], sign_in: SignIn
) -> None:
    client, assign = sign_in(drawn.coordinator), f"{home_of(drawn)}/assign"
    client.submit(assign, {f"day-{drawn.reviewer.public_id}-{days[0]}": "y"}, action=f"{assign}/days")

    refused = client.submit(assign, {"shown": "0" * 64}, action=assign)

    assert refused.status_code == 422
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert session.exec(select(Reading)).all() == []


def test_a_reader_declares_a_conflict_and_the_coordinator_sees_and_ends_it(
    app: Flask, assigned: Cast, sign_in: SignIn
) -> None:
    with snapshot(app.extensions["casereader_engine"]) as session:
        mine = given_to(session, assigned.local_reviewer)[0]
        ref, path = mine.case_ref, f"/readings/{mine.reading.public_id}"
    reader, coordinator = sign_in(assigned.local_reviewer), sign_in(assigned.coordinator)
    assert reader.get(path).status_code == 200
    said = {"inspection": assigned.place.inspection.public_id, "case_ref": ref, "reason": "My own caseload."}

    assert reader.submit("/conflicts", {**said, "case_ref": ""}).status_code == 422
    assert reader.submit("/conflicts", said).status_code == 303

    assert reader.get(path).status_code == 404
    assert "My own caseload." in reader.page("/conflicts").text
    page = coordinator.page(f"{home_of(assigned)}/conflicts")
    assert "My own caseload." in page.text and "Give to another" in page.text
    with snapshot(app.extensions["casereader_engine"]) as session:
        kept = session.exec(select(ConflictOfInterest)).one().public_id
    ending = f"{home_of(assigned)}/conflicts/{kept}/end"
    assert coordinator.submit(f"{home_of(assigned)}/conflicts", action=ending).status_code == 303
    after = coordinator.page(f"{home_of(assigned)}/conflicts")
    assert not [table for table in after.root.iter("table") if "My own caseload." in words(table)]
    assert "Give to another" not in after.text


def test_a_coordinator_declares_one_for_a_reader_and_is_told_what_is_wrong(assigned: Cast, sign_in: SignIn) -> None:
    client, path = sign_in(assigned.coordinator), f"{home_of(assigned)}/conflicts"
    refused = client.submit(path, {"reader": assigned.reviewer.public_id, "case_ref": "NEVER-1"}, action=path)
    assert len(page_of(refused).errors) == 2

    kept = client.submit(
        path,
        {"reader": assigned.reviewer.public_id, "with_all": "y", "reason": "Kin works there."},
        action=path,
    )
    assert kept.status_code == 303
    assert "The whole partnership" in client.page(path).text
    assert "reads nothing of it" in client.page(f"{home_of(assigned)}/assign").text


def test_all_readings_of_one_who_falls_ill_are_handed_over_in_one_step(
    app: Flask, assigned: Cast, sign_in: SignIn
) -> None:
    client, path = sign_in(assigned.coordinator), f"{home_of(assigned)}/moves"
    shown = client.page(f"{path}?reader={assigned.second_reviewer.public_id}")
    rows = shown.rows()[1:]
    assert rows and {row[1] for row in rows} == {"assigned"}

    asked = f"{path}?reader={assigned.second_reviewer.public_id}"
    assert client.submit(asked, {"reason": ""}, action=path).status_code == 422
    assert client.submit(asked, {"reason": "Illness."}, action=path).status_code == 303

    going = {row[0] for row in rows if not row[2].startswith("Stays")}
    with snapshot(app.extensions["casereader_engine"]) as session:
        left = {one.case_ref for one in given_to(session, assigned.second_reviewer)}
    assert going and not going & left


@pytest.fixture
def coming(app: Flask, cast: Cast) -> Cast:
    """The cast, dealt, with three reading days from today on; the second reviewer reads on the last of them."""
    today = datetime.now(UTC).date()
    with transaction(app.extensions["casereader_engine"]) as session:
        inspection = session.get_one(Inspection, cast.place.inspection.id)
        inspection.reading_starts, inspection.reading_ends = today, today + timedelta(days=2)
        session.add(inspection)
        sampled.assign(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        days = [(today + timedelta(days=n)).isoformat() for n in range(3)]
        availability.set_days(
            session,
            inspection=inspection,
            given=[
                Given(cast.reviewer, days, "4"),
                Given(cast.local_reviewer, days, "4"),
                Given(cast.second_reviewer, days[2:], "4"),
            ],
            by=cast.coordinator,
            at=sampled.AT,
        )
    return cast


def test_what_each_would_have_stands_beside_what_their_days_allow_and_too_much_is_warned_of(
    coming: Cast, sign_in: SignIn
) -> None:
    client = sign_in(coming.coordinator)

    page = client.page(f"{home_of(coming)}/moves?reader={coming.reviewer.public_id}")

    loads = {row[0]: row[1:] for row in page.rows(1)[1:]}
    now, gets, then, allow = (int(cell) for cell in loads[coming.second_reviewer.name])
    assert gets and now + gets == then and allow == 4
    assert f"{coming.second_reviewer.name} ({then - 4} too many)" in page.text
    assert loads[coming.local_reviewer.name][1] == "0"
    assert "count only once an inspector has countersigned" in page.text


def test_the_time_left_counts_the_days_of_those_who_read_and_changes_when_one_falls_ill(
    coming: Cast, sign_in: SignIn
) -> None:
    client, progress = sign_in(coming.coordinator), f"{home_of(coming)}/progress"
    asked = f"{home_of(coming)}/moves?reader={coming.reviewer.public_id}"
    before = client.page(progress).text

    client.submit(asked, {"reason": "Illness."}, action=f"{home_of(coming)}/moves")
    ticked = f"day-{coming.local_reviewer.public_id}-"
    client.submit(
        f"{home_of(coming)}/assign", _without(client, coming, ticked), action=f"{home_of(coming)}/assign/days"
    )
    after = client.page(progress).text

    assert "in 3 reading days" in before
    assert "there is one reading day left" in after
    assert f"{coming.second_reviewer.name}:" in after and "their days allow 4" in after


def _without(client: PageClient, cast: Cast, ticked: str) -> dict[str, object]:
    """The days as they are ticked, without those whose name starts so."""
    form = client.page(f"{home_of(cast)}/assign").form(f"{home_of(cast)}/assign/days")
    return {name: None for name in filled_in(form) if name.startswith(ticked)}


@pytest.mark.parametrize("takes_days", [True, False])
def test_what_comes_later_goes_neither_to_the_ill_nor_to_their_local_reviewer_unless_their_days_are_left(
    app: Flask, coming: Cast, sign_in: SignIn, takes_days: bool
) -> None:
    client, lead = sign_in(coming.coordinator), sign_in(coming.lead)
    asked = f"{home_of(coming)}/moves?reader={coming.reviewer.public_id}"
    said: dict[str, object] = {"reason": "Illness."} if takes_days else {"reason": "Illness.", "takes_days": None}
    client.submit(asked, said, action=f"{home_of(coming)}/moves")

    with snapshot(app.extensions["casereader_engine"]) as session:
        before = {one.id for one in session.exec(select(Reading))}
    client.submit(f"{home_of(coming)}/draw/extend", {"size-2": "30", "reason": "There is time."})
    lead.submit(f"{home_of(coming)}/draw", action=f"{home_of(coming)}/draw/extend/agree")

    with snapshot(app.extensions["casereader_engine"]) as session:
        added = {one.reviewer_id for one in session.exec(select(Reading)) if one.id not in before}
    assert coming.second_reviewer.id in added
    assert ({coming.reviewer.id, coming.local_reviewer.id} & added == set()) is takes_days


def test_the_timetable_of_the_pairs_never_tells_second_readings_apart_and_the_coordinator_s_does(
    app: Flask, assigned: Cast, sign_in: SignIn
) -> None:
    client = sign_in(assigned.coordinator)
    with snapshot(app.extensions["casereader_engine"]) as session:
        n = len(session.exec(select(Reading)).all())
        mine = given_to(session, assigned.second_reviewer, kind=ReadingKind.SECOND)
        refs = [one.case_ref for one in mine]

    sheets = client.page(f"{home_of(assigned)}/timetable")
    assert "econd" not in re.sub(r"Shona Second|which cases are read twice", "", sheets.text)
    assert sum(len(sheets.rows(table)) - 1 for table in range(len(list(sheets.root.iter("table"))))) == n
    copy = client.page(f"{home_of(assigned)}/timetable/coordinator")
    assert refs and copy.text.count("Second, blind") == 2
    assert "Planned for Monday 8 June 2026" in sign_in(assigned.second_reviewer).page("/readings").text
    for reader in (assigned.reviewer, assigned.local_reviewer, assigned.moderator, assigned.lead):
        assert sign_in(reader).get(f"{home_of(assigned)}/timetable/coordinator").status_code == 403


LIST = "Iain Inspector,iain@body.example,reviewer\nLena Local,lena@body.example,local reviewer,iain@body.example\n"


def check(client: PageClient, cast: Cast, text: str, file: tuple[bytes, str] | None = None) -> str:
    path = f"{home_of(cast)}/people/list"
    values: dict[str, object] = {"csrf_token": client.csrf_token(path), "people": text}
    if file is not None:
        values["file"] = (io.BytesIO(file[0]), file[1])
    answer = client.post(f"{path}/check", data=values, content_type="multipart/form-data")
    return f"{answer.status_code} {answer.text}"


def test_people_from_a_list_are_looked_at_made_and_their_slips_shown_once(
    app: Flask, cast: Cast, days: list[str], sign_in: SignIn
) -> None:
    assert days
    client, path = sign_in(cast.coordinator), f"{home_of(cast)}/people/list"
    assert check(client, cast, LIST).startswith("200")
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert session.exec(select(Account).where(Account.email == "iain@body.example")).first() is None

    with transaction(app.extensions["casereader_engine"]) as session:
        session.get_one(Inspection, cast.place.inspection.id).readers_need_second_factor = True
    made = client.post(path, data={"csrf_token": client.csrf_token(path), "people": LIST})
    slips = page_of(made)
    assert slips.text.count("You must then set up a second step. It needs no telephone") == 2
    addresses = [words(one) for one in slips.with_class("cr_address")]
    assert len(slips.with_class("cr_slip")) == len(set(addresses)) == 2
    assert "no-store" in made.headers["Cache-Control"]
    assert sign_in(None).get(addresses[0].partition("localhost")[2]).status_code == 200

    again = client.post(path, data={"csrf_token": client.csrf_token(path), "people": LIST})
    assert page_of(again).with_class("cr_slip") == []
    assert "set-password" not in again.text


def test_a_list_comes_as_a_workbook_too_and_every_fault_is_shown_by_its_line(
    cast: Cast, days: list[str], sign_in: SignIn
) -> None:
    assert days
    client = sign_in(cast.coordinator)
    stream, book = io.BytesIO(), Workbook()
    assert book.active is not None
    book.active.append(["E-mail", "Name", "Role"])
    book.active.append(["iain@body.example", "Iain Inspector", "inspector"])
    book.save(stream)

    assert "Iain Inspector (iain@body.example)" in check(client, cast, "", (stream.getvalue(), "people.xlsx"))
    faulty = check(client, cast, "", (b"Iain,iain@,reviewer\nAnn,ann@body.example,boss\n", "people.csv"))
    assert faulty.startswith("422")
    assert "Enter an e-mail address" in faulty and "Other roles are given" in faulty
    assert check(client, cast, "", (b"\xff\xfe\x00", "people.csv")).startswith("422")
    assert check(client, cast, "", (b"PK", "people.xlsx")).startswith("422")


def test_no_other_role_may_ask_for_the_list_nor_make_accounts(cast: Cast, sign_in: SignIn) -> None:
    for account in (cast.lead, cast.moderator, cast.reviewer, cast.administrator):
        assert sign_in(account).get(f"{home_of(cast)}/people/list").status_code == 403
