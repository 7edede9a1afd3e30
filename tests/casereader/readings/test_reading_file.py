"""The file of readings made elsewhere: read strictly, spelled as people spell, every fault with its row."""

from datetime import date
from pathlib import Path

import pytest

from casereader.instrument import load
from casereader.readings.reading_file import COLUMNS, parse, part_called, sources_in, value_and_ground
from casereader.vocabulary import ReadingKind

CRR_1 = load(Path(__file__).resolve().parents[3] / "data" / "instruments" / "crr-1.toml")
TODAY = date(2026, 6, 10)
HEADER = ",".join(COLUMNS)
GOOD = "T00001,first,a@x.org,C9,5,,,2026-06-09"


def parsed(*rows: str, header: str = HEADER) -> tuple[list, list[str]]:
    return parse("\n".join([header, *rows, ""]).encode(), today=TODAY)


def test_a_sound_file_gives_a_line_for_each_answer() -> None:
    lines, faults = parsed(GOOD, "", '"T00002",Second, b@x.org ,C10,Good,"a, ""b""\nand c",health; police,2026-06-08')

    assert faults == []
    assert [(line.row, line.case_ref, line.kind) for line in lines] == [
        (2, "T00001", ReadingKind.FIRST),
        (4, "T00002", ReadingKind.SECOND),
    ]
    assert lines[1].note == 'a, "b"\nand c'
    assert (lines[1].reader, lines[1].read_on) == ("b@x.org", date(2026, 6, 8))


def test_headers_match_however_they_are_spelled_and_wherever_they_stand() -> None:
    lines, faults = parsed(
        "2026-06-09,T00001,First,a@x.org,C9,5,,", header="Read on,CASE REF,kind,Reader,question,answer,note,sources"
    )

    assert (faults, lines[0].answer) == ([], "5")


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert parse(b"\xef\xbb\xbf" + f"{HEADER}\n{GOOD}\n".encode(), today=TODAY)[1] == []


def test_all_faults_of_a_file_are_told_with_row_and_column() -> None:
    lines, faults = parsed(
        GOOD,
        ",first,a@x.org,C9,5,,,2026-06-09",
        "T00001,third,a@x.org,C9,5,,,2026-06-31",
        "T00001,first,a@x.org,C9,5,,,2026-06-11",
        "T00001,first,a@x.org,C9,5",
        "T00001,consensus,,C9,5,,,9/6/2026",
    )

    assert [line.row for line in lines] == [2]
    assert [fault.partition(": ")[0] for fault in faults] == [
        "row 3, column case_ref",
        "row 4, column kind",
        "row 4, column read_on",
        "row 5, column read_on",
        "row 6",
        "row 7, column reader",
        "row 7, column kind",
        "row 7, column read_on",
    ]
    assert "2026-06-11 has not come yet" in faults[3]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (HEADER.encode(), "no answers"),
        (b"case_ref,answer\nA,5\n", "these columns are missing: kind, reader, question, note, sources, read_on"),
        (f"{HEADER},rating\n".encode(), "there is no column “rating”"),
        (f"{HEADER},Answer\n".encode(), "it is there twice"),
        (HEADER.replace(",", ";").encode(), "Separate the columns with commas"),
        (f"{HEADER}\nT\xe9,first\n".encode("latin-1"), "row 2: the text is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, says: str) -> None:
    lines, faults = parse(content, today=TODAY)

    assert lines == []
    assert any(says in fault for fault in faults), faults


@pytest.mark.parametrize("written", ["H4.present", "h4.Present", " H4 . present", "H4.pre_sent"])
def test_a_question_is_known_however_it_is_spelled(written: str) -> None:
    part = part_called(CRR_1, written)

    assert part is not None
    assert part.key == "H4.present"


def test_an_unknown_question_is_none() -> None:
    assert part_called(CRR_1, "Z99") is None


@pytest.mark.parametrize(
    ("key", "written", "stored"),
    [
        ("C9", "5", ("5", None)),
        ("C9", "very GOOD", ("5", None)),
        ("C1", "In part", ("in_part", None)),
        ("C1", "Not applicable: under three months’ involvement", ("not_applicable", "under_3_months")),
        ("C9", "cannot be evaluated : too_little recorded", ("cannot_be_evaluated", "too_little_recorded")),
        ("C9", "cannot_be_evaluated", ("cannot_be_evaluated", None)),
        ("C9", "cannot be evaluated: no time", ("cannot_be_evaluated", "no time")),
        ("A2", "0–4", ("0-4", None)),
        ("F6", " 3 ", ("3", None)),
        ("C9", "5.0", ("5.0", None)),
        ("C9", "good: it is", ("good: it is", None)),
    ],
)
def test_an_answer_is_known_by_value_or_label_with_its_ground(
    key: str, written: str, stored: tuple[str, str | None]
) -> None:
    assert value_and_ground(CRR_1.part(key), written) == stored


def test_sources_are_known_by_value_or_label() -> None:
    assert sources_in(CRR_1, "Health record; social work ;; gossip") == (("health", "social_work"), ["gossip"])


def test_what_else_is_wrong_is_told_beside_another_encoding_a_column_too_many_and_a_stray_quote() -> None:
    header = f"{HEADER},colour"
    rows = [
        "T1,first,r@cast.example,C9,5,Zo\xeb,,2026-05-01,red",
        "T2,third,r@cast.example,C9,5,,,2026-05-01,red",
        'T3,first,r@cast.example,C9,5,"open,,2026-05-01,red',
    ]

    _, faults = parse("\n".join([header, *rows]).encode("latin-1"), today=TODAY)

    told = " ".join(faults)
    assert "row 2: the text is not UTF-8" in told
    assert "there is no column “colour”" in told
    assert "row 3, column kind" in told
    assert "row 4: its quotes" in told
