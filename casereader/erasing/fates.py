"""What erasing an inspection does with each table, and why: every table stands here once, or a test fails.

A row belongs to an inspection by one of its keys (`by`), straight or through the row that the key leads to. Of a table
that stays, each column of text is blanked or says why it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, ColumnElement, Enum, String, Table

NOT_OF_IT = "belongs to a person, a programme or the service, and holds nothing of an inspection's content"
CODE = "a code, digest or name of ours"


@dataclass(frozen=True)
class Removed:
    """Its rows go."""

    reason: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Blanked:
    """Its rows stay, without what they say; `first` tells which rows go all the same."""

    reason: str
    by: tuple[str, ...]
    blanks: frozenset[str]
    keeps: Mapping[str, str] = field(default_factory=dict)  # columns of text that stay, and why
    removes: Callable[[Table], ColumnElement[bool]] | None = None


@dataclass(frozen=True)
class Kept:
    """It is left as it is."""

    reason: str


Fate = Removed | Blanked | Kept


def _blanked(
    reason: str,
    *by: str,
    blanks: str,
    removes: Callable[[Table], ColumnElement[bool]] | None = None,
    codes: str = "",
    **keeps: str,
) -> Blanked:
    kept = dict.fromkeys(("public_id", *codes.split()), CODE) | keeps
    return Blanked(reason, by, frozenset(blanks.split()), MappingProxyType(kept), removes)


FATES: Mapping[str, Fate] = MappingProxyType(
    {
        # people, programmes and the service
        "account": Kept(NOT_OF_IT),
        "sign_in": Kept(NOT_OF_IT),
        "authenticator": Kept(NOT_OF_IT),
        "recovery_code": Kept(NOT_OF_IT),
        "outside_identity": Kept(NOT_OF_IT),
        "one_time_link": Kept(NOT_OF_IT),
        "allowance": Kept(NOT_OF_IT),
        "practice_reading": Kept("answers on invented cases, tied to no inspection"),
        "partnership": Kept(NOT_OF_IT),
        "programme": Kept(NOT_OF_IT),
        "published_instrument": Kept(NOT_OF_IT),
        "earlier_figure": Kept("figures that others published before, in their words"),
        "membership": _blanked("who took part, without their telephone", "inspection_id", blanks="telephone"),
        "inspection": _blanked("its name, dates and that it was erased; its key goes", "id", blanks="digest_key"),
        # the list, the plan and the draw
        "partnership_return": Removed("what the partnership sent, and how it was read", ("inspection_id",)),
        "return_mapping": Removed("columns and values of the partnership's list", ("partnership_id",)),
        "list_change": Removed("references and values of the list", ("return_id", "frame_id")),
        "sampling_frame": _blanked(
            "how many cases the list had, and the digest of its file",
            "inspection_id",
            blanks="warnings columns",
            codes="file_sha256",
        ),
        "frame_case": Removed("the list's rows, with their references", ("frame_id",)),
        "sampling_plan": _blanked(
            "when the list was fixed and confirmed, by whom, and the commitment",
            "inspection_id",
            blanks="plan independent_counts public_value_source salt sent_back_reason second_share",
            codes="plan_sha256 commitment partnership_secret_sha256 inspectorate_secret_sha256",
        ),
        "draw": _blanked(
            "the certificate without cases: seed, digests and counts, so that a whole one can be shown to be ours",
            "inspection_id",
            blanks="certificate addendum partnership_secret inspectorate_secret void_asked_reason void_reason",
            codes="certificate_sha256 addendum_sha256 seed",
            public_value="a public number; without the list it tells of nobody",
        ),
        "draw_extension": _blanked(
            "that the draw was extended, to which sizes",
            "draw_id",
            blanks="reason certificate",
            codes="certificate_sha256",
            sizes="counts of cases by group of the list",
        ),
        "ending": _blanked(
            "that reading was ended after a wave, by whom, and how many cases were not read for it",
            "draw_id",
            blanks="reason figures published",
            codes="certificate_sha256",
            rule="which questions and thresholds the plan named",
        ),
        "wave_look": _blanked("who saw the figures after which wave, and when", "draw_id", blanks=""),
        "sample_case": Removed("which cases were drawn, with tickets that a reference can be tried on", ("draw_id",)),
        "replacement": Removed("which case stood in for which, and why", ("sample_case_id",)),
        # who reads what
        "reader_days": Removed("on which days staff read", ("inspection_id",)),
        "conflict_of_interest": Removed("whom a reader knows among the cases", ("case_id",)),
        "record_request": Removed("which agency's record of which case came", ("sample_case_id",)),
        "reading": Removed("who read which case, and when", ("sample_case_id",)),
        "active_minute": Removed("when a reader was at work", ("reading_id",)),
        # what was read and said about it
        "answer": Removed("answers and notes", ("reading_id",)),
        "answer_revision": Removed("answers and notes as they once stood", ("reading_id",)),
        "saved_reply": Removed("replies that repeat answers", ("reading_id",)),
        "running_notes": Removed("notes beside the form", ("reading_id",)),
        "topic_recode": Removed("words of an answer", ("reading_id",)),
        "reading_workbook": Removed("cases and answers that were given out", ("inspection_id",)),
        "workbook_return": Removed("answers that came back", ("workbook_id",)),
        "pair_moderation": Removed("what was said about a reading", ("reading_id",)),
        "query": Removed("what was asked about an answer", ("reading_id",)),
        "query_message": Removed("what was said about an answer", ("query_id",)),
        "settlement": Removed("answers as they were settled", ("sample_case_id",)),
        "unlock": Removed("why a reading was opened again", ("reading_id",)),
        "concern": Removed("what was seen of a child", ("reading_id",)),
        "concern_step": Removed("what was done about it", ("concern_id",)),
        "action": Removed("what must be put right in a record", ("inspection_id",)),
        "action_step": Removed("what was said about it", ("action_id",)),
        # offline weeks
        "offline_week": _blanked(
            "when it was with a laptop", "inspection_id", blanks="ended_reason", codes="office laptop"
        ),
        "packed_file": _blanked(
            "which files went and came, without what is compared by",
            "week_id",
            blanks="held also_named",
            codes="head digest",
            counts="how many rows of each table were taken over",
        ),
        "answer_conflict": Removed("answers and notes of either side", ("reading_id",)),
        # what was concluded
        "evaluation": _blanked(
            "the final rating of each quality indicator; proposals go",
            "inspection_id",
            blanks="reason figures",
            removes=lambda table: table.c.stage != "final",
            codes="qi",
        ),
        "partnership_answer": Removed("the lead's answers and notes about the partnership", ("inspection_id",)),
        "challenge": Removed("what the partnership wrote about the findings", ("inspection_id",)),
        "issue": _blanked(
            "what was published, and the proof that later issues are held to; drafts go",
            "inspection_id",
            blanks="",
            removes=lambda table: table.c.issued_at.is_(None),
            codes="data_digest instrument_id instrument_version software audit_head",
            content="published",
            proof="later issues of the programme must not tell, with this one, what it withheld",
            withheld="which figures are not shown and why, without the figure; what is issued never changes",
            policy="thresholds",
            certificates="digests",
            correction="published",
        ),
        # the trail and the machine
        "audit_event": Kept("the chain: deeds, counts and keyed digests, whose key is destroyed"),
        "carried_event": Kept("the chain of a laptop: deeds, counts and keyed digests, whose key is destroyed"),
        "text_version": Removed("the texts that the trail names by their digests", ("inspection_id",)),
        "job": Removed("what long work was asked and what came of it", ("inspection_id",)),
    }
)

EMPTIED = tuple(name for name, fate in FATES.items() if not isinstance(fate, Kept))
NOT_THE_OWNER = "The program's own role may not do this: give the command the DATABASE_URL of the tables' owner."


def words_of(table: Table) -> set[str]:
    """The columns of a table that can hold words: texts of any length, and JSON."""
    return {column.name for column in table.columns if _holds_words(column.type)}


def _holds_words(kind: Any) -> bool:
    return isinstance(kind, JSON) or (isinstance(kind, String) and not isinstance(kind, Enum))
