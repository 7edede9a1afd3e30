"""Whom to tell of a matter of concern: what a telephone dials when their number is pressed."""

import pytest

from casereader.programmes.contacts import Contact
from casereader.vocabulary import Role


@pytest.mark.parametrize(
    ("number", "dials"),
    [
        ("0131 496 0100", "tel:01314960100"),
        ("+44 (0)131 496-0100", "tel:+441314960100"),
        ("(01632) 960.010 x12", "tel:01632960010;ext=12"),
        ("x4512", "tel:4512"),
        ("", ""),
    ],
)
def test_a_number_as_people_write_it_becomes_one_that_a_telephone_dials(number: str, dials: str) -> None:
    assert Contact("Leslie Lead", Role.LEAD, number).dials == dials
