"""Abuse cases of the threat model that the tests of single rooms do not try as a whole."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from sqlmodel import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from casereader.db import snapshot
from casereader.models import Account, Case
from casereader.web import incoming
from sampling.certificate import frame_lines
from sampling.commitment import commitment, seed
from tests import sampled
from tests.cast import PASSWORD, Cast, SignIn
from tests.databases import ON_BOTH, address_of
from tests.lists import list_csv
from tests.web.app import make_app
from tests.web.client import PageClient, page_of
from tests.web.reading_room import Room
from tests.web.reading_room import address as address_in

TABS, ROUNDS = 8, 2
PLANTED = "Zebedee"
NAMES = (
    "../../evil.csv",
    "..\\..\\evil.csv",
    "/etc/cron.d/evil.csv",
    "C:\\Windows\\evil.csv",
    "\\\\host\\share\\evil.csv",
    "%2e%2e%2fevil.csv",
    "....//evil.csv",
    "~/evil.csv",
    "$(touch evil).csv",
    "`touch evil`.csv",
    "evil;touch evil.csv",
    "|evil.csv",
    "CON.csv",
    "evil<b>.csv",
    "evil .csv",
    "evil:stream.csv",
    "evil子供.csv",
    "e" * 251 + ".csv",
)
refs = st.lists(st.from_regex(r"[A-Z]{2}[0-9]{4}", fullmatch=True), min_size=2, max_size=12, unique=True)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(refs=refs, other=st.from_regex(r"[a-z]{3}", fullmatch=True), which=st.integers(0, 11))
def test_t03_another_case_another_group_or_a_row_more_makes_another_seed(
    refs: list[str], other: str, which: int
) -> None:
    def drawn_with(pairs: list[tuple[str, str]]) -> str:
        return seed(commitment(frame_lines(pairs), sampled.SALT), "0" * 64, "4 8 15 16 23 42")

    pairs = [("a", ref) for ref in refs]
    at = which % len(pairs)
    renamed = [*pairs[:at], ("a", other), *pairs[at + 1 :]]
    moved = [*pairs[:at], ("b", refs[at]), *pairs[at + 1 :]]

    as_sent = drawn_with(pairs)
    assert drawn_with(pairs[::-1]) == as_sent, "the order of the rows is nobody's to choose by"
    assert len({as_sent, drawn_with(renamed), drawn_with(moved), drawn_with([*pairs, ("a", other)])}) == 4


@ON_BOTH
def test_t17_of_eight_tabs_that_save_at_once_one_wins_and_seven_are_told(room: Room, sign_in: SignIn) -> None:
    (opened, *_) = room.given(room.cast.reviewer)
    tabs = [sign_in(room.cast.reviewer) for _ in range(TABS)]
    tokens = [tab.csrf_token("/sign-ins") for tab in tabs]
    path = address_in(opened, "/answers")

    def save(tab: int, version: int) -> TestResponse:
        sent = {
            "version": version,
            "idempotency_key": f"tab-{tab}-version-{version:08}",
            "answers": {"C9": {"value": "5", "note": f"tab {tab} of version {version}"}},
        }
        return tabs[tab].post(path, json=sent, headers={"X-CSRFToken": tokens[tab]})

    with ThreadPoolExecutor(TABS) as threads:
        for version in range(1, ROUNDS + 1):
            replies = list(threads.map(save, range(TABS), [version] * TABS))
            assert sorted(reply.status_code for reply in replies) == [200] + [409] * (TABS - 1)
            winner = next(tab for tab, reply in enumerate(replies) if reply.status_code == 200)
            assert room.stored(opened)["C9"].note == f"tab {winner} of version {version}"
    assert room.now(opened).reading.version == ROUNDS + 1


def test_t23_names_in_comments_properties_names_and_footers_of_a_workbook_are_kept_nowhere(
    app: Flask, cast: Cast, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in list_csv().splitlines():
        sheet.append(row.split(","))
    sheet["A2"].comment = Comment(f"{PLANTED} Planted", f"{PLANTED} Author")
    sheet.oddFooter.center.text = f"{PLANTED} Footer"
    sheet.title = "Cases"
    book.properties.title = book.properties.creator = f"{PLANTED} Property"
    book.defined_names["Named"] = DefinedName("Named", attr_text=f'"{PLANTED}"')
    stream = io.BytesIO()
    book.save(stream)

    answer = send(sign_in(cast.coordinator), cast, stream.getvalue(), "cases.xlsx")

    assert answer.status_code == 303, page_of(answer).text
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert len(session.exec(select(Case)).all()) == len(list_csv().splitlines()) - 1
    for path in everything_held(app):
        held = path.read_bytes()
        assert PLANTED.encode() not in held, path.name
        assert stream.getvalue()[:200] not in held, f"{path.name} holds the file itself"
    assert PLANTED not in caplog.text


def test_t41_a_file_s_name_is_shown_and_never_the_name_of_anything_on_disk(
    app: Flask, cast: Cast, sign_in: SignIn, tmp_path: Path
) -> None:
    (tmp_path / "arriving").mkdir()
    for name in NAMES:
        sent = FileStorage(io.BytesIO(b"A-1,b"), filename=name)
        with incoming.while_read(sent, within=tmp_path / "arriving", megabytes=1) as path:
            assert path.name == "sent" and path.is_relative_to(tmp_path / "arriving"), name
        assert not list((tmp_path / "arriving").iterdir()), name
    assert [path.name for path in tmp_path.iterdir() if "evil" in path.name] == []

    client = sign_in(cast.coordinator)
    before = {path.name for path in everything_held(app)}
    for name in (NAMES[0], "evil<b>.csv"):
        answer = send(client, cast, list_csv().encode(), name)
        assert answer.status_code == 303, name
        page = client.page(answer.location)
        assert "<b>" not in page.html and {path.name for path in everything_held(app)} == before


def test_t26_whoever_signs_out_has_the_browser_forget_every_page(client: PageClient, cast: Cast) -> None:
    client.sign_in(cast.reviewer.email, PASSWORD)
    assert client.get("/readings").headers["Cache-Control"] == "no-store"

    out = client.submit("/", action="/sign-out")

    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert (client.get("/readings").location or "").startswith("/sign-in")


def test_t46_an_installation_begins_without_any_account(migrated_sqlite: Path, tmp_path: Path) -> None:
    app = make_app(address_of(migrated_sqlite), tmp_path)
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert session.exec(select(Account)).all() == []
    app.extensions["casereader_engine"].dispose()


def send(client: PageClient, cast: Cast, content: bytes, name: str) -> TestResponse:
    inspection = cast.place.inspection
    path = f"/inspections/{inspection.public_id}/list"
    values = {"csrf_token": client.csrf_token(path), "file": (io.BytesIO(content), name)}
    return client.post(path, data=values, content_type="multipart/form-data")


def everything_held(app: Flask) -> list[Path]:
    """Every file of the data folder and of the database."""
    folder = Path(app.extensions["casereader_settings"].data_folder)
    database = Path(app.extensions["casereader_engine"].url.database or "")
    held = [path for path in folder.rglob("*") if path.is_file()]
    return held + list(database.parent.glob(f"{database.name}*"))
