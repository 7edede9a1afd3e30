"""A return on the pages: sent, mapped, mended, taken; what is refused, dropped, or left by a crash."""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlmodel import select
from werkzeug.test import TestResponse

from casereader import alive, jobs, returns
from casereader.db import snapshot, transaction
from casereader.demo.invented.returned import workbook_of
from casereader.models import Case, Job, ListChange, PartnershipReturn
from casereader.returns import frames
from casereader.vocabulary import JobState, ReturnState
from casereader.web.clock import moment
from casereader.web.lists import return_work
from casereader.web.lists.return_pages import value_key
from tests import sampled
from tests.cast import Cast, SignIn
from tests.web.client import PageClient, page_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FAULTY = b"case_ref,stratum,age\nR1,b,5\nR1,b,7\nR3,c,=1+1\nR4,c,\n"


def home_of(cast: Cast) -> str:
    return f"/inspections/{cast.place.inspection.public_id}"


def send(client: PageClient, cast: Cast, content: bytes, filename: str = "return.csv") -> TestResponse:
    path = f"{home_of(cast)}/list"
    values = {"csrf_token": client.csrf_token(path), "file": (io.BytesIO(content), filename)}
    return client.post(path, data=values, content_type="multipart/form-data")


def folder_of(app: Flask) -> Path:
    return Path(app.extensions["casereader_settings"].data_folder)


def listed(app: Flask, cast: Cast) -> dict[str, Case]:
    with snapshot(app.extensions["casereader_engine"]) as session:
        frame = frames.current(session, inspection=cast.place.inspection)
        return {} if frame is None else {case.case_ref: case for case in frames.cases(session, frame=frame)}


def test_a_return_of_four_tabs_is_mapped_mended_and_taken_and_its_words_are_remembered(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.coordinator)
    content, home = workbook_of("Glen Test", n_cases=60, seed="test"), home_of(cast)

    sent = send(client, cast, content, "return.xlsx")
    assert sent.location == f"{home}/return"
    page = client.page(sent.location)
    assert "CP register" in page.text
    assert "Supervision order at home" in page.text
    mapped = client.submit(sent.location, {"column-6": "keep"}, action=f"{home}/return/mapping")

    faults = client.page(mapped.location)
    assert "2 things to put right" in faults.text
    assert "'twelve' is not an age in whole years" in faults.text
    assert listed(app, cast) == {}
    silent = client.submit(mapped.location, {"value-1": "12"}, action=f"{home}/return/changes")
    assert silent.status_code == 422
    assert "Say why" in page_of(silent).errors[0]
    assert 'value="12"' in silent.text
    mended = client.submit(
        mapped.location,
        {"value-1": "12", "out-2": "y", "reason": "Told by <the partnership>."},
        action=f"{home}/return/changes",
    )

    assert mended.location == f"{home}/plan"
    planned = client.page(mended.location)
    assert "60 cases, with 1 row mended and 1 row left out" in planned.text
    assert "2 changes were made to it as it was sent" in planned.text
    page = client.page(f"{home}/list")
    assert "17 children are in more than one group" in page.text
    assert "Age in years: twelve → 12" in page.text
    assert page.text.count("Told by <the partnership>.") == 2
    cases = listed(app, cast)
    assert len(cases) == 60
    assert sum(case.other_groups == ["e"] for case in cases.values()) == 17
    assert {case.legal_basis for case in cases.values()} <= {"none", "s.25", "CSO at home", "CSO away", "CPO in period"}
    assert all(case.attributes["Team"] in ("North", "South", "Coast") for case in cases.values())
    assert list((folder_of(app) / "returns").iterdir()) == []

    again = client.page(send(client, cast, content, "next.xlsx").location)
    chosen = again.form(f"{home}/return/mapping")
    picked = {
        one.get("name"): option.get("value")
        for one in chosen.iter("select")
        for option in one.iter("option")
        if option.get("selected") is not None
    }
    assert picked["column-6"] == "keep"
    assert picked[value_key("legal_basis", "CPO")] == "CPO in period"
    client.submit(f"{home}/return", action=f"{home}/return/drop")
    assert list((folder_of(app) / "returns").iterdir()) == []
    assert len(listed(app, cast)) == 60


