"""The program does not start with a secret that is none, nor where others could read along; its files are its own."""

from __future__ import annotations

import io
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from casereader.config import ConfigError, load_settings
from casereader.db import make_engine
from tests.source import ROOT
from tests.web.site import Site

SOUND = "mU3r-wq8Zt0pL5x.Yc7dK1vB9nJ2hG4s"
WEAK = [
    "",
    " \n\n",
    "dev",
    "secret",
    "changeme",
    "mU3r-wq8Zt0pL5x.Yc7dK1vB9nJ2hG4",
    "a" * 64,
    "secret" * 8,
    "change-me-change-me-change-me-change-me",
    "super-secret-key-for-development-only",
    "0123456789abcdef0123456789abcdef",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "mU3r-wq8mU3r-wq8mU3r-wq8mU3r-wq8mU3r-wq8",
    "this-is-the-default-flask-secret-key-please-replace",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    f"{SOUND}\nsecret",
]


def stopped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path, **settings: str) -> str:
    """What the program says as it refuses to start with these settings: one line, and exit code 2."""
    for name in ("SECRET_KEY", "SECRET_KEY_FILE", "BACKUP_KEY_FILE", "HOST", "TRUSTED_HOSTS", "PROXY_HOPS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CASEREADER_DATA", str(folder))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as refused:
        runpy.run_path(str(ROOT / "app.py"))
    assert refused.value.code == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    return said


@pytest.mark.parametrize("key", WEAK, ids=range(len(WEAK)))
def test_a_key_that_is_missing_short_printed_somewhere_or_made_of_known_words_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, key: str
) -> None:
    said = stopped(monkeypatch, capsys, tmp_path, SECRET_KEY=key)

    assert "too weak" in said
    assert not key.strip() or key not in said, "the key itself is not told"


def test_a_key_of_random_signs_is_taken_from_a_file_that_nobody_else_reads(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SOUND}\n")
    file.chmod(0o400)

    assert load_settings({"CASEREADER_DATA": tmp_path / "data", "SECRET_KEY_FILE": file}).secret_key == SOUND
    made = load_settings({"CASEREADER_DATA": tmp_path / "made"})
    assert len(made.secret_key) == 64
    assert load_settings({"CASEREADER_DATA": tmp_path / "made"}).secret_key == made.secret_key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
@pytest.mark.parametrize("which", ["SECRET_KEY_FILE", "BACKUP_KEY_FILE"])
def test_a_secret_that_others_may_read_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, which: str, mode: int
) -> None:
    file = tmp_path / "key"
    file.write_text(SOUND)
    file.chmod(mode)

    said = stopped(monkeypatch, capsys, tmp_path / "data", **{which: str(file)})

    assert f"{which} can be read by other users" in said and "mode 600" in said


def test_the_key_in_the_data_folder_is_held_to_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    load_settings({"CASEREADER_DATA": tmp_path})
    (tmp_path / "secret-key").chmod(0o644)

    assert "can be read by other users" in stopped(monkeypatch, capsys, tmp_path)


def test_a_key_file_that_is_not_there_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for which in ("SECRET_KEY_FILE", "BACKUP_KEY_FILE"):
        said = stopped(monkeypatch, capsys, tmp_path, **{which: str(tmp_path / "nothing")})
        monkeypatch.delenv(which)
        assert f"{which} cannot be read" in said


@pytest.mark.parametrize(
    "settings",
    [
        {"HOST": "0.0.0.0"},  # noqa: S104 - every address of this machine
        {"HOST": "::"},
        {"HOST": "192.0.2.1"},
        {"TRUSTED_HOSTS": "127.0.0.1,cases.example"},
        {"TRUSTED_HOSTS": ".cases.example"},
    ],
    ids=str,
)
def test_plain_http_beyond_this_machine_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, settings: dict[str, str]
) -> None:
    assert "PROXY_HOPS" in stopped(monkeypatch, capsys, tmp_path, **settings)
    assert not load_settings({"CASEREADER_DATA": tmp_path, "PROXY_HOPS": "1", **settings}).on_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_this_machine_the_address_that_the_start_names_is_answered(site: Site, tmp_path: Path, host: str) -> None:
    address = load_settings({"CASEREADER_DATA": tmp_path, "HOST": host}).own_address

    assert site.app.test_client().get("/sign-in", base_url=address).status_code == 200


