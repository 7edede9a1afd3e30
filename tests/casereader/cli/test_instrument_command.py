"""`instrument check`, `codebook`, `export`, `import`: files told apart, printed, and carried to a spreadsheet."""

import io
import runpy
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result
from docx import Document
from flask import Flask

import casereader
from casereader.db import transaction
from casereader.instrument import Instrument, Library, appendix, load
from casereader.models import PublishedInstrument
from casereader.programmes import publishing
from tests.cast import BEGAN
from tests.web.app import make_app
from tests.web.sound_html import errors_in, tree_of

INSTRUMENTS = Path(__file__).resolve().parents[3] / "data" / "instruments"
NO_DATABASE = "There is no database here, so nothing was compared with what programmes use.\n"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application; these commands need no database."""
    made = make_app(f"sqlite:///{tmp_path / 'none.sqlite3'}", tmp_path)
    yield made
    made.extensions["casereader_engine"].dispose()


@pytest.fixture
def in_use(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database in which a programme uses SHORT-1 1.0 and CRR-1 1.0."""
    made = make_app(sqlite_url, tmp_path)
    with transaction(made.extensions["casereader_engine"]) as session:
        publishing.publish(session, instrument=made.extensions["casereader_instruments"]["CRR-1"], at=BEGAN)
        row = PublishedInstrument(instrument_id="SERVICES-2", version="1.0", digest="0" * 64, published_at=BEGAN)
        session.add(row)
    yield made
    made.extensions["casereader_engine"].dispose()


def run(app: Flask, *words: object) -> Result:
    """Run a command as people type it."""
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def services(tmp_path: Path, name: str, *changes: tuple[str, str]) -> Path:
    """The services questionnaire as a file of its own, with each (old, new) replaced everywhere."""
    text = (INSTRUMENTS / "services-1.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


MINE = ('id = "services-1"', 'id = "SERVICES-2"')


def test_every_questionnaire_that_comes_with_the_program_is_sound(app: Flask) -> None:
    files = sorted(INSTRUMENTS.glob("*.toml"))

    done = run(app, "instrument", "check", *files)

    assert (done.exit_code, done.stderr, len(done.stdout.splitlines())) == (0, NO_DATABASE, len(files))
    assert "services-1 1.0 is sound: 6 questions with 6 parts in 1 sections." in done.stdout


def test_a_faulty_questionnaire_is_found_wanting_with_every_fault(app: Flask, tmp_path: Path) -> None:
    path = services(tmp_path, "faulty.toml", ('question = "setting"', 'question = "sitting"'))
    text = path.read_text(encoding="utf-8").replace('scale = "six"', 'scale = "ten"', 1)
    path.write_text(text, encoding="utf-8")

    done = run(app, "instrument", "check", INSTRUMENTS / "crr-1.toml", path)

    assert done.exit_code == 1
    assert "CRR-1" in done.stdout
    told = done.stderr.splitlines()
    assert "faulty.toml, section service, question wellbeing: there is no scale “ten”. Use an id of [[scales]]." in told
    assert "faulty.toml: the opening row “sitting” is not a question. Name a question whose key has no dot." in told


def test_a_text_fix_may_change_wording_and_nothing_else(app: Flask, tmp_path: Path) -> None:
    first = services(tmp_path, "one.toml", MINE)
    fix = services(tmp_path, "two.toml", MINE, ('version = "1.0"', 'version = "1.1"'), ("How good is", "How well does"))
    more = services(tmp_path, "three.toml", MINE, ('version = "1.0"', 'version = "1.1"'), ("y = 0", "y = 1"))

    assert run(app, "instrument", "check", first, fix).exit_code == 0
    done = run(app, "instrument", "check", first, more)

    assert done.exit_code == 1
    assert (
        "three.toml: “scales, number 1, choices, number 4, y” is not as in version 1.0, and 1.1 may change wording "
        "only. Put it back, or call this version 2.0." in done.stderr.splitlines()
    )


def test_a_text_fix_without_the_version_before_it_says_that_nothing_was_compared(app: Flask, tmp_path: Path) -> None:
    fix = services(tmp_path, "two.toml", MINE, ('version = "1.0"', 'version = "1.1"'))

    done = run(app, "instrument", "check", fix)

    assert done.exit_code == 0
    assert "It is a text fix, but the version before it is not here to compare it with." in done.stderr


def test_a_changed_file_under_the_number_of_an_installed_version_is_refused(app: Flask, tmp_path: Path) -> None:
    same = services(tmp_path, "same.toml", ("# services-1:", "# Another comment:"))
    changed = services(tmp_path, "changed.toml", ("How good is", "How well does"))

    assert run(app, "instrument", "check", same).exit_code == 0
    done = run(app, "instrument", "check", changed)

    assert done.exit_code == 1
    assert done.stderr.startswith("changed.toml: another file, services-1.toml, is also services-1 1.0. Give this one")


def test_a_changed_file_of_a_version_in_use_is_refused_with_the_remedy(in_use: Flask, tmp_path: Path) -> None:
    done = run(in_use, "instrument", "check", services(tmp_path, "two.toml", MINE), INSTRUMENTS / "crr-1.toml")

    assert done.exit_code == 1
    assert [line.split(" is ")[0] for line in done.stdout.splitlines()] == ["CRR-1 1.0"]
    assert done.stderr.splitlines() == [
        "SERVICES-2 1.0 is in use since 1 June 2026, and its file was changed. Put it back as it was. "
        "What was changed is the next version: 1.1 where only wording was, 2.0 otherwise."
    ]


def test_the_program_does_not_start_on_a_faulty_instrument_and_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data" / "instruments"
    folder.mkdir(parents=True)
    services(folder, "services-1.toml", ('scale = "six"', 'scale = "ten"'), ('label = "Setting"', 'label = ""'))
    monkeypatch.setattr(casereader, "DATA", tmp_path / "data")
    casereader._instruments.cache_clear()

    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(INSTRUMENTS.parents[1] / "app.py"))

    casereader._instruments.cache_clear()
    told = capsys.readouterr().err
    assert left.value.code == 2
    assert told.startswith("casereader did not start: ")
    assert "services-1.toml, section service, question staff: there is no scale “ten”. Use an id of [[scales]]." in told
    assert "Traceback" not in told


