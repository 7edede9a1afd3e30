"""Who may use which route: closed unless opened, and the app refuses to start with a route that does not say.

A route opens itself with `@allow(...)`. A person without any of its roles gets 403; an object that is not theirs is the
same 404 as one that never was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from casereader.factors import required
from casereader.models import Account, Membership, SignIn
from casereader.people import accounts, sessions
from casereader.vocabulary import Role
from casereader.web import kept_post, request_limits, tries
from casereader.web.clock import now
from casereader.web.request_session import db
from casereader.web.signed_in import (
    TOKEN,
    covered,
    entry_or_none,
    is_fully_proved,
    keep_the_newer_cookie,
    note_seen,
    renew_after_a_change,
    waiting,
)

View = TypeVar("View", bound=Callable[..., object])

GIVE_ROLES = frozenset({Role.COORDINATOR, Role.LEAD})


class Door(StrEnum):
    """Who may use a route, other than by a role in an inspection."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    WAITING = "second step to come"
    COVERED = "covered"
    ADMINISTRATOR = "administrator"
    PROGRAMMES = "begins programmes"


@dataclass(frozen=True)
class Person:
    """Who is signed in, and their roles by inspection: as values, for rows are asked for one by one after a commit."""

    account: Account
    held: tuple[tuple[int, Role], ...]
    sign_in: SignIn
    must_set_up: bool = False  # a second factor, before anything else

    @property
    def id(self) -> int:
        """The account's key."""
        if self.account.id is None:
            raise LookupError("an account that was never saved cannot be signed in")
        return self.account.id

    @property
    def opens(self) -> frozenset[Role | Door]:
        """Every role held in any inspection, and the doors that need none."""
        found: set[Role | Door] = {Door.SIGNED_IN, *(role for _, role in self.held)}
        if self.account.is_administrator:
            found.add(Door.ADMINISTRATOR)
        if self.account.may_begin_programmes:
            found.add(Door.PROGRAMMES)
        return frozenset(found)

    def roles_in(self, inspection_id: int) -> frozenset[Role]:
        """The roles held in one inspection."""
        return frozenset(role for held_in, role in self.held if held_in == inspection_id)


def allow(*who: Role | Door) -> Callable[[View], View]:
    """Open a route to these roles and doors."""

    def mark(view: View) -> View:
        view.roles = frozenset(who)  # type: ignore[attr-defined]
        return view

    return mark


def person_or_none() -> Person | None:
    """Who is signed in, if anybody."""
    if "person" not in g:
        g.person = _load_person()
    found: Person | None = g.person
    return found


def person() -> Person:
    """Who is signed in, on a route that is not open to all."""
    found = person_or_none()
    if found is None:
        abort(401)
    return found


def held(memberships: Iterable[Membership]) -> tuple[tuple[int, Role], ...]:
    """The roles that these give, by inspection."""
    return tuple((one.inspection_id, one.role) for one in memberships)


def work_for(account: Account) -> None:
    """Let work that a person asked for see what they may see, and no more: nobody is signed in by it."""
    nobodys = SignIn(account_id=account.id or 0, token_hash="")
    g.person = Person(account, held(accounts.memberships(db(), account=account)), nobodys)


def refusal() -> str:
    """Whom the page that was refused is for, and whom to ask, worded for whoever asked for it."""
    view = current_app.view_functions.get(request.endpoint or "")
    roles: frozenset[Role | Door] = getattr(view, "roles", frozenset())
    found = person_or_none()
    held = found.opens if found else frozenset()
    named = [role.value for role in Role if role in roles]
    if not named:
        for_whom = "administrators" if Door.ADMINISTRATOR in roles else "those who may begin programmes"
        return f"It is for {for_whom}. Ask an administrator if you should be one of them."
    names = f"{', '.join(named[:-1])} or {named[-1]}" if len(named) > 1 else named[0]
    if held & GIVE_ROLES:
        return (
            f"It is for the {names} of an inspection, which you are not. If somebody should be, in an inspection that "
            "you run, give them the role under “People and roles” on its page."
        )
    return f"It is for the {names} of an inspection, which you are not. Ask the coordinator if you should be."


