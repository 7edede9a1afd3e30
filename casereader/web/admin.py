"""The administrator's pages: accounts. No case content."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader import dated
from casereader.errors import RefusedError
from casereader.factors import methods
from casereader.models import Account
from casereader.people import accounts, allowances, local_reviewers, passwords, sessions
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.forms.accounts import AccountForm, LastDayForm
from casereader.web.proved import proved_first
from casereader.web.request_session import db
from casereader.web.signing.qr import drawn

blueprint = Blueprint("admin", __name__)

LATELY, LOOKED_BACK = timedelta(days=1), timedelta(days=30)
MOST_EVENTS = 200


@blueprint.get("/accounts")
@allow(Door.ADMINISTRATOR)
def index() -> str:
    """Every account, and a form for a new one."""
    return _page(AccountForm(formdata=None))


@blueprint.get("/accounts/tries")
@allow(Door.ADMINISTRATOR)
def tries() -> str:
    """Where tries at passwords, codes and links ran out, and how many failed."""
    at = now()
    failed = allowances.noted(db(), allowances.FAILED, since=at - LATELY, most=MOST_EVENTS)
    rows = [
        [
            dated.moment(event.at),
            event.body["whose"].capitalize(),
            event.account.name if event.account else "Nobody’s account",
            event.body["network"] or "Not known",
            event.body["what"].capitalize(),
        ]
        for event in allowances.noted(db(), allowances.RAN_OUT, since=at - LOOKED_BACK, most=MOST_EVENTS)
    ]
    return render_template("admin/tries.html", rows=rows, n_failed=len(failed), most=MOST_EVENTS)


@blueprint.post("/accounts")
@allow(Door.ADMINISTRATOR)
@proved_first("Make an account")
def create() -> str | tuple[str, int]:
    """Make an account and show its one-time link, once."""
    form = AccountForm()
    if form.validate_on_submit():
        try:
            account = accounts.create(
                db(),
                email=form.email.data or "",
                name=form.name.data or "",
                by=person().account,
                at=now(),
                is_administrator=bool(form.is_administrator.data),
                may_begin_programmes=bool(form.may_begin_programmes.data),
                ends_on=form.ends_on.data,
            )
        except RefusedError as error:
            form.email.errors = list(error.reasons)
            return _page(form, there_already=passwords.account_named(db(), form.email.data or "")), 422
        else:
            return _link_page(account)
    return _page(form), 422


@blueprint.post("/accounts/<public_id>/link")
@allow(Door.ADMINISTRATOR)
@proved_first("Give a new link")
def issue_link(public_id: str) -> str:
    """A new one-time link, shown once."""
    return _link_page(accounts.find(db(), public_id=public_id))


@blueprint.post("/accounts/<public_id>/disable")
@allow(Door.ADMINISTRATOR)
@proved_first("Disable an account")
def disable(public_id: str) -> Response:
    """Stop the account from working, at once."""
    account = accounts.find(db(), public_id=public_id)
    sessions.disable(db(), account=account, by=person().account, at=now())
    flash(f"{account.name} can no longer sign in.", "success")
    return redirect(url_for("admin.index"), 303)


@blueprint.post("/accounts/<public_id>/enable")
@allow(Door.ADMINISTRATOR)
@proved_first("Let an account work again")
def enable(public_id: str) -> Response:
    """Let a disabled account work again."""
    account = accounts.find(db(), public_id=public_id)
    sessions.enable(db(), account=account, by=person().account, at=now())
    flash(f"{account.name} can sign in again, as before.", "success")
    return redirect(url_for("admin.index"), 303)


@blueprint.get("/accounts/<public_id>/last-day")
@allow(Door.ADMINISTRATOR)
def last_day(public_id: str) -> str:
    """Ask until when an account works."""
    account = accounts.find(db(), public_id=public_id)
    return _last_day_page(account, LastDayForm(formdata=None, ends_on=account.ends_on))


@blueprint.post("/accounts/<public_id>/last-day")
@allow(Door.ADMINISTRATOR)
@proved_first("Set the last day of an account")
def set_last_day(public_id: str) -> Response | tuple[str, int]:
    """Let it work until then."""
    account = accounts.find(db(), public_id=public_id)
    form = LastDayForm()
    if form.validate_on_submit():
        until = form.ends_on.data
        try:
            local_reviewers.set_last_day(db(), account=account, until=until, by=person().account, at=now())
        except RefusedError as error:
            form.ends_on.errors = list(error.reasons)
        else:
            when = f"works until the end of {dated.day(until)}" if until else "has no last day"
            flash(f"The account of {account.name} {when}.", "success")
            return redirect(url_for("admin.index"), 303)
    return _last_day_page(account, form), 422


@blueprint.post("/accounts/<public_id>/end-sign-ins")
@allow(Door.ADMINISTRATOR)
@proved_first("End somebody's sign-ins")
def end_sign_ins(public_id: str) -> Response:
    """Sign the person out everywhere; they may sign in again."""
    account = accounts.find(db(), public_id=public_id)
    sessions.end_all_of_another(db(), account=account, by=person().account, at=now())
    flash(f"{account.name} is signed out everywhere, and may sign in again.", "success")
    return redirect(url_for("admin.index"), 303)


@blueprint.get("/accounts/<public_id>/remove-methods")
@allow(Door.ADMINISTRATOR)
def ask_to_remove_methods(public_id: str) -> str:
    """Say what ends with the sign-in methods of somebody who lost theirs."""
    return render_template("admin/remove-methods.html", account=accounts.find(db(), public_id=public_id))


@blueprint.post("/accounts/<public_id>/remove-methods")
@allow(Door.ADMINISTRATOR)
@proved_first("Remove somebody's sign-in methods")
def remove_methods(public_id: str) -> str:
    """Take away the sign-in methods of somebody who lost theirs; they begin again by a new one-time link."""
    account = accounts.find(db(), public_id=public_id)
    methods.remove_all_of_another(db(), account=account, by=person().account, at=now())
    return _link_page(account, removed=True)


def _link_page(account: Account, *, removed: bool = False) -> str:
    token = passwords.issue_link(db(), account=account, by=person().account, at=now())
    address = url_for("account.set_password", token=token, _external=True)
    return render_template("admin/link.html", account=account, address=address, qr=drawn(address), removed=removed)


def _last_day_page(account: Account, form: LastDayForm) -> str:
    return render_template("admin/last-day.html", account=account, form=form)


def _page(form: AccountForm, *, there_already: Account | None = None) -> str:
    rows = [
        {
            "account": account,
            "state": _state(account),
            "everywhere": _everywhere(account),
            "works": accounts.works(account, at=now()),
            "is_me": account.id == person().account.id,
        }
        for account in accounts.every_account(db())
    ]
    return render_template("admin/accounts.html", form=form, rows=rows, there_already=there_already)


def _everywhere(account: Account) -> str:
    given = (account.is_administrator and "Administrator", account.may_begin_programmes and "May begin programmes")
    return ", ".join(words for words in given if words)


def _state(account: Account) -> str:
    if account.disabled_at is not None:
        return "Disabled"
    if not accounts.works(account, at=now()):
        return "Ended"
    return "Works" if account.password_hash else "Waits for a password"
