"""The sheets and columns of an instrument's workbook, and how a field's value stands in a cell.

A blank cell is a field left out. Yes or no stand for true and false; a list has one value a line, and `[]` is a list
that is there and empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from casereader.instrument import schema
from casereader.instrument.schema import NOTHING, Table

CellKind = Literal["text", "flag", "number", "list"]
YES, NO = "yes", "no"
LONGEST_CELL = 32_767  # what a cell of a workbook holds


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet whose rows each hold one table: `path` leads to the list, `columns` from header to field."""

    name: str
    path: str
    table: type[Table]
    columns: Mapping[str, str]


def _same(table: type[Table], *left_out: str, **renamed: str) -> dict[str, str]:
    """A column for every field under its own name, or under another."""
    return {renamed.get(field, field): field for field in table.model_fields if field not in left_out}


FLAT = (
    Sheet("opening", "opening", schema.OpeningTable, _same(schema.OpeningTable)),
    Sheet("strata", "strata", schema.StratumTable, _same(schema.StratumTable, code="name")),
    Sheet("scales", "scales", schema.ScaleTable, _same(schema.ScaleTable, "choices", id="name")),
    Sheet("derived", "derived", schema.DerivedTable, _same(schema.DerivedTable, id="name")),
    Sheet("bands", "bands", schema.BandTable, _same(schema.BandTable)),
    Sheet("standards", "standards", schema.StandardTable, _same(schema.StandardTable, id="name")),
    Sheet("contradictions", "contradictions", schema.ContradictionTable, _same(schema.ContradictionTable)),
    Sheet("mapping", "mapping", schema.MappingTable, _same(schema.MappingTable)),
)
LISTS = ("sources", "agencies", "grounds", "quality_indicators")

LIST_NAME = "list_name"
CHOICES = {LIST_NAME: "", **_same(schema.ChoiceTable, value="name")}
LISTED = {LIST_NAME: "", "name": "value", "label": "label"}
RULES = {"rating": "", "gives": "gives", "when": "when"}

SETTINGS = {
    "form_title": "title",
    "form_id": "id",
    **{name: name for name in ("version", "unit", "example", "reading_period", "declaration")},
}
EVIDENCE = {"note_shortest": "shortest", "note_longest": "longest"}

# In the survey, each kind of row uses the columns of its own fields; `type` says which scale, part set or group it is.
SECTION = {
    "name": "id",
    "label": "title",
    "hint": "intro",
    "relevant": "shown",
    "appearance": "layout",
    "headline": "headline",
    "evidence": "evidence",
}
ANSWERED = {
    "relevant": "shown",
    "required": "required",
    "reversed": "reversed",
    "not_applicable": "not_applicable",
    "not_applicable_refused": "not_applicable_refused",
    "cannot_be_evaluated": "cannot_be_evaluated",
    "cannot_be_evaluated_refused": "cannot_be_evaluated_refused",
    "filled_from": "filled_from",
}
QUESTION = {
    "name": "id",
    "label": "text",
    "short_label": "label",
    "hint": "guidance",
    "good": "good",
    "qi": "qi",
    "override": "override",
    **ANSWERED,
}
PART = {"name": "id", "label": "text", "short_label": "label", **ANSWERED}
TYPE = "type"
PART_SET = "part_set"
SURVEY = tuple(
    dict.fromkeys((TYPE, "name", "label", "short_label", "hint", "good", "relevant", "required", *SECTION, *QUESTION))
)
PART_SETS = (PART_SET, TYPE, *PART)

HEADERS: dict[str, tuple[str, ...]] = {
    "survey": SURVEY,
    "choices": tuple(CHOICES),
    "settings": (*SETTINGS, *EVIDENCE),
    "scales": (),
    "part_sets": PART_SETS,
    "rules": tuple(RULES),
    "lists": tuple(LISTED),
    **{sheet.name: tuple(sheet.columns) for sheet in FLAT},
}
NEEDED = ("survey", "choices", "settings", "scales")


def cell_kind(field: FieldInfo) -> CellKind:
    """How the values of a field stand in a cell."""
    annotation = field.annotation
    kinds = (
        [one for one in get_args(annotation) if one is not type(None)] if None.__class__ in get_args(annotation) else []
    )
    plain: Any = kinds[0] if len(kinds) == 1 else annotation
    if get_origin(plain) is list:
        return "list"
    if plain is bool:
        return "flag"
    if plain is int or all(isinstance(one, int) for one in get_args(plain) or ("",)):
        return "number"
    return "text"


def to_cell(field: FieldInfo, value: Any) -> str | int | None:
    """A value as it stands in a cell; None, a blank cell, for what a file would leave out."""
    if value == field.get_default(call_default_factory=True):
        return None
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        return "\n".join(value) if value else NOTHING
    return value if isinstance(value, int) else str(value)
