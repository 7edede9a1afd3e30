"""`pseudonymise`: run at the partnership, which keeps the key."""

import stat
from pathlib import Path

from flask import Flask

LIST = "case_ref,stratum,child name\n000417,b,Ann\n000418,c,Bob\n"


def run(app: Flask, folder: Path, *options: str, content: str = LIST) -> tuple[int, str]:
    (folder / "list.csv").write_text(content)
    files = ["--out", str(folder / "sent.csv"), "--key", str(folder / "our.key"), "--lookup", str(folder / "ours.csv")]
    done = app.test_cli_runner().invoke(args=["pseudonymise", str(folder / "list.csv"), *files, *options])
    return done.exit_code, done.output


def test_the_first_run_makes_a_key_and_the_next_one_gives_the_same_references(app: Flask, tmp_path: Path) -> None:
    code, says = run(app, tmp_path)
    first = (tmp_path / "sent.csv").read_text()
    key = (tmp_path / "our.key").read_text()
    again, _ = run(app, tmp_path, "--force")

    assert (code, again) == (0, 0)
    assert "Left out the column child name" in says
    assert (tmp_path / "sent.csv").read_text() == first
    assert (tmp_path / "our.key").read_text() == key
    assert stat.S_IMODE((tmp_path / "our.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ours.csv").stat().st_mode) == 0o600
    assert not {"Ann", "000417"} & set(first.replace("\n", ",").split(","))


def test_a_faulty_list_leaves_nothing_behind_not_even_a_key(app: Flask, tmp_path: Path) -> None:
    code, says = run(app, tmp_path, content="case_ref,stratum\n,b\n000418,c\n000418 ,c\n")

    assert code == 2
    assert "row 2, column case_ref: The reference is blank" in says
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in (".csv", ".key")) == ["list.csv"]


def test_nothing_is_written_over_without_being_told_and_a_file_that_is_no_key_is_refused(
    app: Flask, tmp_path: Path
) -> None:
    run(app, tmp_path)

    code, says = run(app, tmp_path)
    assert (code, "is there already" in says) == (2, True)
    (tmp_path / "our.key").write_text("secret\n")
    code, says = run(app, tmp_path, "--force")
    assert (code, "holds no key" in says) == (2, True)
