"""Reads an instrument's workbook back into checked tables; every fault is told at once, by sheet, row and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casereader.instrument.assemble import assemble
from casereader.instrument.errors import InstrumentError, InstrumentFault, Place
from casereader.instrument.load import InstrumentFile
from casereader.instrument.schema import ChoiceTable, EvidenceTable, InstrumentTable, ListedTable, RuleTable
from casereader.instrument.spreadsheet import layout
from casereader.instrument.spreadsheet.cells import Found, Line, lines_of
from casereader.instrument.spreadsheet.survey import read_part_sets, read_survey


@dataclass
class Origins:
    """Where each table came from: its row, and the header of each of its fields."""

    known: dict[Place, tuple[str, int, dict[str, str]]] = field(default_factory=dict)

    def note(self, place: Place, line: Line, columns: Mapping[str, str]) -> None:
        """Remember the row of the table at this place."""
        headers = {name: header for header, name in columns.items() if name}
        self.known[place] = (line.sheet, line.row, headers)

    def cell_of(self, place: Place) -> str:
        """A place in words: its sheet, row and column, as far as it leads."""
        for length in range(len(place), -1, -1):
            if place[:length] not in self.known:
                continue
            rest = place[length:]
            name = rest[0] if rest and isinstance(rest[0], str) else ""
            if not length and name in _SHEET_OF:
                return f"sheet {_SHEET_OF[name]}"
            sheet, row, headers = self.known[place[:length]]
            return f"sheet {sheet}, row {row}" + (f", column {headers[name]}" if name in headers else "")
        return ""


_SHEET_OF = {
    **{sheet.path: sheet.name for sheet in layout.FLAT},
    **dict.fromkeys(layout.LISTS, "lists"),
    "sections": "survey",
    "part_sets": "part_sets",
}


def read_workbook(path: Path) -> InstrumentFile:
    """The instrument in a workbook. Raises InstrumentError with every fault of it."""
    plain, origins, found = read_tables(path)
    try:
        made = assemble(plain, name=path.name)
    except InstrumentError as error:
        found.faults += [_placed(fault, origins) for fault in error.faults]
        raise InstrumentError(found.faults) from error
    found.stop()
    return InstrumentFile(path.name, *made)


def read_tables(path: Path) -> tuple[dict[str, Any], Origins, Found]:
    """The tables in a workbook as a TOML file would hold them, where each came from, and what is wrong with cells."""
    lines, found = lines_of(path, path.name)
    origins = Origins()
    plain = _settings(lines.get("settings", []), origins, found)
    for sheet in layout.FLAT:
        rows = lines.get(sheet.name, [])
        plain[sheet.path] = [line.take(sheet.table, sheet.columns, found) for line in rows]
        for at, line in enumerate(rows):
            origins.note((sheet.path, at), line, sheet.columns)
    _lists(plain, lines.get("lists", []), origins, found)
    _choices(plain, lines.get("choices", []), origins, found)
    plain["part_sets"] = read_part_sets(lines.get("part_sets", []), origins.note, found)
    plain["sections"] = read_survey(lines.get("survey", []), origins.note, found)
    _rules(plain, lines.get("rules", []), origins, found)
    return {name: value for name, value in plain.items() if value != []}, origins, found


def _placed(fault: InstrumentFault, origins: Origins) -> InstrumentFault:
    cell = origins.cell_of(fault.place)
    return InstrumentFault(fault.file, fault.section, fault.question, fault.says, fault.remedy, fault.place, cell)


def _settings(lines: list[Line], origins: Origins, found: Found) -> dict[str, Any]:
    if len(lines) != 1:
        says = f"there are {len(lines)} rows of settings." if lines else "there is no row of settings."
        found.add(says, "Fill in row 2, and no other.", sheet="settings")
    if not lines:
        return {}
    columns = {**layout.SETTINGS}
    origins.note((), lines[0], columns)
    origins.note(("evidence",), lines[0], layout.EVIDENCE)
    plain = lines[0].take(InstrumentTable, columns, found)
    evidence = lines[0].take(EvidenceTable, layout.EVIDENCE, found)
    return {**plain, **({"evidence": evidence} if evidence else {})}


def _lists(plain: dict[str, Any], lines: list[Line], origins: Origins, found: Found) -> None:
    for line in lines:
        name = line.texts.get(layout.LIST_NAME, "")
        if name not in layout.LISTS:
            says = f"there is no list “{name}”." if name else "the row does not say of which list it is."
            found.add(says, f"Use one of {', '.join(layout.LISTS)}.", **line.at(layout.LIST_NAME))
            continue
        of_list = plain.setdefault(name, [])
        origins.note((name, len(of_list)), line, layout.LISTED)
        of_list.append(line.take(ListedTable, layout.LISTED, found))


def _choices(plain: dict[str, Any], lines: list[Line], origins: Origins, found: Found) -> None:
    scales = {scale.get("id"): (at, scale) for at, scale in enumerate(plain["scales"])}
    for line in lines:
        name = line.texts.get(layout.LIST_NAME, "")
        if name not in scales:
            says = f"there is no scale “{name}”." if name else "the row does not say of which scale it is."
            found.add(says, "Use a name of the sheet scales.", **line.at(layout.LIST_NAME))
            continue
        at, scale = scales[name]
        choices = scale.setdefault("choices", [])
        origins.note(("scales", at, "choices", len(choices)), line, layout.CHOICES)
        choices.append(line.take(ChoiceTable, layout.CHOICES, found))


def _rules(plain: dict[str, Any], lines: list[Line], origins: Origins, found: Found) -> None:
    questions: dict[str, tuple[Place, dict[str, Any]]] = {
        question.get("id", ""): (("sections", at, "questions", number), question)
        for at, section in enumerate(plain["sections"])
        for number, question in enumerate(section.get("questions", []))
    }
    for line in lines:
        name = line.texts.get("rating", "")
        if name not in questions:
            says = f"there is no question “{name}”." if name else "the row does not say of which rating it is."
            found.add(says, "Use the name of a row of type calculate.", **line.at("rating"))
            continue
        place, question = questions[name]
        rules = question.setdefault("rules", [])
        origins.note((*place, "rules", len(rules)), line, layout.RULES)
        rules.append(line.take(RuleTable, layout.RULES, found))
