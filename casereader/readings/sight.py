"""What queries for readings have in common: the way to their case and inspection, and to whom they are shown."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import col, exists, select

from casereader.models import Case, DrawRecord, Inspection, Partnership, Programme, Reading, SampleCase
from casereader.people import conflicts
from casereader.vocabulary import NOT_TO_BE_READ, ReadingKind


def locked(query: Any) -> Any:
    """The query with its readings' rows locked, and everything as it stands now, whatever was loaded before."""
    return query.with_for_update(of=Reading).execution_options(populate_existing=True)


def with_case(query: Any) -> Any:
    """The query with its readings' cases, and the draw and the inspection of each, joined to it."""
    return (
        query.join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .join(Inspection, col(Inspection.id) == DrawRecord.inspection_id)
    )


def with_place(query: Any) -> Any:
    """The same, with where they belong."""
    return (
        with_case(query)
        .join(Programme, col(Programme.id) == Inspection.programme_id)
        .join(Partnership, col(Partnership.id) == Inspection.partnership_id)
    )


@lru_cache(maxsize=conflicts.BUILT_AT_MOST)
def shown_to(account_id: Any) -> Any:
    """That nothing keeps another's reading from the account; for queries `with_case`.

    It has read the case itself or is not to, and no conflict of interest of its own covers it.
    """
    return not_blind(account_id) & ~conflicts.covered(account_id)


@lru_cache(maxsize=conflicts.BUILT_AT_MOST)
def not_blind(account_id: Any) -> Any:
    """That the account has no reading of the same case still to submit: until then it sees no other's."""
    own = aliased(Reading)
    unfinished = select(own.id).where(
        own.sample_case_id == Reading.sample_case_id,
        own.reviewer_id == account_id,
        own.id != Reading.id,
        col(own.submitted_at).is_(None),
    )
    return ~exists(unfinished)


def given_out(inspection: Inspection) -> tuple[Any, ...]:
    """That a reading is somebody's to read there: of the active draw and a case that is read, and not handed back."""
    return (
        DrawRecord.inspection_id == inspection.id,
        col(DrawRecord.voided_at).is_(None),
        Reading.kind != ReadingKind.CONSENSUS,
        col(Reading.handed_back_at).is_(None),
        col(SampleCase.status).not_in(NOT_TO_BE_READ),
    )
