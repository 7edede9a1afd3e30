"""The search box: whoever looks finds what is theirs to see and nothing else; what they looked for is kept nowhere."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from casereader.db import snapshot, transaction
from casereader.models import Case, SampleCase
from casereader.programmes import adding
from casereader.vocabulary import ReadingKind, SampleRole
from tests.cast import Cast, SignIn
from tests.web.client import PageClient, page_of
from tests.web.page import Page
from tests.web.reading_room import Room
from tests.web.test_logs import Kept, kept

__all__ = ["kept"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOTHING = "Nothing that is yours to see has such a reference or name."
RUNS = ("coordinator", "moderator", "lead")


def look(client: PageClient, words: str) -> Page:
    """What is found, from the box at the head of the first page."""
    asked = client.submit("/", {"words": words}, action="/search")
    assert asked.status_code == 303, page_of(asked).text
    return client.page(asked.location)


def found(page: Page) -> set[str]:
    """Where the results lead: without the ways that every page has."""
    return {link for link in page.links if link.startswith(("/inspections/", "/readings/"))}


def cases(room: Room) -> dict[str, SampleCase]:
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        rows = session.exec(select(Case.case_ref, SampleCase).join(Case)).all()
        return dict(rows)


def test_a_reader_finds_their_own_readings_by_reference_and_nothing_of_anybody_elses(
    room: Room, sign_in: SignIn
) -> None:
    mine, other = (room.given(account)[0] for account in (room.cast.reviewer, room.cast.second_reviewer))
    reader = sign_in(room.cast.reviewer)

    page = look(reader, f" {mine.case_ref.lower()} ")

    assert found(page) == {f"/readings/{mine.reading.public_id}"}
    assert page.rows()[1][:2] == [mine.case_ref, room.cast.place.name]
    every = {
        f"/readings/{one.reading.public_id}"
        for kind in ReadingKind
        for one in room.given(room.cast.reviewer, kind=kind)
    }
    assert found(look(reader, "glen 2026")) == every
    unseen = [
        other.case_ref,
        "no such case",
        next(ref for ref, one in cases(room).items() if one.role is SampleRole.RESERVE),
    ]
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        drawn = select(SampleCase.case_id)
        unseen.append(session.exec(select(Case.case_ref).where(Case.id.not_in(drawn))).first() or "")  # type: ignore[union-attr]
    pages = [look(reader, words) for words in unseen]
    assert all(NOTHING in page.text and not found(page) for page in pages)


def test_a_case_read_twice_is_found_by_each_of_its_readers_as_if_it_were_read_once(room: Room, sign_in: SignIn) -> None:
    second = room.given(room.cast.second_reviewer, kind=ReadingKind.SECOND)[0]
    first = next(one for one in room.pair if one != second.reading.public_id)
    room.complete(first)

    page = look(sign_in(room.cast.second_reviewer), second.case_ref)

    assert found(page) == {f"/readings/{second.reading.public_id}"}
    assert "econd" not in page.text.replace("Shona Second", "")


def test_whoever_runs_the_inspection_finds_cases_where_they_stand_and_the_inspection_by_name(
    room: Room, sign_in: SignIn
) -> None:
    public_id = room.cast.place.inspection.public_id
    of = f"/inspections/{public_id}"
    every = cases(room)
    opened = room.given(room.cast.reviewer)[0]
    reserve = next(ref for ref, one in every.items() if one.role is SampleRole.RESERVE)
    with snapshot(room.app.extensions["casereader_engine"]) as session:
        drawn = select(SampleCase.case_id)
        listed = session.exec(select(Case.case_ref).where(Case.id.not_in(drawn))).first() or ""  # type: ignore[union-attr]
    room.complete(opened.reading.public_id)
    where = f"{of}/progress?case={every[opened.case_ref].public_id}#cases-heading"
    reading = f"{of}/moderation/{opened.reading.public_id}"

    for who in RUNS:
        client = sign_in(getattr(room.cast, who))
        page = look(client, opened.case_ref)
        assert found(page) == ({where} if who == "coordinator" else {where, reading}), who
        assert look(client, "TEST programme").links.count(of) == 1
        is_whole = who != "moderator"
        assert found(look(client, reserve)) == ({f"{of}/draw"} if is_whole else set())
        assert found(look(client, listed)) == ({f"{of}/list"} if is_whole else set())
    shown = client.page(where)
    assert [row[0] for row in shown.rows(-1)[1:]] == [opened.case_ref]
    assert "1 of" in shown.text


def test_nobody_finds_what_is_of_an_inspection_that_they_have_no_part_in(room: Room, sign_in: SignIn) -> None:
    opened = room.given(room.cast.reviewer)[0]
    with transaction(room.app.extensions["casereader_engine"]) as session:
        place = room.cast.place
        elsewhere = adding.add_partnership(
            session,
            programme=place.programme,
            name="Strath Elsewhere",
            period_from=place.inspection.period_from,
            period_to=place.inspection.period_to,
            lead=room.cast.outsider,
            by=room.cast.coordinator,
            at=room.cast.place.inspection.created_at,
        )
        session.refresh(elsewhere)
        name = elsewhere.public_id

    lead = look(sign_in(room.cast.outsider), opened.case_ref)
    assert NOTHING in lead.text
    assert found(look(sign_in(room.cast.outsider), "elsewhere")) == {f"/inspections/{name}"}
    assert NOTHING in look(sign_in(room.cast.moderator), "elsewhere").text


def test_what_was_looked_for_is_in_no_address_and_no_log_and_opens_for_nobody_else(
    room: Room, sign_in: SignIn, kept: Kept
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    coordinator, lead = sign_in(room.cast.coordinator), sign_in(room.cast.lead)

    location = coordinator.submit("/", {"words": opened.case_ref}, action="/search").location

    assert opened.case_ref not in location and coordinator.page(location).title == "Search – casereader"
    assert parse_qs(urlsplit(location).query).keys() == {"sealed"}
    assert opened.case_ref not in lead.page(location).html
    for odd in ("x", "%00", f"{location.rpartition('=')[2][:-4]}AAAA", "é", "a.b.c"):
        assert "Search" in coordinator.page(f"/search?sealed={odd}").heading
    assert not [line for line in kept.lines if opened.case_ref in line]


@pytest.mark.parametrize("words", ["", "  ", "x" * 101])
def test_what_cannot_be_looked_for_is_said(cast: Cast, sign_in: SignIn, words: str) -> None:
    answer = sign_in(cast.lead).submit("/search", {"words": words}, action="/search")

    assert answer.status_code == 422 and len(page_of(answer).errors) == 1


def test_signs_that_a_database_takes_for_others_are_looked_for_as_they_are(room: Room, sign_in: SignIn) -> None:
    client = sign_in(room.cast.lead)

    assert all(NOTHING in look(client, words).text for words in ("%", "_", "\\", "____", "'; --"))


def test_who_has_no_part_in_any_inspection_has_no_box(cast: Cast, sign_in: SignIn) -> None:
    for who in ("outsider", "administrator", "deputy"):
        client = sign_in(getattr(cast, who))
        assert "/search" not in client.page("/").html
        assert client.get("/search").status_code == 403
