"""What a return's tabs, columns and values stand for: as it was chosen, checked, remembered, and told to the reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from casereader.instrument import Instrument
from casereader.models import Account, ListChange, Partnership, Programme, ReturnMapping
from casereader.returns.columns import CODED, OURS, REFERENCES, codes_of

NO_LIST, GROUP_COLUMN = "-no-list", "-column"  # no code of a group begins with a dash
KEEP, LEAVE = "keep", "leave"


@dataclass(frozen=True)
class Mapped:
    """A mapping: by tab what it is (no list, one with a column of groups, or a group's code), by heading the column of
    ours, by column of ours the code of each value, folded. `own_groups`: the list's groups keep their own names.
    """

    tabs: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    own_groups: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Mapped:
        """From what is stored; nothing gives an empty mapping."""
        return cls(**stored) if stored else cls()

    def stored(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    @property
    def lists(self) -> list[str]:
        """The tabs that hold lists."""
        return [tab for tab, what in self.tabs.items() if what != NO_LIST]


def mapping_faults(mapped: Mapped, layout: Mapping[str, Any]) -> list[str]:
    """What keeps a mapping from being used, in words."""
    if not mapped.lists:
        return ["Say of at least one tab that it holds a list."]
    found = []
    for tab in layout["tabs"]:
        name = tab["name"] or ""
        if name not in mapped.lists:
            continue
        if not tab["rows"] and tab["faults"]:
            found += [f"{f'The tab ‘{name}’: ' if name else ''}{says}" for _, _, says in tab["faults"]]
            continue  # nothing of it could be read: its columns are no answer
        of = f" of the tab ‘{name}’" if name else ""
        used: dict[str, list[str]] = {}
        for heading in tab["headings"]:
            used.setdefault(mapped.columns.get(heading["key"], LEAVE), []).append(heading["header"])
        for ours in OURS.values():
            if len(used.get(ours.name, [])) > 1:
                both = " and ".join(f"‘{header}’" for header in used[ours.name])
                found.append(f"The columns {both}{of} cannot both be the {ours.label.lower()}: choose one.")
        if "case_ref" not in used:
            found.append(f"No column{of} is the case reference: say which one is.")
        if mapped.tabs[name] == GROUP_COLUMN and "group" not in used:
            remedy = "say which column it is, or which group the tab is" if name else "say which one is"
            found.append(f"No column{of} holds the group: {remedy}.")
    return found


def remembered(session: Session, *, partnership: Partnership) -> Mapped | None:
    """How the partnership's last return was checked, if there was one, whether or not it was taken."""
    found = session.exec(select(ReturnMapping).where(ReturnMapping.partnership_id == partnership.id)).first()
    return None if found is None else Mapped.of(found.mapping)


def remember(session: Session, *, partnership: Partnership, mapped: Mapped, by: Account, at: datetime) -> None:
    """Add to what is known of the partnership's tabs, headings and words; what was chosen last holds."""
    key = partnership.id or 0
    found = session.exec(select(ReturnMapping).where(ReturnMapping.partnership_id == key)).first()
    if found is None:
        found = ReturnMapping(partnership_id=key, saved_at=at, saved_by_id=by.id or 0)
    before = Mapped.of(found.mapping)
    names = {*before.values, *mapped.values}
    found.mapping = Mapped(
        {**before.tabs, **mapped.tabs},
        {**before.columns, **mapped.columns},
        {name: {**before.values.get(name, {}), **mapped.values.get(name, {})} for name in names},
        mapped.own_groups,
    ).stored()
    found.saved_at, found.saved_by_id = at, by.id or 0
    session.add(found)
    session.flush()


def codes_for(mapped: Mapped, instrument: Instrument) -> dict[str, dict[str, str]]:
    """By column of ours the code of every spelling, known or chosen; a column that keeps its own words is not in it."""
    found = {}
    for name in ("group", *CODED):
        known = codes_of(instrument, name)
        if known and not (name == "group" and mapped.own_groups):
            found[name] = {**mapped.values.get(name, {}), **known}
    return found


def request_for(
    mapped: Mapped,
    *,
    path: Path,
    filename: str,
    instrument: Instrument,
    programme: Programme,
    changes: Sequence[ListChange],
    today: date,
) -> dict[str, Any]:
    """What the reading process is asked for: the list that the return makes by this mapping, with the changes to it."""
    groups = [stratum.code for stratum in instrument.strata]
    return {
        **look_request(path=path, filename=filename),
        "do": "make",
        "today": today.isoformat(),
        "tabs": [
            {"name": tab or None, "group": None if what == GROUP_COLUMN else what}
            for tab, what in mapped.tabs.items()
            if what != NO_LIST
        ],
        "columns": {key: ours for key, ours in mapped.columns.items() if ours != LEAVE},
        "codes": codes_for(mapped, instrument),
        "words": {column.name: column.values for column in OURS.values()},
        "order": list(programme.stratum_order) or groups,
        "changes": [
            {"tab": change.tab, "row": change.row, "column": change.list_column, "after": change.after}
            for change in changes
        ],
    }


def look_request(*, path: Path, filename: str) -> dict[str, Any]:
    """What the reading process is asked for first: the return's tabs, headings and values."""
    return {"do": "look", "path": str(path), "filename": filename, "references": sorted(REFERENCES)}
