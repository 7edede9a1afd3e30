"""Everybody at every address, about each kind of thing in each state: the answers are those of the table.

What is not theirs, what is theirs no longer and what never was are one answer, letter by letter; one reading's address
under another inspection's is no address. A form is sent without what it asks for: let in, and answered as the
table says of such a one; where it leads on, it leads to where the table says, and not with a refusal in hand.

In quick runs a row that tells no stages or states apart is tried in one, one that does at the ends of each run of
stages, and a shut door at one address: by every second person at one of nothing. In slow runs, everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from itertools import groupby

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Cookie, TestResponse

from casereader.vocabulary import Stage
from tests.addresses import Address
from tests.demonstration import NOBODY
from tests.security.access_table import Reply, Row, table
from tests.security.world import STAGES, WHO, Holdings, World
from tests.web.client import PageClient

ABSENT = Reply(404)
# The world holds none of these that is somebody's here: who may not is tried; who may, by the pages' own tests.
NOWHERE = {
    "GET /inspections/<public_id>/draw/extensions/<extension>/certificate",
    "GET /inspections/<public_id>/draw/extensions/<extension>/certificate.json",
    "GET /inspections/<public_id>/draw/voided/<draw>/certificate.json",
    "GET /inspections/<public_id>/draw/voided/<draw>/list.csv",
    "GET /inspections/<public_id>/files/<file>",
    "GET /inspections/<public_id>/files/<file>/progress",
    "GET /inspections/<public_id>/issues/work/<work>",
    "GET /inspections/<public_id>/issues/work/<work>/progress",
    "GET /programmes/<public_id>/issues/work/<work>",
    "GET /programmes/<public_id>/issues/work/<work>/progress",
    "GET /static/<path:filename>",
    "POST /inspections/<public_id>/files/<file>/save",
    "POST /sign-in-methods/<public_id>/remove",
}
# Most answers do not turn on how far the inspection is; figures take long to make, and forms change what stands.
FIGURES = re.compile("/(roll-up|own-instrument|evaluation|take-away|agreement|calibration|issues)")
FEW = {Stage.CHECKED, Stage.READING, Stage.PUBLISHED}
# All the figures at once, in seconds: no row of these tells READING apart.
WHOLE = re.compile(r"/roll-up/(report|tables\.)")
EXTENTS = [pytest.param(False, id="quick"), pytest.param(True, id="whole", marks=pytest.mark.slow)]
DIFFERS = re.compile(rb'name="csrf_token" value="[^"]*"|quote the number [0-9a-f]{16}')


@dataclass(frozen=True)
class Cell:
    """One person at one address, and the answers that are right."""

    row: Row
    address: Address
    expected: frozenset[int]
    leads_to: str = ""
    is_open: bool = False

    @classmethod
    def of(cls, row: Row, address: Address, reply: Reply, *, is_open: bool = False) -> Cell:
        """What the table says of it."""
        parts = zip(row.address.split("/"), address.path.split("/"), strict=True)
        here = {name: value for name, value in parts if name.startswith("<")}
        leads_to = "/".join(here.get(part, part) for part in reply.leads_to.split("/"))
        return cls(row, address, frozenset({reply.status}), leads_to, is_open)


def test_each_row_is_of_a_method_that_is_tried() -> None:
    assert {row.method for row in table()} == {"GET", "POST"}


def test_each_address_is_opened_to_somebody_about_something(world: World) -> None:
    every = [world.holdings(who) for who in WHO]
    closed = {
        f"{row.method} {row.address}"
        for row in table()
        if "<" in row.address and not any(cell.is_open for held in every for cell in cells(world, row, held))
    }

    assert closed - {"POST /sign-ins/<public_id>/end"} == NOWHERE  # whose the first sign-in is turns on who came first


@pytest.mark.usefixtures("made_here")
@pytest.mark.parametrize("is_whole", EXTENTS)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("who", WHO)
def test_everybody_is_answered_as_the_table_says(world: World, who: str, method: str, *, is_whole: bool) -> None:
    held = world.holdings(who)
    client = world.browser_of(who)
    assert isinstance(client, PageClient)
    token = client.csrf_token("/sign-in" if who == NOBODY else "/settings")
    world.keep()
    cookie = client.get_cookie(world.app.config["SESSION_COOKIE_NAME"])
    wrong: list[str] = []
    sound: set[tuple[str, str]] = set()
    for row in (one for one in table() if one.method == method):
        absent: dict[bytes, str] = {}
        if row.method == "POST" and row.who & held.words and world.addresses[row.key]:
            path = world.addresses[row.key][0].path
            if (status := FlaskClient.open(client, path, method="POST").status_code) != 400:
                wrong.append(f"{path} without a token: {status}")
        for cell in cells(world, row, held, turn=None if is_whole else WHO.index(who)):
            path = cell.address.path
            if row.method == "GET":
                # One page of a kind is looked over; of the others the door is tried.
                response = client.get(path) if row.key not in sound else FlaskClient.open(client, path)
                sound |= {row.key} if response.status_code == 200 else set()
            else:
                sent = {"csrf_token": token}
                response = FlaskClient.open(client, path, method="POST", data=sent, headers={"X-CSRFToken": token})
                if response.status_code < 400:
                    world.put_back()
            refused = response.status_code == 303 and cell.is_open and _is_refused(client)
            if response.status_code == 303 or row.method == "POST":
                _take_back(client, cookie)  # with what the next page was to say
            if response.status_code not in cell.expected:
                wrong.append(f"{row.method} {path}: {response.status_code}, expected {sorted(cell.expected)}")
            elif refused or (cell.leads_to and response.location != cell.leads_to):
                wrong.append(f"{row.method} {path} leads to {response.location}{' with a refusal' if refused else ''}")
            elif who == NOBODY and response.status_code == 303 and not (cell.leads_to or _leads_to_sign_in(response)):
                wrong.append(f"{path} leads nobody to {response.location}")
            elif response.status_code == ABSENT.status and not cell.is_open and row.of != "link":
                absent.setdefault(DIFFERS.sub(b"", response.get_data()), f"{row.method} {path}")

        if len(absent) > 1:
            one, another, *_ = (body.decode().splitlines() for body in absent)
            wrong += [*absent.values(), "are told apart:", *unified_diff(one, another, n=0, lineterm="")]

    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong)


def _is_refused(client: PageClient) -> bool:
    with client.session_transaction() as session:
        return any(kind == "error" for kind, _ in session.get("_flashes", []))


def _take_back(client: PageClient, cookie: Cookie | None) -> None:
    if cookie is not None:
        client.set_cookie(cookie.key, cookie.value, domain=cookie.domain, path=cookie.path, secure=cookie.secure)


def _leads_to_sign_in(response: TestResponse) -> bool:
    return (response.location or "").startswith("/sign-in")


def cells(world: World, row: Row, held: Holdings, *, turn: int | None = None) -> Iterator[Cell]:
    """What there is to try of a row: of what is not theirs, one of each way in which it is not.

    With the `turn` of a person, only what they try in quick runs.
    """
    every = world.addresses[row.key]
    if not row.who & held.words:  # the door is shut before it matters what is behind it
        refused = {403} if held.account_id is not None else {401} if row.method == "POST" else {303, 401}
        behind = [*every[:1], *(one for one in every if one.is_unknown)]
        for address in behind if turn is None else behind[turn % 2 :][:1] or behind[:1]:
            yield Cell(row, address, frozenset(refused))
        return
    tried: set[object] = set()
    theirs: list[Address] = []
    for address in every:
        why_not = _why_not(world, row, address, held)
        if why_not is not None:
            if why_not not in tried:
                tried.add(why_not)
                yield Cell.of(row, address, ABSENT)
        elif not held.is_asked_only_what_is_not_theirs:
            theirs.append(address)
    worth_it = _worth_it(world, row, theirs) if turn is None or row.tells_apart else _one_of(world, row, theirs)
    opened = [Cell.of(row, address, _by_state(world, row, address, held), is_open=True) for address in worth_it]
    yield from opened if turn is None else _at_the_ends(world, opened)
    for address in _crossed(every, row):
        yield Cell.of(row, address, ABSENT)


def _worth_it(world: World, row: Row, theirs: list[Address]) -> Iterator[Address]:
    """Those whose state has a say: of readings one in each state; where there is none, the first."""
    states: set[object] = set()
    for address in theirs:
        reading = world.reading_of(address)
        if _stands_for_others(world, row, address) or (reading and reading.state not in states):
            states.add(reading and reading.state)
            yield address
    if theirs and not states:
        yield theirs[0]


def _at_the_ends(world: World, opened: list[Cell]) -> Iterator[Cell]:
    """Where inspections are answered alike from one stage to another: that stage and the other; all else as it is."""
    by_stage: dict[Stage, Cell] = {}
    for cell in opened:
        stage = world.stages.get(cell.address.inspection_id or 0)
        if stage is None or world.reading_of(cell.address) or stage in by_stage:
            yield cell
        else:
            by_stage[stage] = cell
    for _, alike in groupby(sorted(by_stage, key=STAGES.index), key=lambda one: by_stage[one].expected):
        stages = [*alike]
        yield from (by_stage[one] for one in dict.fromkeys((stages[0], stages[-1])))


def _one_of(world: World, row: Row, theirs: list[Address]) -> list[Address]:
    """One that stands for all: the table says the same of each. Where there is one, of an inspection that goes on."""
    stage = Stage.PUBLISHED if WHOLE.search(row.address) else Stage.READING
    return [one for one in theirs if world.stages.get(one.inspection_id or 0) is stage][:1] or theirs[:1]


def _stands_for_others(world: World, row: Row, address: Address) -> bool:
    """Whether the state of the inspection has a say, or is one of the few that stand for all."""
    stage = world.stages.get(address.inspection_id or 0)
    turns_on_it = any(not world.is_of_a_reading(condition) for condition, _ in row.when if condition != "erased")
    is_dear = row.method == "POST" or FIGURES.search(row.address)
    few = FEW - {Stage.READING} if WHOLE.search(row.address) else FEW
    return stage is None or row.of != "inspection" or stage in few or (turns_on_it and not is_dear)


def _crossed(every: list[Address], row: Row) -> Iterator[Address]:
    """Addresses whose first part is one inspection's, or reading's, and whose last part is of another."""
    if row.address.count("<") < 2 or row.of not in ("inspection", "own reading"):
        return
    known = [one for one in every if not one.is_unknown]
    for one in known[:1]:
        other = next((each for each in known if each.inspection_id != one.inspection_id), None)
        if other is not None:
            mixed = one.path.split("/")
            for place, part in enumerate(row.address.split("/")):
                if "<" in part and place > 2:
                    mixed[place] = other.path.split("/")[place]
            if "/".join(mixed) != one.path:
                yield Address(one.endpoint, "/".join(mixed), one.inspection_id, one.reader_id)


def _why_not(world: World, row: Row, address: Address, held: Holdings) -> str | None:
    """In which way the thing is not theirs; none where it is."""
    if address.is_unknown:
        return "never was"
    if row.of == "own sign-in":
        return None if world.signed_in_by(address.path.split("/")[2]) == held.account_id else "another's"
    if row.of == "own programme" and world.begun_by[address.path.split("/")[2]] != held.account_id:
        return "another's"
    if row.of == "programme":
        programme = world.programmes[address.path.split("/")[2]]
        there = [words for key, words in held.roles.items() if world.programme_of[key] == programme]
        return None if row.who & frozenset().union(*there) else "of another programme"
    if row.of not in ("inspection", "own reading", "own reading or one to countersign"):
        return None
    is_theirs = address.reader_id in (None, held.account_id)
    here = held.roles.get(address.inspection_id or 0, frozenset())
    if not row.who & here:
        return f"{'theirs' if is_theirs else 'another s'} where they hold {sorted(here)}"
    if row.of == "inspection" or is_theirs:
        return None
    reading = world.reading_of(address)
    may = (address.inspection_id, address.reader_id) in held.pairs and reading and reading.needs_countersigning
    if row.of == "own reading" or not may:
        return "another's"
    return "not in yet" if world.fits("open", address, held) else None


def _by_state(world: World, row: Row, address: Address, held: Holdings) -> Reply:
    fitting = (reply for condition, reply in row.when if world.fits(condition, address, held))
    return next(fitting, row.empty or Reply(200))
