"""What the trail tells of each table: each of its columns before and after a change, or why nothing.

Every table stands here once, and every column of text says what becomes of its words. *Plain* is a code, a digest or a
name of ours. A *text* was typed, or says something of a child: the trail holds its keyed digest, and the text is kept
under it until the inspection is erased. Of a *bulky* one the digest alone is kept, since it stands elsewhere or is not
to be kept at all. Of a *secret* the trail says only that it changed. What is *passing* is no content. A *seal* is the
keyed digest of a whole row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Told:
    """A table whose changes are told. Columns of numbers, moments and words of a list are plain without being named.

    `owner` is the column that leads to the inspection, blank where there is none. `named_by` says what a row is called.
    """

    owner: str = ""
    or_owner: tuple[str, ...] = ()  # what leads there where the owner's column is blank
    named_by: tuple[str, ...] = ("public_id",)
    plain: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    bulky: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()
    in_bulk: str = ""  # why of rows added in one statement there is a seal each, and not every column
    later: frozenset[str] = frozenset()  # columns outside the seal: they begin with nothing, and change later


@dataclass(frozen=True)
class Untold:
    """A table whose changes the trail does not tell, and why not."""

    reason: str


def _told(
    owner: str = "",
    *,
    or_owner: str = "",
    by: str = "public_id",
    plain: str = "",
    texts: str = "",
    bulky: str = "",
    secrets: str = "",
    passing: str = "",
    in_bulk: str = "",
    later: str = "",
) -> Told:
    return Told(
        owner,
        tuple(or_owner.split()),
        tuple(by.split()),
        plain=frozenset(plain.split()),
        texts=frozenset(texts.split()),
        bulky=frozenset(bulky.split()),
        secrets=frozenset(secrets.split()),
        passing=frozenset(passing.split()),
        in_bulk=in_bulk,
        later=frozenset(later.split()),
    )


TABLES: Mapping[str, Told | Untold] = MappingProxyType(
    {
        # people and what they may do
        "account": _told(plain="public_id", texts="email name", secrets="password_hash", passing="preferences"),
        "membership": _told("inspection_id", by="account_id inspection_id role", texts="telephone"),
        "authenticator": _told(
            plain="public_id",
            texts="name",
            secrets="sealed_secret credential_id public_key",
            passing="last_step sign_count last_used_at",
        ),
        "recovery_code": _told(by="account_id number", secrets="code_hash"),
        "outside_identity": _told(by="id", plain="issuer", texts="subject"),
        "one_time_link": _told(by="id", secrets="token_hash"),
        "sign_in": Untold("Beginning, locking and ending one are deeds; the rest is the minutes of a browser."),
        "allowance": Untold("Tries left to a name or a network: they fill up again with time."),
        # programmes, inspections and what they are held to
        "partnership": _told(by="slug", plain="name slug"),
        "programme": _told(
            plain="public_id name slug instrument_id instrument_version evaluated_qis stratum_order"
            " least_coefficient least_agreement",
            texts="comparison",
        ),
        "published_instrument": _told(by="instrument_id version", plain="instrument_id version digest"),
        "inspection": _told("id", plain="public_id", secrets="digest_key"),
        "earlier_figure": _told("inspection_id", plain="public_id share question", texts="source asked"),
        # the list, the plan and the draw
        "partnership_return": _told("inspection_id", plain="public_id file_sha256", bulky="filename layout mapping"),
        "return_mapping": Untold("What the next return is offered; the return itself says how it was read."),
        "list_change": _told(
            "frame_id", or_owner="return_id", plain="public_id list_column", bulky="tab case_ref before after reason"
        ),
        "sampling_frame": _told("inspection_id", plain="public_id file_sha256", bulky="columns warnings"),
        "frame_case": _told(
            "frame_id",
            by="id",
            bulky="case_ref tab group other_groups age_band legal_basis living deprivation family_group attributes",
            in_bulk="The list's SHA-256 stands with its frame, and the commitment is over every row.",
        ),
        "sampling_plan": _told(
            "inspection_id",
            plain="public_id plan_sha256 second_share partnership_secret_sha256 inspectorate_secret_sha256 commitment",
            texts="plan independent_counts public_value_source sent_back_reason",
            secrets="salt",
        ),
        "draw": _told(
            "inspection_id",
            plain="public_id public_value certificate_sha256 addendum_sha256",
            texts="void_asked_reason void_reason",
            bulky="certificate addendum",
            secrets="seed partnership_secret inspectorate_secret",
        ),
        "draw_extension": _told(
            "draw_id", plain="public_id certificate_sha256 sizes", texts="reason", bulky="certificate"
        ),
        "ending": _told("draw_id", plain="public_id certificate_sha256", texts="reason rule figures published"),
        "wave_look": _told("draw_id", by="draw_id wave account_id"),
        "sample_case": _told(
            "draw_id",
            plain="public_id",
            texts="stratum reason",
            bulky="ticket",
            later="called_on status reason decided_at decided_by_id",
            in_bulk="The certificate's SHA-256 stands with the draw, and names every case with its ticket.",
        ),
        "replacement": _told("sample_case_id", plain="public_id", texts="reason"),
        # who reads what
        "reader_days": _told("inspection_id", by="inspection_id account_id", plain="days"),
        "conflict_of_interest": _told("case_id", plain="public_id", texts="reason"),
        "record_request": _told("sample_case_id", by="sample_case_id agency", plain="agency", texts="note"),
        "reading": _told(
            "sample_case_id",
            plain="public_id instrument_id instrument_version imported_from",
            texts="assigned_reason handed_back_reason reopened_reason",
            passing="version saved_at",
        ),
        # what was read
        "answer": _told(
            "reading_id", by="reading_id key", plain="key", texts="value note sources ground", passing="id saved_at"
        ),
        "answer_revision": _told(
            "reading_id",
            by="id",
            plain="key",
            bulky="before after",
            passing="id",
            in_bulk="Each says again what the change of its answer says.",
        ),
        "saved_reply": Untold("The reply to a save, for the same save sent again."),
        "active_minute": Untold("Which minutes the page was used in: nothing of what was done."),
        "running_notes": Untold("No earlier wording of them is kept anywhere, and they are erased with the reading."),
        "practice_reading": Untold("Answers on invented cases, which count nowhere."),
        "reading_workbook": _told("inspection_id", plain="public_id", bulky="facts cases", secrets="salt mark"),
        "workbook_return": _told("workbook_id", plain="public_id file_sha256", bulky="answers notes receipts"),
        # what was said about readings
        "pair_moderation": _told("reading_id", by="id", texts="talked_over changed"),
        "query": _told("reading_id", plain="public_id key"),
        "query_message": _told("query_id", by="id", texts="said before after"),
        "settlement": _told("sample_case_id", by="id", texts="chosen answers earlier"),
        "unlock": _told("reading_id", plain="public_id", texts="reason answer"),
        "concern": _told(
            "reading_id", plain="public_id", texts="kind told_whom told_how told_when seen needed partnership_ref"
        ),
        "concern_step": _told("concern_id", by="id", texts="said"),
        "action": _told("inspection_id", plain="public_id key", texts="what given_to"),
        "action_step": _told("action_id", by="id", texts="said given_to"),
        # offline weeks
        "offline_week": _told("inspection_id", plain="public_id office laptop", texts="ended_reason"),
        "packed_file": _told("week_id", plain="public_id head digest counts", passing="held also_named"),
        "answer_conflict": _told("reading_id", plain="public_id key", texts="office laptop earlier"),
        # what was concluded
        "evaluation": _told("inspection_id", plain="public_id qi", texts="rating reason", bulky="figures"),
        "challenge": _told(
            "inspection_id", plain="public_id qi", texts="raised_by says evidence answer figure_changed"
        ),
        "topic_recode": _told("reading_id", by="id", plain="key", texts="before after"),
        "partnership_answer": _told(
            "inspection_id",
            by="inspection_id key",
            plain="instrument_id instrument_version key",
            texts="value note sources",
            passing="id saved_at",
        ),
        "issue": _told(
            "inspection_id",
            plain="public_id policy data_digest instrument_id instrument_version certificates software audit_head",
            texts="correction",
            bulky="content withheld proof",
        ),
        # the trail and the machine
        "audit_event": Untold("It is the trail."),
        "carried_event": Untold("It is the trail of a laptop, chained as our own, and checked with it."),
        "text_version": Untold("It holds the texts that the trail names by their digests."),
        "job": Untold("How far long work of the machine has come; what came of it is a deed."),
    }
)
