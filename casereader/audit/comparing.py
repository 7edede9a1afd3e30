"""Whether what stands in the tables is what the trail says was left there: whoever writes past the program is found.

The trail is added up, row by row and field by field, and what stands is taken away again. It is done in two goes,
so that memory is bounded however many rows there are: the first adds up numbers that stand for values, in so many sums;
where a sum is not nought, the second looks at the rows that went into it one by one.
"""

from __future__ import annotations

import json
import secrets
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Text, cast, select
from sqlmodel import Session

from casereader.audit.chain import BEGUN, TELLS_EVERY_ROW
from casereader.audit.standing import SEAL, Fields, Keys, Standing, as_text, compared, standing
from casereader.audit.telling import TABLES, Told
from casereader.audit.texts import ERASED
from casereader.audit.values import defaults, told_value
from casereader.models import AuditEvent, Inspection, TextVersion

SUMS = 1 << 16
MOST_AT_ONCE = 1 << 10  # sums whose rows are looked at one by one
MOST_FAULTS = 50
AT_A_TIME = 5_000
_WORD = (1 << 64) - 1
DO = "Compare it with a backup that was made before, and find out who had access to the database."

_EVENTS: Any = AuditEvent.__table__  # type: ignore[attr-defined]
_TEXTS: Any = TextVersion.__table__  # type: ignore[attr-defined]


class Mark(NamedTuple):
    """What an event says of one field of a row: how it was, and is; blank is nothing."""

    table: str
    row: str
    field: str
    before: str | None
    after: str | None


@dataclass
class _Known:
    """What the trail says of one row that is looked at closely."""

    fields: Fields = field(default_factory=dict)
    says: str = ""  # the event that told of it last
    is_doubtful: bool = False


def compare(session: Session) -> list[str]:
    """What is not as the trail left it, in words without content; an empty list when all is."""
    return _Comparison(session.connection()).faults()


class _Comparison:
    def __init__(self, connection: Connection) -> None:
        self._connection, self._keys = connection, Keys(connection)
        self._secret = secrets.token_hex(8)  # nobody can choose rows whose sums are alike
        self._faults: list[str] = []
        self._n_more = 0
        self._is_told_whole = True

    def faults(self) -> list[str]:
        """All that is wrong, the first of it in words."""
        sums, doubtful = self._sums(), set()
        for one in standing(self._connection, self._keys):
            base = hash((self._secret, one.table, one.row))
            for name, text in one.fields.items():
                place = base % SUMS
                sums[place] = (sums[place] - hash((base, name, text))) & _WORD
        doubtful = {place for place, left in enumerate(sums) if left}
        if doubtful:
            self._look_closely(frozenset(sorted(doubtful)[:MOST_AT_ONCE]))
        self._erasures()
        if len(doubtful) > MOST_AT_ONCE:
            self._faults.append(f"There is more that differs: look again once this is put right. {DO}")
        elif self._n_more:
            self._faults.append(f"… and {self._n_more:,} more.")
        return self._faults

    def _say(self, fault: str) -> None:
        if len(self._faults) < MOST_FAULTS:
            self._faults.append(fault)
        else:
            self._n_more += 1

    def _sums(self) -> array[int]:
        sums, texts = array("Q", bytes(8 * SUMS)), self._texts()
        for event, changes in _told(self._connection):
            for change in changes:
                owner = change.get("inspection", event.inspection_id)
                for mark in _marks(change, self._keys, owner):
                    base = hash((self._secret, mark.table, mark.row))
                    place = base % SUMS
                    total = sums[place]
                    if mark.after is not None:
                        total += hash((base, mark.field, mark.after))
                    if mark.before is not None:
                        total -= hash((base, mark.field, mark.before))
                    sums[place] = total & _WORD
                self._missing_texts(event, change, owner, texts)
            if event.n == 1:
                self._is_told_whole = json.loads(event.body).get(BEGUN) == TELLS_EVERY_ROW
        return sums

    def _texts(self) -> array[int]:
        """The beginnings of the digests of all kept texts, in order: eight bytes each."""
        query = select(_TEXTS.c.digest)
        rows = self._connection.execute(query, execution_options={"yield_per": AT_A_TIME})
        return array("Q", sorted(int(digest[:16], 16) for (digest,) in rows))

    def _missing_texts(self, event: Row[Any], change: Mapping[str, Any], owner: int | None, kept: array[int]) -> None:
        told = TABLES.get(change["table"])
        if not isinstance(told, Told) or not told.texts or "fields" not in change:
            return
        owner = owner if told.owner else None
        if not self._keys.are_there(owner):
            return
        for name in told.texts & change["fields"].keys():
            for value in change["fields"][name]:
                if isinstance(value, dict) and value["digest"] != ERASED and not _holds(kept, value["digest"]):
                    where = f"{change['table']} {change['row']}, {name}"
                    self._say(f"A text that {_event(event)} names is no longer kept ({where}). {DO}")

    def _look_closely(self, doubtful: Collection[int]) -> None:
        """Follow each row of these sums through the trail, and hold what stands against it."""
        known: dict[tuple[str, str], _Known] = {}
        for event, changes in _told(self._connection):
            for change in changes:
                for mark in _marks(change, self._keys, change.get("inspection", event.inspection_id)):
                    if hash((self._secret, mark.table, mark.row)) % SUMS in doubtful:
                        self._follow(known.setdefault((mark.table, mark.row), _Known()), mark, event)
        for one in standing(self._connection, self._keys):
            if hash((self._secret, one.table, one.row)) % SUMS in doubtful:
                self._hold(known.pop((one.table, one.row), None), one)
        for (table, row), last in known.items():
            if last.fields:
                which = f"A row of {table}" if SEAL in last.fields else f"{table} {row}"
                self._say(f"{which} is gone, or is another now: {last.says} left it as it was. {DO}")

    def _follow(self, known: _Known, mark: Mark, event: Row[Any]) -> None:
        is_new = not known.says and not self._is_told_whole
        if known.fields.get(mark.field) != mark.before and not known.is_doubtful and not is_new:
            known.is_doubtful = True
            which = f"{mark.table} {mark.row}" if mark.field != SEAL else f"a row of {mark.table}"
            self._say(f"Before {_event(event)}, {which} was changed past the program ({mark.field}). {DO}")
        known.fields.pop(mark.field, None)
        if mark.after is not None:
            known.fields[mark.field] = mark.after
        known.says = _event(event)

    def _hold(self, known: _Known | None, one: Standing) -> None:
        which = f"{one.table} {one.called}"
        if known is None or not known.fields:
            if one.fields and self._is_told_whole:
                if SEAL in one.fields:
                    self._say(f"{which} is not as any deed left it: it was changed or put in past the program. {DO}")
                else:
                    self._say(f"{which} was put in past the program: no deed left it there. {DO}")
            return
        names = sorted(name for name in known.fields | one.fields if known.fields.get(name) != one.fields.get(name))
        if names and self._is_told_whole:
            self._say(f"{which} is not as {known.says} left it ({', '.join(names)}). {DO}")

    def _erasures(self) -> None:
        """An inspection without its key is one that was erased, by a deed that says so."""
        table: Any = Inspection.__table__  # type: ignore[attr-defined]
        without = self._connection.execute(select(table.c.id, table.c.public_id).where(table.c.digest_key.is_(None)))
        for key, name in without.all():
            query = select(_EVENTS.c.n).where(_EVENTS.c.action == "content erased", _EVENTS.c.inspection_id == key)
            if self._connection.execute(query).first() is None:
                self._say(f"inspection {name} has lost its key, and no deed erased it. {DO}")


