"""What is held about a case, as headings with lists of what is called what: for a page to read and to print.

What only the database knows rows by is left to the file; so is what else the trail keeps of each deed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from casereader import dated

HEADINGS: Mapping[str, str] = {
    "frame_case": "On the list of cases",
    "list_change": "What was changed on the list",
    "sample_case": "In the sample",
    "replacement": "Whether another case stood in for it",
    "conflict_of_interest": "Staff who know the family",
    "record_request": "Records that were asked for",
    "reading": "Readings",
    "active_minute": "When readers were at work on it",
    "answer": "Answers",
    "answer_revision": "Answers as they were changed",
    "saved_reply": "What the service answered to each save",
    "running_notes": "Readers’ running notes",
    "topic_recode": "Topics that were given another name",
    "pair_moderation": "Talks about a reading",
    "query": "Queries of a moderator",
    "query_message": "What was said in queries",
    "settlement": "How two readings were settled",
    "answer_conflict": "Answers that were changed at the office and on a laptop",
    "unlock": "Readings that were opened again",
    "concern": "Matters of concern",
    "concern_step": "What was done about matters of concern",
    "action": "Actions",
    "action_step": "What was said about actions",
}
VERSIONS, TRAIL, NAMED = "Versions of texts", "Trail: who did what, and when", "Also named in"
IN_THE_FILE_ONLY = frozenset({"id", "public_id", "digest", "body", "idempotency_key", "body_sha256", "version"})


def sections(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each heading with its rows, and a name to lead to it; without those that have no rows."""
    found = [(HEADINGS[name], rows) for name, rows in held["held"].items()]
    found += [(VERSIONS, held["versions_of_texts"]), (TRAIL, held["trail"]), (NAMED, held["also_named_in"])]
    return [
        {"name": f"held-{number}", "heading": heading, "rows": [list(_lines(row)) for row in rows]}
        for number, (heading, rows) in enumerate(found, 1)
        if rows
    ]


def _lines(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        is_key = name in IN_THE_FILE_ONLY or (name.endswith("_id") and isinstance(value, int))
        if value in (None, "", [], {}) or is_key:
            continue
        words = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
        yield name.removesuffix("_id").replace("_", " ").capitalize(), _moment(words)


def _moment(text: str) -> str:
    """A moment in words; any other text as it is."""
    try:
        found = datetime.fromisoformat(text) if len(text) > len("2026-06-01T09:00") and text[4:5] == "-" else None
    except ValueError:
        found = None
    return dated.moment(found) if found and found.tzinfo else text
