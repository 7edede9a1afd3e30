"""What can be made: each kind of file says how it is made and what the trail keeps when it is given out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from casereader.instrument import Instrument
from casereader.models import Account, Job
from casereader.programmes.inspections import Place


@dataclass(frozen=True)
class Asked:
    """What a file is made of: how it was asked for, by whom, and whom to tell how far it is."""

    place: Place
    instrument: Instrument
    choices: Mapping[str, Any]
    by: Account
    tell: Callable[[int], None]


@dataclass(frozen=True)
class Made:
    """The file, the name to save it by, and counts that are kept of it."""

    content: bytes
    name: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Kind:
    """One kind of file."""

    job: str  # the kind of its jobs
    title: str
    page: str  # where it is asked for
    content_type: str
    make: Callable[[Asked], Made]  # in the child, whose database session only reads
    note: Callable[[Place, Job], None]  # in the trail, as it is given out


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Let files of this kind be made."""
    KINDS[kind.job] = kind
