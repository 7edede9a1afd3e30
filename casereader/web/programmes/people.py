"""Who holds which role in an inspection: give one, end one."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from casereader import assignments
from casereader.errors import AbsentError, RefusedError
from casereader.people import accounts, local_reviewers
from casereader.programmes import contacts, inspections
from casereader.stages import stages, still_to_name
from casereader.vocabulary import Role, Stage
from casereader.web import histories, objects
from casereader.web.access import allow, person
from casereader.web.clock import now
from casereader.web.forms.programmes import RoleForm, people_choices
from casereader.web.programmes.blueprint import blueprint
from casereader.web.proved import proved_first
from casereader.web.request_session import db

RUNS = (Role.COORDINATOR, Role.LEAD)


@blueprint.get("/inspections/<public_id>/people")
@allow(*RUNS)
def people(public_id: str) -> str:
    """Who holds which role."""
    place = objects.inspection(public_id, *RUNS)
    return _people_page(place, _role_form())


@blueprint.post("/inspections/<public_id>/people")
@allow(*RUNS)
@proved_first("Give a role")
def give_role(public_id: str) -> tuple[str, int] | Response:
    """Give a role."""
    place = objects.inspection(public_id, *RUNS)
    form = _role_form()
    if form.validate_on_submit():
        paired = form.paired_with.data
        account = accounts.named(db(), public_id=form.account.data, at=now())
        try:
            contacts.give_role(
                db(),
                inspection=place.inspection,
                account=account,
                role=Role(form.role.data),
                paired_with=accounts.named(db(), public_id=paired, at=now()) if paired else None,
                telephone=form.telephone.data or "",
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.form_errors.extend(error.reasons)
        else:
            flash(f"{account.name} is now {form.role.data}.", "success")
            return redirect(url_for("programmes.people", public_id=public_id), 303)
    return _people_page(place, form), 422


@blueprint.post("/inspections/<public_id>/people/<account>/<role>/end")
@allow(*RUNS)
@proved_first("Take a role away")
def take_role(public_id: str, account: str, role: str) -> Response:
    """End a role."""
    place = objects.inspection(public_id, *RUNS)
    for held, entry in inspections.people(db(), inspection=place.inspection):
        if held.public_id == account and entry.role == role:
            inspections.take_role(db(), inspection=place.inspection, entry=entry, by=person().account, at=now())
            flash(f"{held.name} is no longer {role}.", "success")
            return redirect(url_for("programmes.people", public_id=public_id), 303)
    raise AbsentError


def _role_form() -> RoleForm:
    form = RoleForm()
    everybody = accounts.who_can_take_part(db(), at=now())
    form.account.choices = people_choices(found for found in everybody if found.id != person().account.id)
    form.paired_with.choices = [SelectChoice("", "Nobody"), *people_choices(everybody)]
    return form


def _people_page(place: inspections.Place, form: RoleForm) -> str:
    key = place.inspection.id or 0
    standing = still_to_name.with_names(db(), stages.standings(db(), [key]), at=now())[key]
    lacking = contacts.lacking(db(), inspection=place.inspection, at=now())
    is_coordinator = Role.COORDINATOR in person().roles_in(key)
    return render_template(
        "programmes/people.html",
        place=place,
        form=form,
        rows=_people_rows(place),
        is_coordinator=is_coordinator,
        lacking=[*lacking, *([still_to_name.NOBODY_READS] if standing.lacks_readers else [])],
        assigns=is_coordinator and standing.stage is Stage.DRAWN and not (lacking or standing.lacks_readers),
        stopped=contacts.stopped(db(), inspection=place.inspection, at=now()),
        left_behind=[
            (account, "a record" if n == 1 else f"{n} records")
            for account, n in assignments.left_behind(db(), inspection=place.inspection)
        ],
        deeds=histories.of_kinds(place, "account", tables=["membership"]),
        endless=local_reviewers.without_a_last_day(db(), inspection=place.inspection),
    )


def _people_rows(place: inspections.Place) -> list[dict[str, object]]:
    found = inspections.people(db(), inspection=place.inspection)
    names = {account.id: account.name for account, _ in found}
    return [
        {
            "name": account.name,
            "email": account.email,
            "role": entry.role.value,
            "paired": names.get(entry.paired_with_id, ""),
            "telephone": entry.telephone,
            "change_telephone": url_for(
                "contacts.telephone", public_id=place.inspection.public_id, account=account.public_id
            )
            if entry.role in contacts.TOLD
            else "",
            "end": url_for(
                "programmes.take_role",
                public_id=place.inspection.public_id,
                account=account.public_id,
                role=entry.role.value,
            ),
        }
        for account, entry in found
    ]
