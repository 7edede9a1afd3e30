"""How Alembic reaches our tables: the connection comes from `casereader.schema`, which holds the lock."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from casereader.models import metadata
from casereader.models.columns import UtcTime


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(item, UtcTime):
        return "UtcTime()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_render,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
