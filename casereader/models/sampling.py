"""Frames, plans, draws, sampled cases and replacements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from casereader.models.columns import moment, public_id, word
from casereader.vocabulary import CaseStatus, FrameState, SampleRole


class SamplingFrame(SQLModel, table=True):
    """One checked list. The file itself is not kept: its digest and size are."""

    __tablename__ = "sampling_frame"
    __table_args__ = (
        UniqueConstraint("inspection_id", "version"),
        Index(
            "uq_sampling_frame_current",
            "inspection_id",
            unique=True,
            sqlite_where=text("state <> 'superseded'"),
            postgresql_where=text("state <> 'superseded'"),
        ),
        CheckConstraint("n_cases > 0", name="has_cases"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    version: int
    state: FrameState = Field(default=FrameState.CHECKED, sa_type=word(FrameState, "frame_state"))
    file_sha256: str = Field(sa_type=String(64))
    file_bytes: int
    n_cases: int
    warnings: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    columns: list[str] = Field(default=[], sa_type=JSON)  # those that can serve as strata
    received_at: datetime = moment()
    received_by_id: int = Field(foreign_key="account.id")


class Case(SQLModel, table=True):
    """One row of a frame: a child's record, known only by its local reference."""

    __tablename__ = "frame_case"
    __table_args__ = (
        UniqueConstraint("frame_id", "case_ref"),
        Index("ix_frame_case_frame_id_id", "frame_id", "id"),
        CheckConstraint("length(case_ref) BETWEEN 1 AND 40", name="case_ref_length"),
    )

    id: int | None = Field(default=None, primary_key=True)
    frame_id: int = Field(foreign_key="sampling_frame.id")
    case_ref: str = Field(sa_type=String(40))
    tab: str | None = Field(default=None, sa_type=String(100))  # of the workbook it came in
    row: int | None = None  # as the sender counts
    group: str = Field(sa_type=String(200))  # the list's own stratum code
    other_groups: list[str] = Field(default=[], sa_type=JSON)  # further groups the child is in, first to last
    age_band: str | None = Field(default=None, sa_type=String(40))
    legal_basis: str | None = Field(default=None, sa_type=String(100))
    living: str | None = Field(default=None, sa_type=String(100))
    deprivation: str | None = Field(default=None, sa_type=String(20))
    family_group: str | None = Field(default=None, sa_type=String(40))
    attributes: dict[str, str] = Field(default={}, sa_type=JSON)


