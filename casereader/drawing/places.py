"""Where each case of a sample stands in ticket order, one that was called on in place of another among them."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from casereader.models import DrawRecord, Replacement, SampleCase


def of_reserves(session: Session, inspection_ids: Collection[int]) -> dict[int, int]:
    """Where each reserve called on in the active draws stands in ticket order: at the place of what it replaced.

    Whether a case is ineligible says nothing of those after it, so that one read in its stead is read as early as it.
    """
    found = session.exec(_called_on(), params={"inspection_ids": list(inspection_ids)})
    replaced = {reserve_id or 0: (key or 0, order) for reserve_id, key, order in found}
    stands = {}
    for reserve_id, (key, order) in replaced.items():
        while key in replaced:  # a reserve that was replaced in its turn
            key, order = replaced[key]
        stands[reserve_id] = order
    return stands


@cache
def _called_on() -> Any:
    reserve = aliased(SampleCase)
    return (
        select(Replacement.reserve_id, SampleCase.id, SampleCase.order)
        .join(SampleCase, col(SampleCase.id) == Replacement.sample_case_id)
        .join(reserve, col(reserve.id) == Replacement.reserve_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            col(DrawRecord.inspection_id).in_(bindparam("inspection_ids", expanding=True)),
            col(DrawRecord.voided_at).is_(None),
            col(reserve.called_on).is_(True),
        )
    )