def test_serving_is_refused_while_a_version_in_use_says_something_else(in_use: Flask, tmp_path: Path) -> None:
    changed = load(services(tmp_path, "two.toml", MINE))
    in_use.extensions["casereader_instruments"] = Library([changed, load(INSTRUMENTS / "crr-1.toml")])

    done = run(in_use, "serve")

    assert (done.exit_code, "SERVICES-2 1.0 is in use since 1 June 2026" in done.stderr) == (2, True)


@pytest.mark.parametrize("name", ["CRR-1", "crr-p", "services-1", "CFSR-style", "bands-example"])
def test_the_codebook_is_sound_html_with_every_part_and_the_full_logic(app: Flask, tmp_path: Path, name: str) -> None:
    out = tmp_path / "codebook.html"

    done = run(app, "instrument", "codebook", name, "--out", out)

    instrument = _named(app, name)
    assert (done.exit_code, done.stderr) == (0, "")
    page = out.read_text(encoding="utf-8")
    assert errors_in(page) == []
    tree = tree_of(page)
    chapters = [f"logic-{chapter.id}" for chapter in appendix(instrument)]
    assert [heading.get("id") for heading in tree.iter("h3")] == [*instrument.parts, *chapters]
    assert len(list(tree.iter("h1"))) == 1
    assert run(app, "instrument", "codebook", name).stdout == page + "\n"


