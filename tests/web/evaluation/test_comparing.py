"""How pages say a difference of two shares."""

from casereader.web.evaluation.comparing import difference, held_with_all


def row(apart: float, lower: float | None, upper: float | None) -> dict[str, float | None]:
    return {"difference": apart, "lower": lower, "upper": upper, "compared": 9}


def test_one_point_is_no_points_and_a_difference_comes_with_its_interval() -> None:
    assert difference(row(0.01, -0.23, 0.25)) == "+1 point (−23 to +25)"
    assert difference(row(-0.11, None, None)) == "−11 points"


def test_where_an_interval_leaves_out_none_and_the_verdict_does_not_stand_the_page_says_why() -> None:
    apart, says = row(0.30, 0.03, 0.47), "No clear change"

    said = held_with_all(apart, says, is_sure=False)

    assert isinstance(said, dict) and said["text"] == says and "9 questions looked at together" in said["hint"]
    assert held_with_all(apart, "Improved", is_sure=True) == "Improved"
    assert held_with_all(row(0.1, -0.1, 0.3), says, is_sure=False) == says
    assert held_with_all({**apart, "compared": 1}, says, is_sure=False) == says
