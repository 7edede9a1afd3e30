"""The coordinator's way on the pages: programme, people, list, plan, draw, assignment, progress."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlmodel import select
from werkzeug.test import TestResponse

from casereader.db import snapshot, transaction
from casereader.drawing import draws
from casereader.models import Case, Membership, Programme, SamplingFrame
from casereader.programmes import inspections
from casereader.returns import frames
from casereader.vocabulary import DataKind, Role
from tests import sampled
from tests.cast import Cast, SignIn
from tests.databases import ON_BOTH
from tests.lists import list_csv
from tests.web.client import PageClient, page_of


def home_of(cast: Cast) -> str:
    return f"/inspections/{cast.place.inspection.public_id}"


def send_list(client: PageClient, cast: Cast, content: bytes, filename: str, **fields: str) -> TestResponse:
    path = f"{home_of(cast)}/list"
    values = {"csrf_token": client.csrf_token(path), "file": (io.BytesIO(content), filename), **fields}
    return client.post(path, data=values, content_type="multipart/form-data")


@ON_BOTH
def test_a_coordinator_begins_a_programme_and_adds_a_partnership_with_another_person_as_lead(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.coordinator)

    begun = client.submit(
        "/programmes/new",
        {"name": "Supervision orders 2026", "instrument": "CRR-1", "evaluated_qis": ["CRR-1 2.1", "CRR-1 5.3"]},
    )
    added = client.submit(
        begun.location,
        {
            "name": "Isle of Test",
            "period_from": "2025-01-01",
            "period_to": "2026-05-31",
            "lead": cast.lead.public_id,
        },
    )

    page = client.page(added.location)
    assert "Isle of Test" in page.text
    assert "Send the list of cases" in page.text


def test_a_period_that_ends_before_it_begins_is_refused_with_what_was_typed_kept(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    begun = client.submit("/programmes/new", {"name": "Orders", "instrument": "CRR-1"})

    refused = client.submit(
        begun.location,
        {
            "name": "Isle of Test",
            "period_from": "2026-05-31",
            "period_to": "2025-01-01",
            "lead": cast.lead.public_id,
        },
    )

    assert refused.status_code == 422
    assert page_of(refused).errors == ["The reading period ends before it begins."]
    assert "Isle of Test" in refused.text


@pytest.mark.parametrize("kind", [DataKind.DEMO, DataKind.RECORDS])
def test_what_is_begun_in_a_demonstration_is_one_and_has_an_invented_return_to_try(
    kind: DataKind, app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        session.get_one(Programme, cast.place.programme.id).data_kind = kind
    client = sign_in(cast.coordinator)
    begun = client.submit("/programmes/new", {"name": "Another", "instrument": "CRR-1"})
    period = {"period_from": "2025-01-01", "period_to": "2026-05-31"}
    added = client.submit(begun.location, {"name": "St Test", "lead": cast.lead.public_id, **period})

    example = f"{added.location}/list/example.xlsx"
    is_offered = example in client.page(f"{added.location}/list").links

    assert (is_offered, client.get(example).status_code) == ((True, 200) if kind is DataKind.DEMO else (False, 404))


def test_only_whoever_begins_programmes_may_begin_one(cast: Cast, sign_in: SignIn) -> None:
    for person in (cast.reviewer, cast.lead, cast.moderator, cast.administrator, cast.outsider):
        assert sign_in(person).get("/programmes/new").status_code == 403


def test_a_local_reviewer_needs_an_inspector_and_holds_no_other_role(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.lead)
    path = f"{home_of(cast)}/people"

    alone = client.submit(path, {"account": cast.outsider.public_id, "role": "local reviewer"}, action=path)
    both = client.submit(path, {"account": cast.local_reviewer.public_id, "role": "moderator"}, action=path)

    assert "name the inspector they are paired with" in page_of(alone).errors[0]
    assert page_of(both).errors == ["A local reviewer holds no other role in the inspection."]


def test_an_administrator_sets_the_last_day_that_a_local_reviewer_must_have(cast: Cast, sign_in: SignIn) -> None:
    lead, administrator = sign_in(cast.lead), sign_in(cast.administrator)
    people, account = f"{home_of(cast)}/people", f"/accounts/{cast.outsider.public_id}/last-day"
    wanted = {
        "account": cast.outsider.public_id,
        "role": "local reviewer",
        "paired_with": cast.reviewer.public_id,
    }

    refused = lead.submit(people, wanted, action=people)
    assert refused.status_code == 422 and "ask an administrator to set one" in page_of(refused).errors[0]
    assert account in administrator.page("/accounts").links
    assert administrator.submit(account, {"ends_on": "1999-12-31"}).status_code == 422
    assert (
        administrator.submit(account, {"ends_on": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"}).status_code
        == 303
    )

    assert lead.submit(people, wanted, action=people).status_code == 303
    kept = administrator.submit(account, {"ends_on": ""})
    assert kept.status_code == 422 and "whose account must end" in page_of(kept).errors[0]


def test_the_last_lead_cannot_be_taken_away(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    path = f"{home_of(cast)}/people"

    refused = client.submit(path, action=f"{path}/{cast.lead.public_id}/lead/end")

    assert refused.status_code == 422
    assert "keeps a lead" in refused.text


def test_a_role_that_was_taken_stops_working_at_the_next_page(cast: Cast, sign_in: SignIn) -> None:
    moderator, coordinator = sign_in(cast.moderator), sign_in(cast.coordinator)
    assert moderator.get(home_of(cast)).status_code == 200
    path = f"{home_of(cast)}/people"

    coordinator.submit(path, action=f"{path}/{cast.moderator.public_id}/moderator/end")

    assert moderator.get(home_of(cast)).status_code == 403


def test_every_fault_of_a_list_is_shown_at_once_and_nothing_is_taken(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    text = "case_ref,stratum,age\nA1,b,5\nA1,b,7\n,b,300\nA4,c,<script>\n"

    sent = send_list(client, cast, text.encode(), "list.csv")

    assert sent.status_code == 303
    page = client.page(sent.location)
    for words in ("A1 stands already in row 2", "blank", "300", "<script>"):
        assert words in page.text
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert session.exec(select(SamplingFrame)).all() == []
        assert session.exec(select(Case)).all() == []


def test_a_workbook_is_read_like_a_csv_file(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in list_csv({"b": 5, "d": 3}).splitlines():
        ref, group, *_ = line.split(",")
        sheet.append([ref, group])
    content = io.BytesIO()
    book.save(content)

    taken = send_list(client, cast, content.getvalue(), "return.xlsx")

    assert taken.status_code == 303
    page = client.page(taken.location)
    assert "8 cases" in page.text
    assert "first T00001, last T00008" in page.text


def test_the_file_itself_is_not_kept(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    send_list(client, cast, list_csv().encode(), "list.csv")

    folder = app.extensions["casereader_settings"].data_folder

    assert list(Path(folder, "returns").iterdir()) == []
    assert [path.name for path in Path(folder).rglob("*") if "arriving" in path.name or path.suffix == ".csv"] == []


@pytest.mark.parametrize("filename", ["list.exe", "list", "list.json"])
def test_a_file_of_another_kind_is_refused_by_name(cast: Cast, sign_in: SignIn, filename: str) -> None:
    refused = send_list(sign_in(cast.coordinator), cast, b"case_ref,stratum\nA,b\n", filename)

    assert refused.status_code == 422
    assert page_of(refused).errors


def test_a_list_of_more_than_20_mb_is_refused_before_it_is_read(cast: Cast, sign_in: SignIn) -> None:
    body = b"--b\r\nContent-Disposition: form-data; name=file; filename=list.csv\r\n\r\n" + b"x" * (22 * 1024 * 1024)

    refused = sign_in(cast.coordinator).post(
        f"{home_of(cast)}/list", data=body + b"\r\n--b--\r\n", content_type="multipart/form-data; boundary=b"
    )

    assert refused.status_code == 413


def test_the_plan_page_shows_allocation_and_margin_and_what_ten_more_would_buy(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    _receive(app, cast)
    client = sign_in(cast.coordinator)

    page = client.page(
        f"{home_of(cast)}/plan?" + "&".join(f"{key}={value}" for key, value in sampled.PLAN_TYPED.items())
    )

    assert "20 of 100 records" in page.text
    # 20 of 100 in proportion (4/20, 8/40, 6/30, 2/10), p = ½: 1.6449·√Σ(Nₕ/N)²·¼/nₕ·(Nₕ−nₕ)/(Nₕ−1) = 16.79 points
    assert "± 16.8" in page.text
    assert "Ten more records would make it" in page.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("size", "0"), ("size", "-1"), ("size", "1.5"), ("size", ""), ("margin", "0"), ("strata", "nonsense")],
)
def test_a_choice_out_of_bounds_is_refused_with_the_bounds(
    app: Flask, cast: Cast, sign_in: SignIn, field: str, value: str
) -> None:
    _receive(app, cast)
    wrong = {**sampled.PLAN_TYPED, field: value}

    page = sign_in(cast.coordinator).page(
        f"{home_of(cast)}/plan?" + "&".join(f"{key}={each}" for key, each in wrong.items()), status=422
    )

    assert page.errors


@ON_BOTH
def test_list_and_plan_are_fixed_confirmed_and_drawn_by_the_right_people_in_order(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    _receive(app, cast)
    coordinator, lead, moderator = sign_in(cast.coordinator), sign_in(cast.lead), sign_in(cast.moderator)
    plan, draw = f"{home_of(cast)}/plan", f"{home_of(cast)}/draw"
    filled = {"no_source": "y", "public_value_source": "Dice in front of both sides"}
    assert moderator.get(plan).status_code == 403
    shown = f"{plan}?" + "&".join(f"{key}={value}" for key, value in sampled.PLAN_TYPED.items())
    changed = coordinator.submit(shown, {**filled, "size": "30"}, action=plan, button="fix")
    assert changed.status_code == 422
    assert "have changed since the table was shown" in page_of(changed).errors[0]
    fixed = coordinator.submit(shown, filled, action=plan, button="fix")
    assert fixed.status_code == 303
    assert coordinator.post(f"{plan}/confirm", data={"csrf_token": coordinator.csrf_token(plan)}).status_code == 403
    assert "second person must confirm" in coordinator.page(draw).text

    token = lead.csrf_token(plan)
    confirmed = lead.submit(plan, action=f"{plan}/confirm")
    assert confirmed.status_code == 303

    seed = coordinator.submit(draw, {"public_value": "  4  8 15 "})
    assert page_of(seed).text.count("4 8 15") == 1
    drawn = coordinator.post(draw, data={"public_value": "4 8 15", "csrf_token": coordinator.csrf_token(draw)})
    assert drawn.status_code == 303
    again = lead.post(draw, data={"public_value": "9", "csrf_token": token})
    assert again.status_code == 409


def test_a_lead_sends_list_and_plan_back_with_a_reason_that_the_coordinator_sees_until_they_are_fixed_again(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.fix(session, cast, sampled.receive(session, cast, instrument))
    coordinator, lead = sign_in(cast.coordinator), sign_in(cast.lead)
    plan = f"{home_of(cast)}/plan"

    silent = lead.submit(plan, action=f"{plan}/send-back")
    sent = lead.submit(plan, {"reason": "Group d is 4 short of the register."}, action=f"{plan}/send-back")

    assert silent.status_code == 422
    assert "Say what should be changed" in page_of(silent).errors[0]
    assert sent.status_code == 303
    assert "The lead sent list and plan back" in coordinator.page("/").text
    open_again = coordinator.page(plan).text
    assert f"{cast.lead.name} did not confirm" in open_again
    assert "Group d is 4 short of the register." in open_again
    with transaction(app.extensions["casereader_engine"]) as session:
        frame = frames.current(session, inspection=cast.place.inspection)
        assert frame is not None
        sampled.fix(session, cast, frame)
    assert f"{cast.lead.name} did not confirm" not in coordinator.page(plan).text
    assert "Confirm list and plan" in lead.page("/").text


def test_whoever_fixed_list_and_plan_is_told_who_must_confirm_them(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with transaction(app.extensions["casereader_engine"]) as session:
        inspections.give_role(
            session,
            inspection=cast.place.inspection,
            account=cast.coordinator,
            role=Role.LEAD,
            by=cast.lead,
            at=sampled.AT,
        )
        sampled.fix(session, cast, sampled.receive(session, cast, instrument))
    both = sign_in(cast.coordinator)

    page = both.page(f"{home_of(cast)}/plan")

    assert f"You fixed list and plan yourself. {cast.lead.name} must confirm them" in page.text
    assert "Confirm list and plan" not in both.page("/").text + page.text
    inspection = select(Membership).where(Membership.account_id == cast.lead.id, Membership.role == Role.LEAD)
    with transaction(app.extensions["casereader_engine"]) as session:
        session.delete(session.exec(inspection).one())
    alone = both.page(f"{home_of(cast)}/plan")
    assert "no other lead is named" in alone.text
    assert f"{home_of(cast)}/people" in alone.links


@pytest.mark.parametrize("value", ["", "   ", "ü", "x" * 201, "a\x07b", "a\x00b"])
def test_a_public_value_that_cannot_serve_is_refused(app: Flask, cast: Cast, sign_in: SignIn, value: str) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        instrument = app.extensions["casereader_instruments"]["CRR-1"]
        sampled.fix(session, cast, sampled.receive(session, cast, instrument))
    sign_in(cast.lead).submit(f"{home_of(cast)}/plan", action=f"{home_of(cast)}/plan/confirm")

    refused = sign_in(cast.coordinator).submit(f"{home_of(cast)}/draw", {"public_value": value})

    assert refused.status_code == 422
    assert page_of(refused).errors


@ON_BOTH
def test_the_drawn_sample_comes_with_papers_that_verify_and_is_dealt_to_the_chosen(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.draw(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
    client = sign_in(cast.coordinator)
    draw = f"{home_of(cast)}/draw"

    paper = json.loads(client.get(f"{draw}/certificate.json").text)
    listed = client.get(f"{draw}/list.csv").text
    assert len(paper["cases"]) == 30
    assert listed.splitlines()[0] == "case_ref,group"
    assert paper["digest"] in client.page(f"{draw}/certificate").text

    assign = f"{home_of(cast)}/assign"
    assert "Tick who reads" in client.page(assign).text  # nobody is chosen by default
    days = client.submit(assign, {f"reads-{cast.reviewer.public_id}": "y"}, action=f"{assign}/days")
    assert days.status_code == 303
    dealt = client.submit(assign, action=assign)
    assert dealt.status_code == 303
    page = client.page(dealt.location)
    assert "0 of 20 readings submitted" in page.text
    assert cast.reviewer.name in page.text
    assert cast.second_reviewer.name not in page.text


def test_the_page_for_the_reading_room_names_no_reader_and_no_case(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        record = sampled.assign(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        second = list(json.loads(record.addendum or "")["second"])
        assert draws.current(session, inspection=cast.place.inspection) is not None
    client = sign_in(cast.moderator)

    rows = client.page(f"{home_of(cast)}/progress").text
    room = client.page(f"{home_of(cast)}/progress/room").text
    sealed = client.page(f"{home_of(cast)}/progress/second-readings").text

    assert "T000" not in room
    assert not any(reader.name in room for reader in (cast.reviewer, cast.second_reviewer, cast.local_reviewer))
    assert all(rows.count(ref) == 1 for ref in second)
    assert all(ref in sealed for ref in second)
    assert sign_in(cast.reviewer).get(f"{home_of(cast)}/progress/second-readings").status_code == 403


def test_an_inspection_of_others_is_the_same_404_as_one_that_never_was(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    begun = client.submit("/programmes/new", {"name": "Another", "instrument": "CRR-1"})
    client.submit(
        begun.location,
        {
            "name": "Elsewhere",
            "period_from": "2025-01-01",
            "period_to": "2026-05-31",
            "lead": cast.lead.public_id,
        },
    )
    absent = sign_in(cast.moderator).get("/inspections/AAAAAAAAAAAAAAAAAAAAAA")
    assert absent.status_code == 404


def _receive(app: Flask, cast: Cast) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        sampled.receive(session, cast, app.extensions["casereader_instruments"]["CRR-1"])


def test_indicators_of_another_instrument_are_refused_and_can_be_changed_until_one_is_evaluated(
    cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.coordinator)
    page = client.page("/programmes/new")
    offered = [option.get("value") for one in page.root.iter("select") for option in one.iter("option")]
    assert offered[0] == "CRR-1"
    other = next(
        value
        for field in page.root.iter("input")
        if field.get("name") == "evaluated_qis" and not (value := field.get("value", "")).startswith("CRR-1 ")
    )
    values = {"name": "Mixed", "instrument": "CRR-1", "evaluated_qis": ["CRR-1 2.1", other]}

    refused = client.submit("/programmes/new", values)
    assert refused.status_code == 422
    assert "choose indicators of CRR-1 only" in page_of(refused).text

    begun = client.submit("/programmes/new", {**values, "evaluated_qis": ["CRR-1 2.1"]})
    path = begun.location.replace("/add", "/indicators")
    assert client.submit(path, {"evaluated_qis": ["9.9"]}).status_code == 422
    assert client.submit(path, {"evaluated_qis": ["5.3"]}).status_code == 303
    assert "Evaluated: 5.3." in client.page("/programmes").text
