"""The sign-ins of whoever looks: where their account is open, ending one, and ending all the others."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from casereader import dated
from casereader.people import sessions
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.every_request.headers import keep_nothing
from casereader.web.proved import proved_first
from casereader.web.request_session import db
from casereader.web.signing.blueprint import blueprint


@blueprint.get("/sign-ins")
@allow(Door.SIGNED_IN)
def index() -> str:
    """Every browser in which the account is signed in."""
    here = person().sign_in
    rows = [
        {
            "public_id": entry.public_id,
            "browser": entry.browser or "A browser",
            "network": entry.network or "not known",
            "since": dated.moment(entry.created_at),
            "seen": dated.moment(entry.last_seen_at),
            "is_here": entry.id == here.id,
            "is_locked": entry.locked_at is not None,
            "is_waiting": entry.is_waiting,
        }
        for entry in sessions.lasting(db(), account=person().account, at=now())
    ]
    return render_template("signing/sign-ins.html", rows=rows)


@blueprint.post("/sign-ins/<public_id>/end")
@allow(Door.SIGNED_IN)
@proved_first("End a sign-in")
def end(public_id: str) -> Response:
    """End one of one's own sign-ins."""
    is_here = public_id == person().sign_in.public_id
    sessions.end_named(db(), account=person().account, public_id=public_id, at=now())
    if is_here:
        session.clear()
        return keep_nothing(redirect(url_for("account.sign_in"), 303))
    flash("That sign-in has ended.", "success")
    return redirect(url_for("signing.index"), 303)


@blueprint.post("/sign-ins/end-others")
@allow(Door.SIGNED_IN)
@proved_first("End all other sign-ins")
def end_others() -> Response:
    """End all of one's sign-ins but this one."""
    sessions.end_others(db(), account=person().account, but=person().sign_in, at=now())
    flash("You are signed in here only. Every other sign-in has ended.", "success")
    return redirect(url_for("signing.index"), 303)
