"""The proof that goes with an issue: what the attack finds of each hidden number, in a form that can be run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from casereader.disclosure.attack import Attack, Solutions
from casereader.disclosure.errors import DisclosureError
from casereader.disclosure.knowledge import Knowledge
from sampling.digest import json_digest

SCHEMA = "disclosure-proof"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Found:
    """The least and the greatest value of a hidden number, None without limit; `need` is how far apart they must be."""

    cell: str
    lowest: int | None
    highest: int | None
    need: int | None

    @property
    def is_safe(self) -> bool:
        """Whether the number is not found more closely than it may be."""
        if self.need is None or self.lowest is None or self.highest is None:
            return True
        return self.highest - self.lowest >= self.need


def prove(
    knowledge: Knowledge,
    hidden: Mapping[str, int | None],
    *,
    truth: Mapping[str, int],
    threshold: int,
    published: Any,
    software: str,
    seen: Iterable[Solutions] = (),
) -> dict[str, Any]:
    """Attack every hidden number and write down what was found; DisclosureError where one is not safe."""
    found = _attack(knowledge, hidden, truth, seen)
    if unsafe := [one.cell for one in found if not one.is_safe]:
        raise DisclosureError(f"The attack finds {len(unsafe)} hidden numbers, first {unsafe[0]}.")
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "software": software,
        "threshold": threshold,
        "published_digest": json_digest(published),
        "knowledge": knowledge.record(),
        "found": [[one.cell, one.lowest, one.highest, one.need] for one in found],
    }


def verify_proof(proof: Mapping[str, Any], published: Any) -> list[str]:
    """Run the attack of a proof again, and compare; what is wrong with it in sentences, none where it holds."""
    if (proof.get("schema"), proof.get("version")) != (SCHEMA, VERSION):
        return ["This is no proof of ours."]
    wrong = []
    if proof["published_digest"] != json_digest(published):
        wrong.append("What is published is not what the proof is of.")
    stated = [Found(*one) for one in proof["found"]]
    again = _attack(Knowledge.of(proof["knowledge"]), {one.cell: one.need for one in stated})
    for said, found in zip(stated, again, strict=True):
        if said != found:
            wrong.append(f"{said.cell}: the attack finds {_said(found)}, the proof says {_said(said)}.")
        if not found.is_safe:
            wrong.append(f"{said.cell} is found to {_said(found)}, and {said.need} was promised.")
    return wrong


def _attack(
    knowledge: Knowledge,
    hidden: Mapping[str, int | None],
    truth: Mapping[str, int] | None = None,
    seen: Iterable[Solutions] = (),
) -> list[Found]:
    attack = Attack(knowledge, hidden, solution=truth, seen=seen)
    return [Found(cell, *attack.interval(cell), need) for cell, need in sorted(hidden.items())]


def _said(found: Found) -> str:
    lowest, highest = ("any number" if limit is None else str(limit) for limit in (found.lowest, found.highest))
    return f"{lowest} to {highest}"
