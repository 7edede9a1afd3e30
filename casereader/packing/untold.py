"""What a laptop's file holds that its own trail does not tell: rows that were written there past the program.

The trail that comes along says of every row how it was before and after each deed, in clear or by a digest under the
inspection's key. Followed to its end it says how the laptop's tables stand; the rows of the file are held against that.
Numbers of the laptop's own rows do not travel, but the trail tells them, so that they lead to names in the file.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from casereader.audit.changes import row_name
from casereader.audit.standing import as_text, compared
from casereader.audit.telling import TABLES, Told
from casereader.audit.texts import digest_of, seal_of, told_length
from casereader.audit.values import defaults, sealed, told_value
from casereader.packing.content import Content
from casereader.packing.gathering import ACCOUNTS_IN, Row, leads_to, packed, travelling
from casereader.packing.parts import OF_A_READING, Rule

MOST_NAMED = 3
UNTOLD = (
    "This file and the laptop’s own trail, which came with it, do not tell the same of {named}. Somebody wrote into the"
    " laptop’s database, or into the file, past the program, so that nobody can say who read what: nothing is taken."
    " Run `audit verify` on the laptop, which names each; what its reader saves there anew is told, and the file packed"
    " after that is taken. Else bring the last evening’s backup to life on another laptop, and pack from there."
)

Left = Mapping[str, Mapping[str, Mapping[str, Any]]]  # by table, and row as it is told: each column as it was left
Seen = frozenset[tuple[str, str | None]]  # a row as it is compared: columns that hold something


def untold(content: Content) -> list[str]:
    """What of the file is not as the laptop's trail left it, or is left out of it, in words; an empty list if none."""
    return _Comparison(content).found()


def words_of(found: list[str]) -> str:
    """Why the file is refused."""
    n_more = len(found) - MOST_NAMED
    more = [f"{n_more:,} more"] if n_more > 0 else []
    return UNTOLD.format(named=", ".join([*found[:MOST_NAMED], *more]))


class _Digests:
    """The digests by which the laptop's trail names texts of the inspection."""

    def __init__(self, key: str) -> None:
        self._key = key

    def name(self, text: str, *, inspection_id: int | None, is_kept: bool) -> Mapping[str, Any]:  # noqa: ARG002
        return {"digest": digest_of(self._key, text), "length": told_length(text)}


class _Comparison:
    def __init__(self, content: Content) -> None:
        self._rows, self._key = content.rows, content.key
        self._digests = _Digests(content.key)
        self._left, self._seals = _left_by(content.events)
        self._names = {table: self._names_of(table) for table in self._left if table in self._rows}
        self._keys = {table: {name: key for key, name in known.items()} for table, known in self._names.items()}

    def found(self) -> list[str]:
        """Table by table."""
        found: list[str] = []
        for table in self._rows:
            part, told = packed(table), TABLES[table]
            assert part is not None
            if part.rule is Rule.OFFICE or not isinstance(told, Told):
                continue
            is_sealed = bool(told.in_bulk) and not told.later
            found += self._unsealed(table, told) if is_sealed else self._otherwise(table, told)
        return found

    def _names_of(self, table: str) -> dict[int, str]:
        """The names, in the file, of rows by the numbers that they have on the laptop."""
        told = TABLES[table]
        assert isinstance(told, Told)
        called = {row_name(told, {"id": "", **row.values}): name for name, row in self._rows[table].items()}
        left = self._left[table].items()
        return {fields["id"]: called[row] for row, fields in left if fields.get("id") and row in called}

    def _otherwise(self, table: str, told: Told) -> list[str]:
        """Rows that are told column by column."""
        links = {name: target for name, target in leads_to(table).items() if target != "frame_case"}  # told by seals
        columns = {name for name in compared(table) & travelling(table) if name in links or name not in leads_to(table)}
        left: Counter[Seen] = Counter()
        for called, fields in self._left.get(table, {}).items():
            named = self._named(fields, columns & links.keys(), links)
            if named is not None:
                left[self._seen(table, {**fields, **named}, columns, called if told.later else None)] += 1
        found = []
        for row in self._rows[table].values():
            values = {name: self._told(row, name, told) for name in columns}
            here = self._seen(table, values, columns, row.values["public_id"] if told.later else None)
            if left[here] > 0:
                left[here] -= 1
            else:
                found.append(self._words(table, row))
        if not found and left.total() and (table == "reading" or set(links) & set(OF_A_READING)):
            found.append(f"{table.replace('_', ' ')} that is left out")
        return found

    def _named(
        self, fields: Mapping[str, Any], columns: Iterable[str], links: Mapping[str, str]
    ) -> dict[str, str] | None:
        """The names of the rows that a told row leads to; None where one of them is not in the file."""
        found = {}
        for name in columns:
            if (key := fields.get(name)) is not None:
                if (named := self._names.get(links[name], {}).get(key)) is None:
                    return None
                found[name] = named
        return found

    def _told(self, row: Row, name: str, told: Told) -> Any:
        """A value of the file as the trail tells it."""
        value = row.values[name]
        if name in leads_to(row.table):
            return value
        return told_value(name, self._with_keys(row.table, name, value), told, self._digests, None)

    def _with_keys(self, table: str, name: str, value: Any) -> Any:
        """A value as it stands in the laptop's tables: with its numbers in place of names."""
        target = leads_to(table).get(name)
        if target is not None and value is not None:
            return self._keys.get(target, {}).get(value)
        if (inside := ACCOUNTS_IN.get((table, name))) and value:
            keys = self._keys.get("account", {})
            return [one | {key: keys.get(one[key]) for key in inside if one.get(key)} for one in value]
        return value

    @staticmethod
    def _seen(table: str, values: Mapping[str, Any], columns: Iterable[str], row: str | None) -> Seen:
        usual = defaults(table)
        texts = ((name, as_text(values.get(name), usual.get(name))) for name in columns)
        return frozenset([("", row), *(one for one in texts if one[1] is not None)])

    def _unsealed(self, table: str, told: Told) -> Iterator[str]:
        """Rows of which the trail tells a seal each."""
        left = Counter(self._seals[table])
        for row in self._rows[table].values():
            whole = {name: self._with_keys(table, name, value) for name, value in row.values.items()}
            seal = seal_of(self._key, sealed(whole, told, table))
            left[seal] -= 1
            if left[seal] < 0:
                yield self._words(table, row)

    def _words(self, table: str, row: Row) -> str:
        what = " ".join([table.replace("_", " "), *([str(row.values["key"])] if "key" in row.values else [])])
        reading = self._rows["reading"].get(row.reading or "")
        sampled = self._rows["sample_case"].get(str(reading.values["sample_case_id"])) if reading else None
        return f"{what} of case {str(sampled.values['case_id']).rpartition('/')[2]}" if sampled else what


def _left_by(events: Iterable[Mapping[str, Any]]) -> tuple[Left, Mapping[str, Counter[str]]]:
    """How a trail leaves each row that it tells of, and the seals that it leaves of each table."""
    left: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    seals: dict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        for change in json.loads(event["body"]).get("changes", ()):
            of_table = seals[change["table"]]
            for seal in change.get("seals", ()):
                of_table[seal] += -1 if change["kind"] == "removed" else 1
            for seal, by in zip(change.get("seal", ()), (-1, 1), strict=False):
                if seal is not None:
                    of_table[seal] += by
            if (row := change.get("row")) is None:
                continue
            if change["kind"] == "removed":
                left[change["table"]].pop(row, None)
            else:
                fields = left[change["table"]].setdefault(row, {})
                fields.update({name: after for name, (_, after) in change["fields"].items()})
    return left, seals
