"""What waits for somebody in the reading week: shown on their home page, called by one word, settled on the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, event
from sqlmodel import Session, select

from casereader import readings
from casereader.db import snapshot, transaction
from casereader.models import Account, Case, Inspection, Reading, SampleCase
from casereader.models import SignIn as SignedIn
from casereader.programmes import inspections
from casereader.readings import Opened
from casereader.vocabulary import ReadingKind, Role
from tests import sampled
from tests.cast import SignIn
from tests.reading import STARTED
from tests.second_steps import give_sheets
from tests.web.client import page_of
from tests.web.page import words
from tests.web.reading_room import Room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CASES = 4  # the table of the cases, after those of states, readers, strata and agencies


def home_of(room: Room) -> str:
    return f"/inspections/{room.cast.place.inspection.public_id}"


def by_its_reader(room: Room, public_id: str, act: Callable[[Session, Opened, Account], object]) -> tuple[str, Account]:
    """Have the reading's own reviewer do something with it; the case's reference, and who that is."""
    with transaction(room.app.extensions["casereader_engine"]) as session:
        reading = session.exec(select(Reading).where(Reading.public_id == public_id)).one()
        reader = session.get_one(Account, reading.reviewer_id)
        opened = readings.find(session, public_id=public_id, account=reader)
        act(session, opened, reader)
        return opened.case_ref, reader


def _join(room: Room, account: Account) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        inspections.give_role(
            session,
            inspection=room.cast.place.inspection,
            account=account,
            role=Role.REVIEWER,
            by=room.cast.coordinator,
            at=sampled.AT,
        )


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    statements: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def hand_back(session: Session, opened: Opened, reader: Account) -> None:
    readings.hand_back(session, opened=opened, reason="I worked with the family.", by=reader, at=sampled.AT)


def say_ineligible(session: Session, opened: Opened, reader: Account) -> None:
    reason = "Listed twice under two references"
    readings.propose_ineligible(session, opened=opened, reason=reason, by=reader, at=sampled.AT)


def test_a_second_reading_that_was_handed_back_goes_to_somebody_by_name_even_after_the_first_was_submitted(
    room: Room, sign_in: SignIn
) -> None:
    first, second = room.pair
    case_ref, _ = by_its_reader(room, second, hand_back)
    room.complete(first)
    coordinator = sign_in(room.cast.coordinator)

    waits = coordinator.page("/").text
    sealed = coordinator.page(f"{home_of(room)}/progress/second-readings")
    nobody = coordinator.page(f"{home_of(room)}/give/{second}")
    _join(room, room.cast.outsider)
    give = coordinator.page(f"{home_of(room)}/give/{second}")

    assert "1 reading was handed back" in waits
    assert f"{home_of(room)}/give/{second}" in sealed.links
    assert give.heading == f"Give {case_ref} to another reviewer"
    assert f"{home_of(room)}/people" in nobody.links  # both inspectors are on the case: somebody has to be found
    assert [option.text for option in give.root.iter("option")] == ["Choose a reviewer", room.cast.outsider.name]


def test_a_case_that_is_given_to_another_is_theirs_and_waits_for_nobody_else(room: Room, sign_in: SignIn) -> None:
    first, _ = room.pair
    case_ref, _ = by_its_reader(room, first, hand_back)
    coordinator = sign_in(room.cast.coordinator)
    takes = room.cast.outsider
    _join(room, takes)  # the others have a reading of the case, or are paired with somebody who has
    path = f"{home_of(room)}/give/{first}"

    refused = coordinator.submit(path, {"reader": takes.public_id})
    given = coordinator.submit(path, {"reader": takes.public_id, "reason": "A conflict of interest"})

    assert refused.status_code == 422
    assert given.status_code == 303
    assert case_ref in sign_in(takes).page("/readings").text
    assert "handed back" not in coordinator.page("/").text.casefold()


def test_a_case_said_to_be_ineligible_waits_for_lead_and_moderator_and_is_no_longer_counted_as_to_be_read(
    room: Room, sign_in: SignIn
) -> None:
    first, _ = room.pair
    case_ref, reader = by_its_reader(room, first, say_ineligible)
    given = len(room.given(reader)) + len(room.given(reader, kind=ReadingKind.SECOND))
    progress = f"{home_of(room)}/progress"

    for account in (room.cast.lead, room.cast.moderator):
        home = sign_in(account).page("/")
        assert f"{case_ref} " in home.text and "Ineligible cases that wait for you" in home.text
        assert "Nothing is waiting" not in home.text
    assert f"Your readings: {given - 1} to do" in sign_in(reader).page("/").text
    assert ["Said to be ineligible", "1"] in sign_in(room.cast.lead).page(progress).rows()

    moderator = sign_in(room.cast.moderator)
    page = moderator.page(progress)
    confirm = next(form.get("action", "") for form in page.root.iter("form") if "confirm" in form.get("action", ""))
    assert moderator.submit(progress, action=confirm).status_code == 303

    after = moderator.page(progress)
    assert ["Ineligible", "1"] in after.rows()
    sample = sign_in(room.cast.lead).page(f"{home_of(room)}/draw").text
    assert f"Main: reserve called on in place of {case_ref}" in sample
    assert "To read 21 In reserve 9" in sample
    assert "0 of 20 readings submitted" in after.text
    assert "said to be ineligible" not in moderator.page("/").text.casefold()


def test_cases_are_counted_by_the_same_words_that_each_of_them_bears(room: Room, sign_in: SignIn) -> None:
    page = sign_in(room.cast.coordinator).page(f"{home_of(room)}/progress")

    assert page.rows()[1:] == [["Assigned", "20"]]
    assert {row[3] for row in page.rows(CASES)[1:]} == {"Assigned"}


def test_an_inspector_is_told_of_what_their_local_reviewer_submitted(room: Room, sign_in: SignIn) -> None:
    own = room.given(room.cast.local_reviewer)[0]
    room.complete(own.reading.public_id)

    assert "Countersign 1 reading" in sign_in(room.cast.reviewer).page("/").text
    assert "Countersign" not in sign_in(room.cast.second_reviewer).page("/").text


def test_somebody_with_nothing_to_do_is_led_to_their_inspections_and_an_outsider_told_how_one_comes(
    room: Room, sign_in: SignIn
) -> None:
    assert "/programmes" in sign_in(room.cast.moderator).page("/").links
    assert "When a coordinator gives you a role" in sign_in(room.cast.outsider).page("/").text


def test_a_coordinator_proposes_from_the_progress_page_and_the_second_person_confirms_from_their_own(
    room: Room, sign_in: SignIn
) -> None:
    coordinator, moderator, lead = (sign_in(getattr(room.cast, who)) for who in ("coordinator", "moderator", "lead"))
    progress = f"{home_of(room)}/progress"
    row = coordinator.page(progress).rows(CASES)[1]
    path = next(link for link in coordinator.page(progress).links if "/replacements/propose/" in link)
    refused = coordinator.submit(path)
    assert refused.status_code == 422
    assert page_of(refused).errors == ["Choose one of the listed reasons for which a case is not eligible."]
    assert coordinator.submit(path, {"reason": "Child of another partnership"}).status_code == 303
    assert "would take its place" in coordinator.page(progress).text
    assert not any("confirm" in form.get("action", "") for form in coordinator.page(progress).root.iter("form"))
    assert "waits to be confirmed" in coordinator.page(path).text

    home = moderator.page("/")
    assert row[0] in home.text and "Child of another partnership" in home.text
    confirm = next(form.get("action", "") for form in home.root.iter("form") if "confirm" in form.get("action", ""))
    stale = {"csrf_token": moderator.csrf_token("/"), "reserve": "A" * 22}
    assert moderator.post(confirm, data=stale).status_code == 409
    done = moderator.submit("/", action=confirm)

    assert (done.status_code, done.location) == (303, "/")
    assert "The next reserve was given to" in moderator.page("/").text
    assert lead.post(confirm, data={"csrf_token": lead.csrf_token("/")}).status_code == 409
    certificate = f"{home_of(room)}/draw"
    told = lead.page(f"{certificate}/certificate").rows(0)
    assert told[1][:3] == [row[0], row[1], "Child of another partnership"]
    assert told[1][4].endswith(f"by {room.cast.coordinator.name}")
    as_json = lead.get(f"{certificate}/replacements.json").json
    assert as_json is not None and as_json["schema"] == "casereader/replacements/1"
    (one,) = as_json["replacements"]
    head = as_json["audit_head"]
    assert (one["case_ref"], one["reserve"]) == (told[1][0], told[1][3])
    lines = lead.get(f"{certificate}/replacements.csv").text.splitlines()
    assert lines[0].startswith("case_ref,stratum,reason,reserve,proposed_at") and len(lines) == 2
    assert len(head) == 64 and lines[1].endswith(head)


def test_the_page_shows_how_full_each_reading_is_and_what_margin_that_would_give_but_no_rating(
    room: Room, sign_in: SignIn
) -> None:
    coordinator, path = sign_in(room.cast.coordinator), f"{home_of(room)}/progress"
    assert "None yet: nothing is read" in coordinator.page(path).text
    first, _ = room.pair
    room.complete(first)
    begun = next(one for one in room.given(room.cast.second_reviewer) if one.reading.public_id != first)
    reader = sign_in(room.cast.second_reviewer)
    reader.post(f"/readings/{begun.reading.public_id}/start", data={"csrf_token": reader.csrf_token("/")})

    page = coordinator.page(path)

    by_ref = {row[0]: row for row in page.rows(CASES)[1:]}
    assert 0 < int(by_ref[begun.case_ref][4].rstrip("%")) < 100
    assert [row[4] for row in by_ref.values() if row[3] == "Submitted"] == ["100%"]
    assert "percentage points, without" in page.text
    assert "good or better" not in page.text.casefold()


def test_the_cases_are_filtered_and_ordered_by_what_is_on_offer_and_nothing_else(room: Room, sign_in: SignIn) -> None:
    room.complete(room.pair[0])
    coordinator, path = sign_in(room.cast.coordinator), f"{home_of(room)}/progress"
    whole = coordinator.page(path).rows(CASES)

    assert [row[3] for row in coordinator.page(f"{path}?state=submitted").rows(CASES)[1:]] == ["Submitted"]
    reader = room.cast.second_reviewer
    theirs = coordinator.page(f"{path}?reader={reader.public_id}&sort=reference").rows(CASES)[1:]
    assert {row[2] for row in theirs} == {reader.name} and theirs == sorted(theirs)
    assert {row[1] for row in coordinator.page(f"{path}?stratum=b").rows(CASES)[1:]} == {"b"}
    for odd in (
        "sort=password",
        "sort=id;drop",
        "state=' or 1=1",
        "reader=%00",
        "page=-1",
        "public_id=x",
        "_external=1",
    ):
        assert coordinator.page(f"{path}?{odd}").rows(CASES) == whole, odd
    assert coordinator.get(f"{path}?sort=state&sort=reader").status_code == 400
    assert "No case stands like that" in coordinator.page(f"{path}?state=locked").text


def test_the_export_has_a_row_a_case_and_no_second_reading_or_answer(room: Room, sign_in: SignIn) -> None:
    first, second = room.pair
    room.complete(first)
    reader = room.complete(second)
    lead = sign_in(room.cast.lead)

    csv = lead.get(f"{home_of(room)}/progress/cases.csv").text.splitlines()
    book = load_workbook(BytesIO(lead.get(f"{home_of(room)}/progress/cases.xlsx").data))

    assert csv[0] == "case_ref,stratum,role,reader,state,answered,records,discuss,audit_head"
    assert csv[1].split(",")[-1] in book["Cases"]["A2"].value
    assert len(csv) == 21 and len({line.split(",")[0] for line in csv}) == 21
    twice = next(line for line in csv if ",submitted," in line)
    assert reader.name not in twice and twice.split(",")[5] == "100%"
    assert book["Cases"]["A5"].value == csv[1].split(",")[0]
    for who in ("moderator", "reviewer"):
        assert sign_in(getattr(room.cast, who)).get(f"{home_of(room)}/progress/cases.csv").status_code == 403


def test_the_week_that_will_not_suffice_is_said_with_the_way_to_stop(room: Room, sign_in: SignIn) -> None:
    today = datetime.now(UTC).date()
    with transaction(room.app.extensions["casereader_engine"]) as session:
        inspection = session.get_one(Inspection, room.cast.place.inspection.id)
        inspection.reading_starts, inspection.reading_ends = today - timedelta(days=1), today + timedelta(days=1)

    page = sign_in(room.cast.coordinator).page(f"{home_of(room)}/progress")

    assert (
        "20 of 20 records are still to be read in 2 reading days: 10.0 a day" in page.text
        and "the week will not suffice" in page.text
    )
    assert f"{home_of(room)}/stopping" in page.links
    assert [row[1] for row in page.rows(0)[1:]] == ["0", "0", ""]


def test_looking_again_by_itself_keeps_nobody_signed_in(room: Room, sign_in: SignIn) -> None:
    coordinator = sign_in(room.cast.coordinator)
    path = f"{home_of(room)}/progress"
    engine = room.app.extensions["casereader_engine"]
    with transaction(engine) as session:
        (entry,) = session.exec(select(SignedIn)).all()
        entry.last_seen_at = before = datetime.now(UTC) - timedelta(minutes=20)

    assert coordinator.get(path, headers={"X-Looks-By-Itself": "unused"}).status_code == 200
    with snapshot(engine) as session:
        assert session.exec(select(SignedIn.last_seen_at)).one() == before
    coordinator.get(path, headers={"X-Looks-By-Itself": "used"})
    with snapshot(engine) as session:
        assert session.exec(select(SignedIn.last_seen_at)).one() > before


def test_a_page_left_open_takes_no_message_that_waits_for_another(room: Room, sign_in: SignIn) -> None:
    coordinator, path = sign_in(room.cast.coordinator), f"{home_of(room)}/progress"
    propose = next(link for link in coordinator.page(path).links if "/replacements/propose/" in link)
    coordinator.submit(propose, {"reason": "Child of another partnership"})

    looked = coordinator.get(path, headers={"X-Looks-By-Itself": "unused"})

    assert "within a minute" not in page_of(looked).text
    assert "within a minute" in coordinator.page(path).text


def test_progress_and_home_ask_the_database_no_more_of_many_cases(room: Room, sign_in: SignIn) -> None:
    coordinator, lead = sign_in(room.cast.coordinator), sign_in(room.cast.lead)
    reader = sign_in(room.cast.second_reviewer)
    token = {"csrf_token": reader.csrf_token("/")}
    mine, others = room.given(room.cast.second_reviewer), room.given(room.cast.local_reviewer)
    twice = {
        one.case_ref
        for who in (room.cast.reviewer, room.cast.second_reviewer)
        for one in room.given(who, kind=ReadingKind.SECOND)
    }
    others = [one for one in others if one.case_ref not in twice]
    asked = []
    for some in (slice(0, 1), slice(1, 4)):
        for opened in mine[some]:
            reader.post(f"/readings/{opened.reading.public_id}/start", data=token)
        for opened in others[some]:
            by_its_reader(room, opened.reading.public_id, say_ineligible)
        with counting(room.app.extensions["casereader_engine"]) as statements:
            coordinator.page(f"{home_of(room)}/progress")
            lead.page("/")
        asked.append(len(statements))

    assert asked[0] == asked[1]


def test_a_screen_in_the_room_moves_by_one_for_any_reading_and_for_no_case_set_aside(
    room: Room, sign_in: SignIn
) -> None:
    first, second = room.pair
    moderator = sign_in(room.cast.moderator)
    path = f"{home_of(room)}/progress/room"
    other = next(
        one
        for account in (room.cast.reviewer, room.cast.second_reviewer, room.cast.local_reviewer)
        for one in room.given(account)
        if one.reading.public_id != first
    )
    shown = [moderator.page(path).text]

    for public_id in (other.reading.public_id, second, first):
        room.complete(public_id)
        shown.append(moderator.page(path).text)

    assert "No reading is handed in yet" in shown[0]
    assert [f"{n} reading{'s' if n > 1 else ''} handed in" in shown[n] for n in (1, 2, 3)] == [True, True, True]
    assert all("less than 10%" in text or "more than 10%" in text for text in shown[1:])
    assert not any("second" in text.casefold() or "assigned" in text.casefold() for text in shown)


def test_a_reader_sees_the_same_of_a_case_whether_theirs_is_its_first_or_its_second_reading(
    room: Room, sign_in: SignIn
) -> None:
    seen = []
    for public_id in room.pair:
        with snapshot(room.app.extensions["casereader_engine"]) as session:
            reading = session.exec(select(Reading).where(Reading.public_id == public_id)).one()
            reader = session.get_one(Account, reading.reviewer_id)
            case_ref = session.exec(
                select(Case.case_ref).join(SampleCase).where(SampleCase.id == reading.sample_case_id)
            ).one()
        client = sign_in(reader)
        (line,) = [words(item) for item in client.page("/readings").root.iter("li") if case_ref in words(item)]
        texts = [client.page(f"/readings/{public_id}{rest}").text for rest in ("", "/C", "/check", "/not-readable")]
        seen.append([line, *(text.replace(reader.name, "Somebody") for text in texts)])

    assert seen[0] == seen[1]


@pytest.mark.parametrize("mine", [0, 1])
def test_a_moderator_who_reads_a_case_sees_their_own_reading_of_it_alone_until_both_are_in(
    room: Room, sign_in: SignIn, mine: int
) -> None:
    with transaction(room.app.extensions["casereader_engine"]) as session:
        pair = [session.exec(select(Reading).where(Reading.public_id == name)).one() for name in room.pair]
        reader, other = (session.get_one(Account, pair[place].reviewer_id) for place in (mine, 1 - mine))
        sample_case = session.get_one(SampleCase, pair[0].sample_case_id)
        case_ref = session.get_one(Case, sample_case.case_id).case_ref
        place = room.cast.place.inspection
        inspections.give_role(
            session, inspection=place, account=reader, role=Role.MODERATOR, by=room.cast.coordinator, at=STARTED
        )
        give_sheets(session, reader, at=STARTED)
        names = reader.name, other.name
    client = sign_in(reader)
    home = f"/inspections/{room.cast.place.inspection.public_id}/progress"

    def row() -> list[str]:
        tables = len(list(client.page(home).root.iter("table")))
        rows = (row for table in range(tables) for row in client.page(home).rows(table))
        return next(row for row in rows if row[0] == case_ref)

    room.complete(room.pair[1 - mine])
    assert names[0] in row() and names[1] not in row() and "assigned" in [cell.casefold() for cell in row()]
    assert case_ref not in client.page(f"{home}/second-readings").text
    room.complete(room.pair[mine])
    assert case_ref in client.page(f"{home}/second-readings").text
