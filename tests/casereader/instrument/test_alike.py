"""What alike answers decide is decided once, and is what every reading by itself decides."""

from __future__ import annotations

import random

import pytest

from casereader.instrument import Answer, Instrument, load
from casereader.instrument.alike import Alike, deciding
from casereader.instrument.ratings import resolve
from tests.source import ROOT

FILES = sorted((ROOT / "data" / "instruments").glob("*.toml"))


def answered(instrument: Instrument, chance: random.Random) -> dict[str, str]:
    """Some answers, closed ones and such as no list offers among them."""
    given = {}
    for key in instrument.parts:
        values = [choice.value for choice in instrument.part(key).choices] or ["3"]
        if chance.random() < 0.7:
            given[key] = chance.choice([*values[:3], "never offered"] if chance.random() < 0.1 else values[:3])
    return given


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_values_are_those_of_the_steps_taken_for_each_reading(file: object) -> None:
    instrument = load(file)  # type: ignore[arg-type]
    chance = random.Random(7)
    keys = [key for key in instrument.parts if chance.random() < 0.5]
    alike = Alike(instrument, keys)

    for _ in range(40):
        given, stratum = answered(instrument, chance), chance.choice(["CPR", "CARM", "elsewhere", None])
        whole = resolve(instrument, {key: Answer(value) for key, value in given.items()}, stratum=stratum).values
        expected = {key: whole[key] for key in keys if whole.get(key) is not None}
        assert alike.values(given, stratum=stratum) == expected


def test_what_decides_is_what_the_conditions_before_it_look_at_and_theirs() -> None:
    instrument = load(ROOT / "data" / "instruments" / "crr-1.toml")

    assert deciding(instrument, ["C9"]) == set()
    assert deciding(instrument, ["E6"]) == {"E7"}
