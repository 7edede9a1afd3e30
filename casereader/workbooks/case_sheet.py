"""Writes the sheet of one case: every question in its row, with its list, its ground, its note and its ticks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Answer, Answers, Instrument
from casereader.workbooks import todo
from casereader.workbooks.guidance import HINT
from casereader.workbooks.layout import (
    ANSWER,
    FIRST_ROW,
    FIRST_SOURCE,
    GROUND,
    HEADER_ROW,
    KEY,
    NOTE,
    QUESTION,
    TICK,
    TO_DO,
    Heading,
    Line,
    discuss_column,
    grounds_of,
    headers,
    lines_of,
    shown_ground,
    shown_value,
    words_of,
)
from casereader.workbooks.looks import Formats, Lists, protect
from sampling.frame.sheet import letters

BLANK = Answer(None)
WIDTHS = {KEY: 15, QUESTION: 62, TO_DO: 16, ANSWER: 28, GROUND: 30, NOTE: 60}
TICK_WIDTH = 11


class CaseSheet:
    """One worksheet while it is written."""

    def __init__(self, sheet: Any, instrument: Instrument, formats: Formats, lists: Lists) -> None:
        self.sheet = sheet
        self.instrument = instrument
        self.formats = formats
        self.lists = lists
        self.last_column = discuss_column(instrument)

    def write(self, *, title: str, banner: str, top: Sequence[tuple[str, str]], stratum: str, answers: Answers) -> None:
        """Write the sheet; `answers` are those known so far."""
        rows = lines_of(self.instrument, stratum)
        lines = {line.part.key: line for _, line in rows if isinstance(line, Line)}
        now = todo.words_now(self.instrument, answers, list(lines.values()), stratum)
        self._top(title, banner, top)
        for row, line in rows:
            if isinstance(line, Heading):
                self._heading(row, line, [one.row for one in lines.values() if one.part.section == line.section.id])
            else:
                self._line(line, lines, stratum, answers.get(line.part.key, BLANK), now[line.part.key])
        if rows:
            self._ticks_and_colours(rows[-1][0])
        self._page()

    def _top(self, title: str, banner: str, top: Sequence[tuple[str, str]]) -> None:
        self.sheet.write_string(0, KEY, title, self.formats.title)
        self.sheet.write_string(1, KEY, banner, self.formats.bold)
        for row, (label, value) in enumerate(top, start=2):
            self.sheet.write_string(row, KEY, label, self.formats.bold)
            self.sheet.write_string(row, QUESTION, value, self.formats.text)
            self.sheet.fit(row, (label, WIDTHS[KEY]), (value, WIDTHS[QUESTION]))
        self.sheet.write_string(HEADER_ROW - 1, KEY, HINT)
        heads = headers(self.instrument)
        for column, head in enumerate(heads):
            self.sheet.write_string(HEADER_ROW, column, head, self.formats.head)
        self.sheet.fit(HEADER_ROW, *((head, WIDTHS.get(column, TICK_WIDTH)) for column, head in enumerate(heads)))

    def _heading(self, row: int, heading: Heading, rows: Sequence[int]) -> None:
        for column in range(self.last_column + 1):
            self.sheet.write_blank(row, column, None, self.formats.heading)
        section = heading.section
        name = f"{section.id}. {section.title}" if len(section.id) == 1 else section.title
        words = "\n".join(filter(None, (name, section.intro)))
        self.sheet.write_string(row, QUESTION, words, self.formats.heading)
        self.sheet.fit(row, (words, WIDTHS[QUESTION] * 0.9))
        if section.evidence and self.instrument.sources:
            formula = todo.section_formula(rows, self.instrument)
            self.sheet.write_formula(row, TO_DO, formula, self.formats.heading, "")

    def _line(self, line: Line, lines: Mapping[str, Line], stratum: str, answer: Answer, now: str) -> None:
        part, row, write = line.part, line.row, self.sheet.write_string
        question = self.instrument.question(part.question)
        text = part.text
        if part.key == question.parts[0].key:
            if len(question.parts) > 1:
                text = f"{question.text}\n{part.text}"
            text = "\n".join(filter(None, (text, question.guidance, question.good)))
        write(row, KEY, part.key, self.formats.bold)
        write(row, QUESTION, text, self.formats.text)
        given = ((ANSWER, shown_value(part, answer)), (GROUND, shown_ground(part, answer)), (NOTE, answer.note))
        self.sheet.fit(row, *((words, WIDTHS[column]) for column, words in ((QUESTION, text), (KEY, part.key), *given)))
        formula = todo.formula_of(line, lines, self.instrument, stratum)
        self.sheet.write_formula(row, TO_DO, formula, self.formats.text, now)
        entry = self.formats.number if part.scale.kind == "count" else self.formats.entry
        self._entry(row, ANSWER, shown_value(part, answer), entry)
        self._answer_rule(line)
        if any(grounds_of(part, value) for value in (NOT_APPLICABLE, CANNOT_BE_EVALUATED)):
            self._entry(row, GROUND, shown_ground(part, answer), self.formats.entry)
            self._ground_rule(line)
        if line.takes_evidence or replace(answer, value=None, ground=None) != BLANK:
            self._entry(row, NOTE, answer.note, self.formats.entry)
            for place, source in enumerate(self.instrument.sources):
                self._entry(
                    row, FIRST_SOURCE + place, TICK if source.value in answer.sources else "", self.formats.entry
                )
            self._entry(row, self.last_column, TICK if answer.discuss else "", self.formats.entry)

    def _entry(self, row: int, column: int, text: str, how: Any) -> None:
        if not text:
            self.sheet.write_blank(row, column, None, how)
        elif how is self.formats.number and text.isdigit():
            self.sheet.write_number(row, column, int(text), how)
        else:
            self.sheet.write_string(row, column, text, how)

    def _answer_rule(self, line: Line) -> None:
        part = line.part
        if line.choices:
            words = [words_of(part, choice) for choice in line.choices]
            self._list_rule(line.row, ANSWER, f"={self.lists.range_of(words)}", "Choose one of the list.")
        elif part.scale.kind == "count":
            low, high = part.scale.minimum, part.scale.maximum
            rule = {"validate": "integer", "criteria": "between", "minimum": low, "maximum": high}
            self._rule(line.row, ANSWER, rule, f"Write a whole number from {low:,} to {high:,}.")
        else:
            rule = {"validate": "length", "criteria": "<=", "value": part.scale.longest}
            self._rule(line.row, ANSWER, rule, f"Write at most {part.scale.longest:,} characters.")

    def _ground_rule(self, line: Line) -> None:
        """The grounds of the answer chosen; where both answers have some, the list follows the answer."""
        part = line.part
        ranges = {
            value: self.lists.range_of([one.label for one in grounds_of(part, value)])
            for value in (NOT_APPLICABLE, CANNOT_BE_EVALUATED)
            if grounds_of(part, value)
        }
        source = f"={next(iter(ranges.values()))}"
        if len(ranges) > 1:
            choice = part.choice(NOT_APPLICABLE)
            words = words_of(part, choice) if choice is not None else ""
            cell = f"${letters(ANSWER)}${line.row + 1}"
            source = f'=IF({cell}="{words}",{ranges[NOT_APPLICABLE]},{ranges[CANNOT_BE_EVALUATED]})'
        self._list_rule(line.row, GROUND, source, "Choose one of the grounds of the list.")

    def _list_rule(self, row: int, column: int, source: str, says: str) -> None:
        self._rule(row, column, {"validate": "list", "source": source}, says)

    def _rule(self, row: int, column: int, rule: dict[str, Any], says: str) -> None:
        whole = {**rule, "error_title": "Not an answer here", "error_message": says}
        self.sheet.data_validation(row, column, row, column, whole)

    def _ticks_and_colours(self, last: int) -> None:
        longest = self.instrument.note_longest
        self.sheet.data_validation(
            FIRST_ROW,
            NOTE,
            last,
            NOTE,
            {
                "validate": "length",
                "criteria": "<=",
                "value": longest,
                "error_title": "Too long",
                "error_message": f"Write at most {longest:,} characters.",
            },
        )
        tick = {
            "validate": "list",
            "source": [TICK],
            "error_title": "Not a tick",
            "error_message": "Write x, or clear.",
        }
        self.sheet.data_validation(FIRST_ROW, FIRST_SOURCE, last, self.last_column, tick)
        said = f"${letters(TO_DO)}{FIRST_ROW + 1}"
        discuss = f"${letters(self.last_column)}{FIRST_ROW + 1}"
        wide = (KEY, self.last_column)
        for columns, condition, how in (
            (wide, f'{said}="{todo.NOT_ASKED}"', self.formats.grey),
            ((ANSWER, ANSWER), f'{said}="{todo.NEEDED}"', self.formats.yellow),
            ((GROUND, GROUND), f'{said}="{todo.GROUND_NEEDED}"', self.formats.yellow),
            ((NOTE, NOTE), f'{said}="{todo.NOTE_NEEDED}"', self.formats.yellow),
            ((FIRST_SOURCE, self.last_column - 1), f'{said}="{todo.SOURCE_NEEDED}"', self.formats.yellow),
            ((self.last_column, self.last_column), f'{discuss}<>""', self.formats.blue),
            ((TO_DO, TO_DO), f'{said}="{todo.DONE}"', self.formats.green),
        ):
            if columns[1] >= columns[0]:
                rule = {"type": "formula", "criteria": f"={condition}", "format": how}
                self.sheet.conditional_format(FIRST_ROW, columns[0], last, columns[1], rule)

    def _page(self) -> None:
        for column, width in WIDTHS.items():
            self.sheet.set_column(column, column, width)
        self.sheet.set_column(FIRST_SOURCE, self.last_column, TICK_WIDTH)
        self.sheet.freeze_panes(FIRST_ROW, QUESTION)
        protect(self.sheet)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(HEADER_ROW)
        self.sheet.set_footer("&L&A&RPage &P of &N")