def test_values_of_a_column_that_was_chosen_on_the_page_are_asked_for_before_the_check(
    cast: Cast, sign_in: SignIn
) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    content = b"Reference,Which,Where now,Notes\nR1,Register,With Gran,see Fiona\nR2,Register,With Gran,\n"
    sent = send(client, cast, content)
    page = client.page(sent.location)
    assert "With Gran" in page.text
    assert page.text.count("Some values look as if they named somebody: leave it out.") == 1

    nothing = client.submit(sent.location, action=f"{home}/return/mapping")
    assert nothing.status_code == 422
    assert "No column holds the group" in page_of(nothing).errors[0]
    asked = client.submit(sent.location, {"column-1": "group", "column-2": "living"}, action=f"{home}/return/mapping")

    assert asked.status_code == 200
    assert "Some values of the columns you chose are not ours" in page_of(asked).text
    done = client.submit(
        f"{home}/return/mapping",
        {value_key("group", "Register"): "b", value_key("living", "With Gran"): "kinship"},
        action=f"{home}/return/mapping",
    )
    assert done.location == f"{home}/plan"
    assert "2 cases" in client.page(done.location).text


def test_what_identifies_children_is_refused_at_once_and_leaves_no_trace(
    app: Flask, cast: Cast, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    client = sign_in(cast.coordinator)
    text = b"case_ref,stratum,Child name\nR1,b,Zebedee Planted\nR2,c,Ermintrude Planted\n"

    refused = send(client, cast, text, "Zebedee Planted.csv")

    assert refused.status_code == 422
    assert "names, dates of birth, addresses" in page_of(refused).text
    held = [path.read_bytes() for path in folder_of(app).parent.rglob("*") if path.is_file()]
    assert not any(b"Planted" in content for content in held)
    assert "Planted" not in refused.text + caplog.text


NAMED = b"Which,stratum,Team\nR1,b,North\nZebedee Planted,c,North\n"
NUMBERED = b"Which,stratum,Team\nR1,b,North\n943 476 5919,c,North\n"


@pytest.mark.parametrize("how", ["refused at once", "refused once mapped", "dropped", "left for an hour", "cut off"])
def test_nothing_of_a_return_that_came_to_nothing_is_anywhere_in_the_data_folder(
    app: Flask, cast: Cast, sign_in: SignIn, how: str
) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    sent = send(client, cast, NUMBERED if how == "refused at once" else NAMED)

    if how == "refused at once":
        assert "CHI or NHS numbers" in page_of(sent).text
    elif how == "refused once mapped":
        mapped = client.submit(sent.location, {"column-0": "case_ref"}, action=f"{home}/return/mapping")
        assert "names in place of references" in page_of(mapped).text
    elif how == "dropped":
        client.submit(sent.location, action=f"{home}/return/drop")
    elif how == "left for an hour":
        with transaction(app.extensions["casereader_engine"]) as session:
            session.exec(select(PartnershipReturn)).one().expires_at -= timedelta(hours=1)
        return_work.sweep(app.extensions)
    else:
        with transaction(app.extensions["casereader_engine"]) as session:
            job = session.exec(select(Job)).one()
            job.state, job.ended_at, job.asked = JobState.RUNNING, None, {jobs.BEGUN_BY: f"1.1@{socket.gethostname()}"}
        return_work.start_anew(app)

    held = [path.read_bytes() for path in folder_of(app).parent.rglob("*") if path.is_file()]
    database = Path(app.extensions["casereader_engine"].url.database or "")
    held += [path.read_bytes() for path in database.parent.glob(f"{database.name}*")]
    assert len(held) > 1
    assert not any(trace in content for content in held for trace in (b"Planted", b"943 476 5919"))


def test_faults_go_back_as_a_workbook_without_formulas_and_single_rows_are_mended(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    sent = send(client, cast, FAULTY)
    assert client.get(f"{home}/return/mapping").status_code == 200

    book = load_workbook(io.BytesIO(client.get(f"{home}/return/faults.xlsx").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("Tab", "Row", "Column", "Value", "What is wrong and what to do")
    assert [row[1:4] for row in rows[1:]] == [(4, "age", "=1+1"), (3, "case_ref", "R1")]
    assert all(cell.data_type != "f" for row in book.worksheets[0] for cell in row)

    earlier = client.page(sent.location).form(f"{home}/return/changes")
    stale = next(field.get("value") for field in earlier.iter("input") if field.get("name") == "job")
    values = {"value-1": "eight", "value-2": "R2", "reason": "Told so."}
    still = client.submit(sent.location, values, action=f"{home}/return/changes")
    assert "1 thing to put right" in client.page(still.location).text
    token = client.csrf_token(sent.location)
    late = client.post(
        f"{home}/return/changes", data={"csrf_token": token, "job": stale, "value-1": "8", "reason": "x"}
    )
    assert late.status_code == 409
    fields = client.page(sent.location).root.iter("input")
    undo = next(field.get("value") for field in fields if field.get("name") == "change")
    client.post(f"{home}/return/changes/take-back", data={"csrf_token": token, "change": undo})
    assert "=1+1" in client.page(sent.location).text
    client.submit(sent.location, {"value-1": "8", "reason": "Told again."}, action=f"{home}/return/changes")

    assert {ref: case.age_band for ref, case in listed(app, cast).items()} == {
        "R1": "5-11",
        "R2": "5-11",
        "R3": "5-11",
        "R4": None,
    }
    with snapshot(app.extensions["casereader_engine"]) as session:
        made = session.exec(select(ListChange).order_by("id")).all()  # type: ignore[arg-type]
        told = sorted((one.row, one.list_column, one.before, one.after, one.reason) for one in made)
        assert all(job.result in ({}, {"taken": 4}) for job in session.exec(select(Job)))
    assert told == [(3, "case_ref", "R1", "R2", "Told so."), (4, "age", "=1+1", "8", "Told again.")]


def test_the_file_of_faults_holds_every_one_where_the_page_shows_the_first(cast: Cast, sign_in: SignIn) -> None:
    client, home, n = sign_in(cast.coordinator), home_of(cast), 1_300
    rows = [f"R{number},b,many" for number in range(n)]

    sent = send(client, cast, "\n".join(["case_ref,stratum,age", *rows]).encode())

    assert f"The first 200 of {n} faults" in client.page(sent.location).text
    book = load_workbook(io.BytesIO(client.get(f"{home}/return/faults.xlsx").data))
    assert [row[1] for row in book.worksheets[0].iter_rows(values_only=True)][1:] == list(range(2, n + 2))


def test_a_page_shows_how_far_long_work_is_until_it_has_ended(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    background = app.extensions["casereader_background"]
    background.patience = 0.0

    with background.place(), background.place():  # the work waits until one of the two is free
        sent = send(client, cast, b"case_ref,stratum\nR1,b\nR2,b\n")

        assert sent.location == f"{home}/return"
        page = client.page(sent.location)
        assert page.heading == "Checking the return"
        assert "% done" in page.text
        assert f"{home}/return" in page.links
        token = client.csrf_token(f"{home}/list")
        again = {"csrf_token": token, "file": (io.BytesIO(FAULTY), "other.csv")}
        assert client.post(f"{home}/list", data=again, content_type="multipart/form-data").status_code == 409
    end = time.monotonic() + 60
    while not (told := client.get(f"{home}/return/progress").json)["ended"] and time.monotonic() < end:
        time.sleep(0.1)
    assert told == {"per_cent": 100, "ended": True}
    assert client.get(f"{home}/return").location == f"{home}/plan"
    assert "The list was read without a fault: 2 cases." in client.page(f"{home}/plan").text
    assert set(listed(app, cast)) == {"R1", "R2"}


def test_a_server_that_stops_ends_the_child_that_reads_and_says_so(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    background = app.extensions["casereader_background"]
    background.patience = 0.0

    with background.place(), background.place():  # the work waits until one of the two is free
        send(client, cast, b"case_ref,stratum\nR1,b\nR2,b\n")
        stopping = threading.Thread(target=background.wind_down, args=(0.0,))
        stopping.start()
        while not background.is_ended:
            time.sleep(0.01)
    stopping.join()

    with snapshot(app.extensions["casereader_engine"]) as session:
        (job,), (returned,) = session.exec(select(Job)).all(), session.exec(select(PartnershipReturn)).all()
    assert (job.state, job.says) == (JobState.FAILED, return_work.CUT_OFF)
    assert returned.state is ReturnState.DROPPED, "nobody knows yet what it holds: it must not lie about"
    assert listed(app, cast) == {}
    client.get(f"{home}/return")
    assert "The service was stopped before this was done" in client.page(f"{home}/list").text


@pytest.mark.parametrize("stopped", [True, False])
def test_a_server_that_starts_ends_the_work_of_one_that_stopped_and_lets_that_of_another_go_on(
    app: Flask, cast: Cast, sign_in: SignIn, stopped: bool
) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    send(client, cast, FAULTY)
    engine, mark = app.extensions["casereader_engine"], f"{os.getpid()}.1@{socket.gethostname()}"
    if not stopped:
        mark = alive.mark()
    with transaction(engine) as session:
        job = jobs.begin(
            session,
            kind=returns.READING,
            inspection=cast.place.inspection,
            asked={},
            by=cast.coordinator,
            at=moment(),
        )
        job.asked = {**job.asked, jobs.BEGUN_BY: mark}
    (folder_of(app) / "returns" / f"arriving-0-{mark}").write_bytes(b"half a file")
    (left,) = [path for path in (folder_of(app) / "returns").iterdir() if "arriving" not in path.name]
    assert left.stat().st_mode & 0o777 == 0o600

    return_work.start_anew(app)

    assert len(list((folder_of(app) / "returns").iterdir())) == (0 if stopped else 2)
    with snapshot(engine) as session:
        newest = jobs.latest(session, kind=returns.READING, inspection=cast.place.inspection)
        assert newest is not None
        assert newest.state is (JobState.FAILED if stopped else JobState.WAITING)
        (one,) = session.exec(select(PartnershipReturn))
        assert one.state is (ReturnState.DROPPED if stopped else ReturnState.RECEIVED)
    told = client.page(f"{home}/list").text
    assert ("It was not read, and nothing of it was kept. The server stopped" in told) is stopped
    assert client.get(f"{home}/return").status_code == (303 if stopped else 200)


def test_a_return_that_nobody_touched_for_an_hour_is_dropped_with_its_file(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    sent = send(client, cast, FAULTY)
    token = client.csrf_token(sent.location)
    with transaction(app.extensions["casereader_engine"]) as session:
        session.exec(select(PartnershipReturn)).one().expires_at -= timedelta(hours=1)

    late = client.post(f"{home}/return/mapping", data={"csrf_token": token})
    assert late.status_code == 409
    assert "not touched for an hour" in late.text
    return_work.sweep(app.extensions)

    assert list((folder_of(app) / "returns").iterdir()) == []
    assert client.get(f"{home}/return").location == f"{home}/list"
    assert "Nothing of the last file is kept" in client.page(f"{home}/list").text


def test_work_that_breaks_off_is_said_and_leaves_nothing(
    app: Flask, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    monkeypatch.setattr(return_work, "MODULE", "sampling.digest")  # a child that says nothing and ends

    refused = send(client, cast, FAULTY)
    assert refused.status_code == 422
    assert "needs more memory or time" in page_of(refused).text
    monkeypatch.setattr(return_work.ReturnWork, "_look", lambda *_: 1 // 0)
    broken = send(client, cast, FAULTY)

    assert broken.location == f"{home}/list"
    assert "The checking stopped before it was done" in client.page(broken.location).text
    assert list((folder_of(app) / "returns").iterdir()) == []


def test_a_taken_list_is_changed_with_a_reason_until_it_is_fixed_and_the_papers_tell_it(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    engine, instrument = app.extensions["casereader_engine"], app.extensions["casereader_instruments"]["CRR-1"]
    client, home = sign_in(cast.coordinator), home_of(cast)
    assert client.get(f"{home}/list/change").location == f"{home}/list"
    with transaction(engine) as session:
        frame = sampled.receive(session, cast, instrument)
    unknown = client.get(f"{home}/list/change?case_ref=T9")
    assert unknown.status_code == 422
    assert page_of(unknown).errors == ["No case of the list has the reference “T9”."]
    first, second = (f"{home}/list/change?case_ref={ref}" for ref in ("T00001", "T00002"))
    page = client.page(first).text
    assert "Now: " in page
    assert "only this band is kept" in page

    make = f"{home}/list/change"
    same = client.submit(first, {"reason": "None."}, action=make)
    assert page_of(same).errors == ["Nothing differs from what the list says: change a value, or leave the case out."]
    refused = client.submit(first, {"group": "b", "living": ""}, action=make)
    assert refused.status_code == 422
    assert page_of(refused).errors == ["Say why. The reason stands on the certificate."]
    client.submit(first, {"group": "b", "living": "", "reason": "On the register since May."}, action=make)
    client.submit(second, {"reason": "Moved away."}, action=make, button="y")

    listed_page = client.page(f"{home}/list").text
    assert "Group: a → b" in listed_page
    assert "Living arrangement: kinship → blank" in listed_page
    with transaction(engine) as session:
        plan = sampled.fix(session, cast, frame)
    fixed = client.page(f"{home}/plan").text
    assert "On the register since May." in fixed
    assert "Left out" in fixed
    token = client.csrf_token(f"{home}/plan")
    late = client.post(make, data={"csrf_token": token, "of": "T00001", "group": "c", "reason": "Again."})
    assert late.status_code == 409
    assert plan.commitment
    lead = sign_in(cast.lead)
    lead.submit(f"{home}/plan", action=f"{home}/plan/confirm")
    client.post(f"{home}/draw", data={"csrf_token": client.csrf_token(f"{home}/draw"), "public_value": "1 2 3"})
    certificate = client.page(f"{home}/draw/certificate").text
    assert "Moved away." in certificate
    assert "its digest covers them" in certificate


def book_of(tabs: dict[str, list[list[object]]]) -> bytes:
    book, made = Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for name, rows in tabs.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(made)
    return made.getvalue()


OWN = [["Swift No", "Yrs", "Where"], ["R1", 5, "Home"], ["R2", "many", "Home"]]


def test_a_return_whose_tabs_are_not_known_is_asked_for_its_tabs_then_its_columns_and_the_mended_file_is_known(
    cast: Cast, sign_in: SignIn
) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    sent = send(client, cast, book_of({"Register": OWN, "Notes": [["Ring us"], ["any day"]]}), "first.xlsx")
    page = client.page(sent.location)
    assert "Look at the chosen tabs" in page.text
    assert "Check the list" not in page.text
    assert "Stands for" not in page.text
    none = client.submit(sent.location, action=f"{home}/return/mapping")
    assert page_of(none).errors == ["Say of at least one tab that it holds a list."]

    asked = client.submit(sent.location, {"tab-0": "b"}, action=f"{home}/return/mapping")
    assert asked.status_code == 200
    assert "These are the columns of the tabs you chose" in page_of(asked).text
    chosen = {"column-0": "case_ref", "column-1": "age", "column-2": "living"}
    client.submit(f"{home}/return/mapping", chosen, action=f"{home}/return/mapping")
    meant = {value_key("living", "Home"): "parents"}
    found = client.submit(f"{home}/return/mapping", meant, action=f"{home}/return/mapping")
    assert "is not an age in whole years" in client.page(found.location).text
    client.submit(f"{home}/return", action=f"{home}/return/drop")

    mended = book_of({"Register": [*OWN[:2], ["R2", 6, "Home"]], "Notes": [["Ring us"], ["any day"]]})
    again = client.page(send(client, cast, mended, "mended.xlsx").location)
    picked = [
        option.get("value")
        for one in again.form(f"{home}/return/mapping").iter("select")
        for option in one.iter("option")
        if option.get("selected") is not None
    ]
    assert picked == ["b", "-no-list", "case_ref", "age", "living", "parents"]


def test_a_title_above_the_headings_is_one_fault_that_says_which_rows_to_delete(cast: Cast, sign_in: SignIn) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    titled = [["Return of children"], [], *OWN]

    alone = page_of(send(client, cast, book_of({"Register": titled}), "one.xlsx"))
    assert alone.text.count("seems to be in row 3. Delete the rows above it") == 1
    assert "1 thing to put right" in alone.text
    sent = send(client, cast, book_of({"Register": titled, "Notes": [["Ring us"], ["any day"]]}), "two.xlsx")
    refused = client.submit(sent.location, {"tab-0": "b"}, action=f"{home}/return/mapping")

    assert refused.status_code == 422
    (error,) = page_of(refused).errors
    assert error.startswith("The tab ‘Register’: Row 1 must be the header")


def test_a_value_that_is_not_known_is_mended_to_blank(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client, home = sign_in(cast.coordinator), home_of(cast)
    sent = send(client, cast, b"case_ref,stratum,age\nR1,b,5\nR2,b,many\n")
    nothing = client.submit(sent.location, {"reason-1": "Nobody knows."}, action=f"{home}/return/changes")
    assert "made blank" in page_of(nothing).errors[0]
    values = {"blank-1": "y", "value-1": "7", "reason": "Nobody knows."}
    both = client.submit(sent.location, values, action=f"{home}/return/changes")
    assert page_of(both).errors == ["Row 3: Give the right value, or make it blank, not both."]

    client.submit(sent.location, {"blank-1": "y", "reason": "Nobody knows."}, action=f"{home}/return/changes")

    assert {ref: case.age_band for ref, case in listed(app, cast).items()} == {"R1": "5-11", "R2": None}
    assert "Age in years: many → blank" in client.page(f"{home}/list").text
