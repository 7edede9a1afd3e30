"""What of the list travels: of a child who was not drawn what is counted, without the reference; and nothing back.

The roll-up counts how many children of each age, legal basis and so on there are on the whole list. For that it needs
no reference, no family, no place on the list and no column of the partnership's own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from casereader.packing.gathering import Row, Rows, leads_to
from casereader.vocabulary import Side

LIST = "frame_case"
NOT_DRAWN = "not drawn {n}"  # by the place on the list: the same in each file
BLANK = {"tab": None, "row": None, "family_group": None}


def as_it_travels(rows: Rows, *, to: Side, counted: Collection[str]) -> Rows:
    """The rows with the list as the other side needs it; `counted`: columns of the list's own that are compared."""
    named = {
        row.values[column]
        for table, of_table in rows.items()
        for column, target in leads_to(table).items()
        if target == LIST
        for row in of_table.values()
    }
    if to is Side.OFFICE:
        return {**rows, LIST: {name: row for name, row in rows[LIST].items() if name in named}}
    every = enumerate(rows[LIST].items(), 1)
    travelling = [row if name in named else _without_reference(row, n, counted) for n, (name, row) in every]
    return {**rows, LIST: {row.name: row for row in travelling}}


def _without_reference(row: Row, n: int, counted: Collection[str]) -> Row:
    ref, attributes = NOT_DRAWN.format(n=n), row.values["attributes"]
    kept = {name: value for name, value in attributes.items() if name in counted}
    values = {**row.values, **BLANK, "case_ref": ref, "attributes": kept}
    return replace(row, name=f"{values['frame_id']}/{ref}", values=values)
