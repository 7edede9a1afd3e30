"""Saves over a network that breaks off and a server that restarts: sent again with their key, each is there once."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.browser.server import Server
from tests.ports import HOST, held_port
from tests.postgres import PostgresCluster
from tests.web.client import PageClient
from tests.web.reading_room import Room, address

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
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
        with socket.create_connection((HOST, self.server.port), timeout=60) as connection:
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


@ON_SQLITE
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


@ON_SQLITE
def test_e12_a_save_in_a_restart_of_the_server_is_neither_lost_nor_there_twice(room: Room, script: Script) -> None:
    _save_through(script.server.stop, lambda: script.server.start(room.app), room, script)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_e12_a_save_in_a_restart_of_postgresql_is_neither_lost_nor_there_twice(
    room: Room, script: Script, postgres: PostgresCluster
) -> None:
    statuses = _save_through(postgres.stop_server, postgres.start_server, room, script)

    assert statuses - {429} == {200, 503}, (
        "while there is no database the answer is that it is busy, not that we are at fault"
    )


def _save_through(stop: Callable[[], None], start: Callable[[], None], room: Room, script: Script) -> set[int]:
    """Save without pause through two restarts; the statuses of the answers."""
    saves, failures, statuses = 0, 0, set[int]()
    saved, failed, over = threading.Event(), threading.Event(), threading.Event()

    def go_on() -> None:
        nonlocal saves, failures
        while not over.is_set():
            request, status = script.save(saves), 0
            while status != 200 and failures < PATIENCE:
                reply = None
                with suppress(OSError):
                    reply = script.send(request)
                if reply is not None:
                    status = script.take(reply)
                    statuses.add(status)
                if status != 200:
                    failures += 1
                    failed.set()
                    over.wait(0.01)
            saves += 1
            saved.set()

    saving = threading.Thread(target=go_on, daemon=True)
    saving.start()
    for _ in range(2):
        for change, seen in ((stop, failed), (start, saved)):
            change()
            seen.clear()
            assert seen.wait(30), "it is sent also while there is no server, and taken once there is"
    over.set()
    saving.join(30)

    assert failures < PATIENCE
    assert room.now(script.opened).reading.version == script.version == saves + 1
    return statuses
