"""What the pages of matters of concern have in common: the facts of one, its paper, and the fields of its forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from flask import render_template

from casereader import dated, identifying
from casereader.concerns import Raised
from casereader.models import Concern
from casereader.programmes import contacts
from casereader.programmes.contacts import Contact
from casereader.vocabulary import ConcernState, ToldHow
from casereader.web.clock import now
from casereader.web.field_labels import OF_A_CONCERN
from casereader.web.request_session import db

Word = TypeVar("Word", bound=StrEnum)


def paper_page(found: Raised, *, back: str, back_text: str, is_mine: bool = False) -> str:
    """One of them on one page to print, with the case's reference alone.

    Whoever raised it is told on the screen to try again while nobody knows of it.
    """
    named = contacts.contacts(db(), inspection=found.place.inspection, at=now())
    return render_template(
        "concerns/paper.html",
        place=found.place,
        case_ref=found.case_ref,
        facts=facts(found),
        contacts=named,
        nobody_knows=is_mine and is_unanswered(found.concern),
        next_to_try=order_to_try(found.concern, named),
        signs=identifying.signs_in(f"{found.concern.seen}\n{found.concern.needed}"),
        back=back,
        back_text=back_text,
    )


def facts(found: Raised) -> list[dict[str, str]]:
    """What it says, as rows of a summary; not who raised it."""
    concern = found.concern
    return [
        {"key": "What it is", "value": concern.kind.value.capitalize()},
        {"key": "Recorded", "value": dated.moment(concern.raised_at)},
        {"key": "Who was told", "value": who_was_told(concern)},
        {"key": "What was seen", "value": concern.seen},
        {"key": "What is needed", "value": concern.needed},
        {"key": "Stands", "value": concern.state.value.capitalize()},
        {"key": "The partnership’s reference", "value": concern.partnership_ref or "Not given yet"},
    ]


def who_was_told(concern: Concern) -> str:
    """Whom the reviewer told, how and when; whom they tried, and when, where nobody answered."""
    if concern.told_how is ToldHow.NOBODY:
        tried = ", ".join(filter(None, (concern.told_whom, concern.told_when)))
        return f"Nobody when this was written: nobody answered. Tried: {tried}"
    return f"{concern.told_whom} ({concern.told_how}): {concern.told_when}"


def is_unanswered(concern: Concern) -> bool:
    """Whether nobody knows of it yet: nobody answered, and nobody has received it since."""
    return concern.told_how is ToldHow.NOBODY and concern.state is ConcernState.RAISED


def order_to_try(concern: Concern, named: Sequence[Contact]) -> list[Contact]:
    """Whom to tell, those first whom the reviewer has not tried."""
    return sorted(named, key=lambda one: one.name in concern.told_whom)


def one_of(words: type[Word], text: str) -> Word | None:
    """The word that was sent, if it is one of them."""
    return next((word for word in words if word.value == text), None)


def choices(name: str, values: list[str], given: Mapping[str, str], faults: Mapping[str, str]) -> dict[str, object]:
    """A group of radio buttons as the form macros take it."""
    return {
        "id": name,
        "name": name,
        "label": OF_A_CONCERN[name],
        "choices": [
            {"value": value, "label": value[0].upper() + value[1:], "selected": given.get(name) == value}
            for value in values
        ],
        "errors": [faults[name]] if name in faults else [],
    }


def text(name: str, label: str, value: str, fault: str | None) -> dict[str, object]:
    """A text field as the form macros take it."""
    return {"id": name, "name": name, "label": label, "value": value, "errors": [fault] if fault else []}
