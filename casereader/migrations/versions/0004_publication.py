"""Publication: frozen issues, challenges of the partnership, recoded topics, the partnership's own instrument."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casereader.models.columns import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "challenge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("qi", sa.String(length=10), nullable=True),
        sa.Column("raised_by", sa.String(length=200), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("entered_at", UtcTime(), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("figure_changed", sa.Boolean(), nullable=True),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL)", name=op.f("ck_challenge_answered_when_and_who")
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (figure_changed IS NULL)", name=op.f("ck_challenge_answered_whether_changed")
        ),
        sa.CheckConstraint("answered_at IS NULL OR length(answer) >= 1", name=op.f("ck_challenge_answered_in_words")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["account.id"], name=op.f("fk_challenge_answered_by_id_account")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["account.id"], name=op.f("fk_challenge_entered_by_id_account")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_challenge_inspection_id_inspection")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("public_id", name=op.f("uq_challenge_public_id")),
    )
    with op.batch_alter_table("challenge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenge_inspection_id"), ["inspection_id"], unique=False)

    op.create_table(
        "issue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=True),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("withheld", sa.JSON(), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("data_digest", sa.String(length=64), nullable=False),
        sa.Column("data_time", UtcTime(), nullable=False),
        sa.Column("instrument_id", sa.String(length=40), nullable=False),
        sa.Column("instrument_version", sa.String(length=20), nullable=False),
        sa.Column("certificates", sa.JSON(), nullable=False),
        sa.Column("software", sa.String(length=40), nullable=False),
        sa.Column("audit_head", sa.String(length=64), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("prepared_at", UtcTime(), nullable=False),
        sa.Column("prepared_by_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", UtcTime(), nullable=True),
        sa.Column("issued_by_id", sa.Integer(), nullable=True),
        sa.Column("dropped_at", UtcTime(), nullable=True),
        sa.Column("dropped_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(replaces_id IS NULL) = (correction = '')", name=op.f("ck_issue_replaced_with_a_note")),
        sa.CheckConstraint(
            "(dropped_at IS NULL) = (dropped_by_id IS NULL)", name=op.f("ck_issue_dropped_when_and_who")
        ),
        sa.CheckConstraint(
            "(inspection_id IS NULL) <> (programme_id IS NULL)", name=op.f("ck_issue_of_one_or_the_other")
        ),
        sa.CheckConstraint("(issued_at IS NULL) = (issued_by_id IS NULL)", name=op.f("ck_issue_issued_when_and_who")),
        sa.CheckConstraint("issued_at IS NULL OR dropped_at IS NULL", name=op.f("ck_issue_issued_or_dropped")),
        sa.CheckConstraint("issued_by_id <> prepared_by_id", name=op.f("ck_issue_issued_by_another")),
        sa.CheckConstraint("length(data_digest) = 64", name=op.f("ck_issue_data_digest_length")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_issue_number_from_one")),
        sa.ForeignKeyConstraint(["dropped_by_id"], ["account.id"], name=op.f("fk_issue_dropped_by_id_account")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"], name=op.f("fk_issue_inspection_id_inspection")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["account.id"], name=op.f("fk_issue_issued_by_id_account")),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["account.id"], name=op.f("fk_issue_prepared_by_id_account")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_issue_programme_id_programme")),
        sa.ForeignKeyConstraint(["replaces_id"], ["issue.id"], name=op.f("fk_issue_replaces_id_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue")),
        sa.UniqueConstraint("inspection_id", "number", name=op.f("uq_issue_inspection_id_number")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_issue_programme_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_issue_public_id")),
    )
    with op.batch_alter_table("issue", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issue_inspection_id"), ["inspection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_issue_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "partnership_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Integer(), nullable=False),
        sa.Column("instrument_id", sa.String(length=40), nullable=False),
        sa.Column("instrument_version", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("saved_at", UtcTime(), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name=op.f("fk_partnership_answer_inspection_id_inspection")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["account.id"], name=op.f("fk_partnership_answer_saved_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership_answer")),
        sa.UniqueConstraint("inspection_id", "key", name=op.f("uq_partnership_answer_inspection_id_key")),
    )
    with op.batch_alter_table("partnership_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partnership_answer_inspection_id"), ["inspection_id"], unique=False)

    op.create_table(
        "topic_recode",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reading_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_topic_recode_by_id_account")),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["reading.id"], name=op.f("fk_topic_recode_reading_id_reading"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_recode")),
    )
    with op.batch_alter_table("topic_recode", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topic_recode_reading_id"), ["reading_id"], unique=False)
    _let_issues_stand()


def _let_issues_stand() -> None:
    """What is issued is neither changed nor deleted, by whatever program: the database itself refuses."""
    says = "an issue that is issued never changes"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION issue_stands() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{says}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER issue_stands BEFORE UPDATE OR DELETE ON issue FOR EACH ROW "
            "WHEN (OLD.issued_at IS NOT NULL) EXECUTE FUNCTION issue_stands()"
        )
        return
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER issue_stands_{deed.lower()} BEFORE {deed} ON issue WHEN OLD.issued_at IS NOT NULL "
            f"BEGIN SELECT RAISE(ABORT, '{says}'); END"
        )
