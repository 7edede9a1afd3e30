"""What does not seem to go together in a reading, for its pages: the question, the check, and once it is submitted."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from markupsafe import Markup

from casereader import concerns
from casereader.instrument import Answers, Instrument, Warned, warnings
from casereader.readings import Opened
from casereader.web.answers import reading_pages
from casereader.web.answers.questions import named
from casereader.web.request_session import db


def warned(opened: Opened, instrument: Instrument, answers: Answers) -> list[Warned]:
    """What does not seem to go together, with what was raised from the reading."""
    raised = concerns.raised_on(db(), reading_id=opened.key)
    return warnings(instrument, answers, stratum=opened.stratum(instrument), raised=raised)


def warning_words(opened: Opened, one: Warned) -> str:
    """A warning for a page; where it turns on a matter of concern, with the way to raise one."""
    if not one.is_concern:
        return one.says
    href = url_for("concerns.ask", public_id=opened.reading.public_id)
    link = Markup('<a href="{}" data-concern="">Raise a matter of concern</a>').format(href)
    return Markup("{} {}, or change the answer.").format(one.says, link)


def concern_words(opened: Opened, instrument: Instrument, found: Sequence[Warned]) -> list[str]:
    """Those that turn on a matter of concern, away from their question: each after its question."""
    return [
        Markup("{}: {}").format(named(instrument, instrument.part(one.keys[0])), warning_words(opened, one))
        for one in found
        if one.is_concern
    ]


def listed_words(instrument: Instrument, one: Warned) -> str:
    """A warning in a list: after its question where it speaks of “this”."""
    return f"{named(instrument, instrument.part(one.keys[0]))}: {one.says}" if one.is_concern else one.says


def concern_warnings(opened: Opened, instrument: Instrument) -> list[str]:
    """Where what is answered of a matter of concern does not go with what was raised."""
    found = warned(opened, instrument, reading_pages.answers_of(opened, instrument))
    return concern_words(opened, instrument, found)
