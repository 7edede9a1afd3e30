"""Every threat names its control and a test that exists, and the document says what the list says."""

from tests.security.evidence import FOLDER, exists, threats, threats_document
from tests.source import ROOT


def test_each_threat_names_where_its_control_is_and_a_test() -> None:
    rows = threats()
    assert [row.id for row in rows] == [f"T{number:02}" for number in range(1, 51)]
    assert [row.id for row in rows if not row.where or not row.tests] == []
    assert [place for row in rows for place in row.where if not (ROOT / place).exists()] == []


def test_each_test_that_is_named_is_one() -> None:
    assert sorted({test for row in threats() for test in row.tests if not exists(test)}) == []


def test_the_document_says_what_the_list_says() -> None:
    assert (FOLDER / "threats.md").read_text(encoding="utf-8") == threats_document(), (
        "python -m tests.security.evidence"
    )
