"""Readers measured: pair moderation, queries, settlements, unlocking, actions, first submissions, thresholds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casereader.models.columns import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settlement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_case_id", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("earlier", sa.JSON(), nullable=False),
        sa.Column("proposed_at", UtcTime(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("first_version", sa.Integer(), nullable=False),
        sa.Column("second_version", sa.Integer(), nullable=False),
        sa.Column("agreed_at", UtcTime(), nullable=True),
        sa.Column("agreed_by_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", UtcTime(), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", UtcTime(), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(agreed_at IS NULL) = (agreed_by_id IS NULL)", name=op.f("ck_settlement_agreed_when_and_who")
        ),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL)", name=op.f("ck_settlement_settled_when_and_who")
        ),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_settlement_undone_when_and_who")
        ),
        sa.CheckConstraint("agreed_by_id <> proposed_by_id", name=op.f("ck_settlement_agreed_by_the_other")),
        sa.CheckConstraint(
            "undone_at IS NULL OR settled_at IS NOT NULL", name=op.f("ck_settlement_undone_once_settled")
        ),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["account.id"], name=op.f("fk_settlement_agreed_by_id_account")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["account.id"], name=op.f("fk_settlement_proposed_by_id_account")),
        sa.ForeignKeyConstraint(
            ["sample_case_id"], ["sample_case.id"], name=op.f("fk_settlement_sample_case_id_sample_case")
        ),
        sa.ForeignKeyConstraint(["settled_by_id"], ["account.id"], name=op.f("fk_settlement_settled_by_id_account")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["account.id"], name=op.f("fk_settlement_undone_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
    )
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settlement_sample_case_id"), ["sample_case_id"], unique=False)
        batch_op.create_index(
            "uq_settlement_one_that_stands",
            ["sample_case_id"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )

    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "recorded",
                "given",
                "done",
                "closed",
                name="action_state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("given_to", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("raised_at", UtcTime(), nullable=False),
        sa.Column("raised_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('recorded', 'closed') OR (given_to <> '' AND due_on IS NOT NULL)",
            name=op.f("ck_action_given_with_a_date"),
        ),
        sa.CheckConstraint("length(what) BETWEEN 1 AND 4000", name=op.f("ck_action_what_length")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_action_inspection_id_inspection")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["account.id"], name=op.f("fk_action_raised_by_id_account")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_action_reading_id_reading")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sa.UniqueConstraint("public_id", name=op.f("uq_action_public_id")),
    )
    with op.batch_alter_table("action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_action_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_action_reading_id"), ["reading_id"], unique=False)

    op.create_table(
        "pair_moderation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("talked_over", sa.Text(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_pair_moderation_by_id_account")),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name=op.f("fk_pair_moderation_reading_id_reading"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_moderation")),
    )
    with op.batch_alter_table("pair_moderation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pair_moderation_reading_id"), ["reading_id"], unique=False)

    op.create_table(
        "query",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("query", "discuss", name="query_kind", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open", "answered", "resolved", name="query_state", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("raised_at", UtcTime(), nullable=False),
        sa.Column("raised_by_id", sa.Integer(), nullable=False),
        sa.Column("resolved_at", UtcTime(), nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name=op.f("ck_query_resolved_when")),
        sa.CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by_id IS NULL)", name=op.f("ck_query_resolved_when_and_who")
        ),
        sa.ForeignKeyConstraint(["raised_by_id"], ["account.id"], name=op.f("fk_query_raised_by_id_account")),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name=op.f("fk_query_reading_id_reading"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["resolved_by_id"], ["account.id"], name=op.f("fk_query_resolved_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query")),
        sa.UniqueConstraint("public_id", name=op.f("uq_query_public_id")),
    )
    with op.batch_alter_table("query", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_query_reading_id"), ["reading_id"], unique=False)
        batch_op.create_index(
            "uq_query_one_at_a_time",
            ["reading_id", "key"],
            unique=True,
            sqlite_where=sa.text("state <> 'resolved'"),
            postgresql_where=sa.text("state <> 'resolved'"),
        )

    op.create_table(
        "unlock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("taken_back_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_unlock_decided_when_and_who")
        ),
        sa.CheckConstraint("(decided_at IS NULL) = (is_granted IS NULL)", name=op.f("ck_unlock_decided_what")),
        sa.CheckConstraint("decided_at IS NULL OR taken_back_at IS NULL", name=op.f("ck_unlock_decided_or_taken_back")),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name=op.f("ck_unlock_decided_by_another")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_unlock_asked_by_id_account")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["account.id"], name=op.f("fk_unlock_decided_by_id_account")),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name=op.f("fk_unlock_reading_id_reading"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unlock")),
        sa.UniqueConstraint("public_id", name=op.f("uq_unlock_public_id")),
    )
    with op.batch_alter_table("unlock", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unlock_reading_id"), ["reading_id"], unique=False)
        batch_op.create_index(
            "uq_unlock_one_asked",
            ["reading_id"],
            unique=True,
            sqlite_where=sa.text("decided_at IS NULL AND taken_back_at IS NULL"),
            postgresql_where=sa.text("decided_at IS NULL AND taken_back_at IS NULL"),
        )

    op.create_table(
        "action_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "recorded",
                "given",
                "done",
                "closed",
                name="action_state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("given_to", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_action_step_action_id_action")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_action_step_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_step")),
    )
    with op.batch_alter_table("action_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_action_step_action_id"), ["action_id"], unique=False)

    op.create_table(
        "query_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.CheckConstraint("length(said) <= 2000", name=op.f("ck_query_message_said_length")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_query_message_by_id_account")),
        sa.ForeignKeyConstraint(
            ["query_id"], ["query.id"], name=op.f("fk_query_message_query_id_query"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query_message")),
    )
    with op.batch_alter_table("query_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_query_message_query_id"), ["query_id"], unique=False)

    with op.batch_alter_table("practice_reading", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_answers", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("first_submitted_at", UtcTime(), nullable=True))
    op.execute(
        "UPDATE practice_reading SET first_answers = answers, first_submitted_at = submitted_at WHERE submitted_at IS NOT NULL"
    )
    with op.batch_alter_table("practice_reading", schema=None) as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_practice_reading_first_when_and_what"),
            "(first_answers IS NULL) = (first_submitted_at IS NULL)",
        )

    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "agreement_coefficient",
                sa.Enum(
                    "ac", "kappa", "alpha", name="coefficient", native_enum=False, create_constraint=True, length=30
                ),
                nullable=False,
                server_default="ac",
            )
        )
        batch_op.add_column(sa.Column("least_coefficient", sa.String(length=12), nullable=False, server_default="0.75"))
        batch_op.add_column(sa.Column("least_agreement", sa.String(length=12), nullable=False, server_default="0.95"))

    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_submitted_at", UtcTime(), nullable=True))
    op.execute("UPDATE reading SET first_submitted_at = submitted_at")
    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_reading_signed_off_by_another"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_reading_signed_off_by_another"), "kind = 'consensus' OR signed_off_by_id <> reviewer_id"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_reading_first_submitted_before"), "submitted_at IS NULL OR first_submitted_at IS NOT NULL"
        )
    # whoever settled a pair signed its consensus by that; nobody else ever had to
    op.execute(
        "UPDATE reading SET state = 'settled', signed_off_at = COALESCE(signed_off_at, submitted_at), "
        "signed_off_by_id = COALESCE(signed_off_by_id, reviewer_id) "
        "WHERE kind = 'consensus' AND state IN ('submitted', 'countersigned', 'signed off')"
    )
