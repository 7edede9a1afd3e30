"""CSV tables: the contract's columns, nothing a spreadsheet would run, blanks blank, figures unrounded."""

from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from casereader.exports.tables import guarded, write_questions, write_table
from tests.casereader.rollup import golden


def test_questions_csv_is_the_one_worked_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"

    write_questions(path, golden.rolled_up().questions)

    written = path.read_bytes().decode("utf-8").split("\n")
    expected = (golden.GOLDEN / "questions.csv").read_text(encoding="utf-8").split("\n")
    assert written[0] == expected[0]
    assert len(written) == len(expected)
    floats = {8, 9, 10, 11, 21, 22}
    for ours, theirs in zip(written[1:-1], expected[1:-1], strict=True):
        for place, (one, other) in enumerate(zip(ours.split(","), theirs.split(","), strict=True)):
            assert float(one) == pytest.approx(float(other), rel=1e-9) if place in floats else one == other


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write_questions(tmp_path / name, golden.rolled_up().questions)

    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_figures_come_back_as_they_were() -> None:
    stream = StringIO()
    write_questions(stream, golden.rolled_up().questions)
    stream.seek(0)

    back = pd.read_csv(stream, keep_default_na=False)

    assert back["share"].tolist() == golden.rolled_up().questions["share"].tolist()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_might_run_is_guarded(start: str) -> None:
    assert guarded(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "1=1", "b / 12-15", "'quoted", "é"])
def test_other_text_is_left_alone(text: str) -> None:
    assert guarded(text) == text


def test_numbers_are_never_guarded_and_blanks_stay_blank() -> None:
    table = pd.DataFrame(
        {
            "change": [-0.25, None],
            "count": pd.array([-3, None], dtype="Int64"),
            "=level": ["-5", None],
        }
    )
    stream = StringIO()

    write_table(stream, table)

    assert stream.getvalue() == "change,count,'=level\n-0.25,-3,'-5\n,,\n"


def test_a_banner_stands_on_every_row_of_a_file_handed_on_alone() -> None:
    stream = StringIO()

    write_table(stream, pd.DataFrame({"n": [1, 2]}), banner="=Invented")

    assert stream.getvalue() == "n,about\n1,'=Invented\n2,'=Invented\n"


def test_a_negative_number_among_signs_is_no_text() -> None:
    stream = StringIO()

    write_table(stream, pd.DataFrame({"change": pd.Series([-0.25, "[x]", "-5"], dtype=object)}))

    assert stream.getvalue() == "change\n-0.25\n[x]\n'-5\n"
