"""What `stages` asks of how far inspections have come, each statement built once: Home and the board ask all of them.

Each is asked with the keys of the inspections, as `inspection_ids`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Integer, bindparam, cast
from sqlmodel import col, exists, func, select

from casereader.models import (
    Challenge,
    DrawExtension,
    DrawRecord,
    Ending,
    Evaluation,
    Inspection,
    Issue,
    Programme,
    Reading,
    Replacement,
    SampleCase,
    SamplingPlan,
    Unlock,
)
from casereader.models import SamplingFrame as Frame
from casereader.vocabulary import (
    NOT_TO_BE_READ,
    OPEN_STATES,
    CaseStatus,
    EvaluationStage,
    FrameState,
    ReadingKind,
    ReadingState,
    SampleRole,
)


def _here(inspection_id: Any) -> Any:
    return col(inspection_id).in_(bindparam("inspection_ids", expanding=True))


@cache
def frames() -> Any:
    """The present list of each, and its number of cases."""
    return select(Frame.inspection_id, Frame.n_cases).where(
        _here(Frame.inspection_id), Frame.state != FrameState.SUPERSEDED
    )


@cache
def plans() -> Any:
    """The present plan of each: who fixed it, when it was confirmed, who sent it back."""
    return select(
        SamplingPlan.inspection_id,
        SamplingPlan.committed_by_id,
        SamplingPlan.confirmed_at,
        SamplingPlan.sent_back_by_id,
    ).where(_here(SamplingPlan.inspection_id), col(SamplingPlan.superseded_at).is_(None))


@cache
def draws() -> Any:
    """The active draw of each: who asked to void it, to make it longer, to end its reading."""
    is_left = exists().where(  # else all was read before anybody agreed, and the asking lapsed
        col(SampleCase.draw_id) == col(DrawRecord.id),
        (col(SampleCase.role) == SampleRole.MAIN) | col(SampleCase.called_on).is_(True),
        col(SampleCase.status).in_((CaseStatus.WAITING, CaseStatus.NOT_REACHED)),
    )
    return (
        select(DrawRecord.inspection_id, DrawRecord.void_asked_by_id, DrawExtension.asked_by_id, Ending.asked_by_id)
        .outerjoin(
            DrawExtension,
            (col(DrawExtension.draw_id) == DrawRecord.id) & col(DrawExtension.confirmed_at).is_(None),
        )
        .outerjoin(Ending, (col(Ending.draw_id) == DrawRecord.id) & col(Ending.confirmed_at).is_(None) & is_left)
        .where(_here(DrawRecord.inspection_id), col(DrawRecord.voided_at).is_(None))
    )


@cache
def readings() -> Any:
    """The first readings of each: how many, how many of them submitted, and how many to sign off."""
    is_submitted = cast(col(Reading.state).not_in(OPEN_STATES), Integer)
    is_to_sign_off = cast(col(Reading.state).in_((ReadingState.SUBMITTED, ReadingState.COUNTERSIGNED)), Integer)
    return (
        select(DrawRecord.inspection_id, func.count(), func.sum(is_submitted), func.sum(is_to_sign_off))
        .join(SampleCase, col(SampleCase.draw_id) == DrawRecord.id)
        .join(Reading, col(Reading.sample_case_id) == SampleCase.id)
        .where(
            _here(DrawRecord.inspection_id),
            col(DrawRecord.voided_at).is_(None),
            Reading.kind == ReadingKind.FIRST,
            col(SampleCase.status).not_in(NOT_TO_BE_READ),
        )
        .group_by(col(DrawRecord.inspection_id))
    )


@cache
def _drawn() -> Any:
    return (
        select(DrawRecord.inspection_id, func.count())
        .join(SampleCase, col(SampleCase.draw_id) == DrawRecord.id)
        .where(_here(DrawRecord.inspection_id), col(DrawRecord.voided_at).is_(None))
        .group_by(col(DrawRecord.inspection_id))
    )


@cache
def proposed() -> Any:
    """How many cases said to be ineligible nobody has confirmed."""
    joined = _drawn().join(Replacement, col(Replacement.sample_case_id) == SampleCase.id)
    return joined.where(col(Replacement.confirmed_at).is_(None))


@cache
def handed_back() -> Any:
    """How many readings their reviewers could not take on."""
    joined = _drawn().join(Reading, col(Reading.sample_case_id) == SampleCase.id)
    return joined.where(col(Reading.handed_back_at).is_not(None), col(SampleCase.status).not_in(NOT_TO_BE_READ))


@cache
def unlocks() -> Any:
    """Who asked that whose signed-off reading be opened again, where nobody has decided."""
    return (
        select(DrawRecord.inspection_id, Unlock.asked_by_id, Reading.reviewer_id)
        .join(SampleCase, col(SampleCase.draw_id) == DrawRecord.id)
        .join(Reading, col(Reading.sample_case_id) == SampleCase.id)
        .join(Unlock, col(Unlock.reading_id) == Reading.id)
        .where(
            _here(DrawRecord.inspection_id),
            col(DrawRecord.voided_at).is_(None),
            col(Unlock.decided_at).is_(None),
            col(Unlock.taken_back_at).is_(None),
            Reading.state != ReadingState.LOCKED,
        )
    )


@cache
def challenges() -> Any:
    """How many challenges the lead has not answered."""
    return (
        select(Challenge.inspection_id, func.count())
        .where(_here(Challenge.inspection_id), col(Challenge.answered_at).is_(None))
        .group_by(col(Challenge.inspection_id))
    )


@cache
def evaluations() -> Any:
    """What was evaluated of what is to be, and how far each has come."""
    return (
        select(Inspection.id, Programme.evaluated_qis, Evaluation.qi, Evaluation.stage)
        .join(Programme, col(Programme.id) == Inspection.programme_id)
        .join(Evaluation, col(Evaluation.inspection_id) == Inspection.id)
        .where(_here(Inspection.id), Evaluation.stage != EvaluationStage.PROPOSED)
    )


@cache
def prepared() -> Any:
    """The issue of each that is prepared and neither issued nor dropped: who prepared it, and its name."""
    return select(Issue.inspection_id, Issue.prepared_by_id, Issue.public_id).where(
        _here(Issue.inspection_id), col(Issue.issued_at).is_(None), col(Issue.dropped_at).is_(None)
    )


@cache
def published() -> Any:
    """Those that are published."""
    return select(Inspection.id).where(_here(Inspection.id), col(Inspection.published_on).is_not(None))
