"""What a workbook offers: lists, rules and shut cells, and a help that follows the instrument's own rules."""

from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from casereader.instrument import Answer, Answers, Instrument, missing, open_keys
from casereader.readings import Opened, known_facts
from casereader.vocabulary import BANNERS, DataKind
from casereader.workbooks import todo
from casereader.workbooks.layout import ANSWER, FIRST_SOURCE, GROUND, LISTS, NOTE, answer_lines, discuss_column
from tests.casereader.workbooks.conftest import Desk
from tests.reading import NOTE as A_NOTE
from tests.reading import full_answers, save
from tests.spreadsheet import Spreadsheet
from tests.workbooks import case_sheets, fill, sheet_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LIVE = '=HYPERLINK("//evil")'


@pytest.fixture
def opened(cases: list[Opened], instrument: Instrument) -> Opened:
    """A case of a group for which B2 refuses “not applicable”."""
    return next(one for one in cases if one.stratum(instrument) in ("a", "b"))


@pytest.fixture
def sheet(desk: Desk, opened: Opened) -> Worksheet:
    """Its sheet, with a note that looks like a formula saved before the workbook went out."""
    save(
        desk.session,
        opened,
        desk.instrument,
        {"C9": {"value": "2", "note": LIVE, "discuss": True}},
        by=desk.people.reviewer,
    )
    content = desk.file(desk.issue(desk.people.reviewer))
    return sheet_of(openpyxl.load_workbook(BytesIO(content)), opened.case_ref)


def rows(sheet: Worksheet) -> dict[str, int]:
    """The row of each key, counted from 1."""
    return {str(cell.value): cell.row for cell in sheet["A"] if cell.value and cell.row > 9}


def rule(sheet: Worksheet, cell: str) -> tuple[str, str]:
    """The kind and source of the one rule on a cell."""
    ((kind, source),) = [(one.type, one.formula1) for one in sheet.data_validations.dataValidation if cell in one.sqref]
    return str(kind), str(source)


def listed(sheet: Worksheet, cell: str) -> list[object]:
    """The words that a cell's list offers."""
    assert sheet.parent is not None
    area = rule(sheet, cell)[1].lstrip("=").split("!")[1].replace("$", "")
    return [row[0].value for row in sheet.parent[LISTS][area]]


def test_an_answer_is_chosen_from_the_words_of_its_own_scale(sheet: Worksheet) -> None:
    at = rows(sheet)

    points = ["6 Excellent", "5 Very good", "4 Good", "3 Adequate", "2 Weak", "1 Unsatisfactory"]
    assert listed(sheet, f"D{at['C9']}")[:6] == points
    assert rule(sheet, f"D{at['F6']}")[0] == "whole"
    assert listed(sheet, f"E{at['C9']}")[0] == "A record that is needed was not supplied"


def test_an_answer_that_is_refused_for_the_group_is_not_in_its_list(sheet: Worksheet) -> None:
    at = rows(sheet)

    assert "Not applicable" not in listed(sheet, f"D{at['B2']}")
    assert "Not applicable" in listed(sheet, f"D{at['B1']}")


def test_every_row_is_high_enough_for_its_question_and_still_grows_with_a_note(desk: Desk) -> None:
    content = desk.file(desk.issue(desk.people.reviewer))
    sheet = case_sheets(openpyxl.load_workbook(BytesIO(content)))[0]
    for key, row in rows(sheet).items():
        text = str(sheet[f"B{row}"].value)
        height = sheet.row_dimensions[row].height
        assert height is not None, key
        assert height >= 15 * len(text.split("\n")), f"{key}: programs that trust the file show one line of it"
    with ZipFile(BytesIO(content)) as parts:
        assert b"customHeight" not in parts.read("xl/worksheets/sheet2.xml"), "a height that was chosen would stay"


def test_only_the_cells_for_answers_can_be_written_in(sheet: Worksheet, instrument: Instrument) -> None:
    open_ones = {cell.column - 1 for cell in sheet[rows(sheet)["C9"]] if not cell.protection.locked}

    assert sheet.protection.sheet
    assert open_ones == {ANSWER, GROUND, NOTE, *range(FIRST_SOURCE, discuss_column(instrument) + 1)}


