"""An instrument as a workbook: nothing is lost on the way, and what is wrong is told by sheet, row and column."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import tomli_w
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from openpyxl.styles import Alignment

from casereader.instrument import InstrumentError, loads, read
from casereader.instrument.load import reads
from casereader.instrument.schema import InstrumentTable
from casereader.instrument.shape import checked, digest_of, plain
from casereader.instrument.spreadsheet import read_tables, read_workbook, write_workbook
from casereader.instrument.spreadsheet.layout import HEADERS
from tests.casereader.instrument.files import FOLDER, SHIPPED, changed
from tests.casereader.instrument.made_up import tables

Change = Callable[[openpyxl.Workbook], None]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_instrument_comes_back_equal_with_an_equal_digest_and_its_file_too(
    path: Path, tmp_path: Path
) -> None:
    before = read(path)
    book = tmp_path / "book.xlsx"
    book.write_bytes(write_workbook(before.tables))

    after = read_workbook(book)

    assert after.tables == before.tables
    assert after.instrument == before.instrument
    assert after.instrument.digest == before.instrument.digest
    again = loads(tomli_w.dumps(plain(after.tables)).encode(), name="again.toml")
    assert (again, again.digest) == (before.instrument, before.instrument.digest)


@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    max_examples=settings().max_examples // 5,
)
@for_all(tables())
def test_any_tables_of_the_right_shape_come_back_the_same(tmp_path: Path, made: InstrumentTable) -> None:
    # Made-up tables name scales and questions that are not there: here only their shape is held, not what it means.
    before = _consistent(made)
    book = tmp_path / "book.xlsx"
    book.write_bytes(write_workbook(before))

    found, _, faults = read_tables(book)

    assert faults.faults == []
    assert checked(found, name="book.xlsx") == before
    assert digest_of(checked(found, name="book.xlsx")) == digest_of(before)


def _consistent(made: InstrumentTable) -> InstrumentTable:
    """The same with question ids of their own, by which rules are known; a made-up list may have one twice."""
    sections = []
    for at, section in enumerate(made.sections):
        questions = [
            question.model_copy(update={"id": f"{question.id}_{at}_{number}"})
            for number, question in enumerate(section.questions)
        ]
        sections.append(section.model_copy(update={"questions": questions}))
    return made.model_copy(update={"sections": sections})


def test_the_sheets_are_those_of_xlsform_with_our_own_after_them() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(read(FOLDER / "crr-1.toml").tables)))

    assert book.sheetnames[:3] == ["survey", "choices", "settings"]
    assert book.sheetnames == list(HEADERS)
    head = [cell.value for cell in book["survey"][1]]
    assert head[:3] == ["type", "name", "label"]
    assert {"hint", "required", "relevant", "appearance"} <= set(head)
    assert [cell.value for cell in book["settings"][1]][:3] == ["form_title", "form_id", "version"]
    assert {"begin_group", "end_group"} <= {row[0].value for row in book["survey"]}
    assert any(str(row[0].value).startswith("select_one ") for row in book["survey"])


def test_a_text_is_never_a_formula_a_number_or_a_link(tmp_path: Path) -> None:
    text = (FOLDER / "services-1.toml").read_text(encoding="utf-8")
    text = text.replace('label = "Setting"', 'label = "=HYPERLINK(1)"').replace(
        "How good is the setting?", "https://x.org"
    )
    before = loads(text.encode(), name="s.toml")
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")

    book = openpyxl.load_workbook(io.BytesIO(write_workbook(read(tmp_path / "s.toml").tables)))

    cells = [cell for sheet in book for row in sheet for cell in row]
    assert before.question("setting").label in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert {cell.data_type for cell in book["choices"]["B"]} == {"s"}


def test_the_same_instrument_makes_the_same_bytes() -> None:
    found = read(FOLDER / "crr-p.toml").tables

    assert write_workbook(found) == write_workbook(found)


def faults_of(tmp_path: Path, name: str, *changes: Change) -> list[str]:
    """What is told of a shipped instrument's workbook after these changes to it."""
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(read(FOLDER / f"{name}.toml").tables)))
    for change in changes:
        change(book)
    path = tmp_path / "book.xlsx"
    book.save(path)
    with pytest.raises(InstrumentError) as refused:
        read_workbook(path)
    return [str(fault).removeprefix("book.xlsx, ") for fault in refused.value.faults]


def put(sheet: str, cell: str, value: object) -> Change:
    """Write a value into a cell."""

    def change(book: openpyxl.Workbook) -> None:
        book[sheet][cell] = value

    return change


