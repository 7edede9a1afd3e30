"""The document of who may do what shows the table that the answers are held to."""

from tests.security import access_doc


def test_the_document_shows_the_table_as_it_is() -> None:
    assert access_doc.in_document().strip() == access_doc.rendered().strip(), (
        "write it again: python -m tests.security.access_doc"
    )
