"""Practice cases as data: an invented summary, the sections it practises, and the model answers with their reasons.

Read from data/practice at the start and checked against the instrument: a model that the rules would refuse stops it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from casereader.instrument import Answer, Instrument, faults_of, missing, open_keys
from casereader.instrument.library import Library
from casereader.instrument.logic import Gate, Rating


class PracticeError(Exception):
    """A practice case that cannot be used; says the file and what is wrong in it."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ModelTable(_Table):
    """A model answer and why it is one."""

    key: str
    value: str
    why: str
    note: str = ""
    sources: list[str] = []
    ground: str | None = None


class CaseTable(_Table):
    """A practice case as its file holds it."""

    id: str
    title: str
    instrument: str
    instrument_version: str
    stratum: str
    sections: list[str]
    summary: list[str]
    facts: dict[str, str]
    model: list[ModelTable]


@dataclass(frozen=True)
class PracticeCase:
    """One practice case: `instrument` holds only the sections practised, `facts` the answers given beforehand."""

    id: str
    title: str
    stratum: str
    summary: tuple[str, ...]
    instrument: Instrument
    facts: Mapping[str, Answer]
    model: Mapping[str, Answer]
    why: Mapping[str, str]


def load_cases(folder: Path, instruments: Library) -> dict[str, PracticeCase]:
    """The practice cases of a folder by id, those of instruments that are installed; PracticeError for a faulty one."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        case = _case(path, instruments)
        if case is not None:
            found[case.id] = case
    return found


def part_of(instrument: Instrument, sections: list[str], *, called: str) -> Instrument:
    """The instrument with these sections alone; its rules still look at answers given outside them."""
    kept = tuple(section for section in instrument.sections if section.id in sections)
    keys = {part.key for section in kept for part in section.parts}
    gates = [
        replace(step, keys=tuple(key for key in step.keys if key in keys))
        for step in instrument.steps
        if isinstance(step, Gate)
    ]
    ratings = (step for step in instrument.steps if isinstance(step, Rating) and step.key in keys)
    return replace(
        instrument,
        sections=kept,
        steps=(*(gate for gate in gates if gate.keys), *ratings),
        contradictions=tuple(one for one in instrument.contradictions if keys.issuperset(one.keys)),
        digest=f"{instrument.digest}|{called}",
    )


def _case(path: Path, instruments: Library) -> PracticeCase | None:
    try:
        table = CaseTable.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise PracticeError(f"{path.name}: {error}") from error
    instrument = instruments.find(table.instrument, table.instrument_version)
    if instrument is None:
        return None
    part = part_of(instrument, table.sections, called=table.id)
    case = PracticeCase(
        id=table.id,
        title=table.title,
        stratum=table.stratum,
        summary=tuple(table.summary),
        instrument=part,
        facts={key: Answer(value) for key, value in table.facts.items()},
        model={
            one.key: Answer(one.value, note=one.note, sources=tuple(one.sources), ground=one.ground)
            for one in table.model
        },
        why={one.key: one.why for one in table.model},
    )
    _check(case, path.name)
    return case


def _check(case: PracticeCase, name: str) -> None:
    answers = {**case.facts, **case.model}
    asked = set(open_keys(case.instrument, answers, stratum=case.stratum))
    faults = [f"{key}: it is not asked in this case." for key in case.model if key not in asked]
    faults += [
        f"{key}: {says}"
        for key, answer in case.model.items()
        for says in faults_of(case.instrument, key, answer, stratum=case.stratum)
    ]
    faults += [f"{one.key}: {one.says}" for one in missing(case.instrument, answers, stratum=case.stratum)]
    if faults:
        raise PracticeError(f"{name}: " + " ".join(faults))
