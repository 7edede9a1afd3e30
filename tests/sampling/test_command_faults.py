"""`python -m sampling` used wrongly: every fault is told, and nothing is left behind or written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from sampling.files import write_together
from tests.sampling.commands import run, written


def test_every_fault_of_a_draw_is_told_at_once_and_nothing_is_written(listed: Path, tmp_path: Path) -> None:
    listed.write_text(listed.read_text(encoding="utf-8") + ",CPR,5,1\n000999,,5,1\n", encoding="utf-8")
    before = sorted(tmp_path.iterdir())

    result = run(
        *("draw", listed, "--strata", "stratum", "--size", "0", "--minimum", "x", "--seed", "a|b\n"),
        *("--margin", "abc", "--out", tmp_path / "out"),
    )

    assert (result.exit_code, result.stdout) == (2, "")
    for part in ("--size, '0'", "--minimum, 'x'", "--margin, 'abc'", "'|'", "printable ASCII", "row 62", "row 63"):
        assert part in result.stderr
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--size", 5, "--seed", ""), "must have 1 to 200 characters"),
        (("--size", 5, "--seed", "x" * 201), "has 201"),
        (("--size", 5, "--seed", "é"), "printable ASCII"),
        (("--size", 5), "--seed: give the seed"),
        (("--seed", "s"), "say how many in one way"),
        (("--size", 5, "--margin", 15, "--seed", "s"), "say how many in one way"),
        (("--size", 5, "--minimum", 9, "--seed", "s"), "4 + 9 + 9 = 22, more than the 5"),
        (("--size", 50, "--maximum", 9, "--seed", "s"), "4 + 9 + 9 = 22, fewer than the 50"),
        (("--size", 5, "--reserve", "many", "--seed", "s"), "--reserve, 'many'"),
        (("--size", 5, "--method", "guess", "--seed", "s"), "--method, 'guess': must be one of"),
        (("--size", 5, "--selection", "guess", "--seed", "s"), "--selection, 'guess': must be one of"),
        (("--size", 5, "--order-by", "age", "--seed", "s"), "systematic selection only"),
        (("--size", 5, "--selection", "pps", "--seed", "s"), "needs the column"),
        (("--size", 5, "--selection", "pps", "--measure", "stratum", "--seed", "s"), "row 2, column stratum"),
        (("--size", 5, "--within", "nowhere", "--seed", "s"), "nowhere"),
        (("--size", 5, "--id", "nowhere", "--seed", "s"), "nowhere"),
        (("--size", 5, "--rules", "nowhere.toml", "--seed", "s"), "nowhere.toml"),
        (("--size", 5, "--margin", "0", "--seed", "s"), "in one way"),
        (("--margin", "0", "--seed", "s"), "--margin, '0': must lie between"),
    ],
)
def test_a_draw_that_cannot_be_made_says_why(
    options: tuple[object, ...], says: str, listed: Path, tmp_path: Path
) -> None:
    result = run("draw", listed, "--strata", "stratum", *options, "--out", tmp_path / "out")

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("strata", [(), ("--strata", ""), ("--strata", "a,,b")])
def test_strata_and_folder_must_be_named(strata: tuple[str, ...], listed: Path) -> None:
    result = run("draw", listed, *strata, "--size", 5, "--seed", "s")

    assert result.exit_code == 2
    assert "--strata" in result.stderr
    assert "--out: name the folder" in result.stderr


def test_a_sample_is_written_over_only_when_told(listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.txt").write_text("kept", encoding="utf-8")
    common = ("draw", listed, "--strata", "stratum", "--size", 5, "--out", out)

    beside = run(*common, "--seed", "first")
    first = written(out)
    refused = run(*common, "--seed", "second")
    kept = written(out)
    forced = run(*common, "--seed", "second", "--force")

    assert (beside.exit_code, refused.exit_code, forced.exit_code) == (0, 2, 0)
    assert "sample.csv and certificate.json would be written over" in refused.stderr
    assert kept == first
    assert written(out)["sample.csv"] != first["sample.csv"]
    assert written(out).keys() == {"notes.txt", "sample.csv", "certificate.json"}


def test_a_file_in_place_of_the_folder_is_never_replaced(listed: Path) -> None:
    result = run("draw", listed, "--strata", "stratum", "--size", 5, "--seed", "s", "--out", listed, "--force")

    assert result.exit_code == 2
    assert "is a file; name a folder" in result.stderr


def test_an_error_while_writing_leaves_nothing_behind(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    name = "x" * 300  # longer than a file name may be

    with pytest.raises(OSError):
        write_together(out, {"sample.csv": b"1", name: b"2"})

    assert list(tmp_path.iterdir()) == []


def test_neither_file_is_written_where_a_folder_has_the_name_of_one(listed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    common = ("draw", listed, "--strata", "stratum", "--size", 5, "--out", out)
    run(*common, "--seed", "first")
    before = (out / "sample.csv").read_bytes()
    (out / "certificate.json").unlink()
    (out / "certificate.json").mkdir()

    result = run(*common, "--seed", "second", "--force")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be written" in result.stderr
    assert (out / "sample.csv").read_bytes() == before
    assert sorted(path.name for path in out.iterdir()) == ["certificate.json", "sample.csv"]


def test_a_folder_that_cannot_be_made_is_told_without_a_traceback(listed: Path) -> None:
    result = run("draw", listed, "--strata", "stratum", "--size", 5, "--seed", "s", "--out", listed / "below")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stratum,size\nCPR,5\nCPI,2\nCARM,1\nVYP,3\n", "'VYP' is no stratum of this list"),
        ("stratum,size\nCPR,5\nCPI,2\n", "'CARM' has 4 cases and no size"),
        ("stratum,size\nCPR,5\nCPI,2\nCARM,5\n", "has 4 cases, fewer than the 5"),
        ("stratum,size\nCPR,5\nCPR,2\nCARM,1\n", "row 3, column --sizes"),
        ("stratum,size\nCPR,1.5\nCPI,2\nCARM,\n", "row 4"),
        ("stratum,size\n,5\n", "is blank"),
        ("stratum,n\nCPR,5\n", "needs one column 'size'"),
        ("stratum,size\n", "no row under its header"),
        ("", "no row under its header"),
        ('stratum,size\n"CPR,5\n', "not a sound CSV file"),
    ],
)
def test_a_file_of_sizes_that_does_not_fit_is_refused(text: str, says: str, listed: Path, tmp_path: Path) -> None:
    (tmp_path / "sizes.csv").write_text(text, encoding="utf-8")

    result = run("allocate", listed, "--strata", "stratum", "--sizes", tmp_path / "sizes.csv")

    assert (result.exit_code, result.stdout) == (2, "")
    assert says.replace("column --sizes", "--sizes") in result.stderr


def test_a_file_that_is_not_there_is_told_for_each_option(tmp_path: Path) -> None:
    result = run(
        *("allocate", tmp_path / "nowhere.csv", "--strata", "stratum", "--sizes", "no.csv"),
        *("--sd", "none.csv", "--size", "5", "--method", "neyman"),
    )

    assert result.exit_code == 2
    assert all(name in result.stderr for name in ("nowhere.csv", "'no.csv'", "'none.csv'"))
