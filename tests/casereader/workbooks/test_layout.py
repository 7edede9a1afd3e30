"""Conditions in plain words, and what a sheet may be called."""

from casereader.instrument import Instrument
from casereader.workbooks import condition_in_words
from casereader.workbooks.layout import sheet_name


def test_a_condition_is_told_in_plain_words(instrument: Instrument) -> None:
    shown = {key: instrument.part(key).shown for key in ("B1", "E1", "H8.assessed")}

    words = {key: condition_in_words(one, instrument) for key, one in shown.items() if one is not None}

    assert words["E1"] == "E7 is not “Not applicable”"
    assert words["H8.assessed"] == (
        "A2 is not “0 to 4” or “5 to 11” and H8.present is “Yes” or “Indicated but not considered”"
    )
    assert words["B1"].endswith("or A8 is “Yes”")


def test_a_sheet_is_called_by_its_reference_as_far_as_a_sheet_can_be() -> None:
    assert sheet_name(1, "T00001", []) == "T00001"
    assert sheet_name(2, "A/B:C", []) == "A-B-C"
    assert sheet_name(3, "a-b-c", ["A-B-C"]) == "a-b-c (3)"
    assert len(sheet_name(4, "R" * 40, ["R" * 31])) == 31
    assert sheet_name(5, "lists", []) == "lists (5)"
