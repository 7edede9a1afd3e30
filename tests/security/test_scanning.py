"""The scanners' run is to be believed: what is planted starts nowhere else, all is explained, and every rule bites."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cast import SignIn
from tests.security.__main__ import SCANNERS
from tests.security.findings import ALLOWED, Allowed, Finding, Scanned, judge, read_allowed
from tests.security.names_read import Read, names_read
from tests.security.parameters import of_any
from tests.security.reached import moment, reached
from tests.security.scans.source_code import SECURITY, marks
from tests.security.scans.weak_key import key_that_signed, weak_keys
from tests.source import ROOT, imports, modules, named
from tests.web.reading_room import Room

EXPLAINED = (ROOT / "docs" / "security" / "scanners.md").read_text(encoding="utf-8")
RULES = (SECURITY / "rules" / "casereader.yml").read_text(encoding="utf-8")
OURS = {"forced-browsing", "weak-key"}  # with no pins: a few lines of our own
FINDING = Finding("bandit", "B608", "sampling/draw.py:7", "SELECT")
REASON = Allowed("bandit", "B608", "sampling/draw.py:*", "names only")


def test_every_scanner_has_its_row_in_the_document_and_its_pins_where_it_is_not_ours() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installed = re.search(r"^SCANNERS_KNOWN := (.+)$", makefile, re.MULTILINE)
    rows = [re.split(r"[ ,|]", line.removeprefix("| "))[0] for line in EXPLAINED.splitlines() if line.startswith("| ")]

    assert installed
    assert set(installed[1].split()) == SCANNERS.keys() - OURS
    assert all((SECURITY / "scanners" / f"{name}.txt").is_file() for name in installed[1].split())
    assert SCANNERS.keys() <= set(rows)


def test_the_planted_flaws_do_not_start_outside_the_scanners_folder(tmp_path: Path) -> None:
    copy = tmp_path / "planted_flaws.py"
    copy.write_bytes((SECURITY / "planted" / "flaws.py").read_bytes())
    (tmp_path / "throw-away").write_text("/somewhere/else\n")

    for place in (SECURITY / "planted" / "flaws.py", copy):
        done = subprocess.run(
            [sys.executable, "-c", f"import runpy; runpy.run_path({str(place)!r})['create_app']()"],
            env={"PYTHONPATH": str(ROOT), "CASEREADER_DATA": str(tmp_path / "data")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert "throw-away folder" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_program_imports_nothing_of_the_tests_and_so_nothing_planted() -> None:
    for path in modules("app.py", "casereader", "sampling").values():
        assert not {name for name in imports(path, frozenset()) if name.split(".")[0].startswith(("tests", "planted"))}
        assert "planted" not in path.read_text(encoding="utf-8"), named(path)


def test_every_rule_has_lines_that_it_must_find_and_lines_that_it_must_not() -> None:
    rules = set(re.findall(r"^  - id: ([a-z-]+)$", RULES, re.MULTILINE))
    bad, good = marks()

    assert rules == {rule for _, _, rule in bad} == {rule for _, _, rule in good}
    assert len(rules) >= 20


@pytest.mark.parametrize("reason", read_allowed(), ids=lambda each: f"{each.scanner} {each.rule} {each.place}")
def test_every_finding_that_is_let_be_has_its_reason_in_the_document_too(reason: Allowed) -> None:
    assert len(reason.why.split()) >= 4
    row = next(
        line
        for line in EXPLAINED.splitlines()
        if line.startswith(f"| {reason.scanner} | `{reason.rule}` | `{reason.place}` |")
    )
    assert reason.why in row
    if reason.place.startswith(("casereader/", "sampling/", "tests/", "templates/")):
        assert list(ROOT.glob(reason.place.removesuffix(":*"))), "a file that is no more"


def test_the_document_explains_nothing_that_is_not_let_be() -> None:
    rows = [line for line in EXPLAINED.splitlines() if re.match(r"\| [a-z-]+ \| `[^`]*` \| `[^`]*` \|", line)]

    assert len(rows) == len(read_allowed())
    assert named(ALLOWED) in EXPLAINED


def test_a_run_is_good_only_if_all_planted_is_found_and_all_found_is_explained() -> None:
    silent = Scanned("bandit", "SQL", [], "")

    assert judge([silent], []).is_good
    assert judge([Scanned("bandit", "SQL", [], "", [FINDING])], [REASON]).is_good
    assert judge([Scanned("bandit", "SQL", [], "", [FINDING])], []).open == [FINDING]
    assert not judge([Scanned("bandit", "SQL", ["SQL"], "")], []).is_good, "a scanner that misses what was planted"
    assert judge([silent], [REASON]).idle == [REASON], "a reason that nothing needs any more"
    assert judge([Scanned("semgrep", "x", [], "")], [REASON]).is_good, "but not where its scanner did not run"


@pytest.mark.parametrize(
    ("changed", "covered"),
    [
        ({}, True),
        ({"scanner": "semgrep"}, False),
        ({"rule": "B602"}, False),
        ({"place": "casereader/db.py:7"}, False),
    ],
)
def test_a_reason_covers_one_rule_of_one_scanner_in_its_places(changed: dict[str, str], covered: bool) -> None:
    fields = {"scanner": "bandit", "rule": "B608", "place": "sampling/draw.py:7", "says": "SELECT"} | changed

    assert REASON.covers(Finding(**fields)) is covered
    assert not Allowed("bandit", "B608", "*", "names only", says="^INSERT").covers(FINDING)


def test_a_weak_key_is_found_by_the_cookie_that_it_signed_and_a_sound_one_is_not(room: Room, sign_in: SignIn) -> None:
    keys, sound = [each for each in weak_keys() if each.startswith("secret")], room.app.config["SECRET_KEY"]
    cookie = sign_in(room.cast.reviewer).get_cookie("casereader")
    assert cookie is not None
    assert key_that_signed(cookie.value, keys, room.app) is None
    assert key_that_signed(cookie.value, [*keys, sound], room.app) == sound

    room.app.secret_key = "secret2026"
    weakly = sign_in(room.cast.reviewer).get_cookie("casereader")
    assert weakly is not None
    assert key_that_signed(weakly.value, keys, room.app) == "secret2026"


def test_what_a_route_reads_is_told_by_its_source(room: Room) -> None:
    views = room.app.view_functions

    assert {Read("GET", "keys")} <= names_read(views["autosave.saves"])
    assert {Read("POST", "keep_signs"), Read("POST", "text")} <= names_read(views["queries.say"])
    assert {Read("POST", "*__note"), Read("POST", "version")} <= names_read(views["section.save"]), "read further down"
    assert {Read("POST", "email"), Read("POST", "kept")} <= names_read(views["account.sign_in_post"]), "a form's fields"
    assert names_read(views["home.health"]) == set()


def test_a_parameter_counts_once_whatever_it_is_about() -> None:
    days = "day-" + "aB" * 11 + "-2026-08-27"
    names = ["C9__note", "G1.safe__note", days, "size-1", "place-a", "reason"]

    assert [of_any(each) for each in names] == ["*__note", "*__note", "day-*", "size-*", "place-*", "reason"]


def test_a_scan_that_was_signed_out_on_the_way_is_told_from_one_that_was_not(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def add(account: str | None, status: int, times: int) -> None:
        line = {"says": "answered", "account": account, "route": "progress.show", "method": "GET", "status": status}
        with log.open("a") as writing:
            writing.write((json.dumps(line) + "\n") * times + "no line of ours\n")

    add("somebody", 200, 3)
    since = moment(log)
    add("somebody", 200, 9)
    add(None, 303, 1)
    assert (reached(log, since).requests, reached(log, since).missed) == (10, [])
    assert reached(log, since).opened == {"GET progress.show"}
    add(None, 303, 90)
    assert reached(log, since).missed
