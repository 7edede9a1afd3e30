"""The return that an invented partnership sends as it keeps it: a workbook of four tabs, in words of its own.

Some children are on two tabs, and two things in it are wrong, so that all of the way to a list can be tried.
"""

from __future__ import annotations

import io

import xlsxwriter  # type: ignore[import-untyped]

from casereader.demo.invented.chance import Chance
from casereader.demo.invented.lists import AGES, DEPRIVATION, LEGAL, LIVING
from casereader.exports.workbook import OPTIONS

HEADINGS = ("Reference", "Age", "Legal status", "Placement", "SIMD quintile", "Sibling group", "Team")
TABS = {"CP investigations": "a", "CP register": "b", "VYP": "c", "CSO home": "e"}
SHARES = {"CP investigations": 0.32, "CP register": 0.38, "VYP": 0.13}
ON_TWO = 17  # children on the register and on an order at home
WORDS = {
    "none": "No order",
    "s.25": "Section 25",
    "CSO at home": "Supervision order at home",
    "CSO away": "Supervision order away",
    "CPO in period": "CPO",
    "parents": "Parents",
    "kinship": "Kinship carer",
    "foster": "Foster carers",
    "residential": "Residential unit",
    "secure": "Secure",
    "other": "Other",
}
TEAMS = ("North", "South", "Coast")
Row = list[str | int]


def workbook_of(name: str, *, n_cases: int, seed: str) -> bytes:
    """The partnership's workbook, of `n_cases` children, as bytes of an XLSX file."""
    tabs = _tabs(name, n_cases, Chance(seed, "return", name))
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, OPTIONS)
    book.set_properties({"title": f"{name}: invented return", "comments": "Invented: no child and no record is real."})
    for tab, rows in tabs.items():
        sheet = book.add_worksheet(tab)
        sheet.write_row(0, 0, HEADINGS)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
    book.close()
    return stream.getvalue()


def _tabs(name: str, n_cases: int, chance: Chance) -> dict[str, list[Row]]:
    sizes = {tab: round(share * n_cases) for tab, share in SHARES.items()}
    sizes["CSO home"] = n_cases - sum(sizes.values())
    tabs: dict[str, list[Row]] = {}
    place = 0
    for tab, size in sizes.items():
        tabs[tab] = [_row(f"{name[:3].upper()}-{place + n:04}", TABS[tab], chance) for n in range(1, size + 1)]
        place += size
    register, orders = tabs["CP register"], tabs["CSO home"]
    for row in register[: min(ON_TWO, len(register))]:
        row[2] = WORDS["CSO at home"]
        row[3] = WORDS["parents"]
        orders.append(list(row))
    if len(register) > ON_TWO:
        register[-1][1] = "twelve"
        register.append(list(register[ON_TWO]))  # one child twice on one tab
    return tabs


def _row(reference: str, group: str, chance: Chance) -> Row:
    legal = "CSO at home" if group == "e" else chance.weighted(LEGAL)
    return [
        reference,
        chance.whole(*AGES[group]),
        WORDS[legal],
        WORDS[chance.weighted(LIVING[legal])],
        f"SIMD {chance.weighted(DEPRIVATION)}",
        f"F{chance.whole(1, 90):02}" if chance.happens(0.2) else "",
        chance.pick(TEAMS),
    ]
