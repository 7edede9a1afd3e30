"""What is still to do in a row of a case's sheet: as a formula that follows while the reader writes, and as words now.

Only a help: what counts is checked by the instrument's own rules when the workbook comes back. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from casereader.instrument import CANNOT_BE_EVALUATED, NOT_APPLICABLE, Answer, Answers, Instrument, Part, open_keys
from casereader.instrument.expressions import Comparison
from casereader.workbooks.conditions import Formula, closed
from casereader.workbooks.layout import (
    ANSWER,
    FIRST_SOURCE,
    GROUND,
    NOTE,
    TO_DO,
    Line,
    discuss_column,
    grounds_of,
    words_of,
)
from sampling.frame.sheet import letters

NOT_ASKED, NEEDED, MAY_BE_BLANK = "not asked", "answer needed", "may be left blank"
GROUND_NEEDED, NOTE_NEEDED, SOURCE_NEEDED = "ground needed", "note needed", "source needed"
TO_DISCUSS, DONE, ONE_NOTE_NEEDED = "to discuss", "done", "one note with a source needed"


def formula_of(line: Line, lines: Mapping[str, Line], instrument: Instrument, stratum: str | None) -> str:
    """The formula of the row's cell "Still to do"; `lines` are those of the sheet, by key."""
    part = line.part
    answer, note = _cell(ANSWER, line.row), _cell(NOTE, line.row)
    checks: list[tuple[Formula, str]] = []
    if part.shown is not None:
        code = instrument.stratum_code(stratum)
        checks.append((closed(part.shown, code, lambda one: _holds(one, lines, instrument)), NOT_ASKED))
    checks.append((f'TRIM({answer})=""', NEEDED if part.required else MAY_BE_BLANK))
    with_grounds = [value for value in (NOT_APPLICABLE, CANNOT_BE_EVALUATED) if grounds_of(part, value)]
    if with_grounds:
        checks.append((f'AND({_is_one_of(line, with_grounds)},TRIM({_cell(GROUND, line.row)})="")', GROUND_NEEDED))
    for need, least in (("note", 1), ("note and source", instrument.note_shortest)):
        needing = [choice.value for choice in line.choices if choice.need == need]
        if needing:
            given = f'OR(LEN(TRIM({note}))>={least},LEFT(TRIM({note}),4)="see ")'
            checks.append((f"AND({_is_one_of(line, needing)},NOT({given}))", NOTE_NEEDED))
    needing = [choice.value for choice in line.choices if choice.need == "note and source"]
    if needing:
        blank = f'AND({_no_source(line, instrument)},LEFT(TRIM({note}),4)<>"see ")'
        checks.append((f"AND({_is_one_of(line, needing)},{blank})", SOURCE_NEEDED))
    checks.append((f'TRIM({_cell(discuss_column(instrument), line.row)})<>""', TO_DISCUSS))
    formula = f'"{DONE}"'
    for condition, words in reversed(checks):
        if condition is True:
            formula = f'"{words}"'
        elif condition is not False:
            formula = f'IF({condition},"{words}",{formula})'
    return f"={formula}"


def section_formula(rows: Sequence[int], instrument: Instrument) -> str:
    """The formula beside a section's name: whether the one note with a source stands in one of its rows."""
    first, last = rows[0], rows[-1]
    ticks = "+".join(f'({_span(FIRST_SOURCE + place, first, last)}<>"")' for place in range(len(instrument.sources)))
    notes = _span(NOTE, first, last)
    full = f"SUMPRODUCT((LEN({notes})>={instrument.note_shortest})*(({ticks})>0))"
    answered = f'SUMPRODUCT(--({_span(TO_DO, first, last)}="{DONE}"))'
    return f'=IF(AND({answered}>0,{full}=0),"{ONE_NOTE_NEEDED}","")'


def words_now(instrument: Instrument, answers: Answers, lines: Sequence[Line], stratum: str | None) -> dict[str, str]:
    """What each row's cell says as the workbook goes out, by key."""
    asked = frozenset(open_keys(instrument, answers, stratum=stratum))
    return {line.part.key: _now(instrument, line, answers.get(line.part.key), asked) for line in lines}


def _now(instrument: Instrument, line: Line, answer: Answer | None, asked: frozenset[str]) -> str:
    part = line.part
    if part.key not in asked:
        return NOT_ASKED
    if answer is None or not answer.value:
        return NEEDED if part.required else MAY_BE_BLANK
    if grounds_of(part, answer.value) and not answer.ground:
        return GROUND_NEEDED
    choice = part.choice(answer.value)
    need = choice.need if choice is not None else "none"
    least = {"none": 0, "note": 1, "note and source": instrument.note_shortest}[need]
    points = answer.note.strip()[:4].casefold() == "see "
    if len(answer.note.strip()) < least and not points:
        return NOTE_NEEDED
    if need == "note and source" and not answer.sources and not points:
        return SOURCE_NEEDED
    return TO_DISCUSS if answer.discuss else DONE


def _holds(one: Comparison, lines: Mapping[str, Line], instrument: Instrument) -> Formula | None:
    """Whether the part of a comparison is asked and answered with one of its values; None where it is computed."""
    line = lines.get(one.name)
    if line is None and instrument.part(one.name).rating is not None:
        return None
    if line is None:
        return False  # never asked of this case
    offered = {choice.value for choice in line.part.choices}
    values = [value for value in one.values if value in offered or not offered]
    if not values:
        return False
    given = _is_one_of(line, values)
    return given if line.part.shown is None else f'AND({_cell(TO_DO, line.row)}<>"{NOT_ASKED}",{given})'


def _is_one_of(line: Line, values: Sequence[str]) -> str:
    """Whether the row's answer is one of these values, by the words it shows."""
    equal = [f'{_cell(ANSWER, line.row)}&""={_quoted(_words(line.part, value))}' for value in values]
    return equal[0] if len(equal) == 1 else f"OR({','.join(equal)})"


def _words(part: Part, value: str) -> str:
    choice = part.choice(value)
    return value if choice is None else words_of(part, choice)


def _no_source(line: Line, instrument: Instrument) -> str:
    last = letters(FIRST_SOURCE + len(instrument.sources) - 1)
    return f"COUNTA(${letters(FIRST_SOURCE)}{line.row + 1}:${last}{line.row + 1})=0"


def _cell(column: int, row: int) -> str:
    return f"${letters(column)}{row + 1}"


def _span(column: int, first: int, last: int) -> str:
    return f"${letters(column)}${first + 1}:${letters(column)}${last + 1}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
