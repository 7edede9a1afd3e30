"""Python and the program where a user without rights can read them, whatever folder they were installed in.

Root's own folders are closed to others, and a Python installed there cannot be run by anybody else. So what is needed
is linked, or copied where links are not possible, into the throw-away folder; nothing of it can be written there by
whoever runs it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import site
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.source import ROOT

PROGRAM = ("app.py", "casereader", "sampling", "data", "templates", "tests/frames")
NOT_NEEDED = ("test", "site-packages", "config-*", "idlelib", "ensurepip")
UNPRIVILEGED = ("nobody", "postgres")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who runs the program under test, and with what."""

    python: Path
    surroundings: dict[str, str]
    owner: dict[str, Any]  # for subprocess: user and group, where the caller is root


def reader(folder: Path) -> Reader:
    """Somebody without rights, and a Python that they can run; the caller and its Python where it is not root."""
    path = f"{os.environ.get('PATH', '')}"
    if os.geteuid() != 0:
        return Reader(Path(sys.executable), {"PATH": path}, {})
    people = {person.pw_name: person for person in pwd.getpwall()}
    person = next(people[name] for name in UNPRIVILEGED if name in people)
    owner = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    if _can_run(Path(sys.executable), owner):
        return Reader(Path(sys.executable), {"PATH": path}, owner)
    return Reader(*_linked_python(folder / "python"), owner)


def give(path: Path, to: Reader) -> None:
    """Hand a folder, with all in it, to whoever runs the program."""
    if not to.owner:
        return
    for each in (path, *path.rglob("*")):
        os.chown(each, to.owner["user"], to.owner["group"])


def copy(path: Path, there: Path) -> None:
    """A folder where others may read it."""
    _copy(path, there, ())


def copy_program(folder: Path) -> None:
    """The program itself, without its tests, its history and what is in its data folder."""
    for name in PROGRAM:
        _copy(ROOT / name, folder / name, ())


def _can_run(python: Path, owner: dict[str, Any]) -> bool:
    try:
        subprocess.run([python, "-c", "import flask"], check=True, capture_output=True, timeout=60, **owner)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _linked_python(folder: Path) -> tuple[Path, dict[str, str]]:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix)
    _copy(base / "lib" / version, folder / "lib" / version, NOT_NEEDED)
    for library in (base / "lib").glob("libpython*"):
        _copy(library, folder / "lib" / library.name, ())
    python = folder / "bin" / version
    _copy((base / "bin" / version).resolve(), python, ())
    for packages in _packages():
        _copy(packages, folder / "packages", ())
    return python, {
        "PATH": os.defpath,
        "PYTHONHOME": str(folder),
        "PYTHONPATH": str(folder / "packages"),
        "LD_LIBRARY_PATH": str(folder / "lib"),
    }


def _packages() -> Iterable[Path]:
    return [Path(each) for each in site.getsitepackages() if Path(each).is_dir()]


def _copy(here: Path, there: Path, left_out: tuple[str, ...]) -> None:
    there.parent.mkdir(parents=True, exist_ok=True)
    if here.is_dir():
        ignore = shutil.ignore_patterns(*left_out)
        shutil.copytree(here, there, ignore=ignore, copy_function=_link, dirs_exist_ok=True)
        for inside in (there, *(each for each in there.rglob("*") if each.is_dir())):
            inside.chmod(0o755)
    else:
        _link(str(here), str(there))


def _link(here: str, there: str) -> str:
    """A hard link where one can be made and others may read the file, else a copy that they may."""
    original, copy = Path(here).resolve(), Path(there)
    mode = original.stat().st_mode
    if mode & 0o044 == 0o044:
        with suppress(OSError):
            copy.hardlink_to(original)
            return there
    shutil.copy2(original, copy)  # with its time: what was compiled before goes by it
    copy.chmod(mode & 0o111 | 0o644)
    return there