def _told(connection: Connection) -> Iterator[tuple[Row[Any], list[Mapping[str, Any]]]]:
    """The events that say what changed, as they stand in the chain; and the first, which says what trail it is."""
    body = cast(_EVENTS.c.body, Text)
    columns = (_EVENTS.c.n, _EVENTS.c.at, _EVENTS.c.action, _EVENTS.c.inspection_id, body.label("body"))
    query = select(*columns).order_by(_EVENTS.c.n)
    for event in connection.execute(query, execution_options={"yield_per": AT_A_TIME}):
        if event.n == 1 or '"changes":' in event.body:
            yield event, json.loads(event.body).get("changes", [])


def _marks(change: Mapping[str, Any], keys: Keys, owner: int | None) -> Iterator[Mark]:
    table = change["table"]
    told = TABLES.get(table)
    if not isinstance(told, Told) or not keys.are_there(owner if told.owner else None):
        return
    for seal in change.get("seals", ()):
        was, now = (seal, None) if change["kind"] == "removed" else (None, seal)
        yield Mark(table, seal, SEAL, was, now)
    for seal, place in zip(change.get("seal", ()), (0, 1), strict=False):
        if seal is not None:
            yield Mark(table, seal, SEAL, *((seal, None) if place == 0 else (None, seal)))
    row = change.get("row")
    if row is None:
        return
    columns, usual = compared(table), defaults(table)
    for name, values in change["fields"].items():
        if name in columns:
            was, now = (as_text(_as_told_now(name, one, told, keys, owner), usual.get(name)) for one in values)
            if was != now or was is not None:
                yield Mark(table, row, name, was, now)


def _as_told_now(name: str, value: Any, told: Told, keys: Keys, owner: int | None) -> Any:
    """A value as it is told today: what events once held in clear is compared by its digest."""
    if isinstance(value, dict) and value.keys() == {"digest", "length"}:
        return value
    return told_value(name, value, told, keys, owner if told.owner else None) if name in told.texts else value


def _holds(kept: array[int], digest: str) -> bool:
    wanted = int(digest[:16], 16)
    place = bisect_left(kept, wanted)
    return place < len(kept) and kept[place] == wanted


def _event(event: Row[Any]) -> str:
    return f"event {event.n} ({event.action}, {event.at:%Y-%m-%dT%H:%M:%S} UTC)"
