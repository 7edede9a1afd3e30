"""Accounts in bulk: a list of people is checked, looked at, made, and their slips are printed once."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from werkzeug.datastructures import FileStorage

from casereader import dated
from casereader.factors import required
from casereader.people import accounts, passwords
from casereader.programmes import joining
from casereader.programmes.inspections import Place
from casereader.programmes.joining import Joining, Line, LineFault, ListFaultsError
from casereader.vocabulary import Role
from casereader.web import incoming, objects
from casereader.web.access import allow, person
from casereader.web.background import BusyError, background
from casereader.web.clock import now
from casereader.web.forms.joining import PeopleForm
from casereader.web.installed import settings
from casereader.web.proved import proved_first
from casereader.web.request_limits import limit_body
from casereader.web.request_session import commit_now, db, only_read, read_again
from casereader.web.signing.qr import drawn
from sampling.errors import FrameError
from sampling.sheets import SheetCells, sheets_apart

blueprint = Blueprint("joining", __name__)

LARGEST = 1  # megabyte


@blueprint.get("/inspections/<public_id>/people/list")
@allow(Role.COORDINATOR)
def show(public_id: str) -> str:
    """Ask for the list."""
    return _page(objects.inspection(public_id, Role.COORDINATOR), PeopleForm(formdata=None))


@blueprint.post("/inspections/<public_id>/people/list/check")
@allow(Role.COORDINATOR)
@limit_body(LARGEST + 1, fields=20)
def check(public_id: str) -> str | tuple[str, int]:
    """Check the list and show what it would do; every fault by line otherwise."""
    commit_now()
    only_read()  # nothing is saved here, and reading a file takes seconds: nobody's save waits for it
    place = objects.inspection(public_id, Role.COORDINATOR)
    form = PeopleForm()
    try:
        lines = _sent(form)
        form.people.data = joining.as_text(lines)
        people = joining.check(db(), inspection=place.inspection, lines=lines, at=now())
    except ListFaultsError as error:
        return _page(place, form, faults=error.faults), 422
    except BusyError as error:
        return _page(place, form, busy=str(error)), 422
    return _page(place, form, people=people)


@blueprint.post("/inspections/<public_id>/people/list")
@allow(Role.COORDINATOR)
@proved_first("Make accounts")
def make(public_id: str) -> str | tuple[str, int]:
    """Make the accounts and show the slips, once."""
    place = objects.inspection(public_id, Role.COORDINATOR)
    form = PeopleForm()
    try:
        lines = joining.lines_of(form.people.data or "")
        people = joining.check(db(), inspection=place.inspection, lines=lines, at=now())
    except ListFaultsError as error:
        return _page(place, form, faults=error.faults), 422
    joined = joining.join(db(), inspection=place.inspection, people=people, by=person().account, at=now())
    return render_template(
        "joining/slips.html",
        place=place,
        slips=[_slip(one) for one in joined if one.token is not None],
        without=[f"{one.account.name} ({one.account.email})" for one in joined if one.token is None],
    )


def _slip(one: joining.Joined) -> dict[str, object]:
    address = url_for("account.set_password", token=one.token, _external=True)
    return {
        "name": one.account.name,
        "email": one.account.email,
        "role": one.role.value,
        "needs_second_step": required.is_needed(
            db(), account=one.account, memberships=accounts.memberships(db(), account=one.account)
        ),
        "address": address,
        "qr": drawn(address),
        "sign_in": url_for("account.sign_in", _external=True),
        "until": dated.moment(now() + passwords.LINK_LIFE),
        "ends_on": dated.day(one.account.ends_on) if one.account.ends_on else "",
    }


def _page(
    place: Place,
    form: PeopleForm,
    *,
    people: list[Joining] | None = None,
    faults: list[LineFault] | None = None,
    busy: str = "",
) -> str:
    n = len(faults or [])
    found = f"The list was not taken: {n} thing{'s' if n != 1 else ''} to put right."
    end = joining.default_end(place.inspection)
    return render_template(
        "joining/list.html",
        place=place,
        form=form,
        default_end=dated.day(end) if end else "",
        faults=[[fault.line, fault.column, fault.value, fault.says] for fault in faults or []],
        rows=[_row(one) for one in people or []],
        n_new=sum(not one.known for one in people or []),
        errors=[{"text": busy or found, "href": None if busy else "#faults"}] if faults or busy else None,
    )


def _row(one: Joining) -> list[str]:
    what = "New account and a slip" if not one.known else "Has the role already" if one.holds_it else "Gets the role"
    until = "as it is" if one.known else dated.day(one.ends_on)
    return [f"{one.name} ({one.email})", one.role.value, one.paired_with, until, what]


def _sent(form: PeopleForm) -> list[Line]:
    upload: FileStorage | None = form.file.data
    if not upload or not upload.filename:
        return joining.lines_of(form.people.data or "")
    read_again()
    with incoming.while_read(upload, within=settings().data_folder, megabytes=LARGEST) as path:
        if upload.filename.casefold().endswith(".xlsx"):
            try:
                with background().place():
                    sheets, _ = sheets_apart(path, filename=upload.filename)
            except FrameError as error:
                raise ListFaultsError([LineFault(f.row or 1, "", "", f.says) for f in error.faults]) from None
            return _rows_of(sheets)
        try:
            return joining.lines_of(path.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError:
            says = "Send the list as CSV in UTF-8, or as .xlsx."
            raise ListFaultsError([LineFault(1, "", "", says)]) from None


def _rows_of(sheets: list[SheetCells]) -> list[Line]:
    filled = [sheet for sheet in sheets if sheet.cells]
    if len(filled) != 1:
        raise ListFaultsError([LineFault(1, "", "", "Send a workbook with one sheet that holds the list.")])
    faults = [
        LineFault(cell.row, cell.column, cell.text, "Enter the text itself, not a formula.")
        for cell in filled[0].cells
        if cell.is_formula
    ]
    if faults:
        raise ListFaultsError(faults)
    rows: dict[int, dict[str, str]] = {}
    for cell in filled[0].cells:
        rows.setdefault(cell.row, {})[cell.column] = cell.text
    letters = [chr(ord("A") + place) for place in range(26)]
    last = max((letters.index(column) for row in rows.values() for column in row if column in letters), default=0)
    return [(number, [row.get(letter, "") for letter in letters[: last + 1]]) for number, row in sorted(rows.items())]
