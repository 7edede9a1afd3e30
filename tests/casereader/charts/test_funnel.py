"""The funnel: limits narrow with the records, shares past them are named, and names never lie on one another."""

import re

from casereader.charts.funnel import FunnelPoint, funnel_chart
from casereader.rollup.variation import RARE, USUAL, funnel_limits


def drawn(*points: FunnelPoint) -> str:
    """The funnel of these points about 60%."""

    def limits(level: float, records: float) -> tuple[float, float]:
        low, high = funnel_limits(0.6, records, level)
        return float(low), float(high)

    return funnel_chart(
        "funnel",
        "Assessment <all>",
        points,
        target=0.6,
        usual=lambda records: limits(USUAL, records),
        rare=lambda records: limits(RARE, records),
        finding="Past the limits: Glen.",
    )


def test_a_share_past_the_limits_is_named_beside_a_shape_of_its_own() -> None:
    found = drawn(FunnelPoint("Inside", 20, 0.6), FunnelPoint("Glen", 40, 0.3, 2))

    assert found.count("<polygon") == 1
    assert found.count("<circle") == 1
    assert "Glen</text>" in found
    assert "Inside</text>" not in found


def test_the_four_curves_come_together_as_records_grow() -> None:
    curves = re.findall(r'<polyline points="([^"]+)"', drawn(FunnelPoint("Inside", 100, 0.6)))
    heights = [[float(corner.split(",")[1]) for corner in curve.split()] for curve in curves]

    assert len(curves) == 4
    for low, high in (heights[0:2], heights[2:4]):
        gaps = [abs(one - other) for one, other in zip(low, high, strict=True)]
        assert gaps[-1] < gaps[10]


def test_names_of_shares_that_lie_together_do_not_lie_on_one_another() -> None:
    found = drawn(FunnelPoint("Kelbrae", 24, 0.89, 1), FunnelPoint("Strathember", 25, 0.885, 1))

    heights = [float(y) for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)"[^>]*>(?:Kelbrae|Strathember)<', found)]
    assert abs(heights[0] - heights[1]) >= 14


def test_what_comes_from_outside_is_escaped() -> None:
    assert "<all>" not in drawn(FunnelPoint("A & B", 40, 0.3, 1))
    assert "A &amp; B" in drawn(FunnelPoint("A & B", 40, 0.3, 1))
