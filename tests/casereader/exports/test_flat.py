"""The flat files of answers: legal names, one number for each answer, and what counts as the roll-up counts it."""

import csv
import dataclasses
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest

from casereader.exports.flat import About, Beside, Layer, ReadingFacts, Tables, build, pack, variables
from casereader.exports.flat.scripts import r_script, spss_syntax
from casereader.exports.tables import guarded
from casereader.instrument import load
from casereader.rollup import roll_up
from tests.casereader.rollup import golden

TIME = datetime(2026, 6, 1, 14, 30, tzinfo=UTC)
BANNER = "Demonstration: every partnership, child and figure here is invented."
ABOUT = About("Ashfield: answers of readers", TIME, BANNER, ("Instrument TINY, version 1.0.",))
CRR_1 = load(Path(__file__).parents[3] / "data" / "instruments" / "crr-1.toml")
NOTE = '=HYPERLINK("http://example.org")\nIt’s said "twice", at length'


def _tables(*, texts: bool = True, note: str = NOTE) -> Tables:
    cases, answers = golden.cases(), golden.answers()
    refs = set(answers["case_ref"])
    first = sorted(refs)[0]
    layer = Layer(
        {ref: ReadingFacts("first", "R1234ABCD", "2026-05-20") for ref in refs},
        answers,
        {(first, "C9"): Beside("5", note, "", ("health",))},
    )
    return build(cases, [layer], golden.INSTRUMENT, texts=texts)


@pytest.fixture(scope="module")
def packed() -> bytes:
    return pack(_tables(), golden.INSTRUMENT, ABOUT)


def _read(packed: bytes, name: str) -> str:
    with ZipFile(io.BytesIO(packed)) as archive:
        return archive.read(name).decode()


def _rows(packed: bytes, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_read(packed, name), newline="")))


def test_every_part_has_a_name_that_spss_and_r_take_and_no_two_are_alike() -> None:
    found = variables(CRR_1, taken=("stratum", "a1"))

    assert [one.key for one in found] == list(CRR_1.parts)
    for one in found:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,62}[A-Za-z0-9]", one.name), one.name
    assert len({one.name.casefold() for one in found} | {"stratum", "a1"}) == len(found) + 2
    names = {one.key: one.name for one in found}
    assert (names["H4.present"], names["A1"]) == ("H4_present", "A1_2")


def test_each_answer_has_one_number_and_a_rating_keeps_its_own() -> None:
    found = {one.key: one for one in variables(CRR_1)}

    rating = {level.value: level.code for level in found["C9"].levels}
    assert rating == {"6": 6, "5": 5, "4": 4, "3": 3, "2": 2, "1": 1, "cannot_be_evaluated": -2}
    for one in found.values():
        codes = [level.code for level in one.levels]
        assert len(set(codes)) == len(codes)
        assert len({level.label for level in one.levels}) == len(codes)
        assert all(
            level.is_missing == (level.value in ("not_applicable", "cannot_be_evaluated")) for level in one.levels
        )


def test_shares_worked_from_the_flat_files_are_those_of_the_roll_up(packed: bytes) -> None:
    wide = pd.read_csv(io.StringIO(_read(packed, "wide.csv")))
    figures = roll_up(golden.cases(), golden.answers(), golden.INSTRUMENT).questions
    whole = figures[figures["domain"] == "all"].set_index("question")
    values = pd.DataFrame(_rows(packed, "values.csv"))

    assert set(whole.index) == {"C9", "C1", "D8", "H4.addressed"}
    for key, row in whole.iterrows():
        mine = values[(values["question"] == key) & (values["y"] != "")]
        y = wide[mine["variable"].iloc[0]].map(dict(zip(mine["code"].astype(int), mine["y"].astype(int), strict=True)))
        counted = y.notna()
        assert (counted.sum(), y.sum()) == (row["n"], row["k"]), key
        share = (y * wide["weight"])[counted].sum() / wide["weight"][counted].sum()
        assert share == pytest.approx(row["share"], abs=1e-12), key


def test_the_long_file_counts_as_the_roll_up_does(packed: bytes) -> None:
    rows = [row for row in _rows(packed, "long.csv") if row["question"] == "C9" and row["y"] != ""]

    assert (len(rows), sum(row["y"] == "1" for row in rows)) == (11, 7)
    assert {row["counts"] for row in rows} == {"1"}


