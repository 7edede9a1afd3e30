"""What every page's frame needs: who is signed in, where they may go, and what the data are."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, current_app, g, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from casereader import concerns, data_kinds, dated
from casereader.concerns import Overdue
from casereader.db import snapshot
from casereader.vocabulary import BANNERS, READER_ROLES, DataKind, Role
from casereader.web import help_chapters
from casereader.web.access import Door, Person, person_or_none
from casereader.web.clock import in_words, now
from casereader.web.installed import engine
from casereader.web.request_session import db
from casereader.web.searching import WHO as SEARCHERS
from casereader.web.signed_in import LOOKS_BY_ITSELF
from casereader.words import as_set

ALERTED = (Role.LEAD, Role.DEPUTY, Role.MODERATOR, Role.COORDINATOR)
NAVIGATION: tuple[tuple[str, str, frozenset[Role | Door], frozenset[str]], ...] = (
    ("Home", "home.index", frozenset({Door.SIGNED_IN}), frozenset()),
    ("Readings", "reading.index", frozenset(READER_ROLES), frozenset({"readings", "practice", "queries"})),
    ("Board", "board.show", frozenset({Role.COORDINATOR, Role.LEAD, Role.MODERATOR}), frozenset({"board"})),
    (
        "Inspections",
        "programmes.index",
        frozenset({Door.PROGRAMMES, Role.COORDINATOR, Role.LEAD, Role.MODERATOR}),
        frozenset({"programmes", "inspections"}),
    ),
    ("Accounts", "admin.index", frozenset({Door.ADMINISTRATOR}), frozenset({"accounts"})),
    ("Audit trail", "trail.index", frozenset({Door.ADMINISTRATOR}), frozenset({"trail"})),
)
"""Each with who may go there, and how the addresses of the pages beneath it begin."""


def install(app: Flask) -> None:
    """Give the base template its finished values."""
    app.jinja_env.globals["not_here_now"] = _not_here_now
    app.jinja_env.filters.update(dated.FILTERS, as_set=as_set)

    @app.context_processor
    def _frame() -> dict[str, object]:
        try:
            found = person_or_none()
        except SQLAlchemyError:  # an error page must come even when the database does not
            found = None
        banner = g.get("banner") or _banner_of_instance()
        if found is None:
            return {"signed_in_as": None, "nav": [], "banner": banner}
        nav = [
            {"text": text, "href": url_for(endpoint), "current": _is_current(endpoint, beneath)}
            for text, endpoint, roles, beneath in NAVIGATION
            if roles & found.opens and not found.must_set_up
        ]
        # What was done is told to whoever did it, on the page they come to: a page left open elsewhere leaves it be.
        told = {"get_flashed_messages": _nothing_told} if LOOKS_BY_ITSELF in request.headers else {}
        return told | {
            "signed_in_as": found.account.name,
            "signed_in_id": found.account.public_id,
            "preferences": found.account.preferences,
            "nav": nav,
            "help": help_chapters.address(request.endpoint, found.opens),
            "may_search": bool(found.opens.intersection(SEARCHERS)) and request.blueprint != "searching",
            "banner": banner,
            "away": g.get("away", ""),
            "alerts": [] if found.must_set_up else _alerts(found),
        }


def _is_current(endpoint: str, beneath: frozenset[str]) -> str:
    """What `aria-current` says of a way: that it is this page, that this page is beneath it, or nothing."""
    if request.endpoint == endpoint:
        return "page"
    return "true" if request.path.split("/", 2)[1] in beneath else ""


def _not_here_now() -> str:
    """Why nothing is done on this page now; for macros too, which see no values of the page."""
    found: str = g.get("withheld", "")
    return found


def _nothing_told(**_: object) -> list[tuple[str, str]]:
    return []


def _alerts(found: Person) -> list[dict[str, object]]:
    """Matters of concern that nobody received in time, a line for each inspection.

    With a link for whom they are whole; for the others only that they wait, and whom to find.
    """
    if not found.opens & set(ALERTED):
        return []
    try:
        late = concerns.overdue(db(), account=found.account, at=now())
    except SQLAlchemyError:  # an error page must come even when the database does not
        return []
    return [
        {
            "where": one.place.name,
            "n": one.n,
            "n_late": one.n_late,
            "waited": in_words(one.minutes),
            "n_unanswered": one.n_unanswered,
            "contacts": one.contacts,
            "href": _where_received(one) if one.is_whole else "",
        }
        for one in late
    ]


def _where_received(late: Overdue) -> str:
    """The page of the only one, else the list of them all."""
    public_id = late.place.inspection.public_id
    if late.public_id:
        return url_for("concerns.show", public_id=public_id, concern=late.public_id)
    return url_for("concerns.index", public_id=public_id)


def _banner_of_instance() -> str | None:
    """What every page says where the data are not real record reading, pages without an inspection included."""
    known = current_app.extensions.get("casereader_banner")
    if known is None:
        try:
            known = BANNERS.get(_kind_of_instance())
        except SQLAlchemyError:
            return None
        if known is not None:  # it never becomes real again; an empty database may still become a demonstration
            current_app.extensions["casereader_banner"] = known
    return str(known) if known else None


def _kind_of_instance() -> DataKind:
    """Asked in the request's own transaction where it has one that still works: another one takes twice as long."""
    session: Session | None = g.get("db")
    with suppress(SQLAlchemyError):
        if session is not None and session.in_transaction():
            with session.no_autoflush:
                return data_kinds.of_instance(session)
    with snapshot(engine()) as apart:
        return data_kinds.of_instance(apart)
