"""What a hidden number is of, in the words of an issue: for the list of what is withheld. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casereader.disclosure.findings import WHOLE

EVERY = "all inspections"
_NUMBERS = {
    "n": "with an answer",
    "k": "that count",
    "rest": "that do not count",
    "blank": "read without an answer",
    "asked": "of which it is asked",
    "outside": "whose answer is in no share",
}
_OF_OTHERS, _OF_OTHER, _THAN = " of other partnerships", " of other ", " of others than "


class Named:
    """Names the findings and numbers of one issue; `content` is what it publishes, which holds every name."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._partnerships = {one["path"]: one["partnership"] for one in content["inspections"]}
        self._is_of_one = bool(content["partnership"])
        self._groups = {(one["by"], one["level"]): one for one in content["groups"]}
        self._kinds = {one["by"]: one["kind"] for one in content["groups"]}
        self._choices = {one["key"]: one["choices"] for one in content["questions"]}

    def group(self, inspection: str, domain: str, level: str) -> str:
        """Which records a finding is of; blank for the whole sample of an issue."""
        if domain != WHOLE:
            found = self._groups.get((domain, level))
            return f"{found['kind']}: {found['label']}" if found else f"{self._kinds.get(domain, domain)}: {level}"
        return self._partnerships.get(inspection, inspection) if inspection and not self._is_of_one else ""

    def what(self, question: str, part: str, said: str) -> str:
        """What of a finding shows less; an answer of the scale by its label."""
        label = self._choices.get(question, {}).get(part)
        return f"How many have “{label}”" if label else said

    def number(self, cell: str) -> str:
        """`C9 · glen · all # rest @ 1` is “C9, Glen Test: records that do not count”; less another, a change of it.

        A number of an earlier issue may be of an inspection or a group that this one does not name.
        """
        first, _, before = cell.partition(" less ")
        finding, _, part = first.partition(" # ")
        question, inspection, domain, *level = finding.split(" · ")
        part = part.partition(" @ ")[0]
        whose = self.group("" if inspection == "programme" else inspection, domain, "".join(level))
        if not whose:
            whose = next(iter(self._partnerships.values())) if self._is_of_one else EVERY
        told = f"{question}, {whose}: records {self._part(question, part)}"
        return f"{told}, since an earlier issue" if before else told

    def _part(self, question: str, part: str) -> str:
        part, _, own = part.partition(_THAN)
        if own:
            return f"{self._part(question, part)}, in all partnerships but {self._partnerships.get(own, own)}"
        for ending, where in ((_OF_OTHERS, "in the other partnerships"), (_OF_OTHER, "")):
            if ending in part:
                part, _, kind = part.partition(ending)
                left = where or f"whose {self._kinds.get(kind, kind).lower()} has no figure of its own"
                return f"{self._part(question, part)}, {left}"
        if part.startswith("="):
            return f"with “{self._choice(question, part[1:])}”"
        if part.startswith("not "):
            return f"without “{self._choice(question, part[4:])}”"
        total, _, values = part.partition(" beside ")
        if values:
            named = ", ".join(f"“{self._choice(question, value)}”" for value in values.split())
            return f"{_NUMBERS[total]} without {named}"
        return _NUMBERS[part]

    def _choice(self, question: str, value: str) -> str:
        label: str = self._choices.get(question, {}).get(value, value)
        return label
