"""Passkeys: what a sign-in has asked one to sign, kept here and taken once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from casereader.models.columns import UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("challenge", sa.String(length=90), nullable=True))
        batch_op.add_column(sa.Column("challenged_at", UtcTime(), nullable=True))