class SamplingPlan(SQLModel, table=True):
    """How the sample will be drawn: fixed by one person, confirmed by another, before the seed exists."""

    __tablename__ = "sampling_plan"
    __table_args__ = (
        CheckConstraint("(committed_at IS NULL) = (committed_by_id IS NULL)", name="committed_when_and_who"),
        CheckConstraint("(committed_at IS NULL) = (commitment IS NULL)", name="committed_to_what"),
        CheckConstraint("(committed_at IS NULL) = (salt IS NULL)", name="committed_with_salt"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed_when_and_who"),
        CheckConstraint("confirmed_at IS NULL OR committed_at IS NOT NULL", name="confirmed_after_commitment"),
        CheckConstraint("confirmed_by_id <> committed_by_id", name="two_people"),
        CheckConstraint("(sent_back_by_id IS NULL) = (sent_back_reason = '')", name="sent_back_with_reason"),
        CheckConstraint("sent_back_by_id IS NULL OR committed_at IS NULL", name="sent_back_is_open"),
        Index(
            "uq_sampling_plan_current",
            "inspection_id",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    superseded_at: datetime | None = moment(nullable=True)  # its draw was voided
    frame_id: int = Field(foreign_key="sampling_frame.id")
    plan: dict[str, Any] = Field(sa_type=JSON)  # what the certificate prints as `plan`, and its margins
    plan_sha256: str = Field(sa_type=String(64))
    independent_counts: dict[str, Any] = Field(default={}, sa_type=JSON)
    second_share: str = Field(default="0.10", sa_type=String(8))  # decimal text: goes into a digest
    public_value_source: str = Field(default="", sa_type=String(300))
    public_value_due_at: datetime | None = moment(nullable=True)
    partnership_secret_sha256: str | None = Field(default=None, sa_type=String(64))  # advanced: fixed before it is told
    inspectorate_secret_sha256: str | None = Field(default=None, sa_type=String(64))
    salt: str | None = Field(default=None, sa_type=String(64))
    commitment: str | None = Field(default=None, sa_type=String(64))
    committed_at: datetime | None = moment(nullable=True)
    committed_by_id: int | None = Field(default=None, foreign_key="account.id")
    confirmed_at: datetime | None = moment(nullable=True)
    confirmed_by_id: int | None = Field(default=None, foreign_key="account.id")
    sent_back_by_id: int | None = Field(default=None, foreign_key="account.id")  # instead of confirming
    sent_back_reason: str = Field(default="", sa_type=String(1000))


class DrawRecord(SQLModel, table=True):
    """One draw. At most one of an inspection is active; voided ones stay listed."""

    __tablename__ = "draw"
    __table_args__ = (
        Index(
            "uq_draw_active",
            "inspection_id",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
        CheckConstraint(
            "(voided_at IS NULL) = (void_reason IS NULL)"
            " AND (voided_at IS NULL) = (voided_by_id IS NULL)"
            " AND (voided_at IS NULL) = (void_confirmed_by_id IS NULL)",
            name="voided_with_reason_by_two",
        ),
        CheckConstraint("voided_by_id <> void_confirmed_by_id", name="void_two_people"),
        CheckConstraint(
            "(void_asked_at IS NULL) = (void_asked_by_id IS NULL)"
            " AND (void_asked_at IS NULL) = (void_asked_reason = '')",
            name="void_asked_when_who_and_why",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    inspection_id: int = Field(foreign_key="inspection.id", index=True)
    plan_id: int = Field(foreign_key="sampling_plan.id")
    public_value: str = Field(sa_type=String(200))
    partnership_secret: str = Field(default="", sa_type=String(200))
    inspectorate_secret: str = Field(default="", sa_type=String(200))
    seed: str = Field(sa_type=String(200))
    certificate: str = Field(sa_type=Text)  # the JSON, as issued
    certificate_sha256: str = Field(sa_type=String(64))
    addendum: str | None = Field(default=None, sa_type=Text)  # assignment and second readings, sealed
    addendum_sha256: str | None = Field(default=None, sa_type=String(64))
    drawn_at: datetime = moment()
    drawn_by_id: int = Field(foreign_key="account.id")
    void_asked_at: datetime | None = moment(nullable=True)  # by one person; voided once another agrees
    void_asked_by_id: int | None = Field(default=None, foreign_key="account.id")
    void_asked_reason: str = Field(default="", sa_type=Text)
    voided_at: datetime | None = moment(nullable=True)
    voided_by_id: int | None = Field(default=None, foreign_key="account.id")
    void_confirmed_by_id: int | None = Field(default=None, foreign_key="account.id")
    void_reason: str | None = Field(default=None, sa_type=Text)


class DrawExtension(SQLModel, table=True):
    """More cases of the same draw, by the same seed: what was drawn stays. One person asks, another agrees."""

    __tablename__ = "draw_extension"
    __table_args__ = (
        CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL) AND (confirmed_at IS NULL) = (certificate IS NULL)"
            " AND (confirmed_at IS NULL) = (certificate_sha256 IS NULL)",
            name="confirmed_when_who_and_what",
        ),
        CheckConstraint("confirmed_by_id <> asked_by_id", name="two_people"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    draw_id: int = Field(foreign_key="draw.id", index=True)
    sizes: dict[str, int] = Field(sa_type=JSON)  # cases to read of each stratum from then on
    reason: str = Field(sa_type=Text)
    asked_at: datetime = moment()
    asked_by_id: int = Field(foreign_key="account.id")
    certificate: str | None = Field(default=None, sa_type=Text)  # the JSON of the whole, longer sample
    certificate_sha256: str | None = Field(default=None, sa_type=String(64))
    confirmed_at: datetime | None = moment(nullable=True)
    confirmed_by_id: int | None = Field(default=None, foreign_key="account.id")


class Ending(SQLModel, table=True):
    """Reading ended after a wave, before the planned sample is read. One person asks, another agrees.

    `rule` is what the plan said of it, and `figures` what was seen of its questions when it was asked for; `published`
    are those of every record that counts once it is agreed to.
    """

    __table_args__ = (
        CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL) AND (confirmed_at IS NULL) = (n_stopped IS NULL)",
            name="confirmed_when_who_and_what",
        ),
        CheckConstraint("confirmed_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("wave >= 1", name="wave_from_one"),
        CheckConstraint("length(certificate_sha256) = 64", name="certificate_length"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    draw_id: int = Field(foreign_key="draw.id", unique=True)
    wave: int  # the last one that was complete; where time ran out, the one in which it did
    rule: dict[str, Any] = Field(sa_type=JSON)
    figures: list[dict[str, Any]] = Field(sa_type=JSON)
    certificate_sha256: str = Field(sa_type=String(64))
    reason: str = Field(sa_type=Text)
    asked_at: datetime = moment()
    asked_by_id: int = Field(foreign_key="account.id")
    n_stopped: int | None = None  # the cases that were not read for it
    published: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    confirmed_at: datetime | None = moment(nullable=True)
    confirmed_by_id: int | None = Field(default=None, foreign_key="account.id")


class WaveLook(SQLModel, table=True):
    """Somebody saw the figures after a wave. Rows are only added: what was seen stays seen."""

    __tablename__ = "wave_look"
    __table_args__ = (
        UniqueConstraint("draw_id", "wave", "account_id"),
        CheckConstraint("wave >= 1", name="wave_from_one"),
    )

    id: int | None = Field(default=None, primary_key=True)
    draw_id: int = Field(foreign_key="draw.id")
    wave: int
    account_id: int = Field(foreign_key="account.id")
    at: datetime = moment()


class SampleCase(SQLModel, table=True):
    """A case in a draw, main or reserve, and what became of it."""

    __tablename__ = "sample_case"
    __table_args__ = (
        UniqueConstraint("draw_id", "case_id"),
        UniqueConstraint("draw_id", "stratum", "order"),
        CheckConstraint('"order" >= 1', name="order_from_one"),
        CheckConstraint("status <> 'ineligible' OR reason IS NOT NULL", name="ineligible_has_reason"),
        CheckConstraint("role = 'main' OR called_on OR status = 'waiting'", name="reserve_is_called_on_first"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    draw_id: int = Field(foreign_key="draw.id", index=True)
    case_id: int = Field(foreign_key="frame_case.id", index=True)
    stratum: str = Field(sa_type=String(300))
    role: SampleRole = Field(sa_type=word(SampleRole, "sample_role"))
    order: int
    ticket: str = Field(sa_type=String(64))
    called_on: bool = False  # a reserve that now stands in for an ineligible case
    status: CaseStatus = Field(default=CaseStatus.WAITING, sa_type=word(CaseStatus, "case_status"))
    reason: str | None = Field(default=None, sa_type=Text)
    decided_at: datetime | None = moment(nullable=True)
    decided_by_id: int | None = Field(default=None, foreign_key="account.id")


class Replacement(SQLModel, table=True):
    """A reserve standing in for an ineligible case: proposed by one person, confirmed by another."""

    __table_args__ = (
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed_when_and_who"),
        CheckConstraint("confirmed_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("sample_case_id <> reserve_id", name="another_case"),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = public_id()
    sample_case_id: int = Field(foreign_key="sample_case.id", unique=True)
    reserve_id: int | None = Field(default=None, foreign_key="sample_case.id", unique=True)
    reason: str = Field(sa_type=Text)
    proposed_at: datetime = moment()
    proposed_by_id: int = Field(foreign_key="account.id")
    confirmed_at: datetime | None = moment(nullable=True)
    confirmed_by_id: int | None = Field(default=None, foreign_key="account.id")
