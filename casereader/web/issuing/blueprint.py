"""The one blueprint of these pages, who may open them, and where each of them is for an inspection or a programme."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Blueprint, url_for
from sqlmodel import Session

from casereader import issues
from casereader.db import snapshot
from casereader.issues import Scope
from casereader.models import Account, Programme
from casereader.programmes import inspections
from casereader.vocabulary import Role
from casereader.web import objects
from casereader.web.access import person
from casereader.web.installed import engine
from casereader.web.request_session import db, read_again

blueprint = Blueprint("issuing", __name__)

RUNS = (Role.COORDINATOR, Role.LEAD)


def inspection_scope(public_id: str, *, erased: bool = False) -> Scope:
    """The inspection in the address, if the person runs it."""
    return issues.of_place(objects.inspection(public_id, *RUNS, erased=erased))


def programme_scope(public_id: str) -> Scope:
    """The programme in the address, if the person runs an inspection of it."""
    return issues.of_programme(db(), objects.places_of(public_id, *RUNS)[0].programme)


@dataclass(frozen=True)
class Apart:
    """The scope and the person as a reading transaction sees them."""

    session: Session
    scope: Scope
    account: Account


@contextmanager
def apart(scope: Scope) -> Iterator[Apart]:
    """Give the write lock back, and read: what takes seconds is worked out here, and nobody's save waits for it.

    Nothing that this request loaded may be touched inside: it would be loaded anew, with the lock.
    """
    programme = scope.programme.id
    inspection = scope.place.inspection.id if scope.place else None
    account = person().account.id
    read_again()
    with snapshot(engine()) as session:
        if inspection is None:
            seen = issues.of_programme(session, session.get_one(Programme, programme))
        else:
            seen = issues.of_place(inspections.place_of(session, inspection_id=inspection))
        yield Apart(session, seen, session.get_one(Account, account))


def href(scope: Scope, page: str, issue: str | None = None, work: str | None = None) -> str:
    """The address of a page about the issues of a scope."""
    kind = "programme" if scope.place is None else "inspection"
    key = scope.programme.public_id if scope.place is None else scope.place.inspection.public_id
    return url_for(f"issuing.{kind}_{page}", public_id=key, issue=issue, work=work)
