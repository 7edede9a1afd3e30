"""What `make wheel` builds: the whole program and nothing else, which installs into an empty environment and serves.

That its list of files is right, and that it finds them and says its own name, is asked by `.ci/run`, without a network.
The slow test installs it as pip does, with the pinned packages, and serves as a user without rights.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from casereader import places
from sampling.version import VERSION
from tests import readable
from tests.ports import HOST, held_port
from tests.source import ROOT, files, modules, named

CARRIED = {"casereader": "casereader", "sampling": "sampling"} | {
    top: f"casereader/{top}" for top in ("templates", "data", "docs")
}
PATIENCE = 60.0
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as `make wheel` builds it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.iterdir()
    return built


def test_the_wheel_holds_the_whole_program_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    about = f"casereader-{VERSION}.dist-info"
    expected = {
        f"{CARRIED[top]}/{rest}": path.read_bytes()
        for path in files()
        for top, _, rest in [named(path).partition("/")]
        if top in CARRIED
    }

    assert wheel.name == f"casereader-{VERSION}-py3-none-any.whl"
    assert {name: content for name, content in held.items() if not name.startswith(about)} == expected
    for name in ("LICENSE", "NOTICE"):
        assert held[f"{about}/licenses/{name}"] == (ROOT / name).read_bytes()
    assert f"\nVersion: {VERSION}\n" in held[f"{about}/METADATA"].decode()


def test_unpacked_anywhere_it_finds_what_it_carries_and_data_lie_in_a_folder_of_the_user_s_own(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)

    installed = _module(tmp_path / "casereader" / "places.py")

    assert (installed.TEMPLATES / "home").is_dir() and (installed.DATA / "instruments" / "crr-1.toml").is_file()
    assert (installed.DOCUMENTS / "glossary.md").is_file()
    assert tmp_path / "casereader" == installed.TOP
    assert installed.COMMAND == "casereader"
    assert installed.own_data_folder() == tmp_path / "home" / "casereader"
    assert (places.TOP, places.COMMAND, places.own_data_folder()) == (ROOT, "flask --app app", Path("instance"))


def test_a_guide_names_a_command_as_it_is_called_where_it_was_installed() -> None:
    text = "`flask --app app backup FILE` is given; it begins with `flask --app app`: python -m flask --app app serve"

    assert places.as_called_here(text, "casereader") == text.replace("`flask --app app b", "`casereader b")
    assert places.as_called_here(text) == text


def test_no_other_module_looks_for_files_outside_its_own_room() -> None:
    """From a checkout they would be found, and from a wheel they would not."""
    looking = {
        named(path)
        for path in modules("casereader", "sampling").values()
        if re.search(r"root_path|__file__\)(?!\.(parent /|with_suffix))", path.read_text(encoding="utf-8"))
    }

    assert looking == {
        "casereader/places.py",
        "casereader/web/logs.py",  # to shorten what it says of files, whatever they are
        "sampling/apart.py",  # the folder of the packages, to start a module from
    }


def test_it_asks_pip_for_what_the_project_names_all_of_which_its_pins_satisfy(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        stated = archive.read(f"casereader-{VERSION}.dist-info/METADATA").decode()
    asked = [Requirement(one) for one in re.findall(r"^Requires-Dist: (.+)$", stated, flags=re.M)]
    always = {one for one in asked if one.marker is None}
    pinned = dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / "requirements.txt").read_text(), flags=re.M))

    assert always == {Requirement(one) for one in project["dependencies"]}
    assert re.search(r"^Requires-Python: (.+)$", stated, flags=re.M)[1] == project["requires-python"]  # type: ignore[index]
    assert [one for one in always if not one.specifier.contains(pinned[canonicalize_name(one.name)])] == []


def test_its_commands_are_those_of_the_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["project"]["scripts"] == {
        "casereader": "casereader.cli.program:main",
        "casereader-sampling": "sampling.__main__:main",
    }
    (backend,) = project["build-system"]["requires"]
    assert backend in project["project"]["optional-dependencies"]["dev"], "built by what is pinned with its hash"


def test_the_version_is_the_same_wherever_it_is_told() -> None:
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    released = re.findall(r"^## \[([\d.]+)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.M)
    listed = json.loads((ROOT / "docs" / "security" / "sbom.json").read_text(encoding="utf-8"))

    assert re.search(r"^version: (.+)$", cited, flags=re.M)[1] == VERSION  # type: ignore[index]
    assert (VERSION, re.search(r"^date-released: (.+)$", cited, flags=re.M)[1]) == released[0]  # type: ignore[index]
    assert listed["metadata"]["component"]["version"] == VERSION


def test_whose_work_comes_along_is_in_the_notice() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")

    assert [
        named(path.parent) for path in files() if path.name == "VENDOR.toml" if named(path.parent) not in notice
    ] == []
    assert "data/services" in notice and "Open Government" in notice
    assert "casereader/people/known_passwords.xz" in notice


@pytest.mark.slow
def test_installed_into_an_empty_environment_it_serves_the_demonstration_to_somebody_without_rights(
    wheel: Path,
) -> None:
    with tempfile.TemporaryDirectory() as made, held_port() as port:
        there = _installed(wheel, Path(made).resolve(), port)
        refused = there.run("casereader", "database", "check", code=2)
        assert "`casereader database upgrade`" in refused and "flask" not in refused
        assert not there.data.exists(), "only `serve` and what sets up make anything"

        with there.serving() as address:
            sampled = there.run("casereader-sampling", "size", "--population", "240", "--json")
            there.run("casereader", "demo", "seed", "--partnerships", "2")
            there.run("casereader", "instrument", "codebook", "CRR-1")
            page, guide = _signed_in(address, (there.data / "demo-password").read_text(encoding="utf-8").strip())

        said = there.said.read_text(encoding="utf-8")
        assert json.loads(sampled)["sample_size"] == 27
        assert "invented" in page and "Sign out" in page
        assert "coordinators" in guide, "Help shows the documents that came along"
        assert "casereader pseudonymise" in guide and "flask" not in guide
        assert f"A new service was made in {there.data}" in said
        assert "casereader has stopped" in said and "Traceback" not in said
        assert list(there.empty.iterdir()) == [], "data lie in the user's own folder, wherever it is called"


@dataclass(frozen=True)
class _Installed:
    """The program as somebody without rights has it from pip, and the empty folder that they call it from."""

    programs: Path
    empty: Path
    home: Path
    said: Path
    surroundings: dict[str, str]
    owner: dict[str, Any]

    @property
    def data(self) -> Path:
        return self.home / ".local" / "share" / "casereader"

    def run(self, name: str, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [self.programs / name, *words],
            cwd=self.empty,
            env=self.surroundings,
            capture_output=True,
            text=True,
            check=False,
            **self.owner,
        )
        assert done.returncode == code, done.stderr
        return done.stderr if code else done.stdout

    @contextmanager
    def serving(self) -> Iterator[str]:
        address = f"http://{HOST}:{self.surroundings['PORT']}"
        serve = [self.programs / "casereader", "serve"]
        with self.said.open("w") as said:
            process = subprocess.Popen(
                serve, cwd=self.empty, env=self.surroundings, stdout=said, stderr=said, **self.owner
            )
            try:
                _wait_for(address, process)
                yield address
            finally:
                process.terminate()
                assert process.wait(timeout=PATIENCE) == 0


def _installed(wheel: Path, folder: Path, port: int) -> _Installed:
    """As docs/deployment.md says: an environment with nothing in it, the pinned packages, then the wheel alone."""
    folder.chmod(0o755)
    reader = readable.reader(folder)
    libraries = {name: path for name, path in reader.surroundings.items() if name == "LD_LIBRARY_PATH"}
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("PIP_")}
    environment = folder / "environment"

    def run(*words: object) -> None:
        done = subprocess.run(words, env=kept | libraries, capture_output=True, text=True, check=False, umask=0o022)
        assert done.returncode == 0, done.stderr

    run(reader.python, "-m", "venv", "--without-pip", environment)
    pip = (sys.executable, "-m", "pip", "--python", environment / "bin" / "python", "install", "--quiet")
    run(*pip, "--require-hashes", "--requirement", ROOT / "requirements.txt")
    run(*pip, "--no-deps", wheel)
    for name in ("empty", "home"):
        (folder / name).mkdir()
        readable.give(folder / name, reader)
    surroundings = {"PATH": os.defpath, "HOME": str(folder / "home"), "PORT": str(port), **libraries}
    return _Installed(
        environment / "bin", folder / "empty", folder / "home", folder / "said.txt", surroundings, reader.owner
    )


def _module(path: Path) -> ModuleType:
    """A module from its file, beside the one of the checkout."""
    spec = importlib.util.spec_from_file_location("elsewhere", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=10) as response:  # noqa: S310 - our own server
                assert json.load(response)["schema"] == "current"
        except OSError:
            time.sleep(0.05)
            continue
        return
    raise AssertionError("the server did not answer in time")


def _signed_in(address: str, password: str) -> tuple[str, str]:
    """The first page of the demonstration's coordinator, and their guide."""
    cookies = urllib.request.HTTPCookieProcessor()
    browser = urllib.request.build_opener(cookies)
    with browser.open(f"{address}/sign-in", timeout=30) as response:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', response.read().decode())[1]  # type: ignore[index]
    form = {"csrf_token": token, "email": "coordinator@demo.example", "password": password}
    with browser.open(f"{address}/sign-in", urlencode(form).encode(), timeout=30) as response:
        page: str = response.read().decode()
    with browser.open(f"{address}/help/coordinator-guide", timeout=30) as response:
        return page, response.read().decode()
