"""What a version may change, and what two versions have in common.

A text fix (1.0 → 1.1) changes wording only; anything else makes the next whole version, whose `[[mapping]]` says which
questions are the same as before. Only those are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from casereader.instrument.errors import InstrumentFault, Place
from casereader.instrument.library import Library
from casereader.instrument.model import Instrument, Part, version_of
from casereader.instrument.schema import InstrumentTable, Table, Wording

Versioned = tuple[InstrumentTable, Instrument]


def same_questions(library: Library, *, id: str, earlier: str, later: str) -> dict[str, str]:
    """Keys of the later version of an instrument, each with its key in the earlier one, where both ask the same.

    Under one whole version that is every key. Across whole versions it is what `[[mapping]]` calls the same: directly
    where there is such a mapping, else by way of the versions between, as far as they are installed.
    """
    old, new = library.find(id, earlier), library.find(id, later)
    if old is None or new is None:
        return {}
    whole = version_of(earlier)[0]
    if whole == version_of(later)[0]:
        return {key: key for key in new.parts}
    direct = [row for row in new.mapping if version_of(row.version)[0] == whole]
    if direct:
        return {row.now: row.was for row in direct if row.relation == "same"}
    between = [row for row in new.mapping if version_of(row.version)[0] > whole]
    nearest = max((version_of(row.version)[0] for row in between), default=None)
    through = [one for one in library.versions(id) if version_of(one.version)[0] == nearest]
    if not through:
        return {}
    further = same_questions(library, id=id, earlier=earlier, later=through[-1].version)
    last = [row for row in between if version_of(row.version)[0] == nearest and row.relation == "same"]
    return {row.now: further[row.was] for row in last if row.was in further}


def beyond_wording(before: InstrumentTable, after: InstrumentTable) -> list[Place]:
    """The places at which two versions differ in more than wording, in the later one's order."""
    return list(_differences(before, after, ()))


def faults_between(name: str, one: Versioned, versions: Sequence[Versioned]) -> list[InstrumentFault]:
    """What is wrong with a version beside the other versions of its instrument; `name` is its file's."""
    tables, instrument = one
    found = []
    if (before := text_before(tables, [other for other, _ in versions])) is not None:
        for place in beyond_wording(before, tables):
            section, question, where = _named(tables, place)
            says = f"{where} is not as in version {before.version}, and {tables.version} may change wording only."
            remedy = f"Put it back, or call this version {version_of(tables.version)[0] + 1}.0."
            found.append(InstrumentFault(name, section, question, says, remedy, place))
    by_version = {other.version: other for _, other in versions}
    for at, row in enumerate(tables.mapping):
        earlier = by_version.get(row.version)
        if earlier is None or row.now not in instrument.parts:
            continue
        says = ""
        if not earlier.has(row.was):
            says = f"the mapping names “{row.was}”, which version {row.version} does not have."
        elif row.relation == "same" and (why := _not_the_same(earlier.part(row.was), instrument.part(row.now))):
            says = f"{row.now} is mapped as the same as {row.was} of version {row.version}, but {why}."
        if says:
            remedy = "Mend the key, or call the relation changed."
            found.append(InstrumentFault(name, None, None, says, remedy, ("mapping", at, "was")))
    return found


def text_before(tables: InstrumentTable, versions: Sequence[InstrumentTable]) -> InstrumentTable | None:
    """The version that a text fix is made to: the nearest before it under the same whole number."""
    mine = version_of(tables.version)
    earlier = [one for one in versions if version_of(one.version)[0] == mine[0] and version_of(one.version) < mine]
    return max(earlier, key=lambda one: version_of(one.version), default=None)


def _not_the_same(before: Part, after: Part) -> str:
    """Why two parts cannot be compared: they offer other answers, or count them otherwise."""
    if before.scale.kind != after.scale.kind:
        return "they are answered on scales of different kinds"
    if {one.value for one in before.choices} != {one.value for one in after.choices}:
        return "they offer different answers"
    if {(one.value, one.y) for one in before.choices} != {(one.value, one.y) for one in after.choices}:
        return "their answers count differently"
    return ""


def _differences(before: Any, after: Any, place: Place) -> Iterator[Place]:
    if isinstance(before, Table) and type(before) is type(after):
        for name, field in type(after).model_fields.items():
            is_wording = any(one is Wording for one in field.metadata)
            if is_wording or (not place and name == "version"):
                continue
            yield from _differences(getattr(before, name), getattr(after, name), (*place, name))
    elif isinstance(before, list) and isinstance(after, list) and before + after and _are_tables(before + after):
        for at, (one, other) in enumerate(zip_longest(before, after)):
            yield from _differences(one, other, (*place, at))
    elif before != after:
        yield place


def _are_tables(items: Sequence[Any]) -> bool:
    return all(isinstance(item, Table) for item in items)


def _named(tables: InstrumentTable, place: Place) -> tuple[str | None, str | None, str]:
    """The section and question of a place, and the field in words."""
    section = question = None
    rest = list(place)
    if place[:1] == ("sections",) and len(place) > 1 and isinstance(place[1], int) and place[1] < len(tables.sections):
        found = tables.sections[place[1]]
        section, rest = found.id, rest[2:]
        if place[2:3] == ("questions",) and len(place) > 3 and isinstance(place[3], int):
            if place[3] < len(found.questions):
                question = found.questions[place[3]].id
            rest = rest[2:]
    words = [f"number {step + 1}" if isinstance(step, int) else step for step in rest]
    return section, question, "“" + (", ".join(words) or "it") + "”"
