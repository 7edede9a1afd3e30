"""Queries: conversations about one answer, begun by a moderator's question or by the reader's own mark *discuss*.

What submitting a reading says in them is the reading's own step: `readings.submit`.
"""

from casereader.queries.answering import reopen_to_change, reply
from casereader.queries.asking import ask, refuse_asking, resolve, resolve_marks, say, unresolved_about
from casereader.queries.finding import (
    Conversation,
    Mine,
    Said,
    Seen,
    Sought,
    counts,
    find_mine,
    find_seen,
    mine,
    of_readings,
    search,
    waiting,
)

__all__ = [
    "Conversation",
    "Mine",
    "Said",
    "Seen",
    "Sought",
    "ask",
    "counts",
    "find_mine",
    "find_seen",
    "mine",
    "of_readings",
    "refuse_asking",
    "reopen_to_change",
    "reply",
    "resolve",
    "resolve_marks",
    "say",
    "search",
    "unresolved_about",
    "waiting",
]
