"""What a return's tabs, columns and values most likely stand for, so that the page comes filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from casereader.instrument import Instrument
from casereader.returns.columns import CODED, KEY_OF, coded_choices, codes_of
from casereader.returns.frames import ALSO_READ
from casereader.returns.mapping import GROUP_COLUMN, KEEP, LEAVE, NO_LIST, Mapped
from sampling.frame.headers import header_key
from sampling.returned.rows import folded

EXACT = {header_key(name): name for name in ("age", "group", *CODED, "family_group")} | {
    header_key("case_ref"): "case_ref",
    header_key("stratum"): "group",
}
KEPT = {header_key(name) for name in (*ALSO_READ, "start")}
LIKE_ENOUGH = 0.5
SHORTEST = 3  # letters of a word that says something
_NOTHING = re.compile(r"(?:no|none|nil|not applicable|n/a)\b.*")
_SMALL = frozenset(["the", "and", "not", "that", "did", "with", "local", "equivalent", "for", "list", "children"])


@dataclass(frozen=True)
class Guess:
    """A mapping that the page is filled in with; `is_certain`: nothing in it had to be guessed."""

    mapped: Mapped
    is_certain: bool


def guess(layout: Mapping[str, Any], instrument: Instrument, remembered: Mapped | None = None) -> Guess:
    """The mapping by our own headings and spellings, then by what was remembered, then by what is alike."""
    before = remembered or Mapped()
    own_groups = not instrument.strata or before.own_groups
    tabs = layout["tabs"]
    columns: dict[str, str] = {}
    for tab in tabs:
        taken = {columns[heading["key"]] for heading in tab["headings"] if heading["key"] in columns}
        for heading in tab["headings"]:
            key = heading["key"]
            if key in columns:
                continue
            ours = EXACT.get(key) or before.columns.get(key) or KEY_OF.get(key) or (KEEP if key in KEPT else LEAVE)
            if ours in taken and ours not in (KEEP, LEAVE):
                ours = LEAVE
            columns[key] = ours
            taken.add(ours)
    values = _values(tabs, columns, instrument, before, own_groups=own_groups)
    what = {tab["name"] or "": _tab(tab, columns, instrument, before, alone=len(tabs) == 1) for tab in tabs}
    mapped = Mapped(what, columns, values, own_groups)
    return Guess(mapped, _is_certain(tabs, mapped, instrument))


def guess_values(layout: Mapping[str, Any], mapped: Mapped, instrument: Instrument) -> Mapped:
    """The mapping with a guess for each value of which nothing was said yet."""
    guessed = _values(layout["tabs"], mapped.columns, instrument, mapped, own_groups=mapped.own_groups)
    values = {name: {**guessed.get(name, {}), **mapped.values.get(name, {})} for name in {*guessed, *mapped.values}}
    return replace(mapped, values=values)


def unknown_values(
    layout: Mapping[str, Any], mapped: Mapped, instrument: Instrument
) -> dict[str, list[tuple[str, int]]]:
    """By column of ours, the values on its tabs that are none of our spellings, with how often each stands there."""
    found: dict[str, dict[str, int]] = {}
    for tab in layout["tabs"]:
        if (tab["name"] or "") not in mapped.lists:
            continue
        for heading in tab["headings"]:
            name = mapped.columns.get(heading["key"], LEAVE)
            known = codes_of(instrument, name)
            if not known or (name == "group" and mapped.own_groups):
                continue
            for value, n in heading["values"] or ():
                if folded(value) not in known:
                    counts = found.setdefault(name, {})
                    counts[value] = counts.get(value, 0) + n
    return {name: sorted(counts.items(), key=lambda one: (-one[1], one[0])) for name, counts in found.items()}


def _values(
    tabs: list[dict[str, Any]], columns: Mapping[str, str], instrument: Instrument, before: Mapped, *, own_groups: bool
) -> dict[str, dict[str, str]]:
    everything = Mapped({tab["name"] or "": GROUP_COLUMN for tab in tabs}, columns, {}, own_groups)
    found: dict[str, dict[str, str]] = {}
    for name, values in unknown_values({"tabs": tabs}, everything, instrument).items():
        codes = {code for code, _ in coded_choices(instrument, name)}
        for value, _ in values:
            code = before.values.get(name, {}).get(folded(value))
            code = code if code in codes else alike(value, instrument, name)
            if code is not None:
                found.setdefault(name, {})[folded(value)] = code
    return found


def _tab(
    tab: Mapping[str, Any], columns: Mapping[str, str], instrument: Instrument, before: Mapped, *, alone: bool
) -> str:
    ours = {columns[heading["key"]] for heading in tab["headings"]}
    if "case_ref" not in ours and not alone:
        return NO_LIST
    if "group" in ours or alone:
        return GROUP_COLUMN
    name = tab["name"] or ""
    if before.tabs.get(name) == NO_LIST:
        return NO_LIST
    codes = {stratum.code for stratum in instrument.strata}
    known = codes_of(instrument, "group").get(folded(name)) or before.tabs.get(name)
    return known if known in codes else (alike(name, instrument, "group") or GROUP_COLUMN)


def alike(value: str, instrument: Instrument, name: str) -> str | None:
    """The one code whose words are most like the value's; None where none is, or two are."""
    labels = coded_choices(instrument, name)
    if _NOTHING.fullmatch(value.casefold().strip()):
        return next((code for code, label in labels if folded(label) == "none"), None)
    words = _words(value)
    figures = [word for word in words if word.isdigit()]
    if labels and all(code.isdigit() for code, _ in labels):
        return next((code for code, _ in labels if [code] == figures), None)
    if name == "group":
        labels = [*labels, *((stratum.code, also) for stratum in instrument.strata for also in stratum.also)]
    else:
        labels = [*labels, *((code, code) for code, _ in labels)]
    scores: dict[str, float] = {}
    for code, label in labels:
        theirs = _words(label)
        met = sum(any(_same(word, other) for other in theirs) for word in words)
        if theirs and met:
            share = met / len(words) + met / len(theirs) / 100  # of two that hold every word, the shorter
            scores[code] = max(scores.get(code, 0), share)
    best = sorted(scores.items(), key=lambda one: -one[1])
    if not best or best[0][1] < LIKE_ENOUGH or (len(best) > 1 and best[1][1] == best[0][1]):
        return None
    return best[0][0]


def _words(text: str) -> list[str]:
    found = re.findall(r"[a-z]+|[0-9]+", text.casefold())
    return [word for word in found if word.isdigit() or (len(word) >= SHORTEST and word not in _SMALL)]


def _same(one: str, other: str) -> bool:
    """Whether one word is cut from the other: Prot from protection; figures are the same or not."""
    if one.isdigit() or other.isdigit():
        return one == other
    return one.startswith(other) or other.startswith(one)


def _is_certain(tabs: list[dict[str, Any]], mapped: Mapped, instrument: Instrument) -> bool:
    lists = [tab for tab in tabs if any(EXACT.get(heading["key"]) == "case_ref" for heading in tab["headings"])]
    if len(lists) != 1 or mapped.lists != [lists[0]["name"] or ""]:
        return False
    headings = lists[0]["headings"]
    ours = [EXACT.get(heading["key"]) for heading in headings]
    if ours.count("group") != 1 or any(
        name is None and heading["key"] not in KEPT for name, heading in zip(ours, headings, strict=True)
    ):
        return False
    coded = [heading for heading, name in zip(headings, ours, strict=True) if codes_of(instrument, name or "")]
    few = all(heading["values"] is not None for heading in coded) or mapped.own_groups
    return few and not unknown_values({"tabs": lists}, mapped, instrument)