def test_the_codebook_as_a_document_has_every_part_every_answer_and_the_full_logic(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "codebook.docx"

    assert run(app, "instrument", "codebook", "CFSR-style", "--out", out).exit_code == 0

    document = Document(io.BytesIO(out.read_bytes()))
    instrument = _named(app, "CFSR-style")
    headings = [one.text for one in document.paragraphs if one.style and one.style.name.startswith("Heading 2")]
    assert headings[: len(instrument.parts)] == [
        f"{key} {instrument.part(key).label}"
        + (" (headline)" if instrument.section(instrument.part(key).section).headline == key else "")
        for key in instrument.parts
    ]
    assert headings[len(instrument.parts) :] == [chapter.title for chapter in appendix(instrument)]
    cells = {cell.text for table in document.tables for cell in table._cells}
    for chapter in appendix(instrument):
        assert {text for row in chapter.rows for text in row} <= cells
    assert document.core_properties.title == f"{instrument.title}: codebook of CFSR-style 1.0"


def test_an_unknown_questionnaire_or_version_is_refused_with_the_known_ones(app: Flask) -> None:
    done = run(app, "instrument", "codebook", "CRR-9")
    older = run(app, "instrument", "codebook", "CRR-1", "--version", "0.9")

    assert (done.exit_code, older.exit_code) == (2, 2)
    assert "Known are BANDS-EXAMPLE, CFSR-style, CRR-1, CRR-P, services-1." in done.stderr
    assert older.stderr == "There is no version 0.9 of CRR-1 here. Known are 1.0.\n"


def test_a_questionnaire_goes_out_as_a_workbook_and_comes_back_the_same(app: Flask, tmp_path: Path) -> None:
    book, back = tmp_path / "crr-1.xlsx", tmp_path / "back.toml"

    out = run(app, "instrument", "export", book)
    in_ = run(app, "instrument", "import", book, "--out", back)

    assert (out.exit_code, out.stdout) == (0, f"Wrote {book}\n")
    assert (in_.exit_code, in_.stderr) == (0, "")
    assert load(back) == _named(app, "CRR-1")


def test_nothing_is_written_over_unless_asked(app: Flask, tmp_path: Path) -> None:
    book, page = tmp_path / "one.xlsx", tmp_path / "one.html"
    assert run(app, "instrument", "export", book, "--of", "services-1").exit_code == 0
    assert run(app, "instrument", "import", book).exit_code == 0
    assert run(app, "instrument", "codebook", "services-1", "--out", page).exit_code == 0
    before = {path: path.read_bytes() for path in (book, book.with_suffix(".toml"), page)}

    refused = [
        run(app, "instrument", "export", book, "--of", "CRR-P"),
        run(app, "instrument", "import", book),
        run(app, "instrument", "codebook", "CRR-P", "--out", page),
    ]

    assert [(one.exit_code, "--force" in one.stderr) for one in refused] == [(2, True)] * 3
    assert {path: path.read_bytes() for path in before} == before
    assert run(app, "instrument", "export", book, "--of", "CRR-P", "--force").exit_code == 0
    assert book.read_bytes() != before[book]


def test_a_faulty_workbook_is_told_by_sheet_row_and_column_and_nothing_is_written(app: Flask, tmp_path: Path) -> None:
    book = tmp_path / "one.xlsx"
    assert run(app, "instrument", "export", book, "--of", INSTRUMENTS / "services-1.toml").exit_code == 0
    opened = openpyxl.load_workbook(book)
    opened["survey"]["A4"] = "select_one ten"
    opened["choices"]["E3"] = 7
    opened.save(book)

    done = run(app, "instrument", "import", book)

    assert (done.exit_code, book.with_suffix(".toml").exists()) == (2, False)
    told = done.stderr.splitlines()
    assert "one.xlsx, sheet choices, row 3, column y: “scales six, choices 5, y” is 7. Use one of 0 or 1." in told
    assert "one.xlsx, sheet survey, row 4, column type: there is no scale “ten”. Use an id of [[scales]]." in told


def test_a_folder_that_is_not_there_is_made_and_one_that_cannot_be_is_said(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert run(app, "instrument", "export", tmp_path / "new" / "a.xlsx", "--of", "services-1").exit_code == 0
    done = run(app, "instrument", "export", tmp_path / "file" / "a.xlsx", "--of", "services-1")
    assert (done.exit_code, done.stderr.startswith("Cannot write")) == (2, True)


def _named(app: Flask, name: str) -> Instrument:
    instruments: Library = app.extensions["casereader_instruments"]
    return next(one for key, one in instruments.items() if key.casefold() == name.casefold())
