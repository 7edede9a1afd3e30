"""Every requirement has a test that exists or a reason, and the document says what the list says."""

from tests.security.evidence import FOLDER, OURS, asvs_document, exists, requirements

SHORTEST_REASON = 20  # characters: less is not a reason


def test_each_requirement_that_applies_names_a_test_or_says_why_there_is_none() -> None:
    silent = [row.id for row in requirements() if not row.tests and len(row.how) < _least(row.scope)]
    assert silent == []


def test_all_that_apply_are_there() -> None:
    rows = requirements()
    assert len({row.id for row in rows}) == len(rows)
    assert sum(row.scope == OURS and row.level < 3 for row in rows) == 159
    assert sum(row.level == 3 for row in rows) == 9


def test_each_test_that_is_named_is_one() -> None:
    named = {test for row in requirements() for test in row.tests}
    assert sorted(test for test in named if not exists(test)) == []


def test_the_document_says_what_the_list_says() -> None:
    assert (FOLDER / "asvs.md").read_text(encoding="utf-8") == asvs_document(), "python -m tests.security.evidence"


def _least(scope: str) -> int:
    return SHORTEST_REASON if scope == OURS else 1
