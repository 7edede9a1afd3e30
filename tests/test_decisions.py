"""Decisions are whole, and the index of docs/decisions lists each with its title and whether it still stands."""

import re
from pathlib import Path

from tests.source import ROOT

FOLDER = ROOT / "docs" / "decisions"
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
DECISIONS = {int(path.name[:4]): path for path in sorted(FOLDER.glob("[0-9]*.md"))}
ROW = re.compile(r"^\| (\d+) \| \[(.+)\]\(([^)]+)\) \| (.+) \|$", re.MULTILINE)


def test_every_decision_says_its_context_and_what_follows() -> None:
    assert len(DECISIONS) > 90
    assert len(DECISIONS) == len(list(FOLDER.glob("*.md"))) - 1, "two decisions have one number, or one has none"
    for path in DECISIONS.values():
        heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name), path.name
        assert heads[1:] == ["Context", "Decision", "Consequences"], path.name


def test_every_decision_has_its_row_in_the_index_with_its_own_title() -> None:
    rows = [(int(number), title, name) for number, title, name, _ in ROW.findall(INDEX)]

    assert rows == [(number, _title(path), path.name) for number, path in DECISIONS.items()]


def test_a_decision_that_no_longer_stands_as_it_was_is_led_to_from_and_named_by_the_one_that_changed_it() -> None:
    for number, _, _, state in ROW.findall(INDEX):
        if state == "stands":
            continue
        changed = re.fullmatch(r"(?:amended|replaced) by \[(\d+)\]\(([^)]+)\)", state)
        assert changed, f"{number}: a state is `stands`, `amended by [N](FILE)` or `replaced by [N](FILE)`"
        later = DECISIONS[int(changed[1])]
        assert later.name == changed[2] and int(changed[1]) > int(number)
        names_it = rf"\b[Dd]ecisions? (?:\S+ and )?\[?0*{number}\b"
        assert re.search(names_it, later.read_text(encoding="utf-8")), later.name


def test_every_number_without_a_decision_is_explained() -> None:
    said = re.search(r"\*\*Numbers that are not there\*\*: ([\d, ]+)\.", INDEX)
    assert said

    assert {int(each) for each in said[1].split(", ")} == set(range(1, max(DECISIONS))) - DECISIONS.keys()


def _title(path: Path) -> str:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return re.sub(r"^# (?:\d+\. )?", "", first).strip()