def _load_person() -> Person | None:
    found = entry_or_none()
    if found is None or found[1].locked_at is not None or found[1].is_waiting:
        return None
    account, entry = found
    g.acting = account.public_id  # for the log: the account itself may be gone from its session by then
    memberships = tuple(accounts.memberships(db(), account=account))
    note_seen(entry)
    renew_after_a_change(account, entry, memberships)
    must_set_up = entry.factor is None and required.is_needed(db(), account=account, memberships=memberships)
    return Person(account, held(memberships), entry, must_set_up)


def install(app: Flask) -> None:
    """Guard every request by the roles its view states."""

    @app.before_request
    def _guard() -> Response | tuple[str, int] | None:
        request_limits.refuse_odd_cookies()
        view = app.view_functions.get(request.endpoint or "")
        if view is None:
            return None  # an address without a view: the error pages answer
        request_limits.hold_to_its_limit(view)
        roles: frozenset[Role | Door] = getattr(view, "roles", frozenset())
        if Door.ANYONE not in roles:
            found = person_or_none()
            if found is None:
                if not (waiting() and Door.WAITING in roles) and not (covered() and Door.COVERED in roles):
                    return _ask_who_it_is()
            elif not roles & found.opens:
                abort(403)
            elif found.must_set_up and not getattr(view, "is_for_setting_up", False):
                return kept_post.first("set-up")
            elif getattr(view, "is_proved_first", False) and not sessions.is_proved(found.sign_in, at=now()):
                fully = getattr(view, "is_proved_fully", False)
                return _ask_again(partial(kept_post.page_to_confirm, found.account, fully=fully), 401)
            elif getattr(view, "is_proved_fully", False) and not is_fully_proved():
                return _ask_again(partial(kept_post.page_to_confirm, found.account, fully=True), 401)
            elif getattr(view, "is_work", False):
                tries.take_work(found.account)
        request_limits.refuse_odd_fields(view)
        return None

    @app.after_request
    def _keep_cookie(response: Response) -> Response:
        keep_the_newer_cookie()
        return response


def for_setting_up(view: View) -> View:
    """Leave a route open to somebody who must set up a second factor before anything else."""
    view.is_for_setting_up = True  # type: ignore[attr-defined]
    return view


def counted_as_work(view: View) -> View:
    """Mark a route that takes much away or keeps the machine busy: an account may use such ones so often an hour."""
    view.is_work = True  # type: ignore[attr-defined]
    return view


def _ask_who_it_is() -> Response | tuple[str, int]:
    if waiting():
        return kept_post.first("second-step")
    return _ask_again(kept_post.page_to_unlock, 423) if entry_or_none() else _ask_to_sign_in()


def _ask_again(page: Callable[[], str], status: int) -> tuple[str, int]:
    """A page that asks somebody signed in who they are, with what was sent kept in it; a program is told the status."""
    if request.accept_mimetypes.best == "application/json" or request.is_json:
        abort(status)
    return page(), status


def _ask_to_sign_in() -> Response | tuple[str, int]:
    session.pop(TOKEN, None)
    if request.method == "GET" and not request.is_json:
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), 303)
    if request.accept_mimetypes.best != "application/json" and (kept := kept_post.sent()):
        return kept_post.page_to_sign_in(kept), 401
    abort(401)


def check_every_route(app: Flask) -> None:
    """Refuse to start while any route does not say who may use it."""
    silent = sorted(
        {rule.endpoint for rule in app.url_map.iter_rules()}
        - {name for name, view in app.view_functions.items() if getattr(view, "roles", None)}
    )
    if silent:
        raise RuntimeError(f"These routes do not say who may use them: {', '.join(silent)}")
