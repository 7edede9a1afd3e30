"""Invented ratings: as many good ones as they should be, and second readers who differ where it is hard."""

from collections.abc import Callable
from pathlib import Path

import pytest

from casereader.demo.invented.chance import Chance
from casereader.demo.invented.partnerships import GOOD_OR_BETTER
from casereader.demo.invented.ratings import rating, share_good
from casereader.demo.invented.records import Record, record_of
from casereader.demo.invented.second import second_values
from casereader.demo.invented.values import Value, first_values
from casereader.instrument import Answer, load

CRR_1 = load(Path(__file__).resolve().parents[3] / "data" / "instruments" / "crr-1.toml")
TIMES = 4000


def a_record(*, age: str = "5-11", legal: str = "none", chance: Chance | None = None) -> Record:
    facts = {"A2": Answer(age), "A3": Answer(legal)}
    return record_of(facts, stratum="b", chance=chance or Chance("a record"))


def test_ratings_are_good_or_better_as_often_as_they_should_be() -> None:
    chance = Chance("ratings")

    for share in (0.2, 0.4, 0.65, 0.9):
        rated = [rating(a_record(chance=chance), share, chance) for _ in range(TIMES)]
        assert sum(one in "456" for one in rated) / TIMES == pytest.approx(share, abs=0.025)
        assert set(rated) <= set("123456")


def test_harm_in_the_community_and_an_order_at_home_cost_what_they_should() -> None:
    good = dict.fromkeys(GOOD_OR_BETTER, 0.6)
    plain, at_home = a_record(), a_record(legal="CSO at home")
    harmed = Record(**{**vars_of(a_record(age="12-15")), "present": {**plain.present, "H8": "yes"}})

    assert share_good(plain, "C9", good=good) == share_good(at_home, "C9", good=good) == 0.6
    assert share_good(at_home, "G5", good=good) == pytest.approx(0.48)
    assert share_good(harmed, "C9", good=good) == pytest.approx(0.45)


def vars_of(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


@pytest.fixture(scope="module")
def pairs() -> Callable[[str], list[tuple[str, str]]]:
    """The values that first and second readers gave for a part, over many records."""
    found: list[tuple[dict[str, Value], dict[str, Value]]] = []
    for number in range(600):
        chance = Chance("pair", number)
        record = a_record(chance=chance)
        first = first_values(
            CRR_1, record, good=GOOD_OR_BETTER, refusing=frozenset(CRR_1.parts), minutes=90, chance=chance
        )
        found.append((first, second_values(CRR_1, first, minutes=80, chance=chance)))
    return lambda key: [(one[key].value, other[key].value) for one, other in found if key in one]


def agreement(pairs: list[tuple[str, str]], *, within: int = 0) -> float:
    rated = [(int(a), int(b)) for a, b in pairs if a.isdigit() and b.isdigit()]
    return sum(abs(a - b) <= within for a, b in rated) / len(rated)


def test_second_readers_agree_exactly_in_two_of_three_and_nearly_always_within_a_point(
    pairs: Callable[[str], list[tuple[str, str]]],
) -> None:
    rated = [pair for key in GOOD_OR_BETTER if key != "C10" for pair in pairs(key)]

    assert 0.60 <= agreement(rated) <= 0.70
    assert 0.94 <= agreement(rated, within=1) <= 0.98


def test_they_agree_least_on_the_chronology_and_on_the_effect_of_views(
    pairs: Callable[[str], list[tuple[str, str]]],
) -> None:
    same = {key: sum(a == b for a, b in pairs(key)) / 600 for key in CRR_1.parts if CRR_1.part(key).scale.kind == "ypn"}

    assert agreement(pairs("C10")) < 0.55
    assert same.pop("F3") < 0.65
    assert min(same.values()) > 0.75


def test_a_second_reader_never_leaves_the_scale(pairs: Callable[[str], list[tuple[str, str]]]) -> None:
    for key in CRR_1.parts:
        part = CRR_1.part(key)
        if part.choices and key not in ("A2", "A3"):
            assert {value for pair in pairs(key) for value in pair} <= set(part.by_value)
