"""Endings: reading ended after a wave, asked for by one person and agreed to by another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casereader.models.columns import UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=22), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("n_stopped", sa.Integer(), nullable=True),
        sa.Column("published", sa.JSON(), nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL) AND (confirmed_at IS NULL) = (n_stopped IS NULL)",
            name=op.f("ck_ending_confirmed_when_who_and_what"),
        ),
        sa.CheckConstraint("confirmed_by_id <> asked_by_id", name=op.f("ck_ending_two_people")),
        sa.CheckConstraint("length(certificate_sha256) = 64", name=op.f("ck_ending_certificate_length")),
        sa.CheckConstraint("wave >= 1", name=op.f("ck_ending_wave_from_one")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_ending_asked_by_id_account")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["account.id"], name=op.f("fk_ending_confirmed_by_id_account")),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_ending_draw_id_draw")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ending")),
        sa.UniqueConstraint("draw_id", name=op.f("uq_ending_draw_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_ending_public_id")),
    )
