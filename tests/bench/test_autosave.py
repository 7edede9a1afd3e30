"""The bench of many readers counts every save that was not taken, and keeps the time of each that was."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.bench_autosave import MOST_RETRIES, Reader, percentile, together


class Answering(BaseHTTPRequestHandler):
    """A server that takes the first save and no further one, and which drops who asks for a file.

    The first save of `slow` finds it busy once, and is taken when it comes again just as it was.
    """

    protocol_version = "HTTP/1.1"
    refused = b""

    def do_GET(self) -> None:
        """Give the token, or nothing at all."""
        if self.path != "/readings/session":
            self.close_connection = True
            return
        self._reply(200, b'{"csrf_token": "T", "person": "p"}')

    def do_POST(self) -> None:
        """Take the first version only, with the token and the cookie that came with it."""
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        is_taken = b'"version": 1,' in sent and self.headers["X-CSRFToken"] == "T" and self.headers["Cookie"] == "s=2"
        if is_taken and self.path == "/readings/slow/answers" and sent != self.refused:
            type(self).refused = sent
            is_taken = False
        self._reply(200 if is_taken else 503, b'{"version": 2}')

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Set-Cookie", "s=2; HttpOnly")
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def port() -> Iterator[int]:
    """Where it answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_every_reader_saves_so_often_and_what_was_refused_is_an_error(port: int) -> None:
    people = [Reader("s=1", "a"), Reader("s=1", "b")]

    found = together(port, people, Reader.save, times=2, pause=0)

    assert len(found.took) == 4
    assert found.errors == ["a save was answered with 503"] * 2
    assert found.n_retries == 2 * MOST_RETRIES
    assert [(one.version, one.value) for one in people] == [(2, "1")] * 2


def test_a_save_that_met_a_busy_server_is_sent_again_as_it_was_and_counted_apart(port: int) -> None:
    slow = Reader("s=1", "slow")

    found = together(port, [slow], Reader.save, times=1, pause=0)

    assert (found.errors, found.n_retries, len(found.took)) == ([], 1, 1)
    assert (slow.version, slow.value) == (2, "1")


def test_a_connection_that_is_dropped_is_an_error_too(port: int) -> None:
    found = together(port, [Reader("s=1", "a")], Reader.fetch, times=3, pause=0)

    assert found.took == []
    assert len(found.errors) == 1 and "RemoteDisconnected" in found.errors[0]


def test_the_percentiles_lie_among_the_times() -> None:
    times = [place / 100 for place in range(1, 102)]

    assert percentile(times, 50) == pytest.approx(0.51)
    assert percentile(times, 95) == pytest.approx(0.96)
    assert percentile([], 95) != percentile([], 95), "no figure"
