"""Going on with a text fix of a programme's instrument."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from casereader.errors import ConflictError
from casereader.programmes import programmes
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.installed import instruments
from casereader.web.request_session import db

blueprint = Blueprint("text_fixes", __name__)


@blueprint.post("/programmes/<public_id>/text-fix")
@allow(Door.PROGRAMMES)
def take(public_id: str) -> Response:
    """Go on with the newest text fix: readings given out from now on begin with it."""
    programme = programmes.begun(db(), public_id=public_id, account=person().account)
    fix = programmes.text_fix(instruments(), programme)
    if fix is None:
        raise ConflictError(f"{programme.name} is on the newest wording already.")
    programmes.take_text_fix(db(), programme=programme, instrument=fix, by=person().account, at=now())
    flash(f"{programme.name} goes on with version {fix.version}. Readings given out before keep their own.", "success")
    return redirect(url_for("programmes.index"), 303)
