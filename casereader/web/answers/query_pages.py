"""Queries as pages show them: conversations in words, beside the answers that they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from flask import request, url_for

from casereader import dated, queries
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Answer, Instrument
from casereader.moderating.moderation import Submitted
from casereader.programmes.inspections import Place
from casereader.queries import Conversation, Said
from casereader.readings import NamingError, Opened
from casereader.vocabulary import QueryKind, ReadingKind
from casereader.web.answers.questions import slug, title_of, words_of
from casereader.web.answers.reading_pages import anchor
from casereader.web.request_session import db

LOOKED = "I have looked at what I wrote: it identifies nobody"


class Viewer(StrEnum):
    """Who looks at a conversation."""

    READER = "reader"
    MODERATOR = "moderator"
    PAIR = "pair"  # the paired inspector, who reads it only


def shown(instrument: Instrument, one: Conversation, viewer: Viewer, *, href: str = "") -> dict[str, Any]:
    """A conversation as `queries/conversation.html` takes it; `href` is where one goes on with it."""
    query = one.query
    turn = Viewer.READER if one.waits_for_reader else Viewer.MODERATOR
    is_mine = not one.is_resolved and turn is viewer
    is_mark = query.kind is QueryKind.DISCUSS
    return {
        "id": f"y-{query.public_id}",
        "of": query.key,
        "code": code_of(instrument, query.key),
        "name": name_of(instrument, query.key),
        "status": query.state.capitalize(),
        "kind": "done" if one.is_resolved else "attention" if is_mine else "waiting",
        "waits": waits_of(one, viewer),
        "is_mine": is_mine,
        "is_resolved": one.is_resolved,
        "is_mark": is_mark,
        "begun": f"Marked to discuss by {one.raised_by}, {dated.moment(query.raised_at)}" if is_mark else "",
        "messages": [_message(instrument, query.key, said) for said in one.messages],
        "ended": _ended(one),
        "href": href,
        "link": "See the query" if one.is_resolved or not is_mine else "Answer the query",
    }


def waits_of(one: Conversation, viewer: Viewer) -> str:
    """Whose turn it is, in words for whoever looks."""
    if one.is_resolved:
        return "Nothing waits"
    turn = Viewer.READER if one.waits_for_reader else Viewer.MODERATOR
    if turn is viewer:
        return "Waits for you"
    return "Waits for the reader" if turn is Viewer.READER else "Waits for a moderator"


def name_of(instrument: Instrument, key: str) -> str:
    """What the question is called; blank where the instrument has it no more."""
    return title_of(instrument, instrument.part(key)) if instrument.has(key) else ""


def code_of(instrument: Instrument, key: str) -> str:
    """What the question is told by, the key itself where the instrument has it no more."""
    return instrument.part(key).code if instrument.has(key) else key


def of_reading(opened: Opened) -> list[Conversation]:
    """The conversations about a reading's answers."""
    return queries.of_readings(db(), [opened])[opened.key]


def beside(
    sections: list[dict[str, Any]],
    instrument: Instrument,
    found: Iterable[Conversation],
    viewer: Viewer,
    *,
    href: Callable[[Conversation], str] | None = None,
    ask: Callable[[str], str] | None = None,
) -> list[dict[str, Any]]:
    """The answers of a reading, each with what was said about it, and where one may ask about it."""
    by_key: dict[str, list[Conversation]] = {}
    for one in found:
        by_key.setdefault(one.query.key, []).append(one)
    for section in sections:
        for row in section["rows"]:
            here = by_key.get(row["of"], [])
            row["queries"] = [shown(instrument, one, viewer, href=href(one) if href else "") for one in here]
            row["ask"] = ask(row["of"]) if ask and all(one.is_resolved for one in here) else ""
    return sections


