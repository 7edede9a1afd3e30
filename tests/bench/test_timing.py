"""The bench keeps the best of several turns, tells a kept limit from a broken one, and says so in its exit code."""

import pytest

from bench import bench_autosave
from bench.__main__ import main
from bench.timing import Compared, compare


def test_both_sides_have_every_turn_and_one_that_does_not_count() -> None:
    turns: list[str] = []

    result = compare("x", lambda: turns.append("ours"), lambda: turns.append("floor"), floor_name="y", turns=3)

    assert turns == ["ours", "floor"] * 4
    assert result.ours > 0
    assert result.floor > 0


def test_a_limit_is_kept_or_not() -> None:
    assert Compared("x", ours=2.0, floor=1.0, floor_name="y", limit=2.0).is_within
    assert not Compared("x", ours=2.1, floor=1.0, floor_name="y", limit=2.0).is_within
    assert Compared("x", ours=99.0, floor=1.0, floor_name="y").is_within


def test_processor_time_is_held_beside_the_ratio() -> None:
    quick = compare("x", lambda: None, lambda: None, floor_name="y", most_processor=5.0, turns=1)

    assert quick.is_within
    assert not Compared("x", 1.0, 1.0, "y", limit=2.0, processor=0.6, most_processor=0.5).is_within
    assert Compared("x", 1.0, 1.0, "y", limit=2.0, processor=0.4, most_processor=0.5).is_within


def test_an_error_is_never_kept_however_quick_it_was_and_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    went_wrong = Compared("x", ours=1.0, floor=1.0, floor_name="y", limit=2.0, errors=("lost", "lost", "late"))
    assert not went_wrong.is_within

    for results, code in (([went_wrong], 1), ([Compared("x", ours=1.0, floor=1.0, floor_name="y")], 0)):
        monkeypatch.setattr(bench_autosave, "run", lambda results=results: results)
        assert main(["autosave"]) == code

    told = capsys.readouterr().err
    assert "x: 2 × lost" in told and "x: 1 × late" in told


def test_a_bench_that_does_not_exist_is_told_with_those_that_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 2

    assert "bench_draw" in capsys.readouterr().err
