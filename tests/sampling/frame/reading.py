"""What the tests of the frame share: reading a list as the odd ones are read, and hearing what is wrong with it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from sampling.errors import FrameError
from sampling.frame import Frame, FrameRules, read_frame

RULES = FrameRules(strata=("CPR", "CPI", "VYP", "CARM"), columns=("locality",))
TODAY = datetime.date(2026, 6, 1)


def read(path: Path, **options: Any) -> Frame:
    """The frame of the list, by the rules of the odd ones unless others are given."""
    return read_frame(path, **({"rules": RULES, "today": TODAY} | options))


def faults(path: Path, **options: Any) -> str:
    """What is wrong with the list, a line to a fault; it must be refused."""
    with pytest.raises(FrameError) as caught:
        read(path, **options)
    return str(caught.value)


def warnings(path: Path, **options: Any) -> str:
    """What the list is warned of, a line to a warning; it must be read."""
    return "\n".join(str(warning) for warning in read(path, **options).warnings)
