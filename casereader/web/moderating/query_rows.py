"""The list of an inspection's queries: what is sought of it, its rows, and its counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from casereader.instrument import Instrument
from casereader.queries import Seen, Sought
from casereader.vocabulary import QueryKind, QueryState
from casereader.web.answers import query_pages
from casereader.web.answers.query_pages import Viewer

KIND_WORDS = {QueryKind.QUERY: "Asked by a moderator", QueryKind.DISCUSS: "Marked to discuss"}


def sought(sent: Mapping[str, str]) -> Sought:
    """What the address asks for; words that it does not know ask for nothing."""
    states, kinds = {one.value: one for one in QueryState}, {one.value: one for one in QueryKind}
    return Sought(
        words=sent.get("words", "").strip(),
        key=sent.get("question", ""),
        state=states.get(sent.get("state", "")),
        kind=kinds.get(sent.get("begun", "")),
    )


def counted(instrument: Instrument, keys: Sequence[str], by_key: Mapping[str, Mapping[QueryState, int]]) -> list[Any]:
    """How many queries of each state there are, question by question, and of all."""
    rows: list[Any] = [
        [
            f"{query_pages.code_of(instrument, key)} {query_pages.name_of(instrument, key)}",
            *(by_key[key].get(state, 0) for state in QueryState),
        ]
        for key in keys
    ]
    if rows:
        totals = [sum(by_key[key].get(state, 0) for key in keys) for state in QueryState]
        rows.append({"cells": ["All", *totals], "kind": "total"})
    return rows


def row(public_id: str, instrument: Instrument, one: Seen) -> list[Any]:
    """A query in the list, with the way to it."""
    found = query_pages.shown(instrument, one.conversation, Viewer.MODERATOR)
    waits = found["waits"] if one.is_back or found["is_resolved"] else "Its reader has the reading open again"
    return [
        {
            "text": f"{found['code']} {found['name']}",
            "href": url_for("queries.show", public_id=public_id, query=one.conversation.query.public_id),
            "hidden": f"of {one.opened.case_ref}",
        },
        one.opened.case_ref,
        one.reader,
        query_pages.last_words(instrument, one.conversation),
        {"status": found["status"], "kind": found["kind"]},
        waits,
    ]


def filters(instrument: Instrument, keys: Sequence[str], sought: Sought) -> dict[str, Any]:
    """The fields to search by: the questions that anything was asked of, states, and how it began."""
    questions = list(dict.fromkeys(instrument.part(key).question for key in keys if instrument.has(key)))
    return {
        "words": {
            "id": "words",
            "name": "words",
            "label": "Words said, or a reference",
            "value": sought.words,
        },
        "question": {
            "id": "question",
            "name": "question",
            "label": "Question",
            "choices": [
                {"value": one, "label": f"{one} {instrument.question(one).label}", "selected": one == sought.key}
                for one in questions
            ],
        },
        "state": {
            "id": "state",
            "name": "state",
            "label": "State",
            "choices": [
                {"value": one.value, "label": one.value.capitalize(), "selected": one is sought.state}
                for one in QueryState
            ],
        },
        "begun": {
            "id": "begun",
            "name": "begun",
            "label": "How it began",
            "choices": [
                {"value": one.value, "label": words, "selected": one is sought.kind}
                for one, words in KIND_WORDS.items()
            ],
        },
    }
