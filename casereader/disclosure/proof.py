"""The proof that goes with an issue: what the attack finds of each hidden number, in a form that can be run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casereader.disclosure.attack import Attack
from casereader.disclosure.component import Solutions
from casereader.disclosure.errors import DisclosureError
from casereader.disclosure.knowledge import Knowledge, Row, row_of, row_record
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


@dataclass(frozen=True, slots=True)
class Insider:
    """A partnership that attacks the others: what it knows of itself, and how far apart numbers must stay for it.

    `seen` are solutions that agree with what it knows.
    """

    rows: tuple[Row, ...]
    needs: Mapping[str, int]
    seen: Sequence[Solutions] = ()


def prove(
    knowledge: Knowledge,
    hidden: Mapping[str, int | None],
    *,
    truth: Mapping[str, int],
    threshold: int,
    published: Any,
    software: str,
    seen: Iterable[Solutions] = (),
    insiders: Mapping[str, Insider] | None = None,
) -> dict[str, Any]:
    """Attack every hidden number and write down what was found; DisclosureError where one is not safe.

    Each of `insiders`, by inspection, attacks once more with what it knows of itself.
    """
    held = insiders or {}
    found = _attack(knowledge, hidden, truth, seen)
    by_insider = {
        name: _attack(knowledge.with_rows(one.rows), one.needs, truth, one.seen) for name, one in held.items()
    }
    every = [*found, *(one for each in by_insider.values() for one in each)]
    if unsafe := [one.cell for one in every if not one.is_safe]:
        raise DisclosureError(f"The attack finds {len(unsafe)} hidden numbers, first {unsafe[0]}.")
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "software": software,
        "threshold": threshold,
        "published_digest": json_digest(published),
        "knowledge": knowledge.record(),
        "found": [_written(one) for one in found],
        "insiders": [
            {"who": name, "knows": [row_record(row) for row in held[name].rows], "found": list(map(_written, each))}
            for name, each in by_insider.items()
        ],
    }


def verify_proof(proof: Mapping[str, Any], published: Any) -> list[str]:
    """Run the attack of a proof again, and compare; what is wrong with it in sentences, none where it holds."""
    if (proof.get("schema"), proof.get("version")) != (SCHEMA, VERSION):
        return ["This is no proof of ours."]
    wrong = []
    if proof["published_digest"] != json_digest(published):
        wrong.append("What is published is not what the proof is of.")
    knowledge = Knowledge.of(proof["knowledge"])
    wrong += _compared(knowledge, proof["found"], "")
    for one in proof.get("insiders", []):  # proofs of old have none
        rows = tuple(row_of(row) for row in one["knows"])
        wrong += _compared(knowledge.with_rows(rows), one["found"], f"Known to {one['who']}: ")
    return wrong


def _compared(knowledge: Knowledge, written: Iterable[Any], whose: str) -> list[str]:
    stated = [Found(*one) for one in written]
    again = _attack(knowledge, {one.cell: one.need for one in stated})
    wrong = []
    for said, found in zip(stated, again, strict=True):
        if said != found:
            wrong.append(f"{whose}{said.cell}: the attack finds {_said(found)}, the proof says {_said(said)}.")
        if not found.is_safe:
            wrong.append(f"{whose}{said.cell} is found to {_said(found)}, and {said.need} was promised.")
    return wrong


def _attack(
    knowledge: Knowledge,
    hidden: Mapping[str, int | None],
    truth: Mapping[str, int] | None = None,
    seen: Iterable[Solutions] = (),
) -> list[Found]:
    attack = Attack(knowledge, hidden, solution=truth, seen=seen)
    return [Found(cell, *attack.interval(cell), need) for cell, need in sorted(hidden.items())]


def _written(one: Found) -> list[Any]:
    return [one.cell, one.lowest, one.highest, one.need]


def _said(found: Found) -> str:
    lowest, highest = ("any number" if limit is None else str(limit) for limit in (found.lowest, found.highest))
    return f"{lowest} to {highest}"
