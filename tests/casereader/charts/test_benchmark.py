"""The benchmark strip: others are dots without a name, this one a diamond with its interval, earlier figures below."""

from casereader.charts.benchmark import StripRow, benchmark_chart

ROW = StripRow("C9 Assessment <b>", 0.57, 0.29, 0.81, others=(0.4, 0.41, 0.9), rounds=(0.5,), published=(0.625,))
KEY_CIRCLES, KEY_SHAPES = 1, 3  # the key above the strips shows each mark once


def test_every_other_partnership_is_a_dot_and_earlier_figures_are_shapes_of_their_own() -> None:
    found = benchmark_chart("strip", "Benchmark", [ROW])

    assert found.count("<circle") == KEY_CIRCLES + 3
    assert found.count("<polygon") == KEY_SHAPES + 3


def test_the_finding_says_the_figures_and_no_rank() -> None:
    found = benchmark_chart("strip", "Benchmark", [ROW])

    assert "57% (29% to 81%); 3 other partnerships from 40% to 90%; earlier rounds 50%; published earlier 63%." in found
    assert "<b>" not in found


def test_dots_that_would_hide_each_other_are_set_apart() -> None:
    alike = StripRow("C9", 0.5, None, None, others=(0.5, 0.5, 0.5))

    drawn = benchmark_chart("strip", "Benchmark", [alike])

    heights = {part.split('cy="')[1].split('"')[0] for part in drawn.split("<circle")[1:]}
    assert len(heights) == KEY_CIRCLES + 3


def test_a_strip_without_others_still_shows_this_partnership() -> None:
    found = benchmark_chart("strip", "Benchmark", [StripRow("C9", 1.0, 0.8, 1.0)])

    assert "C9: 100% (80% to 100%)." in found
    assert found.count("<circle") == KEY_CIRCLES
