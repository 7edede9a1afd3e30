"""A refused sign-in of a known name, an unknown one, and accounts that have ended: who knows a name learns it by none.

The times of 200 tries of each are taken by turns; what is compared is their medians.
"""

import logging
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

from flask.testing import FlaskClient

from bench.timing import Compared
from casereader import create_app
from casereader.db import transaction
from casereader.people import accounts, allowances, passwords, sessions
from casereader.schema import upgrade

TRIES = 200
MOST_APART = 1.1  # of two medians, the longer by the shorter
KNOWN, UNKNOWN, ENDED, DISABLED = "known", "unknown", "ended", "disabled"


def run() -> Iterator[Compared]:
    """Every kind of refusal beside that of a known name."""
    logging.getLogger("casereader").setLevel(logging.ERROR)  # each refusal has a line: here they are the point
    before = allowances.A_NAME, allowances.A_NETWORK, allowances.EVERYBODY
    allowances.A_NAME = allowances.A_NETWORK = allowances.EVERYBODY = 10 * TRIES  # each is to be checked
    try:
        took = _medians()
    finally:
        allowances.A_NAME, allowances.A_NETWORK, allowances.EVERYBODY = before
    for kind in (UNKNOWN, ENDED, DISABLED):
        longer, shorter = max(took[kind], took[KNOWN]), min(took[kind], took[KNOWN])
        name = f"sign-in refused, {kind} and known name, median"
        yield Compared(name, longer, shorter, "the shorter of both", MOST_APART)


def _medians() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sign-in.sqlite3'}"
        at = datetime.now(UTC)
        upgrade(url, at=at)
        app = create_app({"DATABASE_URL": url, "CASEREADER_DATA": folder})
        app.config["WTF_CSRF_ENABLED"] = False
        with transaction(app.extensions["casereader_engine"]) as session:
            hashed = passwords.hash_password("four unrelated words of somebody")
            for kind in (KNOWN, ENDED, DISABLED):
                made = accounts.create(
                    session,
                    email=f"{kind}@bench.example",
                    name=f"{kind} person",
                    by=None,
                    at=at,
                    password_hash=hashed,
                    ends_on=date(2020, 1, 1) if kind == ENDED else None,
                )
                if kind == DISABLED:
                    sessions.disable(session, account=made, by=None, at=at)
        client = app.test_client()
        kinds = (KNOWN, UNKNOWN, ENDED, DISABLED)
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        for turn in range(TRIES + 2):
            for kind in kinds:
                seconds = _refused(client, f"{kind}@bench.example")
                if turn > 1:  # the first ones compile templates
                    times[kind].append(seconds)
        app.extensions["casereader_engine"].dispose()
    return {kind: median(found) for kind, found in times.items()}


def _refused(client: FlaskClient, email: str) -> float:
    begun = time.perf_counter()
    answer = client.post("/sign-in", data={"email": email, "password": "not the password of anybody"})
    took = time.perf_counter() - begun
    if answer.status_code != 422:
        raise RuntimeError(f"a sign-in with a wrong password was answered {answer.status_code}")
    return took
