"""What is seen after a wave is of the whole list, at the error rate of the rule, and the same when it is seen again."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlmodel import Session

from casereader.after_waves import ending
from casereader.after_waves.after_wave import after_wave
from casereader.figures import results
from casereader.in_waves.waves import Rule
from casereader.instrument import Instrument
from casereader.models import DrawRecord, SampleCase
from casereader.rollup import WHOLE
from casereader.rollup.always_valid import DRAWS
from casereader.words import also_words
from sampling.sequential import chance_settled, share_limits
from tests import watched
from tests.cast import Cast
from tests.watched import AT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SIX = dataclasses.replace(watched.RULE, n_waves=6)
STRICT = Rule(n_waves=3, questions=("C9", "D11"), thresholds=("0.5",), error_rate="0.02", split="shared")


def strata_of(record: DrawRecord) -> tuple[list[str], list[int], list[int]]:
    """Of each stratum its label, how many are on the list, and how many the plan reads."""
    counts = sorted(json.loads(record.certificate)["strata_counts"], key=lambda one: one["stratum"])
    labels, population, planned = zip(
        *((one["stratum"], one["population"], one["sample_size"]) for one in counts), strict=True
    )
    return list(labels), list(population), list(planned)


def per_stratum(labels: Sequence[str], cases: Sequence[SampleCase]) -> NDArray[np.int64]:
    """How many of the cases are of each stratum."""
    return np.array([sum(case.stratum == label for case in cases) for label in labels])


def test_what_is_published_has_the_limits_that_the_lead_saw_with_room_for_a_stratum_that_nobody_read(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = watched.draw(session, people, instrument, rule=SIX)
    first = watched.of_wave(session, people, 1)
    watched.read(session, people, first)
    labels, population, planned = strata_of(record)
    read = per_stratum(labels, first)
    assert read[-1] == 0 and population[-1] == 10, "nobody has read of the last"
    seen = after_wave(session, place=people.place, instrument=instrument)
    assert seen is not None

    ending.ask(session, place=people.place, instrument=instrument, reason="Settled", by=people.lead, at=AT)
    ending.agree(session, place=people.place, instrument=instrument, by=people.coordinator, at=AT)

    table = results.results_for(session, [people.place], instrument, only=SIX.questions, by=()).figures.questions
    whole = table[table["domain"] == WHOLE].set_index("question")
    for one in seen.asked:
        assert one.row is not None
        published = whole.loc[one.key]
        assert (published["lower"], published["upper"]) == pytest.approx((one.row["lower"], one.row["upper"]))
        assert published["share"] == one.row["share"] and published["population"] == sum(population)
    lower, _ = share_limits(population, read, read * 0, read * 0, alpha=0.1, planned=planned)
    assert whole.loc["C9"]["lower"] == pytest.approx(float(lower)), "every record was good"


def test_limits_words_and_forecast_are_those_of_the_error_rate_that_the_questions_share(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    record = watched.draw(session, people, instrument, rule=STRICT)
    first, second = (watched.of_wave(session, people, number) for number in (1, 2))
    poor = first[0]
    watched.read(session, people, first, d11=lambda case: "3" if case is poor else "5")
    labels, population, planned = strata_of(record)
    of_first, of_second, of_poor = (per_stratum(labels, cases) for cases in (first, second, [poor]))
    read = (population, [of_first, of_first - of_poor], [of_poor * 0, of_poor], of_poor * 0)  # of C9, of D11
    lower, upper = share_limits(*read, alpha=0.02 / 2, planned=planned)
    chance = chance_settled(
        *read,
        of_second,
        thresholds=[0.5],
        alpha=0.02 / 2,
        rng=np.random.default_rng([int(record.certificate_sha256[:16], 16), 2]),
        draws=DRAWS,
        planned=planned,
    )

    seen, again = (after_wave(session, place=people.place, instrument=instrument) for _ in range(2))

    assert seen is not None and again is not None and seen.asked == again.asked
    for one, *limits in zip(seen.asked, lower.tolist(), upper.tolist(), strict=True):
        assert one.row is not None and [one.row["lower"], one.row["upper"]] == pytest.approx(limits)
        assert one.row["also"] == also_words(one.row["share"], *limits)
    c9, d11 = seen.asked
    assert c9.is_settled and c9.chance is None
    assert not d11.is_settled and 0 < chance[1] < 1 and d11.chance == chance[1]

    published = share_limits(*read, alpha=0.1, planned=planned)
    assert published[0][1] > 0.5, "at 90% the other would be settled too"
    assert d11.row is not None and d11.row["also"] != also_words(0.9, *(float(limit[1]) for limit in published))
