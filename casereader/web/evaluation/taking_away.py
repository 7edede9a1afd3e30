"""What coordinator and lead take away of an inspection: the figures as files, and every answer and note."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from casereader import exporting
from casereader.exporting import TakenAway
from casereader.exports import flat
from casereader.exports.sheets import AUDIT_HEAD
from casereader.instrument import Instrument
from casereader.models import Job
from casereader.programmes.inspections import Place
from casereader.vocabulary import BANNERS, Role
from casereader.web import objects
from casereader.web.access import allow, counted_as_work, person
from casereader.web.clock import now
from casereader.web.evaluation.blueprint import EXPORTS, blueprint
from casereader.web.evaluation.making.kinds import Asked, Kind, Made, register
from casereader.web.evaluation.making.work import begin
from casereader.web.forms.exporting import APART, COUNTING, WITH, WITHOUT, AnswersForm
from casereader.web.proved import proved_first
from casereader.web.request_session import db

ZIP = "application/zip"
READ = 50  # per cent of the work


@blueprint.get("/inspections/<public_id>/take-away")
@allow(*EXPORTS)
def take_away(public_id: str) -> str:
    """The files there are."""
    place = objects.inspection(public_id, *EXPORTS)
    objects.drawn(place)
    form = AnswersForm(formdata=None, readings=COUNTING, texts=WITHOUT)
    return _page(place, form)


@blueprint.post("/inspections/<public_id>/take-away/answers")
@allow(*EXPORTS)
@proved_first("Take away the answers")
@counted_as_work
def answers_zip(public_id: str) -> Response | tuple[str, int]:
    """Have every answer made an archive of flat files; that it is taken is in the trail once it is."""
    place = objects.inspection(public_id, *EXPORTS)
    objects.drawn(place)
    form = AnswersForm()
    form.offer(apart=_may_be_apart(place))
    if not form.validate_on_submit():
        return _page(place, form), 422
    apart, texts = form.readings.data == APART, form.texts.data == WITH
    job = begin(ANSWERS, place, {"apart": apart, "texts": texts})
    return redirect(url_for("evaluation.file", public_id=public_id, file=job.public_id), 303)


def _make(asked: Asked) -> Made:
    place, instrument, apart, texts = asked.place, asked.instrument, asked.choices["apart"], asked.choices["texts"]
    taken = exporting.take_answers(db(), place, instrument, apart=apart, texts=texts, by=asked.by)
    asked.tell(READ)
    packed = flat.pack(taken.tables, instrument, _about(place, instrument, taken, apart=apart, texts=texts))
    name = objects.file_name(place.programme, f"{place.programme.slug}-{place.partnership.slug}-answers.zip")
    return Made(packed, name, {"readings": taken.n_readings})


def _note(place: Place, job: Job) -> None:
    exporting.note_taken(
        db(),
        place,
        n_readings=job.result["counts"]["readings"],
        apart=job.asked["apart"],
        texts=job.asked["texts"],
        by=person().account,
        at=now(),
    )


ANSWERS = Kind("making the answers", "Every answer (ZIP)", "evaluation.take_away", ZIP, _make, _note)
register(ANSWERS)


def _about(place: Place, instrument: Instrument, taken: TakenAway, *, apart: bool, texts: bool) -> flat.About:
    """What the files say of themselves."""
    facts = [
        f"Instrument {instrument.id}, version {instrument.version}; {taken.n_readings} readings, "
        f"{'each apart' if apart else 'of each record the one that counts'}; "
        f"notes and texts are {'in' if texts else 'left out'}."
    ]
    if taken.n_withheld:
        facts.append(f"The readings of {taken.n_withheld} of the records are withheld from whoever saved these files.")
    return flat.About(
        title=f"{place.name}: answers of readers",
        data_time=taken.data_time,
        banner=BANNERS.get(place.programme.data_kind, ""),
        facts=(*facts, f"{AUDIT_HEAD}: {taken.head}."),
    )


def _may_be_apart(place: Place) -> bool:
    """Two readings of a record are the lead's to see, and only once reading is over."""
    return Role.LEAD in person().roles_in(place.inspection.id or 0) and exporting.may_be_apart(db(), place)


def _page(place: Place, form: AnswersForm) -> str:
    form.offer(apart=_may_be_apart(place))
    return render_template("evaluation/take-away.html", place=place, form=form)
