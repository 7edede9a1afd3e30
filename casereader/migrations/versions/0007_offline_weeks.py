"""Offline weeks: an inspection packed for a laptop, the files it travels in, and answers changed on both sides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casereader.models.columns import UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "carried_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("laptop", sa.String(length=64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_email", sa.String(length=254), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("inspection_there", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("n >= 1", name=op.f("ck_carried_event_n_from_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carried_event")),
        sa.UniqueConstraint("laptop", "n", name=op.f("uq_carried_event_laptop_n")),
    )
    with op.batch_alter_table("carried_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_carried_event_hash"), ["hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_carried_event_object_id"), ["object_id"], unique=False)

    op.create_table(
        "offline_week",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("office", "laptop", name="side", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("laptop", sa.String(length=64), nullable=True),
        sa.Column("begun_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("ended_at IS NOT NULL OR ended_reason = ''", name=op.f("ck_offline_week_ended_with_reason")),
        sa.CheckConstraint("laptop IS NULL OR length(laptop) = 64", name=op.f("ck_offline_week_laptop_length")),
        sa.CheckConstraint("length(office) = 64", name=op.f("ck_offline_week_office_length")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["account.id"], name=op.f("fk_offline_week_ended_by_id_account")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_offline_week_inspection_id_inspection")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offline_week")),
        sa.UniqueConstraint("public_id", name=op.f("uq_offline_week_public_id")),
    )
    with op.batch_alter_table("offline_week", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offline_week_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index(
            "uq_offline_week_one_at_a_time",
            ["inspection_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "packed_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("week_id", sa.Integer(), nullable=False),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("knows", sa.Integer(), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("held", sa.JSON(), nullable=False),
        sa.Column("also_named", sa.JSON(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.CheckConstraint("is_ours OR length(digest) = 64", name=op.f("ck_packed_file_taken_with_its_digest")),
        sa.CheckConstraint("length(head) = 64", name=op.f("ck_packed_file_head_length")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_packed_file_number_from_one")),
        sa.ForeignKeyConstraint(["week_id"], ["offline_week.id"], name=op.f("fk_packed_file_week_id_offline_week")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packed_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_packed_file_public_id")),
        sa.UniqueConstraint("week_id", "is_ours", "number", name=op.f("uq_packed_file_week_id_is_ours_number")),
    )
    with op.batch_alter_table("packed_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_packed_file_week_id"), ["week_id"], unique=False)

    op.create_table(
        "answer_conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("office", sa.JSON(), nullable=False),
        sa.Column("laptop", sa.JSON(), nullable=False),
        sa.Column("office_at", UtcTime(), nullable=True),
        sa.Column("office_by_id", sa.Integer(), nullable=True),
        sa.Column("laptop_at", UtcTime(), nullable=True),
        sa.Column("laptop_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "stands",
            sa.Enum("office", "laptop", name="stands", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("earlier", sa.JSON(), nullable=False),
        sa.Column("found_at", UtcTime(), nullable=False),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "chosen",
            sa.Enum("office", "laptop", name="chosen", native_enum=False, create_constraint=True, length=30),
            nullable=True,
        ),
        sa.CheckConstraint("(settled_at IS NULL) = (chosen IS NULL)", name=op.f("ck_answer_conflict_settled_which")),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL)", name=op.f("ck_answer_conflict_settled_when_and_who")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["packed_file.id"], name=op.f("fk_answer_conflict_file_id_packed_file")),
        sa.ForeignKeyConstraint(["laptop_by_id"], ["account.id"], name=op.f("fk_answer_conflict_laptop_by_id_account")),
        sa.ForeignKeyConstraint(["office_by_id"], ["account.id"], name=op.f("fk_answer_conflict_office_by_id_account")),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name=op.f("fk_answer_conflict_reading_id_reading"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["account.id"], name=op.f("fk_answer_conflict_settled_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_conflict")),
        sa.UniqueConstraint("public_id", name=op.f("uq_answer_conflict_public_id")),
    )
    with op.batch_alter_table("answer_conflict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_conflict_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_conflict_reading_id"), ["reading_id"], unique=False)
        batch_op.create_index(
            "uq_answer_conflict_one_that_waits",
            ["reading_id", "key"],
            unique=True,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
