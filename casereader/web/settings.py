"""A person's own settings: how the pages look for them, kept on their account and put on <html>."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from casereader.people import preferences
from casereader.vocabulary import Preference
from casereader.web.access import Door, allow, person
from casereader.web.clock import now
from casereader.web.request_limits import takes_lists
from casereader.web.request_session import db

blueprint = Blueprint("settings", __name__)

LABELS = {
    Preference.LIST: "Show the answers of a scale as a list",
    Preference.SPACING: "More space between letters, words and lines",
    Preference.LARGE: "Larger text",
    Preference.STILL: "No movement",
}
HINTS = {
    Preference.LIST: "One answer under the other, however wide the window. On a narrow screen they always are.",
    Preference.SPACING: "As WCAG 1.4.12 describes it.",
    Preference.LARGE: "A quarter larger. You can zoom in the browser besides.",
    Preference.STILL: "Nothing slides or fades. What your system asks for is followed anyway.",
}


@blueprint.get("/settings")
@allow(Door.SIGNED_IN)
def show() -> str:
    """What can be chosen, and what is."""
    chosen = person().account.preferences
    return render_template(
        "account/settings.html",
        field={
            "id": "preferences",
            "name": "preferences",
            "label": "How your pages look",
            "choices": [
                {"value": one.value, "label": LABELS[one], "hint": HINTS[one], "selected": one in chosen}
                for one in Preference
            ],
        },
    )


@blueprint.post("/settings")
@allow(Door.SIGNED_IN)
@takes_lists("preferences")
def save() -> Response:
    """Keep what was chosen; what no setting is called is passed over."""
    chosen = [one for one in Preference if one in request.form.getlist("preferences")]
    preferences.prefer(db(), account=person().account, chosen=chosen, at=now())
    flash("Your settings are saved. They hold wherever you sign in.", "success")
    return redirect(url_for("settings.show"), 303)