def for_moderator(
    place: Place, one: Submitted, instrument: Instrument, sections: list[dict[str, Any]], *, is_own: bool
) -> dict[str, Any]:
    """What a moderator's page of a reading shows of its queries: beside the answers, and at its top what is left."""
    key, name = place.inspection.public_id, one.opened.reading.public_id
    reading = one.opened.reading
    may_ask = not is_own and reading.signed_off_at is None and reading.kind is not ReadingKind.CONSENSUS
    found = of_reading(one.opened)

    def href(each: Conversation) -> str:
        return url_for("queries.show", public_id=key, query=each.query.public_id)

    def ask(part: str) -> str:
        return url_for("queries.ask", public_id=key, reading=name, key=part)

    left = [shown(instrument, each, Viewer.MODERATOR, href=href(each)) for each in found if not each.is_resolved]
    n_marks = sum(each["is_mark"] for each in left)
    return {
        "sections": beside(sections, instrument, found, Viewer.MODERATOR, href=href, ask=ask if may_ask else None),
        "unresolved": left,
        "marks": url_for("queries.marks", public_id=key, reading=name) if n_marks and may_ask else "",
        "n_marks": n_marks,
    }


def to_reader(opened: Opened, one: Conversation) -> str:
    """Where the reader goes on with a query."""
    return url_for("my_queries.show", public_id=opened.reading.public_id, query=one.query.public_id)


def waiting_in(opened: Opened, instrument: Instrument) -> list[dict[str, Any]]:
    """The queries of a reading that are not resolved, for its reader: each with its question and its own page."""
    found = []
    for one in of_reading(opened):
        if one.is_resolved:
            continue
        entry = shown(instrument, one, Viewer.READER, href=to_reader(opened, one))
        found.append(entry | {"question": question_address(opened, instrument, one.query.key)})
    return found


def question_address(opened: Opened, instrument: Instrument, key: str) -> str:
    """Where the question stands for its reader: in the form while the reading is open, else among its answers."""
    if opened.is_open and instrument.has(key):
        return anchor(opened, instrument.part(key).section, key)
    return url_for("reading.check", public_id=opened.reading.public_id, _anchor=f"r-{slug(key)}")


def text_fields(
    label: str, hint: str, *, text: str = "", refused: RefusedError | ConflictError | None = None
) -> dict[str, Any]:
    """The field of what is said, with the box that a text which may name somebody asks for."""
    reasons = list(refused.reasons) if refused else []
    is_over = isinstance(refused, ConflictError)  # the field may be there no more
    faults, unsaid = ([], reasons) if isinstance(refused, NamingError) else (reasons, [])
    return {
        "text": {"id": "text", "name": "text", "label": label, "hint": hint, "value": text, "errors": faults},
        "looked": {"id": "keep_signs", "name": "keep_signs", "label": LOOKED, "errors": unsaid},
        "errors": [
            {"text": says, "href": None if is_over and not text else f"#{name}"}
            for name, texts in (("text", faults), ("keep_signs", unsaid))
            for says in texts
        ],
    }


def keeps_signs() -> bool:
    """Whether whoever sent the form says that they looked at the text."""
    return request.form.get("keep_signs") == "y"


def changed_words(instrument: Instrument, key: str, before: str, after: str) -> str:
    """What was changed of the answer, in words."""
    was, now = (_value_words(instrument, key, value) for value in (before, after))
    if before == after:
        return f"The answer stays {now}; its note, its sources or its ground is another."
    if not after:
        return f"The answer was {was}; there is none now."
    return f"The answer was {was}, and is {now} now." if before else f"There was no answer; it is {now} now."


def last_words(instrument: Instrument, one: Conversation, longest: int = 120) -> str:
    """What was said last, cut short."""
    if not one.messages:
        return "Marked to discuss"
    message = _message(instrument, one.query.key, one.messages[-1])
    text = " ".join((message["said"] or message["change"]).split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _message(instrument: Instrument, key: str, said: Said) -> dict[str, str]:
    row = said.row
    is_change = row.after is not None
    return {
        "who": said.who,
        "when": dated.moment(row.at),
        "said": row.said,
        "change": changed_words(instrument, key, row.before or "", row.after or "") if is_change else "",
    }


def _ended(one: Conversation) -> str:
    query = one.query
    if query.resolved_at is None:
        return ""
    is_by_mark = query.kind is QueryKind.DISCUSS and query.resolved_by_id == query.raised_by_id
    how = ", who took the mark away" if is_by_mark else ""
    return f"Resolved by {one.resolved_by}{how}, {dated.moment(query.resolved_at)}"


def _value_words(instrument: Instrument, key: str, value: str) -> str:
    if not instrument.has(key):
        return value
    return words_of(instrument.part(key), Answer(value or None)) or "not given"
