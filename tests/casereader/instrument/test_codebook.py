"""The codebook says in words what an instrument asks and counts."""

from typing import get_args

from casereader.instrument import codebook
from casereader.instrument.codebook import KINDS
from casereader.instrument.model import Kind
from tests.casereader.instrument.files import CRR_1
from tests.source import ROOT


def test_the_codebook_has_one_entry_per_part_in_order() -> None:
    assert tuple(entry.key for entry in codebook(CRR_1)) == CRR_1.parts


def test_an_entry_says_when_a_part_is_asked_what_it_offers_and_where_it_counts() -> None:
    entries = {entry.key: entry for entry in codebook(CRR_1)}

    assert entries["I8"].asked == 'A3 = "CSO at home"'
    assert entries["I8"].quality_indicator == "5.3"
    assert entries["I8"].is_headline
    assert entries["H8.recognised"].asked == ('not A2 in ("0-4", "5-11") and H8.present in ("yes", "indicated")')
    assert entries["C10"].grounds[0] == "Under three months' involvement"
    assert entries["D1"].refused == ('“Not applicable” is refused where stratum in ("b", "d", "e")',)
    assert entries["F6"].bounds == "0 to 50"
    assert entries["J6.example"].bounds == "up to 4,000 characters"
    assert entries["G2"].kind == "Difference made"
    assert not entries["J9"].required


def test_every_kind_of_answer_has_its_words_here_and_in_the_guide() -> None:
    guide = (ROOT / "docs" / "instruments.md").read_text(encoding="utf-8")

    assert KINDS.keys() == set(get_args(Kind))
    assert [kind for kind in get_args(Kind) if f"`{kind}`" not in guide] == []