def test_what_was_saved_before_stands_in_the_sheet_as_text_and_never_runs(
    sheet: Worksheet, instrument: Instrument
) -> None:
    at = rows(sheet)["C9"]

    assert (sheet.cell(at, NOTE + 1).value, sheet.cell(at, NOTE + 1).data_type) == (LIVE, "s")
    assert sheet.cell(at, ANSWER + 1).value == "2 Weak"
    assert sheet.cell(at, discuss_column(instrument) + 1).value == "x"


def test_the_same_issue_makes_the_same_bytes_and_says_what_its_data_are(desk: Desk) -> None:
    desk.people.place.programme.data_kind = DataKind.DEMO
    workbook = desk.issue(desk.people.reviewer)

    first, second = desk.file(workbook), desk.file(workbook)

    assert first == second
    book = openpyxl.load_workbook(BytesIO(first))
    assert all(sheet["A2"].value == BANNERS[DataKind.DEMO] for sheet in (book.worksheets[0], *case_sheets(book)))


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"H4.present": "yes", "H5.present": "indicated", "E7": "not_applicable", "G2": "too_early"},
        {"A2": "0-4", "H8.present": "yes", "D8": "no", "A3": "CSO at home", "J6": "yes", "J1": "yes"},
    ],
)
def test_still_to_do_says_what_the_instruments_own_rules_say(
    opened: Opened, sheet: Worksheet, instrument: Instrument, overrides: dict[str, str]
) -> None:
    stratum = opened.stratum(instrument)
    answers = dict(full_answers(instrument, opened, overrides=overrides))
    spoilt: dict[str, Answer] = {
        "C9": Answer("1"),
        "C1": Answer("no"),
        "C2": Answer(None),
        "D11": Answer("cannot_be_evaluated"),
        "F9": Answer("6", note=A_NOTE),
        "F10": Answer("2", note="see F9"),
        "D1": Answer("yes", discuss=True),
    }
    for given in (answers, {**answers, **spoilt}, known_facts(instrument, opened)):
        lines = {line.part.key: line for line in answer_lines(instrument, stratum)}
        blank = dict.fromkeys(lines, Answer(None))
        fill(sheet, instrument, {**blank, **{key: one for key, one in given.items() if key in lines}})
        said = Spreadsheet(sheet)

        by_formula = {key: said.value(f"C{row}") for key, row in rows(sheet).items()}

        assert {key: _kind(words) for key, words in by_formula.items()} == _expected(instrument, given, lines, stratum)
        assert by_formula == todo.words_now(instrument, given, list(lines.values()), stratum)


def _kind(words: str) -> str:
    return "note" if words in (todo.NOTE_NEEDED, todo.SOURCE_NEEDED) else words


def _expected(instrument: Instrument, answers: Answers, keys: object, stratum: str) -> dict[str, str]:
    """What each row should say, from what the form says is missing; a note that points elsewhere is taken on trust."""
    asked = frozenset(open_keys(instrument, answers, stratum=stratum))
    lacking: dict[str, str] = {}
    for one in missing(instrument, answers, stratum=stratum):
        pointed = answers.get(one.key, Answer(None)).note.startswith("see ")
        if not one.says.startswith("This section") and not pointed:
            lacking.setdefault(one.key, one.says)
    kinds = {"is not answered": todo.NEEDED, "ground": todo.GROUND_NEEDED, "note": "note", "discuss": todo.TO_DISCUSS}
    found = {}
    for key in keys:  # type: ignore[attr-defined]
        part, says = instrument.part(key), lacking.get(key, "")
        blank = not answers.get(key, Answer(None)).value
        quiet = todo.MAY_BE_BLANK if blank and not part.required else todo.DONE
        kind = next((kind for words, kind in kinds.items() if words in says), quiet)
        found[key] = kind if key in asked else todo.NOT_ASKED
    return found
