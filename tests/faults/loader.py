"""Readers who save all the time as the form's script does, and keep a log of what they were told is saved.

A save that is not answered, or answered with a server that is busy, is sent again as it was, with the same key, until
it is acknowledged. Each save leaves a note of its own, by which it is known in the database afterwards.
"""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from tests.cast import PASSWORD
from tests.ports import HOST
from tests.readers import Seat

QUESTION = "C9"
PACE = 0.05  # seconds from one save of a reader to the next
TIMEOUT = 15.0
AGAIN = 0.02  # seconds until what met nobody is sent again
BUSY = (429, 502, 503, 504, 507)
LAST_CALL = 60.0  # seconds in which a save under way is still acknowledged once no more are begun


@dataclass
class Save:
    """One save: what was sent, and what it was told, if it was told anything."""

    key: str
    note: str
    version: int  # that it was made against
    became: int | None = None  # the version that it was acknowledged as
    conflicted: bool = False
    n_sent: int = 0
    answer: str = ""  # the number of the answer that acknowledged it

    def body(self) -> bytes:
        """As the script sends it."""
        value = str(int(self.key[:8], 16) % 6 + 1)
        answers = {QUESTION: {"value": value, "note": self.note, "sources": ["health"]}}
        return json.dumps({"version": self.version, "idempotency_key": self.key, "answers": answers}).encode()


@dataclass
class Log:
    """What one reader sent, in order, and what went otherwise than it should."""

    seat: Seat
    saves: list[Save] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    refusals: Counter[int] = field(default_factory=Counter)  # answers that it waited after, by their status
    n_signed_in: int = 0  # again
    last_at: float = 0.0  # when a save was acknowledged last

    @property
    def acknowledged(self) -> list[Save]:
        """The saves that the reader was told are stored."""
        return [each for each in self.saves if each.became is not None]

    def as_told(self, answers: Collection[str]) -> Log:
        """The log as it was when only these answers had been sent."""
        saves = [save if save.answer in answers else replace(save, became=None) for save in list(self.saves)]
        return Log(self.seat, saves, self.unexpected)