def column(sheet: str, header: str) -> str:
    """The letter of a column."""
    return openpyxl.utils.get_column_letter(list(HEADERS[sheet]).index(header) + 1)


RELEVANT, REQUIRED, APPEARANCE = (column("survey", name) for name in ("relevant", "required", "appearance"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (put("survey", "A3", "select_many six"), "sheet survey, row 3, column type: “select_many six” is not a type."),
        (put("survey", "A3", "select_one"), "sheet survey, row 3, column type: the type “select_one” names no scale."),
        (put("survey", "A3", None), "sheet survey, row 3, column type: the row has no type."),
        (put("survey", "A3", "begin_group"), "sheet survey, row 2, column type: the group “service” is never ended."),
        (
            put("survey", "A2", "end_group"),
            "sheet survey, row 2, column type: there is no group to end called “service”.",
        ),
        (
            put("survey", "B9", "other"),
            "sheet survey, row 9, column name: it ends “other”, but the group that is open is",
        ),
        (put("survey", "A3", "select_one ten"), "sheet survey, row 3, column type: there is no scale “ten”."),
        (put("survey", "A3", "part_set ten"), "sheet survey, row 3, column type: there is no part set “ten”."),
        (
            put("survey", f"{RELEVANT}3", "A is b"),
            "sheet survey, row 3, column relevant: the condition “A is b” cannot",
        ),
        (put("survey", f"{RELEVANT}2", 'Z = "b"'), "sheet survey, row 2, column relevant: a condition names “Z”"),
        (
            put("survey", f"{REQUIRED}3", "maybe"),
            "sheet survey, row 3, column required: “maybe” is neither yes nor no.",
        ),
        (put("survey", f"{REQUIRED}2", "yes"), "sheet survey, row 2, column required: required means nothing in a row"),
        (
            put("survey", f"{APPEARANCE}2", "row"),
            "sheet survey, row 2, column appearance: “layout” is 'row'. Use one of",
        ),
        (put("survey", "C3", None), "sheet survey, row 3, column label: “text” is missing. Add it."),
        (
            put("survey", "B3", "two words"),
            "sheet survey, row 3, column name: “id” is 'two words', which is not of the",
        ),
        (
            put("survey", "B4", "wellbeing"),
            "sheet survey, row 4, column name: the question “wellbeing” is there 2 times.",
        ),
        (put("survey", "A1", "kind"), "sheet survey, row 1, column A: “kind” is not a column here."),
        (put("survey", "A1", None), "sheet survey, row 1, column A: the column has no header."),
        (put("survey", "B1", "type"), "sheet survey, row 1, column B: the column “type” is there twice."),
        (put("survey", "C3", "=1+1"), "sheet survey, row 3, column label: the cell holds a formula."),
        (put("opening", "B3", date(2026, 6, 1)), "sheet opening, row 3, column label: “2026-06-01” is a date. "),
        (put("opening", "B3", "#N/A"), "sheet opening, row 3, column label: “#N/A” is an error."),
        (lambda book: book["settings"].delete_rows(2), "sheet settings: there is no row of settings."),
        (put("choices", "E2", "one"), "sheet choices, row 2, column y: “one” is not a whole number."),
        (
            put("choices", "E2", 2),
            "sheet choices, row 2, column y: “scales six, choices 6, y” is 2. Use one of 0 or 1.",
        ),
        (put("choices", "A2", "ten"), "sheet choices, row 2, column list_name: there is no scale “ten”."),
        (
            put("choices", "A2", None),
            "sheet choices, row 2, column list_name: the row does not say of which scale it is.",
        ),
        (
            put("choices", "B2", 6.5),
            "sheet choices, row 2, column name: “6.5” is a number, and a number forgets how it was",
        ),
        (put("choices", "D4", None), "sheet choices, row 4, column says: point 4 of scale six has no descriptor."),
        (put("scales", "B2", "ten"), "sheet scales, row 2, column kind: “scales six, kind” is 'ten'. Use one of"),
        (put("settings", "C2", 1.0), "sheet settings, row 2, column version: “1” is a number, and a number forgets"),
        (put("settings", "A2", None), "sheet settings, row 2, column form_title: “title” is missing. Add it."),
        (put("settings", "D2", "child"), "sheet settings, row 2, column unit: “unit” is 'child'. Use one of"),
        (put("settings", "A3", "More"), "sheet settings: there are 2 rows of settings."),
        (
            put("settings", "H2", 0),
            "sheet settings, row 2, column note_shortest: “evidence, shortest” is 0. Use a whole",
        ),
        (put("lists", "A2", "colours"), "sheet lists, row 2, column list_name: there is no list “colours”."),
        (
            put("opening", "A3", "none"),
            "sheet opening, row 3, column question: the opening row “none” is not a question.",
        ),
        (put("rules", "A2", "none"), "sheet rules, row 2, column rating: there is no question “none”."),
        (
            put("part_sets", "B2", "select_one six"),
            "sheet part_sets, row 2, column part_set: the row does not say of which",
        ),
        (put("bands", "A2", 5), "sheet bands, row 2, column label: “bands number 1, label” is missing."),
        (lambda book: book.remove(book["choices"]), "book.xlsx: there is no sheet choices."),
        (
            lambda book: book.create_sheet("notes") and None,
            "sheet notes: the sheet “notes” is none of an instrument's.",
        ),
        (lambda book: book["survey"].merge_cells("C3:D3"), "sheet survey: the cells C3:D3 are merged."),
        (lambda book: book["survey"].insert_rows(1), "sheet survey, row 1: row 1 is blank."),
        (
            lambda book: setattr(book["survey"].row_dimensions[3], "hidden", True),
            "sheet survey, row 3: the row is hidden.",
        ),
        (lambda book: setattr(book["lists"], "sheet_state", "hidden"), "The sheet 'lists' is hidden."),
    ],
)
def test_a_fault_is_told_by_sheet_row_and_column(tmp_path: Path, change: Any, says: str) -> None:
    told = faults_of(tmp_path, "services-1", change)

    assert [one for one in told if says in one], told


