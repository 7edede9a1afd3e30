"""A long list is drawn from where it lies only when nothing in it is in doubt; any other goes to `read_frame`."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sampling import FrameRules, frame_digest, label_cases, read_frame
from sampling.engines import open_large
from sampling.engines.large import EngineName
from sampling.errors import FrameError
from tests.sampling.engines.lists import ENGINES

FRAMES = Path(__file__).parents[2] / "frames"
TODAY = datetime.date(2026, 6, 1)
RULES = FrameRules(strata=("CPR", "CPI", "VYP", "CARM"), columns=("locality",))
HEADER = "case_ref,stratum,age,start,note\n"
SOUND = "".join(f"C-{i:03d},{('CPR', 'CPI')[i % 2]},{i % 17},2024-03-{1 + i % 28:02d},ask {i}\n" for i in range(1, 40))


def opens(path: Path, engine: EngineName, rules: FrameRules | None = None) -> bool:
    with open_large(path, rules=rules, today=TODAY, least=1, engine=engine) as large:
        return large is not None


# Each way takes a third of the lists, so that together they take all; in slow runs each takes every list.
EVERY, THIRDS = slice(None), [slice(at, None, 3) for at in range(3)]


@pytest.mark.parametrize(
    ("engine", "rules", "lists"),
    [
        ("duckdb", RULES, THIRDS[0]),
        ("batches", None, THIRDS[1]),
        ("batches", RULES, THIRDS[2]),
        pytest.param("duckdb", RULES, EVERY, marks=pytest.mark.slow),
        pytest.param("batches", None, EVERY, marks=pytest.mark.slow),
        pytest.param("batches", RULES, EVERY, marks=pytest.mark.slow),
    ],
)
def test_what_is_drawn_where_it_lies_is_what_the_reader_takes_with_the_same_warnings(
    engine: EngineName, rules: FrameRules | None, lists: slice
) -> None:
    taken = 0
    for path in sorted([*FRAMES.glob("*.csv"), *FRAMES.glob("*.parquet")])[lists]:
        with open_large(path, rules=rules, today=TODAY, least=1, engine=engine) as large:
            if large is None:
                continue
            taken += 1
            frame = read_frame(path, rules=rules, today=TODAY)
            labelled = label_cases(frame.table, frame.strata)
            assert large.warnings == frame.warnings, path.name
            assert large.counts == labelled.counts, path.name
            labels = (labelled.labels[code] for code in labelled.codes.tolist())
            assert large.frame_digest == frame_digest(zip(labels, frame.table["case_ref"], strict=True)), path.name
            assert large.file_sha256 == frame.file_sha256
    assert taken >= 10


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sound_list_is_drawn_from_where_it_lies(engine: EngineName, tmp_path: Path) -> None:
    path = tmp_path / "list [1].csv"
    for text in (
        HEADER + SOUND,
        "\ufeff" + HEADER + SOUND,
        (HEADER + SOUND).replace("\n", "\r\n"),
        HEADER + SOUND[:-1],
    ):
        path.write_bytes(text.encode())
        assert opens(path, engine)


DOUBTFUL = {
    "a reference twice": "C-007,CPR,3,2024-01-01,x\n",
    "references that differ only in case": "c-007,CPR,3,2024-01-01,x\n",
    "a blank reference": ",CPR,3,2024-01-01,x\n",
    "blanks around a reference": " D-1,CPR,3,2024-01-01,x\n",
    "a reference of another alphabet": "\u0421-900,CPR,3,2024-01-01,x\n",
    "a reference with a hidden character": "D\u200b1,CPR,3,2024-01-01,x\n",
    "a reference not in NFC": "E\u0301-1,CPR,3,2024-01-01,x\n",
    "a number of the health service": "9434765919,CPR,3,2024-01-01,x\n",
    "a reference like a date": "MAR-1,CPR,3,2024-01-01,x\n",
    "a reference saved as a number": "12.0,CPR,3,2024-01-01,x\n",
    "a reference that starts like a formula": "=D1,CPR,3,2024-01-01,x\n",
    "a reference that is too long": f"D{'1' * 40},CPR,3,2024-01-01,x\n",
    "the header again": "Case Ref,CPR,3,2024-01-01,x\n",
    "a total": "Total,CPR,3,2024-01-01,x\n",
    "a blank stratum": "D-1,,3,2024-01-01,x\n",
    "strata that differ only in case": "D-1,cpr,3,2024-01-01,x\n",
    "a stratum that joins two": "D-1,CPR / x,3,2024-01-01,x\n",
    "an age that is none": "D-1,CPR,three,2024-01-01,x\n",
    "an age to be warned of": "D-1,CPR,71,2024-01-01,x\n",
    "a date to come": "D-1,CPR,3,2031-01-01,x\n",
    "a date with a time": "D-1,CPR,3,2024-01-01 10:30,x\n",
    "a letter lost": "D-1,CPR,3,2024-01-01,\ufffd\n",
    "a control character": "D-1,CPR,3,2024-01-01,\x07\n",
    "a value too many": "D-1,CPR,3,2024-01-01,x,y\n",
    "a comma too many": "D-1,CPR,3,2024-01-01,x,\n",
    "a value too few": "D-1,CPR,3,2024-01-01\n",
    "a comma too many and one too few": "D-1,CPR,3,2024-01-01,x,\nD-2,CPR,3,2024-01-01\n",
    "a quote": 'D-1,CPR,3,2024-01-01,"x"\n',
    "a blank line": "\n",
    "a line of blanks": " \n",
    "a line of commas": ",,,,\n",
    "a line end of another kind": "D-1,CPR,3,2024-01-01,x\r\n",
    "a line too long": f"D-1,CPR,3,2024-01-01,{'x' * 40_000}\n",
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("row", DOUBTFUL.values(), ids=DOUBTFUL)
def test_one_row_in_doubt_sends_the_list_to_the_reader(row: str, engine: EngineName, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes((HEADER + SOUND + row + SOUND.replace("C-", "E-")).encode())
    assert not opens(path, engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("header", ["case_ref,stratum,Stratum,start,note", "case_ref,stratum,age,,note",
    "case_ref,stratum,age,dob,note", "ref,stratum,age,start,note", "case_ref;stratum;age;start;note"])  # fmt: skip
def test_a_header_in_doubt_sends_the_list_to_the_reader(header: str, engine: EngineName, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"{header}\n{SOUND}", encoding="utf-8")
    assert not opens(path, engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stratum_outside_the_rules_sends_the_list_to_the_reader(engine: EngineName, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(HEADER + SOUND, encoding="utf-8")
    assert opens(path, engine, FrameRules(strata=("cp r", "CPI")))
    assert not opens(path, engine, FrameRules(strata=("CPR", "VYP")))


@pytest.mark.parametrize("engine", ENGINES)
def test_columns_of_other_types_are_read_as_the_reader_reads_them(engine: EngineName, tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    rows = 30_000
    columns = {
        "case_ref": pa.array([f"C{i}" for i in range(rows)]),
        "decile": pa.array([1 + i % 10 for i in range(rows)], pa.int16()),
        "age": pa.array([None if i % 11 == 0 else float(i % 17) for i in range(rows)]),
        "start": pa.array([datetime.date(2024, 1, 1 + i % 28) for i in range(rows)], pa.date32()),
        "seen": pa.array(pd.date_range("2024-01-01", periods=rows, freq="min")),
        "number": pa.array(range(rows)),
        "team": pa.array([f"Team {i % 7}" for i in range(rows)]).dictionary_encode(),
        "note": pa.array([f"note {i}" for i in range(rows)], pa.large_string()),
    }
    pq.write_table(pa.table(columns), path)
    with open_large(path, strata=("decile",), today=TODAY, least=1, engine=engine) as large:
        assert large is not None
        assert large.counts == {str(decile): 3000 for decile in sorted(range(1, 11), key=str)}
        frame = read_frame(path, strata=("decile",), today=TODAY)
        lines = zip(frame.table["decile"], frame.table["case_ref"], strict=True)
        assert large.frame_digest == frame_digest(lines)
        assert large.warnings == frame.warnings == []
    columns["note"] = pa.array([f"note {i} \ufffd" for i in range(rows)])
    pq.write_table(pa.table(columns), path)
    with open_large(path, strata=("decile",), today=TODAY, least=1, engine=engine) as large:
        assert large is None


def test_a_short_list_is_left_to_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(HEADER + SOUND, encoding="utf-8")
    with open_large(path) as large:
        assert large is None


@pytest.mark.parametrize("engine", ENGINES)
def test_a_list_that_changes_after_it_was_checked_is_refused(engine: EngineName, tmp_path: Path) -> None:
    table = pd.DataFrame({"case_ref": [f"C{i}" for i in range(500)], "stratum": "CPR"})
    path = tmp_path / "list.parquet"
    table.to_parquet(path, index=False)
    with open_large(path, least=1, engine=engine) as large:
        assert large is not None
        table[:-1].to_parquet(path, index=False)
        with pytest.raises(FrameError, match="changed while it was read"):
            _ = large.frame_digest
        path.write_bytes(b"PAR1 no more")
        with pytest.raises(FrameError, match="changed while it was read"):
            _ = large.frame_digest
