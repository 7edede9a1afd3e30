"""The columns of our list, the headings they are known by, and the codes their values stand for."""

from __future__ import annotations

from dataclasses import dataclass

from casereader.instrument import Instrument
from casereader.instrument.model import Filler
from sampling.frame.headers import header_key
from sampling.returned.rows import folded


@dataclass(frozen=True)
class Column:
    """One column of ours: what a page calls it, its values together, and other headings it is known by."""

    name: str
    label: str
    values: str
    headings: tuple[str, ...]


OURS = {
    column.name: column
    for column in (
        Column(
            "case_ref",
            "Case reference",
            "references",
            ("case ref", "reference", "ref", "case reference", "local reference", "case id", "case number", "id"),
        ),
        Column("group", "Group", "groups", ("stratum", "group", "category", "list", "cohort", "record group")),
        Column("age", "Age in years", "ages", ("age", "age in years", "age years")),
        Column("age_band", "Age band", "age bands", ("age band", "age group", "age range")),
        Column("legal_basis", "Legal basis", "legal bases", ("legal basis", "legal status", "order", "legal order")),
        Column(
            "living",
            "Living arrangement",
            "living arrangements",
            ("living", "living arrangement", "placement", "placement type", "accommodation", "lives with"),
        ),
        Column(
            "deprivation",
            "Deprivation fifth",
            "deprivation fifths",
            ("deprivation", "deprivation fifth", "simd", "simd quintile", "quintile", "simd fifth"),
        ),
        Column(
            "family_group",
            "Family group",
            "family groups",
            ("family group", "family", "family code", "sibling group", "household"),
        ),
    )
}
CODED: tuple[Filler, ...] = ("age_band", "legal_basis", "living", "deprivation")
"""Columns, beside the group, whose values stand for choices of the instrument where it has them."""
KEY_OF = {header_key(heading): name for name, column in OURS.items() for heading in (*column.headings, name)}
REFERENCES = frozenset(key for key, name in KEY_OF.items() if name == "case_ref")


def coded_choices(instrument: Instrument, name: str) -> list[tuple[str, str]]:
    """The codes that a column's values can stand for, each with its words; none where its own words stay."""
    if name == "group":
        return [(stratum.code, stratum.label) for stratum in instrument.strata]
    for filler in CODED:
        if filler == name:
            return [
                (choice.value, choice.label) for part in instrument.filled_from(filler)[:1] for choice in part.choices
            ]
    return []


def codes_of(instrument: Instrument, name: str) -> dict[str, str]:
    """Every spelling that is known of a column's values, folded, with its code; a code's own spelling wins."""
    labels = {folded(label): code for code, label in coded_choices(instrument, name)}
    also = {}
    if name == "group":
        also = {folded(spelling): stratum.code for stratum in instrument.strata for spelling in stratum.also}
    codes = {folded(code): code for code, _ in coded_choices(instrument, name)}
    return labels | also | codes
