"""Bringing both sides together: what is to be added, changed and removed here, and what both changed. It only says so.

Each part of a row is held against how it was when the sides parted (`base`, digests): what one side alone changed is
taken; what both changed alike needs nothing; for the rest there is a rule, and for answers a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from casereader.packing.gathering import WHOLE, Row, Rows, digest, packed, parts_of
from casereader.packing.parts import Rule
from casereader.packing.queries_of_both import Base, renamed, same_queries
from casereader.packing.texts import joined_notes, joined_reference
from casereader.vocabulary import QueryState, ReadingState, Side

BLANK: dict[str, Any] = {"value": None, "note": "", "sources": [], "ground": None, "discuss": False}
NOTHING = digest(BLANK)
# Of the office's own, what can be gone again: of a child who was drawn since, the row without the reference.
TAKEN_AWAY_THERE = frozenset({"membership", "frame_case"})
THE_READERS_OWN = frozenset({"running_notes", "active_minute"})
FRAMELESS = ""  # of a table whose rows are of no list; those of a list that is over stay
NO_ROW = Row("", "", {})
RANK = {state.value: place for place, state in enumerate(ReadingState)}


@dataclass(frozen=True)
class Differs:
    """An answer that was changed on both sides, or on one where the other had handed the reading in."""

    reading: str
    key: str
    mine: Row | None
    theirs: Row | None
    stands: Side


@dataclass
class Plan:
    """What is to be done here, by table: rows to add, values to change, rows to remove; and what both changed."""

    added: list[Row] = field(default_factory=list)
    changed: list[tuple[Row, dict[str, Any]]] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    differs: list[Differs] = field(default_factory=list)
    also_named: dict[str, str] = field(default_factory=dict)


def merge(mine: Rows, theirs: Rows, base: Base, *, here: Side, also_named: Mapping[str, str]) -> Plan:
    """What is to be done on this side, `here`, so that it holds all of both."""
    return _Merging(mine, theirs, base, here, also_named).plan()


class _Merging:
    def __init__(self, mine: Rows, theirs: Rows, base: Base, here: Side, also_named: Mapping[str, str]) -> None:
        self._mine, self._here, self._plan = mine, here, Plan()
        self._plan.also_named = same_queries(mine, theirs, also_named)
        self._theirs, self._base = renamed(theirs, base, self._plan.also_named)

    def plan(self) -> Plan:
        for table in self._theirs:
            part = packed(table)
            assert part is not None
            if part.rule is Rule.OFFICE:
                self._of_the_office(table)
            elif part.rule is Rule.ADDED:
                self._new(table)
            elif table == "answer":
                self._answers()
            else:
                self._compared(table)
        return self._plan

    def _new(self, table: str) -> None:
        self._plan.added += [
            row
            for name, row in self._theirs[table].items()
            if name not in self._mine[table] and not (table in THE_READERS_OWN and self._given_here(row.reading))
        ]

    def _of_the_office(self, table: str) -> None:
        """One way, but for people: whoever did something on the laptop is known at the office too."""
        if self._here is Side.OFFICE:
            if table == "account":
                self._new(table)
            return
        self._new(table)
        for name, row in self._theirs[table].items():
            if (own := self._mine[table].get(name)) is not None:
                self._change(own, row.values)
        if table in TAKEN_AWAY_THERE:
            self._plan.removed += [
                row
                for name, row in self._mine[table].items()
                if name not in self._theirs[table]
                and row.values.get("frame_id", FRAMELESS) in {FRAMELESS, *self._theirs["sampling_frame"]}
            ]

    def _change(self, own: Row, values: Mapping[str, Any]) -> None:
        keeps = ("public_id", "created_at") if own.table == "account" else ()
        changed = {name: value for name, value in values.items() if own.values.get(name) != value and name not in keeps}
        if changed:
            self._plan.changed.append((own, changed))

    def _compared(self, table: str) -> None:
        base = self._base.get(table, {})
        for name in _every(self._mine[table], self._theirs[table]):
            own, other, was = self._mine[table].get(name), self._theirs[table].get(name), base.get(name)
            if table in THE_READERS_OWN and self._given_here((own or other or NO_ROW).reading):
                continue
            if own is None and other is not None:
                if was is None or parts_of(other) != was:
                    self._plan.added.append(other)
            elif own is not None and other is None:
                if was is not None and (parts_of(own) == was or self._is_theirs(table)):
                    self._plan.removed.append(own)
            elif own is not None and other is not None:
                self._change(own, self._brought_together(own, other, was or {}))

    def _is_theirs(self, table: str) -> bool:
        """Whether what both changed is as the other side has it: the laptop's word counts for the room."""
        part = packed(table)
        return part is not None and part.rule is Rule.ROOM and self._here is Side.OFFICE

    def _brought_together(self, own: Row, other: Row, was: Mapping[str, str]) -> dict[str, Any]:
        part = packed(own.table)
        assert part is not None
        if own.table == "reading" and self._given_here(own.name):
            return {}
        if own.table == "reading" and self._moved(own.name):
            if self._here is Side.LAPTOP:
                return {}
            self._plan.removed += [
                row
                for name, row in self._mine["active_minute"].items()
                if row.reading == own.name and name not in self._theirs["active_minute"]
            ]
            return {column: other.values[column] for columns in part.parts.values() for column in columns}
        values: dict[str, Any] = {}
        now, then = parts_of(own), parts_of(other)
        for name in now:
            columns = part.parts.get(name, tuple(other.values)) if name != WHOLE else tuple(other.values)
            if now[name] == then[name] or then[name] == was.get(name):
                continue
            if now[name] == was.get(name) or self._is_theirs(own.table):
                values |= {column: other.values.get(column) for column in columns}
            else:
                values |= self._both(own, other, name, columns)
        return values

    def _both(self, own: Row, other: Row, part: str, columns: Iterable[str]) -> dict[str, Any]:
        """What stands where both sides changed a part of a row that is no answer."""
        theirs = {column: other.values.get(column) for column in columns}
        match own.table, part:
            case "reading", "state":
                return theirs if self._winner(own.name) is not self._here else {}
            case "query", "state":
                return theirs if self._is_further(own, other) else {}
            case (("concern" | "action"), "state"):
                return theirs if self._newest(other, self._theirs) > self._newest(own, self._mine) else {}
            case "concern", "reference":
                mine, their = own.values["partnership_ref"], other.values["partnership_ref"]
                return {"partnership_ref": joined_reference(*self._in_order(mine, their))}
            case "running_notes", _:
                return joined_notes(*self._in_order(own.values, other.values))
            case "practice_reading", "first":
                return theirs if _first(other) < _first(own) else {}
            case "practice_reading", _:
                return theirs if str(other.values["saved_at"]) > str(own.values["saved_at"]) else {}
        raise LookupError(f"no rule for {own.table}, {part}")

    def _in_order(self, mine: Any, theirs: Any) -> tuple[Any, Any]:
        """The office's first, so that both sides come to the same."""
        return (mine, theirs) if self._here is Side.OFFICE else (theirs, mine)

    def _is_further(self, own: Row, other: Row) -> bool:
        own_is, other_is = (bool(row.values["state"] == QueryState.RESOLVED.value) for row in (own, other))
        if own_is != other_is:
            return other_is
        return self._newest(other, self._theirs) > self._newest(own, self._mine)

    @staticmethod
    def _newest(row: Row, rows: Rows) -> str:
        """When something was said of it last."""
        steps = {"query": "query_message", "concern": "concern_step", "action": "action_step"}[row.table]
        said = [str(one.values["at"]) for one in rows[steps].values() if one.values[f"{row.table}_id"] == row.name]
        return max(said, default="")

    def _moved(self, reading: str) -> bool:
        """Whether the room gave a reading to somebody else, or it waits there for one: then it is as it is there."""
        rows = self._theirs if self._here is Side.OFFICE else self._mine
        row, was = rows["reading"].get(reading), self._base.get("reading", {}).get(reading)
        return row is not None and was is not None and parts_of(row)["reader"] != was["reader"]

    def _given_here(self, reading: str | None) -> bool:
        """Whether the office gave a reading to somebody else, having gone on without the laptop.

        What its former reader wrote there is then shown, to choose; it does not become another's in silence.
        """
        row = self._mine["reading"].get(reading or "") if self._here is Side.OFFICE else None
        was = self._base.get("reading", {}).get(reading or "")
        return row is not None and was is not None and parts_of(row)["reader"] != was["reader"]

    def _winner(self, reading: str) -> Side | None:
        """Whose state of a reading stands where both changed it: of whoever handed it in, or came further."""
        own, other = self._mine["reading"].get(reading), self._theirs["reading"].get(reading)
        was = self._base.get("reading", {}).get(reading, {}).get("state")
        there = Side.LAPTOP if self._here is Side.OFFICE else Side.OFFICE
        if own is None or other is None:
            return None
        handed = [row.values["submitted_at"] is not None and parts_of(row)["state"] != was for row in (own, other)]
        if handed[0] != handed[1]:
            return self._here if handed[0] else there
        ranks = [RANK[row.values["state"]] for row in (own, other)]
        if handed[0]:
            return Side.OFFICE if ranks[0] == ranks[1] else (self._here if ranks[0] > ranks[1] else there)
        return None if ranks[0] == ranks[1] else (self._here if ranks[0] > ranks[1] else there)

    def _handed_in(self, reading: str) -> Side | None:
        """The side that handed a reading in since they parted: what the other wrote in it goes to a person."""
        if self._moved(reading):
            return Side.LAPTOP
        side = self._winner(reading)
        row = {self._here: self._mine}.get(side, self._theirs)["reading"].get(reading) if side else None
        was = self._base.get("reading", {}).get(reading, {}).get("state")
        is_new = row is not None and row.values["submitted_at"] is not None and parts_of(row)["state"] != was
        return side if is_new else None

    def _answers(self) -> None:
        base = self._base.get("answer", {})
        sides: dict[str, Side | None] = {}
        there = Side.LAPTOP if self._here is Side.OFFICE else Side.OFFICE
        for name in _every(self._mine["answer"], self._theirs["answer"]):
            own, other = self._mine["answer"].get(name), self._theirs["answer"].get(name)
            now, then, was = _said(own), _said(other), _or_nothing(base.get(name, {}).get("answer"))
            if now == then:
                continue
            reading, _, key = name.rpartition("/")
            if self._given_here(reading):
                if then != was:
                    self._plan.differs.append(Differs(reading, key, own, other, Side.OFFICE))
                continue
            if reading not in sides:
                sides[reading] = self._handed_in(reading)
            side = sides[reading]
            if then == was and side in (None, self._here):
                continue
            if now == was and side in (None, there):
                self._take(own, other)
                continue
            stands = side or Side.OFFICE
            self._plan.differs.append(Differs(reading, key, own, other, stands))
            if stands is there:
                self._take(own, other)

    def _take(self, own: Row | None, other: Row | None) -> None:
        """Have the other side's answer here."""
        if own is None and other is not None:
            self._plan.added.append(other)
        elif own is not None and other is None:
            self._plan.removed.append(own)
        elif own is not None and other is not None:
            self._change(own, other.values)


def _first(practice: Row) -> str:
    """When practice was first handed in; after all else where it was not yet."""
    return str(practice.values["first_submitted_at"] or "~")


def _said(row: Row | None) -> str | None:
    return None if row is None else _or_nothing(parts_of(row)["answer"])


def _or_nothing(said: str | None) -> str | None:
    """An answer that was emptied is as none."""
    return None if said == NOTHING else said


def _every(mine: Mapping[str, Row], theirs: Mapping[str, Row]) -> list[str]:
    return [*mine, *(name for name in theirs if name not in mine)]
