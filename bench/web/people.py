"""What everybody does: readers save once a second, open, look at their list, hand in; coordinators list, draw, roll up.

Each is a thread that keeps to its own beat: what takes long delays its next turn, not those of others.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import count, cycle

from bench.web.browser import Browser, UnexpectedError
from bench.web.ledger import Ledger
from bench.web.world import World
from tests.lists import list_csv
from tests.readers import Seat

QUESTION = "C9"
SAVE, OPEN, LIST, HAND_IN = "save an answer", "open a reading", "the list of one’s readings", "hand a reading in"
UPLOAD, PLAN, DRAW = "upload a list", "look at a plan, fix it, confirm it", "draw"
PROGRESS, FIGURES, REPORT = "the page of progress", "a page of figures", "the report as a page"
OVER_PROGRAMME, WORKBOOK, ASK, FILE = "a programme’s figures", "the workbook", "ask for a document", "save the file"
MADE = "the report as a document, until it is there"
FLOORS = STATIC, INSERT = "floor: a static file", "floor: one row inserted and committed"
BESIDE = "{}, beside the load"
OF_READERS = (SAVE, OPEN, LIST, HAND_IN)
OF_COORDINATORS = (UPLOAD, PLAN, DRAW, PROGRESS, FIGURES, REPORT, OVER_PROGRAMME, WORKBOOK, ASK, FILE, MADE)
KINDS = (*OF_READERS, *OF_COORDINATORS)

STATIC_FILE, ROW = "/static/icon.svg", "/insert"
EVERY = 1.0  # seconds from a reader's save to the next
FLOOR_EVERY = 0.25  # seconds between the requests of the floor beside the load: few, so that they are no load
OPENS_EVERY, LISTS_EVERY = 30, 60  # saves
LISTS_AGAIN, COUNTS_AGAIN, MAKES_AGAIN = 6.0, 2.0, 12.0  # seconds between turns of the coordinators
LOOKS_AGAIN = 1.0  # seconds between looks whether a file is made
LONGEST = 300.0  # seconds for a file to be made
LISTED = {"a": 120, "b": 240, "c": 180, "d": 60}
CHOSEN = {
    "strata": "group",
    "by": "number",
    "size": "60",
    "confidence": "90",
    "margin": "15",
    "ineligible": "0",
    "minimum": "2",
    "reserve": "50",
    "second_share": "10",
}
FIXED = {"no_source": "y", "public_value_source": "Dice", "due_at": "", "do": "fix"}
SHOWN = re.compile(r'name="shown" value="([0-9a-f]+)"')
COUNTED = ("", "/C", "/H", "/quality-indicators", "/themes", "/peers", "/groups")


class People:
    """All of them, let loose at one server."""

    def __init__(self, world: World, port: int, floors_port: int, ledger: Ledger) -> None:
        self._world, self._port, self._floors_port, self._ledger = world, port, floors_port, ledger
        self._over = threading.Event()
        self._start = 0.0
        self.told: dict[str, tuple[int, str]] = {}  # by reading: the version and the note that were acknowledged last

    def work(self, seconds: float) -> None:
        """Let them work for so long, and come back once everybody has the answer to what they asked last."""
        world, n = self._world, len(self._world.saving)
        self._start = time.monotonic() + 0.5
        tasks = [self._reads(seat, EVERY * place / n) for place, seat in enumerate(world.saving)]
        share = seconds / (len(world.finishing) + 1)
        tasks += [self._hands_in(seat, share * (place + 1)) for place, seat in enumerate(world.finishing)]
        tasks += [self._lists_and_draws, self._counts, self._takes_away, self._asks_files, self._inserts]
        threads = [threading.Thread(target=self._safely, args=(task,)) for task in tasks]
        for thread in threads:
            thread.start()
        time.sleep(seconds + 0.5)
        self._over.set()
        for thread in threads:
            thread.join()

    def floor(self, seconds: float) -> None:
        """The floor without the load: as many people as read ask for the same thing at the same pace."""
        self._together(self._port, lambda browser, kind: browser.get(kind, STATIC_FILE), STATIC, seconds)
        self._together(self._floors_port, lambda browser, kind: browser.insert(kind, ROW), INSERT, seconds)

    def _together(self, port: int, ask: Callable[[Browser, str], object], kind: str, seconds: float) -> None:
        world, n = self._world, len(self._world.saving)
        start = time.monotonic() + 0.5

        def turns(seat: Seat, offset: float) -> None:
            with closing(Browser(port, seat.cookie, self._ledger)) as browser, suppress(UnexpectedError):
                for turn in range(1 + max(1, round(seconds / EVERY))):
                    time.sleep(max(0.0, start + offset + turn * EVERY - time.monotonic()))
                    ask(browser, kind if turn else "")  # the first turns do not count

        threads = [
            threading.Thread(target=turns, args=(seat, EVERY * place / n)) for place, seat in enumerate(world.saving)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _asks_files(self) -> None:
        """The floor beside the load: a file of the program that needs no database."""
        with closing(Browser(self._port, "", self._ledger)) as browser:
            for _ in self._beats(0.0, FLOOR_EVERY):
                browser.get(BESIDE.format(STATIC), STATIC_FILE)

    def _inserts(self) -> None:
        """The floor beside the load: a row, by the application of one address."""
        with closing(Browser(self._floors_port, "", self._ledger)) as browser:
            for _ in self._beats(0.0, FLOOR_EVERY):
                browser.insert(BESIDE.format(INSERT), ROW)

    def _safely(self, task: Callable[[], None]) -> None:
        try:
            task()
        except UnexpectedError:
            pass  # the ledger has it
        except Exception as error:
            self._ledger.wrong(f"{type(error).__name__}: {error}")

    def _beats(self, offset: float, every: float) -> Iterator[int]:
        """The turns of somebody, until all is over; a turn that comes late is not made up for."""
        due = self._start + offset
        for turn in count():
            if self._over.wait(max(0.0, due - time.monotonic())):
                return
            yield turn
            due = max(due + every, time.monotonic())

    def _reads(self, seat: Seat, offset: float) -> Callable[[], None]:
        def task() -> None:
            path, version = f"/readings/{seat.reading}", seat.version
            first = hash(seat.reading) % OPENS_EVERY
            with closing(Browser(self._port, seat.cookie, self._ledger)) as browser:
                for turn in self._beats(offset, EVERY):
                    if (turn + first) % OPENS_EVERY == 0:
                        browser.get(OPEN, path)
                    if (turn + first) % LISTS_EVERY == 1:
                        browser.get(LIST, "/readings")
                    note = f"Entries of March show this. ({secrets.token_hex(4)})"
                    answer = {"value": str(turn % 6 + 1), "note": note, "sources": ["health"]}
                    sent = {"version": version, "idempotency_key": secrets.token_hex(16), "answers": {QUESTION: answer}}
                    version = browser.saved(SAVE, f"{path}/answers", sent)
                    self.told[seat.reading] = version, note

        return task

    def _hands_in(self, seat: Seat, offset: float) -> Callable[[], None]:
        def task() -> None:
            with closing(Browser(self._port, seat.cookie, self._ledger)) as browser:
                for _ in self._beats(offset, LONGEST):
                    browser.get(OPEN, f"/readings/{seat.reading}/check")
                    browser.form(HAND_IN, f"/readings/{seat.reading}/submit", {"declared": "y", "keep_signs": "y"})
                    return

        return task

    def _lists_and_draws(self) -> None:
        """Inspection after inspection from its list to the draw."""
        content, left = list_csv(LISTED).encode(), iter(self._world.to_draw)
        with (
            closing(Browser(self._port, self._world.listing, self._ledger)) as browser,
            closing(Browser(self._port, self._world.lead, self._ledger)) as lead,
        ):
            for _ in self._beats(1.0, LISTS_AGAIN):
                if (name := next(left, None)) is None:
                    return
                home = f"/inspections/{name}"
                where = browser.file(UPLOAD, f"{home}/list", "list.csv", content).location
                until = time.monotonic() + LONGEST
                while where.endswith("/return") and time.monotonic() < until:
                    time.sleep(LOOKS_AGAIN / 2)
                    where = browser.get("", where, expect=(200, 303)).location or where
                chosen = "&".join(f"{key}={value}" for key, value in CHOSEN.items())
                page = browser.get(PLAN, f"{home}/plan?{chosen}")
                shown = SHOWN.search(page.text)
                browser.form(PLAN, f"{home}/plan", {**CHOSEN, **FIXED, "shown": shown[1] if shown else ""})
                lead.form(PLAN, f"{home}/plan/confirm", {})
                browser.form(DRAW, f"{home}/draw", {"public_value": "4 8 15 16"})
                browser.get(PROGRESS, f"{home}/progress")

    def _counts(self) -> None:
        """A page of figures after the other."""
        pages = cycle([(name, page) for page in COUNTED for name in self._world.read])
        with closing(Browser(self._port, self._world.counting, self._ledger)) as browser:
            for turn in self._beats(0.5, COUNTS_AGAIN):
                if turn % 8 == 7:
                    browser.get(OVER_PROGRAMME, f"/programmes/{self._world.programme}/across")
                    continue
                name, page = next(pages)
                browser.get(FIGURES, f"/inspections/{name}/roll-up{page}")

    def _takes_away(self) -> None:
        """The report, the workbook, and the document that takes a process seconds to make."""
        names = cycle(self._world.read)
        with closing(Browser(self._port, self._world.exporting, self._ledger)) as browser:
            for _ in self._beats(2.0, MAKES_AGAIN):
                home = f"/inspections/{next(names)}"
                browser.get(REPORT, f"{home}/roll-up/report")
                browser.get(WORKBOOK, f"{home}/roll-up/tables.xlsx")
                self._document(browser, home)

    def _document(self, browser: Browser, home: str) -> None:
        began = time.monotonic()
        where = browser.form(ASK, f"{home}/roll-up/report/document", {}).location
        while "The file is being made" in (page := browser.get("", where).text) and time.monotonic() - began < LONGEST:
            time.sleep(LOOKS_AGAIN)
        if "The file is there" not in page:
            is_late = "The file is being made" in page
            self._ledger.wrong(f"a document was not made{f' in {LONGEST:.0f} seconds' if is_late else ''}", MADE)
            return
        self._ledger.made(began, time.monotonic())
        self._ledger.note(MADE, began, time.monotonic() - began)
        browser.form(FILE, f"{where}/save", {}, expect=(200,))
