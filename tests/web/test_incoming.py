"""Files that are being sent: gone once they are read, whatever happened; taken for left only where they are."""

from __future__ import annotations

import io
import multiprocessing
import os
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from casereader.web import incoming
from tests.source import modules


def test_a_file_is_there_while_it_is_read_under_a_name_of_ours_and_gone_afterwards(tmp_path: Path) -> None:
    with incoming.while_read(sent(b"A-1,b"), within=tmp_path, megabytes=1) as path:
        assert path.read_bytes() == b"A-1,b" and path.name == "sent"
        incoming.clear(tmp_path)
        assert path.exists(), "somebody is reading it"
    assert not list(tmp_path.iterdir())

    with (
        pytest.raises(RequestEntityTooLarge),
        incoming.while_read(sent(b"x" * 1_048_577), within=tmp_path, megabytes=1),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_e29_what_a_killed_process_left_is_removed_at_the_next_start(tmp_path: Path) -> None:
    killed = multiprocessing.get_context("fork").Process(target=_read_and_die, args=(tmp_path,))
    killed.start()
    killed.join(30)
    assert killed.exitcode == 9
    assert [path.name for path in tmp_path.rglob("sent")] == ["sent"]

    incoming.clear(tmp_path)

    assert not list(tmp_path.iterdir())


def test_e29_no_page_keeps_what_is_sent_anywhere_but_where_the_next_start_clears() -> None:
    found = {name for name, path in modules("casereader").items() if "tempfile" in path.read_text(encoding="utf-8")}

    assert {name for name in found if name.startswith("casereader.web")} == {"casereader.web.incoming"}


def _read_and_die(folder: Path) -> None:
    with incoming.while_read(sent(b"A-1,b"), within=folder, megabytes=1):
        os._exit(9)


def sent(content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename="../list.csv")