def test_every_sampled_case_has_its_row_whatever_became_of_it(packed: bytes) -> None:
    rows = _rows(packed, "wide.csv")

    assert sorted(row["case_ref"] for row in rows) == sorted(golden.cases()["case_ref"])
    not_read = [row for row in rows if row["status"] != "read"]
    assert not_read
    assert all(row["C9"] == row["reading"] == row["reader"] == "" for row in not_read)
    assert all(row["weight"] == "" for row in rows if row["status"] in ("waiting", "not reached"))


def test_a_note_stays_text_whatever_it_begins_with(packed: bytes) -> None:
    (noted,) = [row for row in _rows(packed, "long.csv") if row["note"]]
    (beside,) = [row for row in _rows(packed, "notes.csv") if row["C9"]]
    with ZipFile(io.BytesIO(packed)) as archive:
        book = openpyxl.load_workbook(io.BytesIO(archive.read("answers.xlsx")))

    assert noted["note"] == "'" + NOTE
    assert beside["C9"] == "'" + NOTE.replace("\n", " / ")
    assert noted["sources"] == "health"
    assert book.sheetnames == ["Wide", "Long", "Notes", "Variables", "Values"]
    for sheet in book:
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} <= {"s", "n"}
    assert NOTE in {cell.value for row in book["Long"].iter_rows() for cell in row}


def test_without_texts_no_word_of_a_reader_is_in_any_file() -> None:
    packed = pack(_tables(texts=False), golden.INSTRUMENT, ABOUT)

    with ZipFile(io.BytesIO(packed)) as archive:
        assert "notes.csv" not in archive.namelist()
        for name in archive.namelist():
            assert b"HYPERLINK" not in archive.read(name), name
        with ZipFile(io.BytesIO(archive.read("answers.xlsx"))) as parts:
            assert not any(b"HYPERLINK" in parts.read(part) for part in parts.namelist())


def test_what_skip_logic_closed_later_is_told_and_does_not_count() -> None:
    cases = golden.cases()
    tables = _tables()
    ref = str(cases[cases["status"] == "read"]["case_ref"].iloc[0])
    layer = Layer({ref: ReadingFacts("first", "R1", "")}, golden.answers().iloc[:0], {(ref, "C9"): Beside("2")})

    long = build(cases, [layer], golden.INSTRUMENT).long

    assert long[["question", "value", "counts"]].values.tolist() == [["C9", "2", 0]]
    assert long["y"].isna().all()
    assert not tables.long["y"].isna().all()


def test_a_record_withheld_has_no_answer_and_says_so() -> None:
    cases = golden.cases()
    ref = str(cases[cases["status"] == "read"]["case_ref"].iloc[0])

    wide = build(cases, [], golden.INSTRUMENT, withheld=frozenset({ref})).wide

    assert wide.set_index("case_ref")["withheld"].to_dict() == {one: int(one == ref) for one in cases["case_ref"]}
    assert wide["C9"].isna().all()


def test_the_same_answers_make_the_same_bytes(packed: bytes) -> None:
    with ZipFile(io.BytesIO(packed)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 6, 1, 14, 30, 0)}
        with ZipFile(io.BytesIO(archive.read("codebook.docx"))) as document:
            assert {entry.date_time for entry in document.infolist()} == {(2026, 6, 1, 14, 30, 0)}
    assert pack(_tables(), golden.INSTRUMENT, ABOUT) == packed


def test_every_file_says_that_the_data_are_invented(packed: bytes) -> None:
    with ZipFile(io.BytesIO(packed)) as archive:
        names = archive.namelist()
        for name in names:
            if name.endswith((".csv", ".txt", ".R", ".sps")):
                assert BANNER.rstrip(".") in archive.read(name).decode(), name
    assert {row["about"] for row in _rows(packed, "wide.csv")} == {BANNER}
    assert sorted(names) == names


