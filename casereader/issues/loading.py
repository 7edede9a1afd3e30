"""Every answer that counts of many inspections, as codes and as a digest: loaded a few inspections at a time.

A programme of 320 inspections has millions of answers: as rows they take more memory than whoever works out an issue
may. What a few inspections hold is looked up and digested, and let go before the next are loaded.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import pandas as pd
from sqlmodel import Session, col, select

from casereader.figures import material
from casereader.figures.material import ANSWER_COLUMNS, Material
from casereader.in_waves import looking
from casereader.instrument import Instrument
from casereader.models import DrawRecord
from casereader.programmes.inspections import Place
from casereader.rollup import ALWAYS_VALID, LookedUp, Marks, build_design
from sampling.digest import canonical_json

AT_ONCE = 16  # inspections


@dataclass(frozen=True)
class Loaded:
    """The sampled cases, the marks of those decided, the digest of all, and when anything in it last changed."""

    cases: pd.DataFrame
    marks: Marks
    data_digest: str
    data_time: datetime | None
    digests: Mapping[str, str]  # the digest of each inspection by itself


def load(
    session: Session, places: Sequence[Place], instrument: Instrument, *, tell: Callable[[float], None] | None = None
) -> Loaded:
    """What the roll-ups of these inspections need, in the order of one `material.load` of them all.

    `tell` hears which share of them is loaded.
    """
    looked_up, digest = LookedUp(instrument), Digest()
    cases: list[pd.DataFrame] = []
    times: list[datetime] = []
    for some, share in _in_turns(session, places, instrument):
        looked_up.add(build_design(some.cases), some.answers)
        digest.add(some)
        cases.append(some.cases)
        times += [some.data_time] if some.data_time else []
        if tell is not None:
            tell(share)
    every = pd.concat(cases, ignore_index=True)
    marks = looked_up.marks(build_design(every))
    return Loaded(every, marks, digest.value(), max(times, default=None), digest.by_inspection())


def digested(session: Session, places: Sequence[Place], instrument: Instrument) -> Digest:
    """What `load` takes its digests of."""
    digest = Digest()
    for some, _ in _in_turns(session, places, instrument):
        digest.add(some)
    return digest


class Digest:
    """The SHA-256 of every sampled case, every answer that counts and every N, in an order of their own.

    That is the order of the rows as Python writes them, which begin with the inspection; so the answers of each can be
    put in order by themselves.
    """

    def __init__(self) -> None:
        self._cases: list[list[Any]] = []
        self._counts: list[list[Any]] = []
        self._columns: list[list[str]] = [[], []]
        self._answers: dict[str, bytes] = {}
        self._alone: dict[str, list[list[list[Any]]]] = {}

    def add(self, loaded: Material) -> None:
        """Take in what is loaded of inspections that were not taken in yet."""
        self._cases += _rows(loaded.cases)
        self._counts += _rows(loaded.frame_counts)
        for at, table in enumerate((_with_limits(loaded).cases, loaded.frame_counts)):
            for one in _rows(table):
                self._alone.setdefault(one[0], [[], []])[at].append(one)
        self._columns = [list(loaded.cases.columns), list(loaded.frame_counts.columns)]
        rows: dict[str, list[list[str]]] = {}
        columns = (loaded.answers[name].tolist() for name in ANSWER_COLUMNS)
        for row in zip(*columns, strict=True):
            rows.setdefault(row[0], []).append([*row])
        for path, held in rows.items():
            text = json.dumps(sorted(held, key=repr), ensure_ascii=False, separators=(",", ":"))
            self._answers[path] = zlib.compress(text[1:-1].encode(), 1)

    def by_inspection(self) -> dict[str, str]:
        """The digest of each inspection by itself, the same whatever others are taken in with it."""
        found = {}
        for path, tables in self._alone.items():
            held = sha256(canonical_json([sorted(rows, key=repr) for rows in tables]))
            held.update(zlib.decompress(self._answers[path]) if path in self._answers else b"")
            found[path] = held.hexdigest()
        return found

    def value(self) -> str:
        """The digest, in lower-case hexadecimal."""
        cases, counts = (
            canonical_json([columns, sorted(rows, key=repr)])
            for columns, rows in zip(self._columns, (self._cases, self._counts), strict=True)
        )
        found = sha256(b"[" + cases + b",[" + canonical_json(list(ANSWER_COLUMNS)) + b",[")
        for at, path in enumerate(sorted(self._answers, key=repr)):
            found.update(b"," if at else b"")
            found.update(zlib.decompress(self._answers[path]))
        found.update(b"]]," + counts + b"]")
        return found.hexdigest()


def data_digest(loaded: Material) -> str:
    """The digest of what is loaded already."""
    digest = Digest()
    digest.add(loaded)
    return digest.value()


def _in_turns(session: Session, places: Sequence[Place], instrument: Instrument) -> Iterator[tuple[Material, float]]:
    """A few inspections after the other, in the order of their draws, in which one load has their cases.

    With each the share of all that is loaded with it.
    """
    ids = [place.inspection.id for place in places]
    query = select(DrawRecord.inspection_id, DrawRecord.id).where(
        col(DrawRecord.inspection_id).in_(ids), col(DrawRecord.voided_at).is_(None)
    )
    drawn = {inspection: draw or 0 for inspection, draw in session.exec(query)}
    ordered = sorted(places, key=lambda place: drawn.get(place.inspection.id or 0, 0))
    is_any_always = any(one.is_always_valid for one in looking.looked(session, drawn).values())
    for start in range(0, max(len(ordered), 1), AT_ONCE):
        some = material.load(session, ordered[start : start + AT_ONCE], instrument, only=None)
        yield _with_limits(some) if is_any_always else some, min((start + AT_ONCE) / max(len(ordered), 1), 1.0)


def _with_limits(loaded: Material) -> Material:
    """The material with the columns that limits which hold at any time need: one load of all has them for each case."""
    if ALWAYS_VALID in loaded.cases:
        return loaded
    return replace(loaded, cases=material.with_plan(loaded).assign(**{ALWAYS_VALID: False}))


def _rows(table: pd.DataFrame) -> list[list[Any]]:
    """Rows of texts and whole numbers; a blank is None."""
    columns = [[None if pd.isna(value) else _plain(value) for value in table[name].tolist()] for name in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else str(value)
