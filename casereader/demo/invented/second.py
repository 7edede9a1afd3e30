"""What a second reader makes of the same record: close to the first, and least so where records are hardest to read."""

from __future__ import annotations

from collections.abc import Mapping

from casereader.demo.invented.chance import Chance
from casereader.demo.invented.values import Value
from casereader.instrument import Instrument, Part

SAME_RATING, ONE_APART = 0.66, 0.3  # the rest are two points apart
SAME_RATING_WHERE_HARD, ONE_APART_WHERE_HARD = 0.45, 0.45
HARD_RATINGS, HARD_ANSWERS = frozenset({"C10"}), frozenset({"F3"})
SAME_ANSWER, SAME_ANSWER_WHERE_HARD = 0.86, 0.55
NEAR = {
    "yes": {"in_part": 0.8, "no": 0.2},
    "in_part": {"yes": 0.5, "no": 0.4, "cannot_tell": 0.1},
    "no": {"in_part": 0.6, "cannot_tell": 0.4},
    "cannot_tell": {"no": 0.6, "in_part": 0.4},
}
ORDERED = frozenset({"diff", "freq"})
WRITTEN_BY_OTHERS = frozenset({"stratum", "age_band", "legal_basis", "living", "deprivation", "family_group", "agency"})


def second_values(
    instrument: Instrument, first: Mapping[str, Value], *, minutes: int, chance: Chance
) -> dict[str, Value]:
    """The second reader's values; grounds and what is not applicable are seen alike."""
    found = dict(first)
    for key, given in first.items():
        part = instrument.part(key)
        if part.filled_from == "minutes":
            found[key] = Value(str(minutes))
        elif part.filled_from == "concern":
            found[key] = Value("no")  # the first reader raised it
        elif given.ground is None and part.filled_from not in WRITTEN_BY_OTHERS:
            found[key] = Value(_seen(part, given.value, chance))
    return found


def _seen(part: Part, value: str, chance: Chance) -> str:
    kind = part.scale.kind
    if kind == "six" and value.isdigit():
        hard = part.key in HARD_RATINGS
        same = SAME_RATING_WHERE_HARD if hard else SAME_RATING
        near = ONE_APART_WHERE_HARD if hard else ONE_APART
        return _moved(int(value), chance.weighted({0: same, 1: near, 2: 1 - same - near}), chance)
    if kind == "ypn" and value in NEAR:
        hard = part.key in HARD_ANSWERS
        same = chance.happens(SAME_ANSWER_WHERE_HARD if hard else SAME_ANSWER)
        return value if same else chance.weighted(NEAR[value])
    if kind == "count" and chance.happens(0.2):
        return str(max(int(value) + (1 if chance.happens(0.5) else -1), part.scale.minimum))
    values = [choice.value for choice in part.choices]
    if kind in ORDERED and value in values[:4] and not chance.happens(0.78):
        return values[min(max(values.index(value) + (1 if chance.happens(0.5) else -1), 0), 3)]
    if kind == "presence" and not chance.happens(0.9):
        return chance.weighted({"yes": 0.4, "indicated": 0.2, "no": 0.2, "not_indicated": 0.2})
    if kind == "topic" and not chance.happens(0.4):
        return chance.pick([one for one in values if one not in ("none", "other")])
    return value


def _moved(rating: int, by: int, chance: Chance) -> str:
    """The rating that many points up or down, the other way where the scale ends."""
    moved = rating + (by if chance.happens(0.5) else -by)
    return str(moved if 1 <= moved <= 6 else 2 * rating - moved)
