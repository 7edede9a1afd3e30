"""Indexes that say in which order rows came, so that the last deed of an inspection is found at once on PostgreSQL."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

IN_ORDER = (
    ("audit_event", "action", "n"),
    ("audit_event", "object_id", "n"),
    ("audit_event", "inspection_id", "n"),
    ("frame_case", "frame_id", "id"),
    ("saved_reply", "reading_id", "id"),
)


def upgrade() -> None:
    for table, column, order in IN_ORDER:
        op.create_index(op.f(f"ix_{table}_{column}_{order}"), table, [column, order])
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
