"""The chart of differences: a line at none, sure ones by shape and bold as well as in words."""

from casereader.charts.differences import DifferenceRow, difference_chart, points

SURE = DifferenceRow("C9 Assessment", -0.25, -0.4, -0.1, True, "Worse than their peers")
UNSURE = DifferenceRow("D11 Plan <b>", 0.05, -0.1, 0.2, False, "Cannot tell at this sample size")


def drawn(*rows: DifferenceRow) -> str:
    """The chart of these rows."""
    return difference_chart("gap", "The gap", rows, axis_label="Points", below="worse", above="better")


def test_a_sure_difference_is_a_filled_shape_of_its_own_with_a_bold_label() -> None:
    found = drawn(SURE, UNSURE)

    assert found.count("<polygon") == 1
    assert found.count("<circle") == 1
    assert 'font-weight="bold">−25 points (−40 to −10)<' in found


def test_the_finding_names_the_sure_and_counts_the_rest() -> None:
    found = drawn(SURE, UNSURE)

    assert "C9 Assessment: Worse than their peers, −25 points (−40 to −10). 1 of 2 cannot be told apart" in found
    assert "No difference is sure" in drawn(UNSURE)


def test_what_comes_from_outside_is_escaped() -> None:
    assert "<b>" not in drawn(UNSURE)


def test_points_are_whole_with_their_sign() -> None:
    assert [points(value) for value in (0.125, -0.125, 0.004, -0.004, 0.0)] == ["+13", "−13", "0", "0", "0"]


def test_the_axis_reaches_as_far_as_the_limits_and_says_so() -> None:
    near = DifferenceRow("C9", 0.05, -0.1, 0.25, False, "Cannot tell")

    assert "drawn to 25 points either way" in drawn(near)
    assert "drawn to 50 points either way" in drawn(SURE, near)
    assert "drawn to 100 points either way" in drawn(DifferenceRow("C9", 0.4, 0.1, 0.51, True, "Better"))
    assert ">+10<" in drawn(near) and ">+20<" in drawn(near)
