"""The survey sheet read back: sections as groups, questions in them, parts in groups of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casereader.instrument.errors import Place
from casereader.instrument.schema import PartTable, QuestionTable, SectionTable
from casereader.instrument.spreadsheet import layout
from casereader.instrument.spreadsheet.cells import Found, Line
from sampling.frame.findings import show

Note = Callable[[Place, Line, Mapping[str, str]], None]
BEGIN, END = "begin_group", "end_group"
ANSWERED_BY = ("select_one", "integer", "text")
QUESTION_TYPES = (*ANSWERED_BY, "calculate", layout.PART_SET)
KNOWN = f"{BEGIN}, {END}, or {', '.join(QUESTION_TYPES)} with a name after it"


def read_survey(lines: list[Line], note: Note, found: Found) -> list[dict[str, Any]]:
    """The sections with their questions and parts, as a file would hold them."""
    return _Survey(note, found).read(lines)


def read_part_sets(lines: list[Line], note: Note, found: Found) -> list[dict[str, Any]]:
    """The part sets, each from the rows that name it."""
    sets: dict[str, dict[str, Any]] = {}
    for line in lines:
        name = line.texts.get(layout.PART_SET, "")
        if not name:
            found.add("the row does not say of which part set it is.", "Name it.", **line.at(layout.PART_SET))
            continue
        if name not in sets:
            note(("part_sets", len(sets)), line, {layout.PART_SET: "id"})
            sets[name] = {"id": name, "parts": []}
        parts = sets[name]["parts"]
        note(("part_sets", list(sets).index(name), "parts", len(parts)), line, _with_type(layout.PART))
        parts.append({**line.take(PartTable, layout.PART, found), **_scale(line, ANSWERED_BY, found)})
    return list(sets.values())


class _Survey:
    """Where the reading of the survey stands: in which section, and in which question with parts."""

    def __init__(self, note: Note, found: Found) -> None:
        self.note, self.found = note, found
        self.sections: list[dict[str, Any]] = []
        self.in_section = False
        self.question: dict[str, Any] | None = None
        self.opened: list[Line] = []

    def read(self, lines: list[Line]) -> list[dict[str, Any]]:
        for line in lines:
            kind = line.texts.get(layout.TYPE, "").split(" ")[0].casefold()
            if kind == BEGIN:
                self.begin(line)
            elif kind == END:
                self.end(line)
            elif kind not in QUESTION_TYPES:
                said = line.texts.get(layout.TYPE, "")
                says = f"“{show(said)}” is not a type." if said else "the row has no type."
                self.found.add(says, f"Use {KNOWN}.", **line.at(layout.TYPE))
            elif not self.in_section:
                says = "the question stands outside every section."
                self.found.add(says, f"Put it between {BEGIN} and {END}.", **line.at(layout.TYPE))
            elif self.question is not None:
                self.part(line)
            else:
                self.one_question(line)
        for line in self.opened:
            says = f"the group “{show(line.texts.get('name', ''))}” is never ended."
            self.found.add(says, f"Add a row of type {END} where it ends.", **line.at(layout.TYPE))
        return self.sections

    def begin(self, line: Line) -> None:
        if self.question is not None:
            says = "a group stands in a group of parts, and deeper than that nothing goes."
            self.found.add(says, f"End the groups before it with {END}.", **line.at(layout.TYPE))
            return
        self.opened.append(line)
        if self.in_section:
            self.question = self.add(line, "parts")
            self.question["parts"] = []
            return
        self.in_section = True
        self.note(("sections", len(self.sections)), line, layout.SECTION)
        self.refuse_others(line, layout.SECTION)
        section = line.take(SectionTable, layout.SECTION, self.found)
        self.sections.append({**section, "questions": []})

    def end(self, line: Line) -> None:
        if not self.opened:
            says = f"there is no group to end{self.named(line)}."
            self.found.add(says, "Delete the row, or begin the group above it.", **line.at(layout.TYPE))
            return
        begun = self.opened.pop()
        name = line.texts.get("name", "")
        if name and name != begun.texts.get("name", ""):
            says = f"it ends “{show(name)}”, but the group that is open is “{show(begun.texts.get('name', ''))}”."
            self.found.add(says, "Mend the name, or the order of the rows.", **line.at("name"))
        if self.question is not None:
            self.question = None
        else:
            self.in_section = False

    def one_question(self, line: Line) -> None:
        kind = line.texts[layout.TYPE].split(" ")[0].casefold()
        field = "part_set" if kind == layout.PART_SET else "scale"
        question = self.add(line, field)
        if name := _scale(line, QUESTION_TYPES, self.found).get("scale"):
            question[field] = name

    def add(self, line: Line, held_by_type: str) -> dict[str, Any]:
        questions = self.sections[-1]["questions"]
        place = ("sections", len(self.sections) - 1, "questions", len(questions))
        self.note(place, line, _with_type(layout.QUESTION, held_by_type))
        self.refuse_others(line, layout.QUESTION)
        questions.append(line.take(QuestionTable, layout.QUESTION, self.found))
        added: dict[str, Any] = questions[-1]
        return added

    def part(self, line: Line) -> None:
        assert self.question is not None
        parts, name = self.question["parts"], self.question.get("id", "")
        section, number = len(self.sections) - 1, len(self.sections[-1]["questions"]) - 1
        place = ("sections", section, "questions", number, "parts", len(parts))
        self.note(place, line, _with_type(layout.PART))
        self.refuse_others(line, layout.PART)
        part = {**line.take(PartTable, layout.PART, self.found), **_scale(line, ANSWERED_BY, self.found)}
        key = part.pop("id", "")
        if key.startswith(f"{name}."):
            part["id"] = key.removeprefix(f"{name}.")
        elif key != name:
            says = f"the part is called “{show(key)}”."
            remedy = f"Call it {name}, or {name}. and its own name."
            self.found.add(says, remedy, **line.at("name"))
        parts.append(part)

    def refuse_others(self, line: Line, columns: Mapping[str, str]) -> None:
        """A cell that is filled in a column which this kind of row does not use would be lost."""
        for header in line.texts:
            if header != layout.TYPE and header not in columns:
                says = f"{header} means nothing in a row of this type."
                self.found.add(says, "Clear the cell.", **line.at(header))

    def named(self, line: Line) -> str:
        name = line.texts.get("name", "")
        return f" called “{show(name)}”" if name else ""


def _scale(line: Line, kinds: tuple[str, ...], found: Found) -> dict[str, str]:
    """The scale or part set that stands after the type."""
    said = line.texts.get(layout.TYPE, "")
    kind, _, name = said.partition(" ")
    if kind.casefold() not in kinds or not name.strip():
        says = (
            f"the type “{show(said)}” names no scale." if kind.casefold() in kinds else f"“{show(said)}” is not a type."
        )
        found.add(says, f"Use {', '.join(kinds)} with a name after it.", **line.at(layout.TYPE))
        return {}
    return {"scale": name.strip()}


def _with_type(columns: Mapping[str, str], field: str = "scale") -> dict[str, str]:
    """The columns of a row with its type, which holds its scale, its part set or that it has parts."""
    return {**columns, layout.TYPE: field}