class Crowd:
    """The readers at work."""

    def __init__(self, seats: Sequence[Seat], port: int, *, pace: float = PACE) -> None:
        self.logs = [Log(seat) for seat in seats]
        self._port, self._pace = port, pace
        self._over, self._gone, self._changed = threading.Event(), threading.Event(), threading.Condition()
        self.n_acknowledged, self.last_at = 0, 0.0
        self.longest_pause = 0.0  # seconds in which nobody was acknowledged
        self._threads = [threading.Thread(target=self._read, args=(log,), daemon=True) for log in self.logs]

    def start(self) -> None:
        """Let them begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let them end; what they have sent is still acknowledged where the server lives."""
        self._over.set()
        until = time.monotonic() + LAST_CALL
        for thread in self._threads:
            thread.join(max(0.1, until - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            raise RuntimeError("a reader did not come to an end")

    def leave(self) -> None:
        """Let them go home where no server will answer them any more."""
        self._gone.set()
        self.stop()

    def wait_for(self, more: int, *, within: float = 60.0) -> None:
        """Come back once so many more saves were acknowledged."""
        with self._changed:
            wanted = self.n_acknowledged + more
            if not self._changed.wait_for(lambda: self.n_acknowledged >= wanted, within):
                raise RuntimeError(f"{more} saves were not acknowledged in {within:.0f} s: {self.unexpected[:3]}")

    def recovered_after(self, since: float, *, within: float = 120.0) -> float:
        """Seconds from `since`, a monotonic time, until the first save that was acknowledged after it."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.last_at > since, within):
                raise RuntimeError(f"no save was acknowledged again in {within:.0f} s: {self.unexpected[:3]}")
            return self.last_at - since

    def recovered_by_all(self, since: float, *, within: float = 120.0) -> float:
        """Seconds from `since` until every reader had a save acknowledged that was begun after it."""
        with self._changed:
            if not self._changed.wait_for(lambda: all(log.last_at > since for log in self.logs), within):
                kept_out = [log.seat.email for log in self.logs if log.last_at <= since]
                raise RuntimeError(f"kept out for {within:.0f} s: {', '.join(kept_out)}; {self.unexpected[:3]}")
        return time.monotonic() - since

    @property
    def unexpected(self) -> list[str]:
        """Everything that went otherwise than it should, of all of them."""
        return [says for log in self.logs for says in log.unexpected]

    def _read(self, log: Log) -> None:
        with closing(Browser(log.seat, self._port)) as browser:
            self._save(log, browser)

    def _save(self, log: Log, browser: Browser) -> None:
        version, give_up = log.seat.version, None
        while not self._over.is_set():
            key = secrets.token_hex(16)
            save = Save(key, f"The record shows this in March. ({key})", version)
            log.saves.append(save)
            while save.became is None and not save.conflicted:
                if self._over.is_set():
                    give_up = give_up or time.monotonic() + LAST_CALL / 2
                    if self._gone.is_set() or time.monotonic() > give_up:
                        return
                time.sleep(browser.deliver(save, log))
            if save.conflicted:
                version = browser.version(log) or version
                continue
            version = save.became
            with self._changed:
                self.n_acknowledged += 1
                before, self.last_at = self.last_at, time.monotonic()
                log.last_at = self.last_at
                self.longest_pause = max(self.longest_pause, self.last_at - (before or self.last_at))
                self._changed.notify_all()
            self._over.wait(self._pace)


class Browser:
    """One reader's connection; made anew whenever it breaks off."""

    def __init__(self, seat: Seat, port: int) -> None:
        self.cookie, self.token, self._seat = seat.cookie, "", seat
        self._connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT)

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def deliver(self, save: Save, log: Log) -> float:
        """Send it, and write down what came back; how long to wait before it is sent again, if it must be."""
        try:
            if not self.token:
                self.token = json.loads(self._ask("GET", "/readings/session")[1])["csrf_token"]
            save.n_sent += 1
            status, body, headers = self._ask("POST", f"/readings/{self._seat.reading}/answers", save.body())
            if status == 200:
                save.became, save.answer = json.loads(body)["version"], str(headers["X-Request-Id"])
                return 0.0
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            self._connection.close()
            return AGAIN
        if status == 409:
            save.conflicted = True
        elif status == 401:
            return self._come_back(log)
        elif status in BUSY:
            log.refusals[status] += 1
            return min(float(headers.get("Retry-After") or 1), 2.0)
        else:
            log.unexpected.append(f"a save was answered with {status}")
            self.token = ""
            return 0.5
        return 0.0

    def _come_back(self, log: Log) -> float:
        """Sign in again, as whoever is told that their session has ended."""
        log.n_signed_in += 1
        self.token = ""
        try:
            page = self._ask("GET", "/sign-in")[1].decode()
            token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
            form = urlencode({"email": self._seat.email, "password": PASSWORD, "csrf_token": token}).encode()
            status = self._ask("POST", "/sign-in", form, kind="application/x-www-form-urlencoded")[0]
        except (OSError, http.client.HTTPException, ValueError):
            self._connection.close()
            return AGAIN
        if status == 303:
            return 0.0
        if status not in (*BUSY, 400, 401):  # the clock moved between the page and its form: once more, then
            log.unexpected.append(f"signing in was answered with {status}")
        return 0.5

    def version(self, log: Log) -> int | None:
        """The version at which the reading stands now; None where nobody says."""
        try:
            status, body, _ = self._ask("GET", f"/readings/{self._seat.reading}/saves?keys=")
            found: int | None = json.loads(body)["version"] if status == 200 else None
        except (OSError, http.client.HTTPException, ValueError):
            self._connection.close()
            return None
        if found is None:
            log.unexpected.append(f"the version was answered with {status}")
        return found

    def _ask(
        self, method: str, path: str, body: bytes | None = None, *, kind: str = "application/json"
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        headers = {"Cookie": self.cookie, "Accept": "application/json" if kind == "application/json" else "text/html"}
        if body is not None:
            headers |= {"X-CSRFToken": self.token} if self.token else {}
            headers |= {"Content-Type": kind}
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        came = response.read()
        if response.headers["Set-Cookie"]:
            self.cookie = str(response.headers["Set-Cookie"]).partition(";")[0]
        return response.status, came, response.headers


@contextmanager
def saving(seats: Sequence[Seat], port: int, *, pace: float = PACE) -> Iterator[Crowd]:
    """The readers save while the block runs; their logs are whole after it."""
    crowd = Crowd(seats, port, pace=pace)
    crowd.start()
    try:
        yield crowd
    finally:
        crowd.stop()
