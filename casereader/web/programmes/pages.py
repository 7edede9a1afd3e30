"""Programmes and their inspections: begin one, add partnerships, see what comes next."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from casereader import actions, dated
from casereader.errors import RefusedError
from casereader.figures import reader_severity
from casereader.models import Programme
from casereader.people import accounts
from casereader.programmes import adding, inspections, programmes, who_leads
from casereader.programmes.calendars import Calendar
from casereader.stages import board, due, stages, still_to_name
from casereader.vocabulary import Role, Stage
from casereader.web import histories, objects
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.drawing import replacements
from casereader.web.forms.programmes import PartnershipForm, ProgrammeForm, lead_choices
from casereader.web.forms.sampling import ListForm
from casereader.web.installed import instruments
from casereader.web.programmes import inspection_links, rounds, signpost, signposts, whole_way
from casereader.web.programmes.blueprint import blueprint
from casereader.web.request_limits import takes_lists
from casereader.web.request_session import db
from casereader.web.retention import erased_page

RUNS = (Role.COORDINATOR, Role.LEAD)
SEES = (*RUNS, Role.MODERATOR)
STAGE_KINDS = {
    Stage.LIST_AWAITED: "not-started",
    Stage.FIXED: "waiting",
    Stage.CONFIRMED: "waiting",
    Stage.MODERATING: "waiting",
    Stage.EVALUATING: "waiting",
    Stage.EVALUATED: "waiting",
    Stage.PUBLISHED: "done",
}


@blueprint.get("/programmes")
@allow(Door.PROGRAMMES, *SEES)
def index() -> str:
    """Every inspection of mine by programme, with its stage."""
    places = inspections.all_places(db(), account=person().account, roles=SEES, erased=True)
    standings = stages.standings(db(), [place.inspection.id or 0 for place in places])
    begun = programmes.begun_by(db(), account=person().account)
    of_readers = {
        place.programme.id
        for place in places
        if person().roles_in(place.inspection.id or 0).intersection(reader_severity.SEES)
    }
    run = {place.programme.id for place in places if person().roles_in(place.inspection.id or 0).intersection(RUNS)}
    by_key = {programme.id: programme for programme in [*begun, *(place.programme for place in places)]}
    groups = []
    for key, programme in sorted(by_key.items(), key=lambda item: item[1].name):
        rows = [
            [
                {
                    "text": place.partnership.name,
                    "href": url_for("programmes.inspection", public_id=place.inspection.public_id),
                },
                {"status": "erased", "kind": "done"}
                if place.inspection.erased_at
                else {"status": standing.stage, "kind": STAGE_KINDS.get(standing.stage, "in-progress")},
                standing.n_cases or "",
                f"{standing.n_submitted} of {standing.n_readings}" if standing.n_readings else "",
            ]
            for place in places
            if place.programme.id == key
            for standing in [standings[place.inspection.id or 0]]
        ]
        fix = programmes.text_fix(instruments(), programme)
        is_mine = programme.created_by_id == person().account.id
        group = {"programme": programme, "rows": rows, "is_mine": is_mine, "text_fix": fix}
        groups.append(group | {"sees_readers": programme.id in of_readers, "runs": programme.id in run})
        objects.show_banner(programme)
    return render_template("programmes/index.html", groups=groups, may_begin=person().account.may_begin_programmes)


@blueprint.get("/programmes/new")
@allow(Door.PROGRAMMES)
def new() -> str:
    """Ask what the programme is called and what it runs on."""
    form = _programme_form()
    if form.evaluated_qis.data is None:
        form.evaluated_qis.data = []
    return render_template("programmes/new.html", form=form)


@blueprint.post("/programmes/new")
@allow(Door.PROGRAMMES)
@takes_lists("evaluated_qis")
def begin() -> tuple[str, int] | Response:
    """Begin it."""
    form = _programme_form()
    if form.validate_on_submit():
        try:
            programme = programmes.begin(
                db(),
                name=form.name.data or "",
                instrument=instruments()[form.instrument.data],
                evaluated_qis=[chosen.partition(" ")[2] for chosen in form.evaluated_qis.data or []],
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.name.errors = list(error.reasons)
        else:
            flash(f"{programme.name} is begun. Add its first partnership.", "success")
            return redirect(url_for("programmes.add", public_id=programme.public_id), 303)
    return render_template("programmes/new.html", form=form), 422


@blueprint.get("/programmes/<public_id>/add")
@allow(Door.PROGRAMMES)
def add(public_id: str) -> str:
    """Ask which partnership to add."""
    programme = _my_programme(public_id)
    return render_template("programmes/add.html", programme=programme, form=_partnership_form())


@blueprint.post("/programmes/<public_id>/add")
@allow(Door.PROGRAMMES)
def add_post(public_id: str) -> tuple[str, int] | Response:
    """Add it."""
    programme = _my_programme(public_id)
    form = _partnership_form()
    if form.validate_on_submit() and form.period_from.data and form.period_to.data:
        try:
            inspection = adding.add_one(
                db(),
                programme=programme,
                name=form.name.data or "",
                period=(form.period_from.data, form.period_to.data),
                notified_on=form.notified_on.data,
                lead=accounts.named(db(), public_id=form.lead.data, at=now()),
                deputy=accounts.named(db(), public_id=form.deputy.data, at=now()) if form.deputy.data else None,
                telephones={Role.LEAD: form.lead_telephone.data or "", Role.DEPUTY: form.deputy_telephone.data or ""},
                by=person().account,
                at=now(),
            )
        except RefusedError as error:
            form.form_errors.extend(error.reasons)
        else:
            flash(f"{form.name.data} is in the programme. Next: its list of cases.", "success")
            return redirect(url_for("programmes.inspection", public_id=inspection.public_id), 303)
    return render_template("programmes/add.html", programme=programme, form=form), 422


@blueprint.get("/inspections/<public_id>")
@allow(*SEES)
def inspection(public_id: str) -> str:
    """One inspection: how far it has come, and the one next step."""
    place = objects.inspection(public_id, *SEES, erased=True)
    if place.inspection.erased_at is not None:
        return erased_page(place)
    key = place.inspection.id or 0
    standings = stages.with_waves(db(), stages.standings(db(), [key]))
    standing = still_to_name.with_names(db(), standings, at=now())[key]
    roles = person().roles_in(place.inspection.id or 0)
    steps = signposts.all_steps(place, standing, roles, me=person().id)
    groups, advanced = inspection_links.groups(place, standing, roles)
    return render_template(
        "programmes/inspection.html",
        place=place,
        standing=standing,
        next_step=steps[0] if steps else None,
        also=steps[1:],
        sends=signpost.here(steps[0].sends) if steps else None,
        list_form=ListForm(formdata=None),
        steps_of=whole_way.steps_of(place, standing, roles),
        groups=groups,
        advanced=advanced,
        deeds=histories.of_kinds(place, "inspection", tables=["inspection"]) if set(RUNS) & set(roles) else [],
        rounds=rounds.other_rounds(place),
        late=[
            f"{one.what}, since {dated.day(one.since)}"
            for one in (
                *due.late(Calendar.of(place.inspection), standing, today=now().date()),
                *(
                    board.late_actions(here)
                    for here in actions.late(db(), account=person().account, today=now().date())
                    if here.place.inspection.id == place.inspection.id
                ),
            )
        ],
        out=replacements.out_of(place, standing),
    )


def _my_programme(public_id: str) -> Programme:
    programme = programmes.begun(db(), public_id=public_id, account=person().account)
    objects.show_banner(programme)
    return programme


def _programme_form() -> ProgrammeForm:
    form = ProgrammeForm()
    found = instruments().to_begin_with()
    form.instrument.choices = [SelectChoice(one.id, f"{one.title} ({one.id}, version {one.version})") for one in found]
    form.evaluated_qis.choices = [
        SelectChoice(f"{one.id} {item.value}", f"{item.value} {item.label}", optgroup=f"{one.title} ({one.id})")
        for one in found
        for item in one.quality_indicators
    ]
    form.offered = {one.id: [f"{one.id} {item.value}" for item in one.quality_indicators] for one in found}
    return form


def _partnership_form() -> PartnershipForm:
    form = PartnershipForm()
    form.lead.choices = form.deputy.choices = lead_choices(*who_leads.offered(db(), by=person().account, at=now()))
    return form
