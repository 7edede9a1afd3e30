"""What is done only for somebody who has proved lately who they are, and what each of these is called on the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from casereader.errors import AbsentError
from casereader.models import Account
from casereader.people import accounts
from casereader.programmes import inspections
from casereader.vocabulary import Role
from casereader.web.request_session import db

View = Callable[..., Any]


@dataclass(frozen=True)
class Asked:
    """What somebody asked for, and the name of what it is done with; both blank where it is not known."""

    what: str = ""
    of: str = ""

    @property
    def words(self) -> str:
        """Both, as a page says them."""
        return f"{self.what} – {self.of}" if self.of else self.what


def proved_first(what: str) -> Callable[[View], View]:
    """Mark a route for somebody only who has proved lately who they are; `what` is what it does, as a button says."""

    def mark(view: View) -> View:
        view.is_proved_first = True  # type: ignore[attr-defined]
        view.does = what  # type: ignore[attr-defined]
        return view

    return mark


def proved_fully_first(what: str) -> Callable[[View], View]:
    """Mark a route that changes how somebody signs in: they are asked for all that signing in asks for."""

    def mark(view: View) -> View:
        view.is_proved_fully = True  # type: ignore[attr-defined]
        return proved_first(what)(view)

    return mark


def asked_now(account: Account) -> Asked:
    """What this request asks for."""
    return _named(account, request.endpoint or "", request.view_args or {})


def asked_before(account: Account, *, going: str, is_sent: bool) -> Asked:
    """What was asked for, or sent, at that address of ours."""
    try:
        endpoint, names = current_app.create_url_adapter(request).match(  # type: ignore[union-attr]
            going.partition("?")[0], method="POST" if is_sent else "GET"
        )
    except (HTTPException, RequestRedirect):
        return Asked()
    return _named(account, endpoint, names)


def _named(account: Account, endpoint: str, names: Mapping[str, Any]) -> Asked:
    view = current_app.view_functions.get(endpoint)
    roles = [role for role in Role if role in getattr(view, "roles", ())]
    return Asked(getattr(view, "does", ""), _name_of(account, endpoint.partition(".")[0], roles, names))


def _name_of(account: Account, area: str, roles: list[Role], names: Mapping[str, Any]) -> str:
    """The name of the account, inspection or programme, where this person may know it."""
    public_id = names.get("public_id")
    if not public_id:
        return ""
    if area == "admin" and account.is_administrator:
        try:
            return accounts.find(db(), public_id=public_id).name
        except AbsentError:
            return ""
    for place in inspections.all_places(db(), account=account, roles=roles):
        if place.inspection.public_id == public_id:
            return place.name
        if place.programme.public_id == public_id:
            return place.programme.name
    return ""
