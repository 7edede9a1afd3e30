"""The rules as data: a condition means the same written as lists, and every part's rules stand in them."""

import json

import pytest

from casereader.instrument import load_all
from casereader.instrument.expressions import decide, parse
from casereader.instrument.rules import compiled, rules_of
from tests.source import ROOT
from tests.truths import TRUTHS


@pytest.mark.parametrize(("condition", "answers", "stratum", "holds"), TRUTHS)
def test_a_condition_holds_as_the_table_says(
    condition: str, answers: dict[str, str], stratum: str | None, holds: bool | None
) -> None:
    assert decide(parse(condition), answers, stratum) is holds


def test_a_condition_is_written_as_lists() -> None:
    assert compiled(parse('A3 = "x" and not (A4 in ("y", "z") or stratum != "a")')) == [
        "and",
        [["in", "A3", ["x"]], ["not", ["or", [["in", "A4", ["y", "z"]], ["not in", "stratum", ["a"]]]]]],
    ]


def test_every_part_of_every_instrument_has_its_rules_and_they_can_be_written_as_json() -> None:
    for instrument in load_all(ROOT / "data" / "instruments").values():
        rules = json.loads(json.dumps(rules_of(instrument, None)))

        assert list(rules["parts"]) == list(instrument.parts)
        for key, part in rules["parts"].items():
            offered = [choice["value"] for choice in rules["lists"][part["choices"]]] if "choices" in part else []
            assert offered == [choice.value for choice in instrument.part(key).choices]
