"""Charts are drawn from the tables of a roll-up, and show their figures."""

import pytest

from casereader.charts import Distribution, distribution_chart, distribution_rows, segments
from tests.casereader.rollup import golden

ASHFIELD = "2026/Ashfield"


def _bars(key: str) -> list[Distribution]:
    labels = {key: golden.INSTRUMENT.part(key).label}
    return distribution_rows(golden.rolled_up().distributions, golden.INSTRUMENT, labels, inspection=ASHFIELD)


def test_the_bars_of_a_chart_are_the_weighted_distributions_in_the_order_asked() -> None:
    labels = {"D11": "Planning", "C9": "Assessment"}
    planning, assessment = distribution_rows(
        golden.rolled_up().distributions, golden.INSTRUMENT, labels, inspection=ASHFIELD
    )

    assert (planning.label, planning.shares, planning.n) == ("Planning", (), 0)
    assert assessment.shares == pytest.approx([5 / 45, 8 / 45, 16 / 45, 8 / 45, 5 / 45, 3 / 45])
    assert assessment.n == 11
    assert assessment.good == pytest.approx(29 / 45)


@pytest.mark.parametrize("key", ["C9", "C1", "D8", "D6"])
def test_a_part_s_segments_are_its_denominator(key: str) -> None:
    part = golden.INSTRUMENT.part(key)
    (bar,) = _bars(key)

    chart = distribution_chart("d", part.label, [bar], segments(part))

    assert len(bar.shares) == len(segments(part))
    assert len({segment.colour for segment in segments(part)}) == len(bar.shares)
    assert segments(part)[0].label in chart


def test_a_reversed_question_is_coloured_by_what_is_good_not_by_what_is_yes() -> None:
    drift, chronology = golden.INSTRUMENT.part("D8"), golden.INSTRUMENT.part("C1")
    (bar,) = _bars("D8")

    assert [segment.label for segment in segments(drift)][:3] == ["No", "In part", "Yes"]
    assert segments(drift)[0].colour == segments(chronology)[0].colour
    assert bar.shares == pytest.approx([21 / 42, 5 / 42, 8 / 42, 8 / 42])
    assert bar.good == pytest.approx(bar.shares[0])
