"""Tables of instruments as Hypothesis makes them up: of the right shape, field by field from the schema."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from casereader.instrument import schema
from casereader.instrument.schema import InstrumentTable, Table

IDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,7}", fullmatch=True)
LETTERS = st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
LINES = st.text(LETTERS, max_size=30).map(str.strip)
AWKWARD = st.sampled_from(
    ["=1+1", "+44", "-1", "@x", "'x", "_x0041_", "_x000D_", "x005F_", "TRUE", "1.0", "[x]", "é\nü"]
)
WORDS = st.one_of(LINES, AWKWARD).filter(bool)
VALUES = WORDS.map(lambda text: text.replace("[", "").replace("]", "").replace("\n", "").strip()[:60].strip()).filter(
    bool
)
PATTERNED = {
    "Id": IDS,
    "PartId": st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True),
    "Key": st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,5}(\.[A-Za-z0-9_]{1,5})?", fullmatch=True),
    "InstrumentId": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,10}", fullmatch=True),
    "Version": st.from_regex(r"(0|[1-9][0-9]?)\.(0|[1-9][0-9]?)", fullmatch=True),
    "Value": VALUES,
    "Words": WORDS,
    "Prose": st.one_of(st.just(""), WORDS),
    "Condition": VALUES,
}
HINTS = {
    table: typing.get_type_hints(table, include_extras=True)
    for table in vars(schema).values()
    if isinstance(table, type) and issubclass(table, Table)
}
NAMED = [(name, getattr(schema, name)) for name in PATTERNED]


def tables() -> st.SearchStrategy[InstrumentTable]:
    """Whole instruments, each question in exactly one of its forms."""
    return of(InstrumentTable)


def of(table: type[Table], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One table of this kind."""
    if table is schema.QuestionTable and not given:
        return _questions()
    fields = {
        name: given.get(name, _field(name, HINTS[table][name], field)) for name, field in table.model_fields.items()
    }
    return st.fixed_dictionaries(fields).map(lambda values: table(**values))


def _questions() -> st.SearchStrategy[Any]:
    none, no_rules = st.none(), st.just([])
    table = schema.QuestionTable
    return st.one_of(
        of(table, scale=IDS, parts=st.just([]), part_set=none),
        of(table, scale=none, part_set=none, rules=no_rules, parts=_listed(of(schema.PartTable), "id", least=1)),
        of(table, scale=none, part_set=IDS, rules=no_rules, parts=st.just([])),
    )


def _field(name: str, hint: Any, field: FieldInfo) -> st.SearchStrategy[Any]:
    values = _values(name, hint, field)
    return values if field.is_required() else st.one_of(st.just(field.get_default()), values)


def _values(name: str, hint: Any, field: FieldInfo) -> st.SearchStrategy[Any]:
    for known, annotated in NAMED:
        if hint == annotated:
            return PATTERNED[known]
    if get_origin(hint) in (typing.Union, types.UnionType):
        return st.one_of(st.none() if one is type(None) else _values(name, one, field) for one in get_args(hint))
    if get_origin(hint) is list:
        (inner,) = get_args(hint)
        least = 1 if field.is_required() else 0
        return _listed(_values(name, inner, field), "id", least=least)
    if get_origin(hint) is Literal:
        return st.sampled_from(get_args(hint))
    if hint is bool:
        return st.booleans()
    if hint is int:
        low = max((one.ge for one in field.metadata if hasattr(one, "ge")), default=0)
        return st.integers(low, low + 50)
    if isinstance(hint, type) and issubclass(hint, Table):
        return of(hint)
    raise AssertionError(f"nothing is known of {name}: {hint}")


def _listed(values: st.SearchStrategy[Any], id: str, *, least: int) -> st.SearchStrategy[Any]:
    """A short list; tables that are known by an id each have their own."""
    key: Callable[[Any], Any] = lambda one: getattr(one, id, None) or repr(one)  # noqa: E731
    return st.lists(values, min_size=least, max_size=3, unique_by=key)
