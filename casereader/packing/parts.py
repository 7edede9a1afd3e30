"""What travels of each table when an inspection is packed, and how the two sides are brought together.

*Office*: it is the office's alone, and goes one way. *Room*: it is the reading room's while the inspection is there, so
that where both differ the laptop's stands. *Added*: its rows are only ever added, so that all of both sides are kept.
*Both*: either side may change it, and every part of a row is compared with how it was when they parted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType

from sqlalchemy import ColumnElement, Table


class Rule(Enum):
    """How rows of both sides are brought together."""

    OFFICE = auto()
    ROOM = auto()
    ADDED = auto()
    BOTH = auto()


@dataclass(frozen=True)
class Packed:
    """A table that travels. Of `within`, each column leads to rows that travel too; `by` is what a row is known by."""

    rule: Rule
    within: tuple[str, ...] = ()
    by: tuple[str, ...] = ("public_id",)
    leaves: frozenset[str] = frozenset()  # columns that stay where they are
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what is compared apart; else the whole row
    only: Callable[[Table], ColumnElement[bool]] | None = None


@dataclass(frozen=True)
class Stays:
    """A table that does not travel."""

    reason: str


def _packed(
    rule: Rule,
    *within: str,
    by: str = "public_id",
    leaves: str = "",
    only: Callable[[Table], ColumnElement[bool]] | None = None,
    **parts: str,
) -> Packed:
    return Packed(
        rule,
        within,
        tuple(by.split()),
        frozenset({"id", *leaves.split()}),
        MappingProxyType({name: tuple(columns.split()) for name, columns in parts.items()}),
        only,
    )


SIGNS_IN = "Nobody's sign-in leaves the office: on the laptop each person sets a password with a slip made there."
CONCLUDES = "It is concluded at the office."
STATE = (
    "state submitted_at first_submitted_at needs_countersigning countersigned_at countersigned_by_id signed_off_at"
    " signed_off_by_id reopened_reason minutes read_on"
)
READER = (
    "reviewer_id assigned_at assigned_by_id assigned_reason begun_by_id handed_back_at handed_back_reason imported_from"
)

PARTS: Mapping[str, Packed | Stays] = MappingProxyType(
    {
        "account": _packed(Rule.OFFICE, by="email", leaves="password_hash is_administrator may_begin_programmes"),
        "sign_in": Stays(SIGNS_IN),
        "authenticator": Stays(SIGNS_IN),
        "recovery_code": Stays(SIGNS_IN),
        "outside_identity": Stays(SIGNS_IN),
        "one_time_link": Stays(SIGNS_IN),
        "allowance": Stays("Tries left to a name or a network."),
        # what is inspected
        "partnership": _packed(Rule.OFFICE, by="slug"),
        "programme": _packed(Rule.OFFICE),
        "published_instrument": _packed(Rule.OFFICE, by="instrument_id version"),
        "inspection": _packed(Rule.OFFICE, "programme_id"),
        "membership": _packed(Rule.OFFICE, "inspection_id", by="account_id inspection_id role"),
        "earlier_figure": Stays(CONCLUDES),
        # the list, the plan and the draw
        "partnership_return": Stays("It became the list, which travels."),
        "return_mapping": Stays("The next return comes to the office."),
        "list_change": Stays("The certificate tells of each, and travels."),
        "sampling_frame": _packed(Rule.OFFICE, "inspection_id", only=lambda table: table.c.state != "superseded"),
        "frame_case": _packed(Rule.OFFICE, "frame_id", by="frame_id case_ref"),
        "sampling_plan": _packed(Rule.OFFICE, "inspection_id", only=lambda table: table.c.superseded_at.is_(None)),
        "draw": _packed(Rule.OFFICE, "inspection_id", only=lambda table: table.c.voided_at.is_(None)),
        "draw_extension": _packed(Rule.OFFICE, "draw_id"),
        # one that is agreed to: nothing more is read there either. One that is asked for tells figures that are shut.
        "ending": _packed(Rule.OFFICE, "draw_id", only=lambda table: table.c.confirmed_at.is_not(None)),
        # so that what was seen is fixed there too; whoever looks there, fixes it here
        "wave_look": _packed(Rule.ADDED, "draw_id", by="draw_id wave account_id"),
        "sample_case": _packed(Rule.ROOM, "draw_id"),
        "replacement": _packed(Rule.ROOM, "sample_case_id"),
        # who reads what
        "reader_days": _packed(Rule.ROOM, "inspection_id", by="inspection_id account_id"),
        "conflict_of_interest": _packed(Rule.ROOM, "case_id", "partnership_id"),
        "record_request": _packed(Rule.ROOM, "sample_case_id", by="sample_case_id agency"),
        "reading": _packed(
            Rule.BOTH, "sample_case_id", leaves="version started_at saved_at", reader=READER, state=STATE
        ),
        # what was read and said about it
        "answer": _packed(
            Rule.BOTH, "reading_id", by="reading_id key", leaves="saved_at", answer="value note sources ground discuss"
        ),
        "answer_revision": _packed(Rule.ADDED, "reading_id", by="reading_id key saved_at saved_by_id"),
        "saved_reply": Stays("The reply to a save, for the same browser."),
        "active_minute": _packed(Rule.ADDED, "reading_id", by="reading_id minute"),
        "running_notes": _packed(Rule.BOTH, "reading_id", by="reading_id", leaves="saved_at", notes="notes story"),
        "reading_workbook": Stays("Workbooks are given out and come back at the office."),
        "workbook_return": Stays("Workbooks are given out and come back at the office."),
        "pair_moderation": _packed(Rule.ADDED, "reading_id", by="reading_id at by_id"),
        "query": _packed(Rule.BOTH, "reading_id", state="state resolved_at resolved_by_id"),
        "query_message": _packed(Rule.ADDED, "query_id", by="query_id at by_id said"),
        "settlement": _packed(Rule.ROOM, "sample_case_id", by="sample_case_id proposed_at proposed_by_id"),
        "unlock": _packed(Rule.OFFICE, "reading_id"),
        "concern": _packed(Rule.BOTH, "reading_id", state="state", reference="partnership_ref"),
        "concern_step": _packed(Rule.ADDED, "concern_id", by="concern_id at by_id state said"),
        "action": _packed(Rule.BOTH, "reading_id", state="state given_to due_on"),
        "action_step": _packed(Rule.ADDED, "action_id", by="action_id at by_id state said"),
        "topic_recode": _packed(Rule.ADDED, "reading_id", by="reading_id key at by_id"),
        "practice_reading": _packed(
            Rule.BOTH,
            "account_id",
            by="account_id case_id",
            leaves="version",
            practice="answers saved_at submitted_at",
            first="first_answers first_submitted_at",
        ),
        # what was concluded
        "evaluation": Stays(CONCLUDES),
        "partnership_answer": Stays(CONCLUDES),
        "challenge": Stays(CONCLUDES),
        "issue": Stays(CONCLUDES),
        # offline weeks, the trail and the machine
        "offline_week": Stays("Either side keeps its own row of it."),
        "packed_file": Stays("Either side keeps its own row of it."),
        "answer_conflict": Stays("Answers changed on both sides are settled at the office before it packs again."),
        "audit_event": Stays("The laptop's trail comes to the office beside the rows, event by event."),
        "carried_event": Stays("It came from a laptop."),
        "text_version": Stays("Taking rows over keeps their texts anew, under the same key."),
        "job": Stays("Long work of the machine it runs on."),
    }
)
OF_A_READING = ("reading_id", "query_id", "concern_id", "action_id")  # what leads to a reading
