"""Looking for a reference or a name among what is one's own to see.

What was typed may be a child's reference, and references stand in no address and no log: it is sent in a form, and the
page of what was found names it in its address sealed, so that going back and loading again work as with any page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from casereader import searching
from casereader.factors.keys import LostKeyError
from casereader.readings import Opened
from casereader.searching import LONGEST, MOST, Found, FoundCase
from casereader.vocabulary import ReadingKind, Role
from casereader.web import objects
from casereader.web.access import allow, person
from casereader.web.answers.reading_pages import STATE_KINDS
from casereader.web.installed import search_keys
from casereader.web.request_session import db, only_read

blueprint = Blueprint("searching", __name__)

WHO = (Role.REVIEWER, Role.LOCAL_REVIEWER, Role.COORDINATOR, Role.MODERATOR, Role.LEAD)
LOOKED_AT = (ReadingKind.FIRST, ReadingKind.SECOND)


class SearchForm(FlaskForm):
    """What is looked for."""

    words = StringField(
        "Reference or name",
        [
            DataRequired("Write a reference, or part of a name."),
            Length(max=LONGEST, message=f"Write at most {LONGEST} characters."),
        ],
    )


@blueprint.get("/search")
@allow(*WHO)
def show() -> str:
    """What was found, or what can be looked for."""
    words = _opened(request.args.get("sealed", ""))
    form = SearchForm(formdata=None, data={"words": words})
    return render_template("searching/show.html", form=form, **(_rows(_search(words)) if words else {}))


@blueprint.post("/search")
@allow(*WHO)
def ask() -> Response | tuple[str, int]:
    """Lead on to what is found."""
    only_read()  # nothing is saved here: nobody's save waits for it
    form = SearchForm()
    if not form.validate_on_submit():
        return render_template("searching/show.html", form=form), 422
    words = searching.plain(form.words.data or "")
    sealed = search_keys().seal(words, bound_to=person().account.public_id)
    return redirect(url_for("searching.show", sealed=sealed), 303)


def _opened(sealed: str) -> str:
    """What was looked for; blank where the address holds nothing that this person sent."""
    try:
        return search_keys().open(sealed, bound_to=person().account.public_id) if sealed else ""
    except (LostKeyError, ValueError):
        return ""


def _search(words: str) -> Found:
    held: dict[int, frozenset[Role]] = {key: person().roles_in(key) for key, _ in person().held}
    return searching.search(db(), account=person().account, held=held, words=words)


def _rows(found: Found) -> Mapping[str, Any]:
    return {
        "is_nothing": found.is_nothing,
        "most": MOST if found.is_cut else 0,
        "own": [_own_row(one) for one in found.own],
        "to_countersign": [_pair_row(one) for one in found.to_countersign],
        **_cases(found.cases),
        "places": [
            [
                {
                    "text": place.partnership.name,
                    "href": url_for("programmes.inspection", public_id=place.inspection.public_id),
                },
                place.programme.name,
            ]
            for place in found.places
        ],
    }


def _own_row(one: Opened) -> list[object]:
    href = url_for("reading.tasks", public_id=one.reading.public_id)
    state = one.reading.state
    says = (
        {"status": state.capitalize(), "kind": STATE_KINDS.get(state, "done")} if not one.is_set_aside else "Set aside"
    )
    return [
        {"text": one.case_ref, "href": href},
        one.place.name,
        objects.stratum_named(one.place, one.sample_case.stratum),
        says,
    ]


def _pair_row(one: Opened) -> list[object]:
    place = one.place.inspection.public_id
    href = url_for("countersigning.show", public_id=place, reading=one.reading.public_id)
    return [
        {"text": one.case_ref, "href": href},
        one.place.name,
        objects.stratum_named(one.place, one.sample_case.stratum),
    ]


def _cases(found: Sequence[FoundCase]) -> dict[str, list[object]]:
    """The cases with the heads of their columns; where none has a reading to look at, those columns are left out."""
    are_read = any(one.readings for one in found)
    heads: list[object] = ["Reference", "Inspection", "Stratum or group", "Where it is"]
    if are_read:
        heads += [f"{kind.value.capitalize()} reading" for kind in LOOKED_AT]
    return {"case_heads": heads, "cases": [_case_row(one)[: len(heads)] for one in found]}


def _case_row(one: FoundCase) -> list[object]:
    """A case, where it stands, and its readings to look at."""
    public_id = one.place.inspection.public_id
    by_kind = {reading.kind: reading for reading in one.readings}
    if one.drawn is None:
        says, href = "On the list, not in the sample", url_for("frames.show", public_id=public_id)
    elif one.is_to_read:
        says, href = (
            "In the sample",
            f"{url_for('progress.show', public_id=public_id, case=one.drawn.public_id)}#cases-heading",
        )
    else:
        says, href = "In reserve, not called on", url_for("draws.show", public_id=public_id)
    return [
        {"text": one.case_ref, "href": href},
        one.place.name,
        objects.stratum_named(one.place, one.group),
        says,
        *(
            {
                "text": f"{kind.value.capitalize()} reading",
                "hidden": f"of {one.case_ref}",
                "href": url_for("moderation.show", public_id=public_id, reading=by_kind[kind].public_id),
            }
            if kind in by_kind
            else ""
            for kind in LOOKED_AT
        ),
    ]
