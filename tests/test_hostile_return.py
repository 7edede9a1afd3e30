"""A file made to take long, sent to the server that people use: nobody else waits for it, and the request lets go."""

import hashlib
import io
import json
import re
import shutil
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from casereader.db import transaction
from casereader.web.background import PATIENCE
from tests.cast import PASSWORD, gather
from tests.databases import address_of
from tests.ports import held_port
from tests.sampling.frame.workbooks import sheet, workbook
from tests.test_serving import served, surroundings_in
from tests.web.app import make_app

ROWS, COLUMNS = 30_000, 20  # of cells that do not pack well: within every bound, and seconds of work
SLOWER = 1.0  # seconds that another page may take longer than it did


class Visitor:
    """Somebody at the server, with a session."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        with self._opener.open(self.address + path, timeout=60) as answer:
            content: str = answer.read().decode()
        return content

    def seconds(self, path: str) -> float:
        began = time.monotonic()
        self.get(path)
        return time.monotonic() - began

    def post(self, page: str, **sent: object) -> str:
        """Post to the page with its token; where that leads."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page))
        assert token is not None
        boundary, body = encode_multipart({"csrf_token": token[1], **sent})
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.address + page, data=body, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
        )
        with self._opener.open(request, timeout=60) as answer:
            url: str = answer.url
        return url


def heavy_workbook(folder: Path) -> bytes:
    """A sheet of cells that each say something else."""
    said = hashlib.shake_128(b"heavy").hexdigest(ROWS * COLUMNS * 4)
    texts = [said[place : place + 8] for place in range(0, len(said), 8)]
    cells = [f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts]
    rows = ["<row>" + "".join(cells[place : place + COLUMNS]) + "</row>" for place in range(0, len(cells), COLUMNS)]
    return workbook(folder / "heavy.xlsx", sheet(*rows)).read_bytes()


def test_a_file_that_takes_long_to_read_keeps_no_other_page_waiting(migrated_sqlite: Path, tmp_path: Path) -> None:
    surroundings = surroundings_in(tmp_path)
    folder = Path(surroundings["CASEREADER_DATA"])
    folder.mkdir(mode=0o700)
    database = Path(shutil.copy(migrated_sqlite, folder / "casereader.sqlite3"))
    app = make_app(address_of(database), tmp_path)
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=app.extensions["casereader_instruments"]["CRR-1"])
    app.extensions["casereader_engine"].dispose()
    home = f"/inspections/{cast.place.inspection.public_id}"
    heavy = heavy_workbook(tmp_path)

    with held_port() as port, served(surroundings | {"PORT": str(port)}, tmp_path / "said.txt") as address:
        visitor = Visitor(address)
        visitor.post("/sign-in", email=cast.coordinator.email, password=PASSWORD)
        asked = ("/healthz", f"{home}/list", f"{home}/people")
        quiet = max(visitor.seconds(path) for _ in range(3) for path in asked)
        began = time.monotonic()
        landed = visitor.post(f"{home}/list", file=FileStorage(io.BytesIO(heavy), "heavy.xlsx"))
        taken = time.monotonic() - began
        busy = []
        while not json.loads(visitor.get(f"{home}/return/progress"))["ended"]:
            busy += [visitor.seconds(path) for path in asked]
        assert "What the return holds" in visitor.get(f"{home}/return")

    assert landed == f"{address}{home}/return"
    assert busy, "the file was read before anybody could ask for a page: it is not heavy enough"
    assert max(busy) < quiet + SLOWER
    assert taken < PATIENCE + 3 * (quiet + SLOWER)
