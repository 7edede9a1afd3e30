"""The system programs that the tests need: where they are, and how they come to be there.

Runs as a script before anything is installed, so it may import the standard library only. As root a missing
program is installed by apt; anybody else is told the package, in one line, before a test has run.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> Path | None:
    """The browser that the browser tests drive, or `None`."""
    for name in CHROMIUM_NAMES:
        if found := shutil.which(name):
            return Path(found)
    return None


def find_postgresql() -> Path | None:
    """The folder that holds PostgreSQL's server programs, or `None`; Debian keeps them off the `PATH`."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: float(folder.parent.name) if folder.parent.name.isdigit() else 0,
        reverse=True,
    )
    if found := shutil.which("initdb"):
        folders.insert(0, Path(found).resolve().parent)
    return next((folder for folder in folders if _holds_a_server(folder)), None)


def find_venv() -> Path | None:
    """Python's own means to make a virtual environment with pip, which Debian packs apart, or `None`."""
    found = importlib.util.find_spec("ensurepip")
    return Path(found.origin) if found is not None and found.origin is not None else None


def find_java() -> Path | None:
    """The Java that Spark runs on, or `None`."""
    found = shutil.which("java")
    return Path(found) if found is not None else None


def find_faketime() -> Path | None:
    """The library that shows a program another clock, or `None`."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def find_compiler() -> Path | None:
    """The C compiler that the recorder of a power cut is built with, or `None`."""
    found = shutil.which("cc") or shutil.which("gcc")
    return Path(found) if found is not None else None


def find_nginx() -> Path | None:
    """The proxy in front of several hosts, or `None`; Debian keeps it off the `PATH` of who is not root."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found is not None else None


def find_age() -> Path | None:
    """The program by which others open what we seal, or `None`."""
    found = shutil.which("age")
    return Path(found) if found is not None else None


NEEDED: dict[str, tuple[str, str, Callable[[], Path | None]]] = {
    "chromium": ("Chromium", "chromium-headless-shell", find_chromium),
    "postgresql": ("PostgreSQL's server", "postgresql", find_postgresql),
    "faketime": ("faketime", "faketime", find_faketime),
    "java": ("Java", "default-jre-headless", find_java),
    "compiler": ("A C compiler", "build-essential", find_compiler),
    "age": ("age", "age", find_age),
    "nginx": ("nginx", "nginx-light", find_nginx),
    "venv": ("Python's venv", "python3-venv", find_venv),
}


def main(names: Sequence[str]) -> int:
    """Make sure of the programs named, or of those the tests need: 0, or 2 with one line about what is missing."""
    wanted = [NEEDED[name] for name in names or ("chromium", "postgresql", "compiler")]
    missing = [(title, package) for title, package, find in wanted if find() is None]
    if not missing:
        return 0
    packages = [package for _, package in missing]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _install(packages)
        missing = [(title, package) for title, package, find in wanted if find() is None]
    if not missing:
        return 0
    titles = " and ".join(title for title, _ in missing)
    _say(f"Missing: {titles}. Install it with: apt-get install {' '.join(package for _, package in missing)}")
    return 2


def _install(packages: Sequence[str]) -> None:
    _say(f"Installing {' '.join(packages)} with apt-get …")
    surroundings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        outcome = subprocess.run(
            ["apt-get", "--quiet", *command],
            env=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode != 0:
            _say(outcome.stderr.strip())


def _holds_a_server(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres"))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