@pytest.mark.parametrize(
    ("cell", "value", "says"),
    [
        (
            "B6",
            "other",
            "sheet survey, row 6, column name: the part is called “other”. Call it A3, or A3. and its own name.",
        ),
        ("A6", "begin_group", "sheet survey, row 6, column type: a group stands in a group of parts"),
        ("A6", "calculate ypn", "sheet survey, row 6, column type: “calculate ypn” is not a type."),
    ],
)
def test_a_faulty_part_is_told_where_it_stands(tmp_path: Path, cell: str, value: str, says: str) -> None:
    assert [one for one in faults_of(tmp_path, "crr-1", put("survey", cell, value)) if one.startswith(says)]


def test_a_faulty_rule_is_told_in_its_own_row(tmp_path: Path) -> None:
    told = faults_of(tmp_path, "cfsr-style", put("rules", "B3", "great"), put("rules", "C5", 'item9 = "ani"'))

    assert (
        "sheet rules, row 3, column gives: a rule gives “great”, which scale item_rating lacks. Use one of" in told[0]
    )
    assert (
        "sheet rules, row 5, column when: a condition names “item9”, which is not there. Use the key of a part." in told
    )


def test_every_fault_of_a_workbook_is_told_at_once(tmp_path: Path) -> None:
    told = faults_of(
        tmp_path,
        "services-1",
        put("survey", f"{REQUIRED}4", "maybe"),
        put("survey", "A5", "select_one ten"),
        put("settings", "A2", None),
        put("choices", "E3", 9),
        put("opening", "A2", "none"),
    )

    assert [one.partition(":")[0] for one in told] == [
        "sheet survey, row 4, column required",
        "sheet settings, row 2, column form_title",
        "sheet choices, row 3, column y",
        "sheet survey, row 5, column type",
        "sheet opening, row 2, column question",
        "sheet opening, row 4, column question",
    ]


def test_whole_numbers_typed_as_codes_are_taken_as_their_digits_and_true_as_yes(tmp_path: Path) -> None:
    before = read(FOLDER / "services-1.toml")
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(before.tables)))
    for row in range(2, 8):
        book["choices"][f"B{row}"] = int(book["choices"][f"B{row}"].value)
        book["choices"][f"B{row}"].alignment = Alignment(horizontal="right")
    book["survey"][f"{REQUIRED}3"] = False
    path = tmp_path / "typed.xlsx"
    book.save(path)

    assert read_workbook(path).instrument == before.instrument


def test_a_list_longer_than_a_cell_holds_is_told_before_anything_is_written() -> None:
    text = changed(("[[contradictions]]\n", f"[[contradictions]]\nkeys = {['C1'] * 12_000!r}\n".replace("'", '"')))

    with pytest.raises(InstrumentError, match="would hold 35,999 characters") as refused:
        write_workbook(reads(text.encode(), name="short.toml").tables)

    (fault,) = refused.value.faults
    assert str(fault).startswith("SHORT-1 1.0: column keys of sheet contradictions, row 2,")


def test_a_file_that_is_no_workbook_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_text("survey,choices", encoding="utf-8")

    with pytest.raises(InstrumentError, match=r"book\.xlsx: "):
        read_workbook(path)
