"""The rows of the progress page: which the address asks for, in which order, what each shows. Never a rating."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from casereader.programmes.inspections import Place
from casereader.reading_week import progress
from casereader.reading_week.progress import CaseRow
from casereader.reading_week.records import TrackedCase
from casereader.vocabulary import NOT_TO_BE_READ, OPEN_STATES, CaseStatus, ReadingState, RecordState, SampleRole
from casereader.web import objects

STANDING_KINDS = {
    progress.NOT_ASSIGNED: "plain",
    progress.HANDED_BACK: "attention",
    progress.SAID_INELIGIBLE: "waiting",
    CaseStatus.NOT_PRODUCED.value: "attention",
    CaseStatus.INELIGIBLE.value: "not-applicable",
    CaseStatus.NOT_REACHED.value: "not-applicable",
    ReadingState.ASSIGNED.value: "not-started",
    ReadingState.IN_PROGRESS.value: "in-progress",
    ReadingState.SUBMITTED.value: "waiting",
    ReadingState.COUNTERSIGNED.value: "waiting",
}
STANDINGS = (
    *(progress.NOT_ASSIGNED, progress.HANDED_BACK, progress.SAID_INELIGIBLE),
    *(state.value for state in ReadingState),
    *(status.value for status in NOT_TO_BE_READ),
)
SORTS: dict[str, tuple[str, Callable[[CaseRow], Any]]] = {
    "stratum": ("Stratum and ticket order", lambda _: 0),
    "wave": ("Wave", lambda row: row.wave),
    "reference": ("Reference", lambda row: row.case_ref),
    "reader": ("Reader", lambda row: (row.reader is None, row.reader or "")),
    "state": ("State", lambda row: STANDINGS.index(row.stands) if row.stands in STANDINGS else -1),
    "answered": ("Least answered first", lambda row: 2.0 if row.full is None else row.full),
    "discuss": ("Most to discuss first", lambda row: -row.n_discuss),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what is not on offer is as if it were not said."""

    state: str
    reader: str
    stratum: str
    sort: str
    case: str = ""  # one alone, as a search leads to it

    def of(self, found: list[CaseRow]) -> list[CaseRow]:
        """The rows asked for, in the order asked for."""
        rows = [
            row
            for row in found
            if self.state in ("", row.stands)
            and self.reader in ("", row.reader_id)
            and self.stratum in ("", row.stratum)
            and self.case in ("", row.case_id)
        ]
        return sorted(rows, key=SORTS[self.sort][1])

    def query(self) -> dict[str, Any]:
        """The same as an address says it, without what goes without saying."""
        given = {"state": self.state, "reader": self.reader, "stratum": self.stratum, "case": self.case}
        sort = {} if self.sort == "stratum" else {"sort": self.sort}
        return {name: value for name, value in given.items() if value} | sort

    @property
    def is_all(self) -> bool:
        """Whether no row is left out."""
        return not (self.state or self.reader or self.stratum or self.case)


def asked_for(found: list[CaseRow]) -> Asked:
    """What the address asks for, of what there is."""

    def one_of(name: str, offered: set[str], otherwise: str = "") -> str:
        given = request.args.get(name, "")
        return given if given in offered else otherwise

    return Asked(
        state=one_of("state", set(STANDINGS)),
        reader=one_of("reader", {row.reader_id for row in found}),
        stratum=one_of("stratum", {row.stratum for row in found}),
        sort=one_of("sort", set(SORTS), "stratum"),
        case=one_of("case", {row.case_id for row in found}),
    )


def choices(place: Place, found: list[CaseRow], asked: Asked) -> dict[str, list[dict[str, object]]]:
    """What can be asked for, each with what is chosen now."""
    readers = sorted({(row.reader or "", row.reader_id) for row in found if row.reader_id})
    standing = {row.stands for row in found}
    offered = {
        "state": [(state, state.capitalize()) for state in STANDINGS if state in standing or state == asked.state],
        "reader": [(key, name) for name, key in readers],
        "stratum": [(one, objects.stratum_named(place, one)) for one in dict.fromkeys(row.stratum for row in found)],
        "sort": [(key, words) for key, (words, _) in SORTS.items() if key != "wave" or any(row.wave for row in found)],
    }
    return {
        name: [{"value": value, "label": label, "selected": getattr(asked, name) == value} for value, label in options]
        for name, options in offered.items()
    }


def row_of(
    row: CaseRow, *, public_id: str, can_give: bool, records: Mapping[int, TrackedCase] | None = None
) -> list[object]:
    """One case as the table shows it."""
    state = {"status": row.stands, "kind": STANDING_KINDS.get(row.stands, "done"), "hint": row.handed_back}
    change: object = ""
    if can_give and row.can_change_hands:
        href = url_for("progress.give", public_id=public_id, reading=row.reading_id)
        change = {"text": "Give to another", "href": href, "hidden": row.case_ref}
    wave = [row.wave] if row.wave else []
    told = [row.case_ref + reserve(row), row.stratum, *wave, row.reader or "", state, per_cent(row.full)]
    if records is None:
        return [*told, row.n_discuss, change]
    replace: object = ""
    if can_give and can_be_replaced(row):
        href = url_for("replacements.propose", public_id=public_id, case=row.case_id)
        replace = {"text": "Not eligible", "href": href, "hidden": row.case_ref}
    return [*told, records_here(records.get(row.key)), row.n_discuss, change, replace]


def can_be_replaced(row: CaseRow) -> bool:
    """Whether a coordinator may say that the case is not eligible."""
    return row.is_to_be_read and row.state in OPEN_STATES and not row.said_ineligible


def reserve(row: CaseRow) -> str:
    """What stands behind the reference of a reserve that was called on."""
    return " (reserve)" if row.role is SampleRole.RESERVE else ""


def per_cent(share: float | None) -> str:
    """A share of answers as a whole per cent; never 100 before all are there."""
    return "" if share is None else f"{int(share * 100)}%"


def records_here(case: TrackedCase | None) -> str:
    """How many of a case's records are in the room, once anybody has said so of one."""
    if case is None or all(one.state is RecordState.EXPECTED for one in case.records.values()):
        return ""
    n = sum(one.state is RecordState.SUPPLIED for one in case.records.values())
    return f"{n} of {len(case.records)}"
