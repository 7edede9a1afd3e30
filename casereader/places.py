"""Where what comes with the program lies, and how its commands are called there.

A checkout keeps `templates/`, `data/` and `docs/` at its top, where people look for them. The wheel carries them inside
`casereader/`, so that it lays nothing but two packages among those of others (decision 107).
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
IS_INSTALLED = (PACKAGE / "templates").is_dir()
TOP = PACKAGE if IS_INSTALLED else PACKAGE.parent
TEMPLATES = TOP / "templates"
DATA = TOP / "data"
DOCUMENTS = TOP / "docs"
IN_A_CHECKOUT = "flask --app app"
COMMAND = "casereader" if IS_INSTALLED else IN_A_CHECKOUT
_CALLED = re.compile(r"(?<!-m )flask --app app (?=[a-z])")  # a command of ours, not how Python starts it


def as_called_here(text: str, command: str = COMMAND) -> str:
    """A text about our commands, which is written for a checkout, with each named as it is called here."""
    return _CALLED.sub(f"{command} ", text)


def own_data_folder() -> Path:
    """Where data lie unless somebody says where: beside a checkout, else in a folder of the user's own.

    An installed program is called from any folder, so its data must not depend on which.
    """
    if not IS_INSTALLED:
        return Path("instance")
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "casereader"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "casereader"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "casereader"
