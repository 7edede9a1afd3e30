"""What the data of a whole installation are: real record reading, a demonstration, or what was published."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import Session, col

from casereader.models import Account, Programme
from casereader.vocabulary import DataKind


def of_instance(session: Session) -> DataKind:
    """What the data of this whole installation are: demonstration and published data each have one of their own."""
    *are_there, has_demo = session.execute(_kinds()).one()
    kinds = {kind for kind, is_there in zip(DataKind, are_there, strict=True) if is_there}
    if kinds == {DataKind.PUBLISHED}:
        return DataKind.PUBLISHED
    return DataKind.DEMO if has_demo or DataKind.DEMO in kinds else DataKind.RECORDS


@cache
def _kinds() -> Any:
    """Built once: most pages ask it."""
    of_programmes = [exists().where(col(Programme.data_kind) == kind) for kind in DataKind]
    return select(*of_programmes, exists().where(col(Account.is_demo)))
