"""Saves over a network that breaks off and a server that restarts: sent again with their key, each is there once."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.browser.server import Server
from tests.ports import HOST, held_port
from tests.web.client import PageClient
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


PATIENCE = 1000  # tries that come to nothing


class Script:
    """What the page's script does, over a network of its own: it sends a save until it is acknowledged."""

    def __init__(self, server: Server, room: Room, client: PageClient) -> None:
        self.server, self.opened = server, room.given(room.cast.reviewer)[0]
        token = client.csrf_token("/readings")
        cookie = client.get_cookie("casereader")
        assert cookie is not None
        self.headers = {
            "Host": f"{HOST}:{server.port}",
            "Cookie": f"casereader={cookie.value}",
            "X-CSRFToken": token,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Connection": "close",
        }
        self.version = 1

    def save(self, number: int) -> bytes:
        """The request that saves a note, against the version that is known."""
        key = f"save-number-{number:08}"
        answers = {"C9": {"value": str(number % 6 + 1), "note": f"Note {number}. " * 50}}
        body = json.dumps({"version": self.version, "idempotency_key": key, "answers": answers}).encode()
        lines = [f"POST {address(self.opened, '/answers')} HTTP/1.1", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def send(self, request: bytes, *, of_request: int | None = None, of_reply: int | None = None) -> bytes | None:
        """The reply; None where the network broke off, after so many bytes of the one or the other."""
        with socket.create_connection((HOST, self.server.port), timeout=10) as connection:
            connection.sendall(request[:of_request])
            if of_request is not None or of_reply == 0:
                return None
            reply = b""
            while of_reply is None or len(reply) < of_reply:
                if not (piece := connection.recv(4096 if of_reply is None else of_reply - len(reply))):
                    return reply or None
                reply += piece
            return None

    def take(self, reply: bytes) -> int:
        """The status of a reply; a version that was given is known from now on."""
        head, _, body = reply.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status == 200:
            self.version = json.loads(body)["version"]
        return status


@pytest.fixture
def script(room: Room, reviewer: PageClient) -> Iterator[Script]:
    with held_port() as port:
        server = Server(port)
        server.start(room.app)
        yield Script(server, room, reviewer)
        server.stop()


def test_e11_however_a_save_or_its_reply_is_cut_off_the_same_save_again_makes_one_version(
    room: Room, script: Script
) -> None:
    cuts: list[dict[str, Any]] = [{"of_request": part} for part in (1, 200, 600, 900, -1)]
    cuts += [{"of_reply": part} for part in (0, 1, 12, 100, 400)]
    for number, cut in enumerate(cuts * 2):
        request = script.save(number)
        assert script.send(request, **cut) is None
        reply = script.send(request)
        assert reply is not None and script.take(reply) == 200, (cut, reply)

        assert script.version == number + 2, cut
        assert room.now(script.opened).reading.version == script.version
        assert room.stored(script.opened)["C9"].note == f"Note {number}. " * 50


def test_e12_a_save_in_a_restart_of_the_server_is_neither_lost_nor_there_twice(room: Room, script: Script) -> None:
    saves, failures = 24, 0
    through = threading.Event()

    def go_on() -> None:
        nonlocal failures
        for number in range(saves):
            request = script.save(number)
            while failures < PATIENCE:
                reply = None
                with suppress(OSError):
                    reply = script.send(request)
                if reply is not None and script.take(reply) == 200:
                    break
                failures += 1
                through.wait(0.01)

    saving = threading.Thread(target=go_on, daemon=True)
    saving.start()
    for _ in range(2):
        through.wait(0.15)
        script.server.stop()
        through.wait(0.05)
        script.server.start(room.app)
    saving.join(60)

    assert not saving.is_alive() and 0 < failures < PATIENCE, "it was sent while there was no server"
    assert room.now(script.opened).reading.version == script.version == saves + 1
