"""Looks at the figures of a wave: who saw those of which, since what was seen is fixed from then on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casereader.models.columns import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wave_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.CheckConstraint("wave >= 1", name=op.f("ck_wave_look_wave_from_one")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_wave_look_account_id_account")),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_wave_look_draw_id_draw")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave_look")),
        sa.UniqueConstraint("draw_id", "wave", "account_id", name=op.f("uq_wave_look_draw_id_wave_account_id")),
    )
