"""`instrument check` and `instrument codebook`: questionnaire files told apart, and printed whole."""

from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from click.testing import Result
from flask import Flask

from tests.web.app import make_app

INSTRUMENTS = Path(__file__).resolve().parents[3] / "data" / "instruments"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application; these commands need no database."""
    made = make_app(f"sqlite:///{tmp_path / 'none.sqlite3'}", tmp_path)
    yield made
    made.extensions["casereader_engine"].dispose()


def run(app: Flask, *words: object) -> Result:
    """Run a command as people type it."""
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def test_every_questionnaire_that_comes_with_the_program_is_sound(app: Flask) -> None:
    files = sorted(INSTRUMENTS.glob("*.toml"))

    done = run(app, "instrument", "check", *files)

    assert (done.exit_code, done.stderr, len(done.stdout.splitlines())) == (0, "", len(files))
    assert "services-1 1.0 is sound: 6 questions with 6 parts in 1 sections." in done.stdout


def test_a_faulty_questionnaire_is_found_wanting_with_every_fault(app: Flask, tmp_path: Path) -> None:
    text = (INSTRUMENTS / "services-1.toml").read_text(encoding="utf-8")
    path = tmp_path / "faulty.toml"
    path.write_text(
        text.replace('question = "setting"', 'question = "sitting"').replace('scale = "six"', 'scale = "ten"', 1)
    )

    done = run(app, "instrument", "check", INSTRUMENTS / "crr-1.toml", path)

    assert done.exit_code == 1
    assert "CRR-1" in done.stdout
    assert "sitting" in done.stderr
    assert "ten" in done.stderr


@pytest.mark.parametrize("name", ["CRR-1", "crr-p", "services-1"])
def test_the_codebook_is_sound_html_with_every_part(app: Flask, tmp_path: Path, name: str) -> None:
    out = tmp_path / "codebook.html"

    done = run(app, "instrument", "codebook", name, "--out", out)

    instruments = app.extensions["casereader_instruments"]
    instrument = next(one for key, one in instruments.items() if key.casefold() == name.casefold())
    assert (done.exit_code, done.stderr) == (0, "")
    page = out.read_text(encoding="utf-8")
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert [heading.get("id") for heading in tree.iter("h3")] == list(instrument.parts)
    assert len(list(tree.iter("h1"))) == 1
    assert run(app, "instrument", "codebook", name).stdout == page + "\n"


def test_an_unknown_questionnaire_is_refused_with_the_known_ones(app: Flask) -> None:
    done = run(app, "instrument", "codebook", "CRR-9")

    assert done.exit_code == 2
    assert "Known are CRR-1, CRR-P, services-1." in done.stderr
