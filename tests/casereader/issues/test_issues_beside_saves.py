"""An issue is kept and published beside people who save: the write lock is held for a few questions, however many
inspections are in it, and what was touched meanwhile is noticed by them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from casereader import audit, issues
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.issues import Basis, Draft, LookedOver, MovedError, Scope, listing
from casereader.models import Issue, Membership
from casereader.programmes import adding
from casereader.vocabulary import Role
from tests.cast import Cast
from tests.published import OUT

HELD = {"content": {"inspections": []}, "proof": {}, "policy": {}, "data_digest": "0" * 64}
LOADS = ("answer", "reading", "sample_case", "case", "evaluation", "draw_record")


def programme_of(session: Session, people: Cast, n: int) -> Scope:
    """The cast's programme with as many inspections, of which only their names matter."""
    for at in range(len(issues.of_programme(session, people.place.programme).places), n):
        inspection = adding.add_partnership(
            session,
            programme=people.place.programme,
            name=f"Glen {at:02}",
            period_from=OUT.date() - timedelta(days=400),
            period_to=OUT.date() - timedelta(days=100),
            lead=people.lead,
            by=people.coordinator,
            at=OUT,
        )
        assert inspection.id
    return issues.of_programme(session, people.place.programme)


def drafted(session: Session, people: Cast, scope: Scope, *, replaces: Issue | None = None) -> Draft:
    """An issue as it would be worked out just now, of all inspections; its figures are beside the point."""
    basis = Basis(
        mark=audit.mark(session),
        digests={place.path: "0" * 64 for place in scope.places},
        issued=[replaces.public_id] if replaces else [],
        met={"earlier": [], "places": [], "whole": []},
    )
    row = Issue(
        **HELD,
        programme_id=scope.programme.id,
        number=replaces.number + 1 if replaces else 1,
        replaces_id=replaces.id if replaces else None,
        correction="More are in." if replaces else "",
        data_time=OUT,
        instrument_id="CRR-1",
        instrument_version="1.0",
        software="casereader",
        audit_head="0" * 64,
        prepared_by_id=people.coordinator.id or 0,
    )
    row.content = {"inspections": [{"path": place.path} for place in scope.places]}
    return Draft(row, basis)


@contextmanager
def asked(session: Session) -> Iterator[list[str]]:
    """The statements that a block sends to the database."""
    found: list[str] = []

    def note(_c: object, _u: object, statement: str, *_: object) -> None:
        found.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def looked_over(session: Session, row: Issue, draft: Draft) -> LookedOver:
    """What looking it over gives, as of now."""
    basis = replace(draft.basis, mark=audit.mark(session))
    return LookedOver(listing.mark_of(session, row), "0" * 64, basis)


def test_to_keep_and_to_publish_take_as_many_questions_for_many_inspections_and_load_no_answer(
    session: Session, people: Cast
) -> None:
    counts, before = [], None
    for n in (3, 12):
        scope = programme_of(session, people, n)
        draft = drafted(session, people, scope, replaces=before)
        with asked(session) as keeping:
            before = issues.keep(session, scope=scope, draft=draft, by=people.coordinator, at=OUT)
        given = {"public_id": before.public_id, "looked": looked_over(session, before, draft)}
        with asked(session) as publishing:
            issues.publish(session, scope=scope, by=people.lead, at=OUT, **given)
        for table in LOADS:
            assert not any(f"FROM {table} " in one or f"JOIN {table} " in one for one in keeping + publishing)
        counts.append((len(keeping), len(publishing)))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 25


def test_whatever_is_done_in_an_inspection_or_to_the_programme_is_noticed_and_looking_is_not(
    session: Session, people: Cast
) -> None:
    scope = programme_of(session, people, 3)
    draft = drafted(session, people, scope)
    other = scope.places[1].inspection.id
    of_it = {"kind": "programme", "object_id": scope.programme.public_id}
    for deed, moves in (
        ({"action": audit.FILE_TAKEN, "kind": "file", "object_id": "any", "inspection_id": other}, False),
        ({"action": "signed in", "kind": "account", "object_id": "any"}, False),
        ({"action": "answers saved", "kind": "reading", "object_id": "any", "inspection_id": other}, True),
        ({"action": "programme changed", **of_it}, True),
    ):
        with session.begin_nested() as nested:
            audit.record(session, by=None, at=OUT, **deed)  # type: ignore[arg-type]
            if moves:
                with pytest.raises(MovedError):
                    issues.keep(session, scope=scope, draft=draft, by=people.coordinator, at=OUT)
            else:
                assert issues.keep(session, scope=scope, draft=draft, by=people.coordinator, at=OUT).number == 1
            nested.rollback()
        session.expunge(draft.row) if draft.row in session else None
        draft = drafted(session, people, scope)


def test_a_trail_that_does_not_hold_the_mark_any_more_tells_nothing_so_that_all_is_looked_at(
    session: Session, people: Cast
) -> None:
    scope = programme_of(session, people, 3)
    elsewhere = audit.Mark(1, "f" * 64)
    every = {place.inspection.id for place in scope.places}
    assert audit.moved_since(session, scope.programme.id or 0, since=elsewhere) == every
    assert audit.moved_since(session, scope.programme.id or 0, since=audit.mark(session)) == set()


def test_a_lead_who_lost_a_role_between_looking_and_publishing_does_not_publish(session: Session, people: Cast) -> None:
    scope = programme_of(session, people, 3)
    draft = drafted(session, people, scope)
    row = issues.keep(session, scope=scope, draft=draft, by=people.coordinator, at=OUT)
    looked = looked_over(session, row, draft)
    query = select(Membership).where(Membership.account_id == people.lead.id, Membership.role == Role.LEAD)
    session.delete(session.exec(query).first())
    session.flush()

    with pytest.raises(RefusedError, match="neither coordinator nor lead"):
        issues.publish(session, scope=scope, public_id=row.public_id, looked=looked, by=people.lead, at=OUT)


def test_another_issue_that_went_out_meanwhile_is_noticed(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    scope = programme_of(session, people, 3)
    draft = drafted(session, people, scope)
    other = drafted(session, people, scope).row
    other.programme_id, other.inspection_id = None, people.place.inspection.id
    other.prepared_at, other.issued_at, other.issued_by_id = OUT, OUT, people.lead.id
    session.add(other)
    session.flush()

    with pytest.raises(MovedError):
        issues.keep(session, scope=scope, draft=draft, by=people.coordinator, at=OUT)
    with pytest.raises(ConflictError, match="Another issue went out"):
        issues.look_again(session, scope=scope, instrument=instrument, basis=draft.basis, is_prepared=True)
