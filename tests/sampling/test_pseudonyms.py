"""Keyed references: the same for the same child, and nothing beside them that says whose they are."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from sampling.errors import FrameError
from sampling.frame import read_frame
from sampling.pseudonyms import LENGTH, SIGNS, pseudonym, pseudonymise

KEY = bytes(32)
# printf "case|2019/00417" | openssl dgst -sha256 -mac HMAC -macopt hexkey:00…00
OPENSSL = "9ba440c6a5db43922c4ae280e3b084bd2b5e851f80846edbad7262e266bfdc8a"


def write(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_pseudonym_is_the_hmac_of_the_reference_written_in_28_signs() -> None:
    made = pseudonym(KEY, "2019/00417")

    value = sum(SIGNS.index(sign) * 28**place for place, sign in enumerate(made.removeprefix("C-")))
    assert value == int(OPENSSL, 16) % 28**LENGTH


@given(st.text(min_size=1), st.binary(min_size=32, max_size=32))
def test_a_pseudonym_passes_for_a_reference_and_for_nothing_else(reference: str, key: bytes) -> None:
    made = pseudonym(key, reference)

    assert set(made.removeprefix("C-")) <= set(SIGNS)
    assert len(made) == LENGTH + 2
    assert not set("AEIOUY01") & set(made.removeprefix("C-")), "no word, and nothing read as another sign"


def test_another_key_and_another_kind_give_another_pseudonym() -> None:
    assert len({pseudonym(KEY, "1"), pseudonym(bytes(31) + b"1", "1"), pseudonym(KEY, "1", of="family")}) == 3


def test_a_list_keeps_what_is_needed_and_leaves_out_what_identifies_a_child(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "Case No,stratum,Child name,DOB,chi,other,age,family_group\n"
        "0101011237,b,Ann,2015-01-01,0101011237,0101011237,9,F1\n"
        "000417,b,Bob,2014-01-01,0101011237,0101011237,10,F1\n"
        "000418,c,Cat,2013-01-01,0101011237,0101011237,11,\n",
    )

    made = pseudonymise(path, key=KEY, id="Case No", also=["family_group"])

    assert made.headers == ["case_ref", "stratum", "age", "family_group"]
    assert made.left_out == ["Child name", "DOB", "chi", "other"]
    assert made.rows[0] == [pseudonym(KEY, "0101011237"), "b", "9", pseudonym(KEY, "F1", of="family")]
    assert made.rows[2][3] == "", "a blank stays blank"
    sent = made.as_csv().decode()
    assert not any(word in sent for word in ("0101011237", "Ann", "2015", "000417", "F1,"))
    assert "000418" in made.lookup_csv().decode()


def test_what_comes_out_is_read_as_a_frame(tmp_path: Path) -> None:
    made = pseudonymise(write(tmp_path, "case_ref,stratum\n0101011237,b\n000417,b\n"), key=KEY)
    sent = tmp_path / "sent.csv"
    sent.write_bytes(made.as_csv())

    frame = read_frame(sent)

    assert list(frame.table["case_ref"]) == [pseudonym(KEY, "0101011237"), pseudonym(KEY, "000417")]


def test_every_reference_that_cannot_be_keyed_is_named_at_once_without_its_value(tmp_path: Path) -> None:
    path = write(tmp_path, "case_ref,stratum\nAb 1,b\n ,b\nab1,b\n")

    with pytest.raises(FrameError) as refused:
        pseudonymise(path, key=KEY)

    assert [(fault.row, fault.value) for fault in refused.value.faults] == [(3, None), (4, None)]
    assert "row 2" in refused.value.faults[1].says


def test_a_number_in_the_references_of_a_workbook_is_refused_since_zeros_may_be_lost(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["case_ref", "stratum"], [417, "b"], ["000418", "b"]):
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")

    with pytest.raises(FrameError, match="lost zeros"):
        pseudonymise(tmp_path / "list.xlsx", key=KEY)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("list.csv", "stratum\nb\n", "no such column"),
        ("list.csv", "case_ref,stratum\n", "no cases"),
        ("list.parquet", "PAR1", "Parquet|damaged"),
        ("list.txt", "case_ref\n1\n", "must end in"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, name: str, content: str, says: str) -> None:
    (tmp_path / name).write_text(content)

    with pytest.raises(FrameError, match=says):
        pseudonymise(tmp_path / name, key=KEY)