def test_the_spss_syntax_names_every_column_in_order_and_labels_it(packed: bytes) -> None:
    syntax = _read(packed, "labels.sps")
    header = _read(packed, "wide.csv").splitlines()[0].split(",")

    declared = re.search(r"/VARIABLES=\r\n(.*?)\r\n  \.", syntax, re.S)
    assert declared
    assert [line.split()[0] for line in declared[1].splitlines()] == header
    labelled = re.search(r"VARIABLE LABELS\r\n(.*?)\r\n  \.", syntax, re.S)
    assert labelled
    assert re.findall(r"^  /?(\w+)\s+'", labelled[1], re.M) == header
    assert "VALUE LABELS C9\r\n  6 'Excellent'" in syntax


def test_no_line_of_the_spss_syntax_is_over_80_bytes_or_leaves_a_string_open_and_no_label_loses_a_sign() -> None:
    long = "Children’s “plan” — isn't it 'quoted'? " * 4
    tables = build(golden.cases(), [], golden.INSTRUMENT)
    names = {one.name: f"{'q' * 60}{at}" for at, one in enumerate(tables.variables)}
    odd = tuple(dataclasses.replace(one, name=names[one.name], label=long) for one in tables.variables)
    tables = dataclasses.replace(tables, variables=odd, wide=tables.wide.rename(columns=names))

    syntax = spss_syntax(tables, banner=BANNER)

    for line in syntax.removeprefix("\ufeff").splitlines():
        assert len(line.encode()) <= 80, line
        assert line.startswith("*") or line.count("'") % 2 == 0, line
    joined = syntax.replace("' +\r\n    '", "")
    assert joined.count("'" + long.strip().replace("'", "''") + "'") == len(odd)


def test_parentheses_and_strings_of_the_r_script_are_closed_whatever_a_label_says() -> None:
    tables = build(golden.cases(), [], golden.INSTRUMENT)
    odd = tuple(dataclasses.replace(one, label='a "b" (c\\') for one in tables.variables)

    script = r_script(dataclasses.replace(tables, variables=odd), banner='a "banner\\ (')

    code = "\n".join(line for line in script.splitlines() if not line.startswith("#"))
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", code)
    assert '"' not in bare
    assert "\\" not in bare
    assert all(bare.count(opening) == bare.count(closing) for opening, closing in ("()", "{}", "[]"))


ODD = (
    *(f"{sign}1+1" for sign in ("=", "+", "-", "@", "\t", "\r")),
    "one\rtwo\r\nthree\nfour",
    'It’s "quoted", isn\'t it; ünïcode 漢字 👩‍👧',
    "a\u2028b\u2029c\x0bd\x85e",
    "\x01 _x000D_ \\n",
    "x" * 40_000,
    "👩" * 20_000,
)


@pytest.mark.parametrize("note", ODD, ids=lambda note: repr(note[:12]))
def test_odd_notes_come_out_whole_and_as_text(note: str) -> None:
    packed = pack(_tables(note=note), golden.INSTRUMENT, ABOUT)
    with ZipFile(io.BytesIO(packed)) as archive:
        book = openpyxl.load_workbook(io.BytesIO(archive.read("answers.xlsx")))
        with ZipFile(io.BytesIO(archive.read("answers.xlsx"))) as parts:
            assert not any(b"<f>" in parts.read(name) for name in parts.namelist())

    (noted,) = [row["note"] for row in _rows(packed, "long.csv") if row["note"]]
    (beside,) = [row["C9"] for row in _rows(packed, "notes.csv") if row["C9"]]
    assert noted == guarded(note).replace("\r\n", "\n").replace("\r", "\n")
    assert "\r" not in _read(packed, "long.csv")
    assert len(beside.splitlines()) == 1
    (cell,) = [cell for row in book["Long"].iter_rows(min_row=5, min_col=15) for cell in row if cell.value is not None]
    assert cell.data_type == "s"
    if len(note.encode("utf-16-le")) // 2 > 32_767:
        assert str(cell.value).endswith(f" [Cut here: a cell holds no more. The text has {len(note):,} characters.]")
        assert len(str(cell.value).encode("utf-16-le")) // 2 <= 32_767
    elif note.isprintable():
        assert cell.value == note


def test_the_r_script_is_ascii_and_gives_every_variable_its_levels(packed: bytes) -> None:
    script = _read(packed, "labels.R")

    assert script.isascii()
    for one in variables(golden.INSTRUMENT):
        assert f'labelled("{one.name}", ' in script
    assert "c(6, 5, 4, 3, 2, 1" in script