@pytest.mark.parametrize("name", ["[::1]", "[2001:db8::1]", "2001:db8::1"])
def test_a_number_of_ipv6_by_which_nothing_would_be_answered_stops_the_start(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="TRUSTED_HOSTS names a number of IPv6"):
        load_settings({"CASEREADER_DATA": tmp_path, "TRUSTED_HOSTS": f"localhost,{name}", "PROXY_HOPS": "1"})


@pytest.mark.parametrize("hops", ["-1", "1.5", "yes", "１", " 1"])
def test_proxies_are_a_whole_number_or_the_start_stops(tmp_path: Path, hops: str) -> None:
    with pytest.raises(ConfigError, match="PROXY_HOPS must be a whole number"):
        load_settings({"CASEREADER_DATA": tmp_path, "PROXY_HOPS": hops})


@pytest.mark.parametrize("way", ["--debug", "FLASK_DEBUG"])
def test_debug_mode_behind_a_proxy_stops_the_start_however_it_is_asked_for(tmp_path: Path, way: str) -> None:
    asked = ["--debug"] if way == "--debug" else []
    surroundings = {"CASEREADER_DATA": str(tmp_path / "data"), "PATH": os.environ["PATH"], "PROXY_HOPS": "1"}
    refused = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *asked, "database", "check"],
        cwd=ROOT,
        env=surroundings | ({"FLASK_DEBUG": "1"} if way == "FLASK_DEBUG" else {}),
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 2
    assert "Debug mode" in refused.stderr and "Traceback" not in refused.stderr


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_a_data_folder_that_is_ours_is_closed_to_others_and_one_shared_with_others_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ours, shared = tmp_path / "ours", tmp_path / "shared"
    for folder, mode in ((ours, 0o775), (shared, 0o1777)):
        folder.mkdir()
        folder.chmod(mode)

    load_settings({"CASEREADER_DATA": ours})
    said = stopped(monkeypatch, capsys, shared)

    assert mode_of(ours) == 0o700
    assert "CASEREADER_DATA is shared with other users" in said
    assert mode_of(shared) == 0o1777 and list(shared.iterdir()) == []


def test_after_a_journey_every_file_and_folder_of_the_data_is_its_owner_s_alone(site: Site) -> None:
    """Pages, a save, a file that was sent and one that was made: the log beside the database is among them."""
    for path in ("/readings", f"/readings/{site.reading}", f"/readings/{site.reading}/C"):
        assert site.ask("reviewer", path).status_code == 200
    client = site.browsers["coordinator"]
    sent = {"csrf_token": client.csrf_token("/"), "file": (io.BytesIO(b"email,name\n"), "people.csv")}
    site.ask("coordinator", f"/inspections/{site.inspection}/people/list", method="POST", data=sent)
    load_settings({"CASEREADER_DATA": site.app.instance_path})

    found = list(site.file.parent.rglob("*"))
    files = [path for path in found if path.is_file()]
    assert {path.name for path in files} >= {site.file.name, f"{site.file.name}-wal", f"{site.file.name}-shm"}
    assert "secret-key" in {path.name for path in files}
    assert {oct(mode_of(path)) for path in files} == {oct(0o600)}
    assert {oct(mode_of(path)) for path in found if path.is_dir()} <= {oct(0o700)}
    assert os.umask(0o077) == 0o077, "set by the program"


def test_a_database_that_others_could_read_is_closed_at_the_start_with_its_log(tmp_path: Path) -> None:
    for name in ("old.sqlite3", "old.sqlite3-wal", "old.sqlite3-shm"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)

    make_engine(f"sqlite:///{tmp_path / 'old.sqlite3'}").dispose()

    assert {mode_of(path) for path in tmp_path.iterdir()} == {0o600}
