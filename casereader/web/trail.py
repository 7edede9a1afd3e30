"""The administrator's pages of the trail: deeds without case content, whether it is whole, and an account's history."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import pandas as pd
from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from casereader import append_only, audit, data_kinds, dated
from casereader.exports.tables import write_table
from casereader.models import Account, AuditEvent
from casereader.people import accounts
from casereader.places import COMMAND
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.vocabulary import BANNERS, DataKind
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.forms.trail import COMMAND_LINE, EVERYBODY, TrailForm
from casereader.web.histories import in_words, lines_of
from casereader.web.proved import proved_first
from casereader.web.request_session import aside, db

blueprint = Blueprint("trail", __name__)

MOST_IN_FILE = 20_000
AN_HOUR, MOST_AN_HOUR = timedelta(hours=1), 10
TAKEN, CHECKED = "trail exported", "trail checked"
# What an administrator may read before and after: nothing of a child, of an answer or of a finding.
NO_CONTENT = audit.Reader(
    texts=frozenset(),
    values=frozenset(
        {"account", "membership", "authenticator", "recovery_code", "outside_identity", "one_time_link", "programme"}
        | {
            "partnership",
            "published_instrument",
            "inspection",
            "sampling_frame",
            "sampling_plan",
            "draw",
            "draw_extension",
            "ending",
            "reading",
        }
        | {"issue"}
    ),
)
OF_AN_ACCOUNT = audit.Reader(texts=frozenset({"account", "authenticator"}), values=NO_CONTENT.values)


@dataclass(frozen=True)
class _Known:
    """Everybody and every inspection of this installation: there are many, so a page looks them up once."""

    people: Sequence[Account]
    places: Sequence[Place]

    def names(self) -> dict[int, str]:
        """What inspections are called, by their key."""
        return {place.inspection.id or 0: place.name for place in self.places}


@blueprint.get("/trail")
@allow(Door.ADMINISTRATOR)
def index() -> str | tuple[str, int]:
    """The newest deeds, or those that are looked for, 25 a page."""
    known = _known()
    form = _form(request.args, known)
    if not form.validate():
        return _page(form, known), 422
    return _page(form, known, _wanted(form, known), form.page.data or 1)


@blueprint.post("/trail/csv")
@allow(Door.ADMINISTRATOR)
@proved_first("Save the trail")
def as_csv() -> Response | tuple[str, int]:
    """The deeds found, as a file; that it was taken is a deed itself."""
    known = _known()
    form = _form(request.form, known)
    if not form.validate():
        return _page(form, known), 422
    wanted = _wanted(form, known)
    if _too_often(TAKEN):
        says = "You took this file ten times within the hour: wait a little."
        return _page(form, known, wanted, reasons=[says]), 422
    with aside() as session:
        events = audit.search(session, wanted, most=MOST_IN_FILE)
        places = known.names()
        rows = [
            (
                event.n,
                f"{event.at:%Y-%m-%dT%H:%M:%S.%fZ}",
                one.who,
                event.action,
                event.object_kind,
                event.object_id,
                places.get(event.inspection_id or 0, ""),
                "; ".join(lines_of(one)),
                event.hash,
            )
            for event, one in zip(events, audit.entries(session, events, reader=NO_CONTENT), strict=True)
        ]
    kind = data_kinds.of_instance(db())
    columns = ["n", "at", "who", "action", "object_kind", "object", "inspection", "changed", "hash"]
    text = io.StringIO(newline="")
    write_table(text, pd.DataFrame(rows, columns=columns), banner=BANNERS.get(kind, ""))
    _note(TAKEN, {"events": len(rows)})
    response = make_response(text.getvalue())
    response.mimetype = "text/csv"
    name = "trail.csv" if kind is DataKind.RECORDS else f"{kind.value}-trail.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.post("/trail/check")
@allow(Door.ADMINISTRATOR)
def check() -> Response | tuple[str, int]:
    """Check the whole chain, while others write; what was found is a deed itself."""
    if _too_often(CHECKED):
        says = "You checked ten times within the hour: wait a little."
        known = _known()
        return _page(_form(MultiDict(), known), known, reasons=[says]), 422
    with aside() as session:
        faults, head, n = audit.verify(session), audit.head(session), audit.count(session, audit.Wanted())
    _note(CHECKED, {"events": n, "faults": len(faults), "first_fault": faults[0] if faults else "", "head": head})
    if faults:
        flash(f"The trail is not whole. {faults[0]}", "error")
    else:
        flash(f"The trail is whole: {n:,} events.", "success")
    return redirect(url_for("trail.index"), 303)


@blueprint.get("/accounts/<public_id>/history")
@allow(Door.ADMINISTRATOR)
def account(public_id: str) -> str:
    """All that was done to an account."""
    found = accounts.find(db(), public_id=public_id)
    told = audit.history_of(db(), [found.public_id], reader=OF_AN_ACCOUNT)
    return render_template("trail/account.html", account=found, history=in_words(told))


def _page(
    form: TrailForm,
    known: _Known,
    wanted: audit.Wanted = audit.Wanted(),  # noqa: B008 - it is frozen
    page: int = 1,
    reasons: Sequence[str] = (),
) -> str:
    n = audit.count(db(), wanted)
    n_pages = max(1, -(-n // audit.AT_ONCE))
    page = min(page, n_pages)
    events = audit.search(db(), wanted, after=(page - 1) * audit.AT_ONCE)
    asked = {name: value for name, value in form.data.items() if value and name != "page"}
    words = {name: str(getattr(form, name).raw_data[0]) for name in asked}
    faults = [
        {"text": text, "href": None if field.name == "page" else f"#{field.id}"}
        for field in form
        for text in field.errors
    ]
    return render_template(
        "trail/index.html",
        form=form,
        rows=_rows(events, known),
        n=n,
        is_filtered=bool(asked),
        words=words,
        pages=_pages(words, page, n_pages),
        checked=_last_check(),
        not_held=append_only.why_not_held(db().connection()),
        most=MOST_IN_FILE,
        command=COMMAND,
        errors=[*faults, *({"text": text, "href": None} for text in reasons)] or None,
    )


def _called(event: AuditEvent, people: dict[str, str]) -> str:
    """The public name of what it was done to, with whose account it is."""
    name = people.get(event.object_id, "")
    return f"{name}, {event.object_id}" if name else event.object_id


def _rows(events: Sequence[AuditEvent], known: _Known) -> list[list[object]]:
    places = known.names()
    people = {one.public_id: one.name for one in known.people}
    return [
        [
            {"text": dated.moment(event.at), "hint": f"Event {event.n}"},
            one.who,
            event.action.capitalize(),
            {"text": event.object_kind.capitalize(), "hint": _called(event, people)},
            places.get(event.inspection_id or 0, ""),
            {"lines": lines_of(one)},
        ]
        for event, one in zip(events, audit.entries(db(), events, reader=NO_CONTENT), strict=True)
    ]


def _known() -> _Known:
    return _Known(accounts.every_account(db()), inspections.all_places(db()))


def _form(given: MultiDict[str, str], known: _Known) -> TrailForm:
    form = TrailForm(given)
    people = [(one.public_id, one.name) for one in known.people]
    form.who.choices = [(EVERYBODY, "Everybody"), (COMMAND_LINE, audit.COMMAND_LINE), *people]
    form.action.choices = [("", "Anything"), *((one, one.capitalize()) for one in audit.actions(db()))]
    places = [(place.inspection.public_id, place.name) for place in known.places]
    form.inspection.choices = [("", "Any, or none"), *places]
    return form


def _wanted(form: TrailForm, known: _Known) -> audit.Wanted:
    people = {one.public_id: one.id for one in known.people} | {COMMAND_LINE: 0}
    every = {place.inspection.public_id: place.inspection.id for place in known.places}
    thing = (form.thing.data or "").strip()
    return audit.Wanted(
        by_id=people[form.who.data] if form.who.data else None,
        action=form.action.data or "",
        object=thing,
        objects=audit.called(db(), thing),
        inspection_id=every[form.inspection.data] if form.inspection.data else None,
        since=form.since.data,
        until=form.until.data,
    )


def _pages(words: dict[str, str], page: int, n_pages: int) -> list[dict[str, object]]:
    """The first and last page and those about this one."""
    near = sorted({1, n_pages, *range(max(1, page - 2), min(n_pages, page + 2) + 1)})
    address = url_for("trail.index")
    return [
        {"text": str(one), "href": f"{address}?{urlencode({**words, 'page': one})}", "current": one == page}
        for one in near
    ]


def _last_check() -> str:
    event = audit.last(db(), CHECKED)
    if event is None:
        return "It was not checked from here yet."
    (told,) = audit.entries(db(), [event])
    found = f"{event.body['events']:,} events, whole" if not event.body["faults"] else event.body["first_fault"]
    return f"Checked last on {dated.moment(event.at)} by {told.who}: {found}. Its head was {event.body['head']}."


def _too_often(action: str) -> bool:
    return audit.times(db(), action, by_id=person().id, since=now() - AN_HOUR) >= MOST_AN_HOUR


def _note(action: str, body: dict[str, object]) -> None:
    audit.record(db(), action, by=person().account, at=now(), kind="trail", object_id="trail", body=body)
