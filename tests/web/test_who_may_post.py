"""Every address, whoever it is for, has its row in the table of who may do what, and says so itself.

The table is written by hand (`tests/security/access.csv`), and shown in `docs/security/access.md`; that the answers are
those of the table is tested in `tests/security`.
"""

from __future__ import annotations

from flask import Flask

from tests.security.access_table import DOORS, OBJECTS, ROLES, rules_of, table

DOOR_WORDS = {"signed in": "signed-in", "begins programmes": "beginner", "second step to come": "second-step"}
ANEW = "add its row to tests/security/access.csv, then: python -m tests.security.access_doc"


def test_the_table_has_a_row_for_each_method_of_each_address_and_no_other(app: Flask) -> None:
    assert sorted(row.key for row in table()) == sorted(rules_of(app)), ANEW


def test_the_table_speaks_of_nobody_and_of_nothing_that_it_does_not_explain() -> None:
    odd = [row.key for row in table() if not row.who <= {*DOORS, *ROLES} or not row.who or row.of not in OBJECTS]

    assert not odd


def test_each_address_states_the_roles_that_the_table_gives_it(app: Flask) -> None:
    """The guard goes by these; that it does is tested with everybody."""
    rules, wrong = rules_of(app), []
    for row in table():
        stated = app.view_functions[rules[row.key].endpoint].roles  # type: ignore[attr-defined]
        words = {DOOR_WORDS.get(one, one) for one in stated}
        if {word.replace(" ", "-") for word in words} != row.who:
            wrong.append(f"{row.method} {row.address}: {sorted(words)}")

    assert not wrong, "\n".join(wrong)
