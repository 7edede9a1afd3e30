"""A file made to take long, sent to the server that people use: nobody else waits for it, and the request lets go."""

import hashlib
import io
import json
import re
import shutil
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from casereader.db import transaction
from casereader.web.background import AT_ONCE, PATIENCE
from tests import sampled
from tests.cast import PASSWORD, Cast, gather
from tests.databases import address_of
from tests.ports import held_port
from tests.sampling.frame.workbooks import sheet, workbook
from tests.second_steps import line
from tests.test_serving import served, surroundings_in
from tests.web.app import make_app

ROWS, COLUMNS = 30_000, 20  # of cells that do not pack well: within every bound, and seconds of work
SLOWER = 1.0  # seconds that another page may take longer; where the machine is busy, half of what the reading takes


class Visitor:
    """Somebody at the server, with a session."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answered = ""  # the page after the last post
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        with self._opener.open(self.address + path, timeout=180) as answer:
            content: str = answer.read().decode()
        return content

    def seconds(self, path: str) -> float:
        began = time.monotonic()
        self.get(path)
        return time.monotonic() - began

    def sign_in(self, email: str) -> None:
        """Sign in, with a line of the sheet where one is asked for."""
        step = self.post("/sign-in", email=email, password=PASSWORD)
        if "/second-step" in step:
            self.post("/second-step/line", form="/second-step", line=line(1))

    def post(self, page: str, *, form: str = "", **sent: object) -> str:
        """Post to the page with its token, or that of the page its form stands on; where that leads."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(form or page))
        assert token is not None
        boundary, body = encode_multipart({"csrf_token": token[1], **sent})
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.address + page, data=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
        )
        try:
            with self._opener.open(request, timeout=180) as answer:
                self.answered, url = answer.read().decode(), str(answer.url)
        except urllib.error.HTTPError as refused:  # the page says why
            self.answered, url = refused.read().decode(), str(refused.url)
        return url


def heavy_workbook(folder: Path) -> bytes:
    """A sheet of cells that each say something else."""
    said = hashlib.shake_128(b"heavy").hexdigest(ROWS * COLUMNS * 4)
    texts = [said[place : place + 8] for place in range(0, len(said), 8)]
    cells = [f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts]
    rows = ["<row>" + "".join(cells[place : place + COLUMNS]) + "</row>" for place in range(0, len(cells), COLUMNS)]
    return workbook(folder / "heavy.xlsx", sheet(*rows)).read_bytes()


@dataclass(frozen=True)
class Place:
    """A served inspection, made before its server started."""

    surroundings: dict[str, str]
    cast: Cast
    home: str
    certificate: str


@pytest.fixture
def place(request: pytest.FixtureRequest, migrated_sqlite: Path, tmp_path: Path) -> Place:
    """An inspection; with the parameter True, one whose sample is drawn."""
    surroundings = surroundings_in(tmp_path)
    folder = Path(surroundings["CASEREADER_DATA"])
    folder.mkdir(mode=0o700)
    database = Path(shutil.copy(migrated_sqlite, folder / "casereader.sqlite3"))
    app = make_app(address_of(database), tmp_path)
    instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=instrument)
        certificate = sampled.draw(session, cast, instrument).certificate if request.param else ""
    app.extensions["casereader_engine"].dispose()
    return Place(surroundings, cast, f"/inspections/{cast.place.inspection.public_id}", certificate)


@pytest.mark.slow
@pytest.mark.parametrize("place", [False], indirect=True)
def test_a_file_that_takes_long_to_read_keeps_no_other_page_waiting(place: Place, tmp_path: Path) -> None:
    home, heavy = place.home, heavy_workbook(tmp_path)

    with held_port() as port, served(place.surroundings | {"PORT": str(port)}, tmp_path / "said.txt") as address:
        visitor = Visitor(address)
        visitor.sign_in(place.cast.coordinator.email)
        asked = ("/healthz", f"{home}/list", f"{home}/people")
        quiet = max(visitor.seconds(path) for _ in range(3) for path in asked)
        began = time.monotonic()
        landed = visitor.post(f"{home}/list", file=FileStorage(io.BytesIO(heavy), "heavy.xlsx"))
        taken = time.monotonic() - began
        busy = []
        while not json.loads(visitor.get(f"{home}/return/progress"))["ended"]:
            busy += [visitor.seconds(path) for path in asked]
        lasted = time.monotonic() - began
        assert "What the return holds" in visitor.get(f"{home}/return")

    assert landed == f"{address}{home}/return"
    assert busy, "the file was read before anybody could ask for a page: it is not heavy enough"
    assert max(busy) < quiet + max(SLOWER, lasted / 2)
    assert taken < PATIENCE + 3 * (quiet + SLOWER) or taken < lasted / 2


@pytest.mark.slow
@pytest.mark.parametrize("place", [True], indirect=True)
def test_heavy_lists_beside_a_certificate_keep_nobody_from_saving_and_no_more_are_read_than_may_be(
    place: Place, tmp_path: Path
) -> None:
    page, heavy = f"{place.home}/draw/verify", heavy_workbook(tmp_path)

    def checked(visitor: Visitor) -> tuple[str, float]:
        began = time.monotonic()
        sent = FileStorage(io.BytesIO(heavy), "heavy.xlsx")
        visitor.post(page, pasted=place.certificate, list=sent)
        return visitor.answered, time.monotonic() - began

    with held_port() as port, served(place.surroundings | {"PORT": str(port)}, tmp_path / "said.txt") as address:
        visitors = [Visitor(address) for _ in range(AT_ONCE + 1)]
        for visitor in visitors:
            visitor.sign_in(place.cast.reviewer.email)
        other = Visitor(address)
        other.sign_in(place.cast.lead.email)

        def saved() -> float:
            began = time.monotonic()
            other.post("/settings")
            return time.monotonic() - began

        quiet = max(saved() for _ in range(3))
        with ThreadPoolExecutor(len(visitors)) as threads:
            checks = [threads.submit(checked, visitor) for visitor in visitors]
            busy = []
            while not all(one.done() for one in checks):
                busy.append(saved())
        answers = [one.result() for one in checks]

    read = [seconds for text, seconds in answers if "The list cannot be drawn from by this certificate" in text]
    assert len(read) == AT_ONCE
    assert sum("Other files are being read just now" in text for text, _ in answers) == 1
    assert max(busy) < quiet + max(SLOWER, min(read) / 2)
