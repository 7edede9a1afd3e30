"""Every requirement and every threat has a test that exists or a reason, and the documents say what the lists say."""

import pytest

from tests.security.evidence import DOCUMENTS, FOLDER, OURS, exists, requirements, threats
from tests.source import ROOT

SHORTEST_REASON = 20  # characters: less is not a reason


def test_each_requirement_that_applies_names_a_test_or_says_why_there_is_none() -> None:
    silent = [row.id for row in requirements() if not row.tests and len(row.how) < _least(row.scope)]
    assert silent == []


def test_all_that_apply_are_there() -> None:
    rows = requirements()
    assert len({row.id for row in rows}) == len(rows)
    assert sum(row.scope == OURS and row.level < 3 for row in rows) == 159
    assert sum(row.level == 3 for row in rows) == 9


def test_each_threat_names_where_its_control_is_and_a_test() -> None:
    rows = threats()
    assert [row.id for row in rows] == [f"T{number:02}" for number in range(1, 51)]
    assert [row.id for row in rows if not row.where or not row.tests] == []
    assert [place for row in rows for place in row.where if not (ROOT / place).exists()] == []


def test_each_test_that_is_named_is_one() -> None:
    named = {test for row in requirements() for test in row.tests} | {test for row in threats() for test in row.tests}
    assert sorted(test for test in named if not exists(test)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_say_what_the_lists_say(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == DOCUMENTS[name](), "python -m tests.security.evidence"


def _least(scope: str) -> int:
    return SHORTEST_REASON if scope == OURS else 1
