"""People who join an inspection from a list: checked whole, made with an end and a role, their links told once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from casereader.models import Account, AuditEvent, Membership, OneTimeLink
from casereader.people import passwords
from casereader.programmes import inspections, joining
from casereader.programmes.joining import ListFaultsError
from casereader.vocabulary import Role
from tests.cast import Cast
from tests.sampled import AT
from tests.trail import said

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SOUND = """Name;E-mail;Role;Paired with;Last day
Iain Inspector;iain@body.example;Reviewer;;
Lena Local;lena@partner.example;local reviewer;iain@body.example;30/06/2026
Mo Moderator;mo@body.example;moderator;;2026-07-01
"""


def check(session: Session, people: Cast, text: str) -> list[joining.Joining]:
    return joining.check(session, inspection=people.place.inspection, lines=joining.lines_of(text), at=AT)


@pytest.fixture
def people(people: Cast) -> Cast:
    """The cast, with reading days agreed."""
    people.place.inspection.reading_starts = date(2026, 6, 8)
    people.place.inspection.reading_ends = date(2026, 6, 10)
    return people


def test_a_sound_list_makes_accounts_that_end_with_roles_and_links_that_open_them(
    session: Session, people: Cast
) -> None:
    found = joining.join(
        session,
        inspection=people.place.inspection,
        people=check(session, people, SOUND),
        by=people.coordinator,
        at=AT,
    )

    assert [(one.account.email, one.role) for one in found] == [
        ("iain@body.example", Role.REVIEWER),
        ("lena@partner.example", Role.LOCAL_REVIEWER),
        ("mo@body.example", Role.MODERATOR),
    ]
    assert [one.account.ends_on for one in found] == [date(2026, 6, 17), date(2026, 6, 30), date(2026, 7, 1)]
    (local,) = inspections.people(session, inspection=people.place.inspection, role=Role.LOCAL_REVIEWER)[:1]
    entry = session.exec(select(Membership).where(Membership.account_id == found[1].account.id)).one()
    assert entry.paired_with_id == found[0].account.id and local
    for one in found:
        assert one.token is not None
        assert passwords.account_of_link(session, token=one.token, at=AT)[0].id == one.account.id
    kept = session.exec(select(OneTimeLink.token_hash)).all()
    assert not {one.token for one in found} & set(kept)
    trail = session.exec(select(AuditEvent).where(AuditEvent.action == "people joined from a list")).one()
    assert said(trail) == {"made": 3, "listed": 3}


def test_whoever_has_an_account_gets_the_role_and_never_a_link(session: Session, people: Cast) -> None:
    text = f"Somebody Else,{people.outsider.email},reviewer\nRuaridh,{people.reviewer.email},reviewer\n"
    found = joining.join(
        session,
        inspection=people.place.inspection,
        people=check(session, people, text),
        by=people.coordinator,
        at=AT,
    )

    assert [one.token for one in found] == [None, None]
    assert session.exec(select(OneTimeLink)).all() == []
    assert people.outsider.name == "Olive Outsider"  # theirs, whatever the list says
    assert {
        entry.role
        for entry in inspections.members(session, inspection=people.place.inspection, account=people.outsider)
    } == {Role.REVIEWER}


def test_every_fault_is_told_by_its_line_and_nothing_is_made(session: Session, people: Cast) -> None:
    n = len(session.exec(select(Account)).all())
    text = f"""name,e-mail,role,paired with,last day
,nobody,boss,,
Ann,ann@body.example,reviewer,iain@body.example,2020-01-01
Ann,ann@body.example,moderator,,32/13/2026
Lena,lena@partner.example,local reviewer,ann@body.example,
Ada,{people.administrator.email},reviewer,,
Lachlan,{people.local_reviewer.email},reviewer,,
Olive,{people.outsider.email},local reviewer,{people.reviewer.email},2026-06-30
"""
    with pytest.raises(ListFaultsError) as refused:
        check(session, people, text)

    told = {(fault.line, fault.column) for fault in refused.value.faults}
    assert told >= {
        (2, "name"),
        (2, "e-mail"),
        (2, "role"),
        (3, "last day"),
        (4, "e-mail"),
        (4, "last day"),
        (5, "paired with"),
        (6, "e-mail"),
        (7, "role"),
        (8, "e-mail"),  # who has an account that does not end
    }
    assert len(session.exec(select(Account)).all()) == n


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("e-mail,e-mail,name,role\na@b.example,a@b.example,A,reviewer", "Two columns"),
        ("e-mail\na@b.example", "missing"),
        ("\n".join(f"P{n},p{n}@body.example,reviewer" for n in range(201)), "at most 200"),
        ("A,a@body.example,administrator", "People and roles"),
    ],
)
def test_a_list_that_is_no_list_is_refused_with_what_to_do(
    session: Session, people: Cast, text: str, says: str
) -> None:
    with pytest.raises(ListFaultsError) as refused:
        check(session, people, text)

    assert any(says in fault.says for fault in refused.value.faults)


def test_without_reading_days_a_last_day_must_be_given(session: Session, people: Cast) -> None:
    people.place.inspection.reading_starts = people.place.inspection.reading_ends = None

    with pytest.raises(ListFaultsError, match="1 thing"):
        check(session, people, "Iain,iain@body.example,reviewer")


def test_a_line_that_is_separated_otherwise_than_the_first_is_named_as_that(session: Session, people: Cast) -> None:
    text = "Iain,iain@body.example,reviewer,,\nLena;lena@partner.example;reviewer;;\n"
    with pytest.raises(ListFaultsError) as refused:
        check(session, people, text)

    assert [(fault.line, fault.says) for fault in refused.value.faults] == [
        (2, "The line is not separated as the first is: use one sign throughout.")
    ]
