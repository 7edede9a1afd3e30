"""Evaluations: what people conclude on a quality indicator, stage by stage, each with the figures as they then stood.

Nothing here turns a figure into a rating. Every entry is a new row; the newest of a stage counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader import audit, challenges
from casereader.errors import ConflictError, RefusedError
from casereader.instrument import Instrument, Listed
from casereader.models import Account, Evaluation
from casereader.programmes.inspections import Place
from casereader.vocabulary import EvaluationStage

ORDER = tuple(EvaluationStage)
LONGEST_REASON = 20_000
SCALE: dict[int, tuple[str, str]] = {
    6: ("Excellent", "Outstanding or sector leading"),
    5: ("Very good", "Major strengths"),
    4: ("Good", "Important strengths, with some areas for improvement that they clearly outweigh"),
    3: ("Adequate", "Strengths just outweigh weaknesses"),
    2: ("Weak", "Important weaknesses: priority action is needed"),
    1: ("Unsatisfactory", "Major weaknesses: urgent action is needed"),
}
"""The six-point scale: what each point is called, and what it says of a partnership."""


@dataclass(frozen=True)
class Entry:
    """One evaluation, and who made it."""

    row: Evaluation
    who: str

    @property
    def rating(self) -> str:
        """The rating with its name."""
        return f"{self.row.rating} {SCALE[self.row.rating][0]}"


def indicators(place: Place, instrument: Instrument) -> list[Listed]:
    """The quality indicators that are evaluated: the programme's choice, or all of the instrument's."""
    chosen = place.programme.evaluated_qis
    return [one for one in instrument.quality_indicators if not chosen or one.value in chosen]


def history(session: Session, *, place: Place) -> list[Entry]:
    """Every evaluation of the inspection, newest first."""
    query = (
        select(Evaluation, Account.name)
        .join(Account, col(Account.id) == Evaluation.made_by_id)
        .where(Evaluation.inspection_id == place.inspection.id)
        .order_by(col(Evaluation.id).desc())
    )
    return [Entry(row, who) for row, who in session.exec(query)]


def with_final(session: Session, inspections: Sequence[int]) -> dict[int, set[str]]:
    """Of each of these inspections, the quality indicators whose evaluation is final."""
    query = select(Evaluation.inspection_id, Evaluation.qi).where(
        col(Evaluation.inspection_id).in_(inspections), Evaluation.stage == EvaluationStage.FINAL
    )
    found: dict[int, set[str]] = {one: set() for one in inspections}
    for inspection, qi in session.exec(query):
        found[inspection].add(qi)
    return found


def standing(entries: Sequence[Entry], *, qi: str) -> dict[EvaluationStage, Entry]:
    """The entry that counts at each stage of a quality indicator, in the order of the stages."""
    newest: dict[EvaluationStage, Entry] = {}
    for entry in entries:
        if entry.row.qi == qi:
            newest.setdefault(entry.row.stage, entry)
    return {stage: newest[stage] for stage in ORDER if stage in newest}


def open_stages(entries: Sequence[Entry], *, qi: str) -> list[EvaluationStage]:
    """The stages that can be written now: the next one, or the latest once more with another reason."""
    reached = [ORDER.index(stage) for stage in standing(entries, qi=qi)]
    if not reached:
        return [ORDER[0]]
    return list(ORDER[max(reached) : max(reached) + 2])


def next_stage(entries: Sequence[Entry], *, qi: str) -> EvaluationStage | None:
    """The stage that a quality indicator has yet to come to; None once its final evaluation is written."""
    reached = standing(entries, qi=qi)
    return None if EvaluationStage.FINAL in reached else open_stages(entries, qi=qi)[-1]


def are_final(entries: Sequence[Entry], asked: Sequence[Listed]) -> bool:
    """Whether there are indicators to evaluate and each has its final evaluation."""
    return bool(asked) and all(next_stage(entries, qi=one.value) is None for one in asked)


def write(
    session: Session,
    *,
    place: Place,
    instrument: Instrument,
    qi: str,
    stage: EvaluationStage,
    rating: int | None,
    reason: str,
    figures: list[dict[str, Any]],
    after: str,
    by: Account,
    at: datetime,
) -> Evaluation:
    """Write the evaluation of a quality indicator at one stage; a rating and a reason every time.

    `figures` are the rows of the indicator's questions, frozen as they are. `after` is the public id of the entry that
    the person saw as the newest ("" for none): ConflictError when another was written since. The final one waits until
    every challenge on the indicator, and on the findings as a whole, is answered. Raises RefusedError with everything
    that it lacks.
    """
    entries = history(session, place=place)
    mine = [entry for entry in entries if entry.row.qi == qi]
    if after != (mine[0].row.public_id if mine else ""):
        raise ConflictError(
            f"{mine[0].who if mine else 'Somebody'} wrote an evaluation of {qi} in the meantime. "
            "Yours is not saved: look at theirs first."
        )
    plain = reason.replace("\r\n", "\n").strip()
    reasons = []
    if qi not in {one.value for one in indicators(place, instrument)}:
        reasons.append(f"{qi} is not evaluated in this programme.")
    elif stage not in open_stages(entries, qi=qi):
        open_now = " or ".join(open_stages(entries, qi=qi))
        reasons.append(f"The stages follow each other: {open_now} can be written now.")
    if stage is EvaluationStage.FINAL:
        waiting = challenges.waiting(challenges.log(session, place=place), qi=qi)
        if waiting:
            n = "1 challenge" if len(waiting) == 1 else f"{len(waiting)} challenges"
            reasons.append(f"The final evaluation waits: {n} of the partnership must be answered first.")
    if rating not in SCALE:
        reasons.append("Choose a rating from 6 to 1.")
    if not plain:
        reasons.append("Give the reasons for the rating.")
    if len(plain) > LONGEST_REASON:
        reasons.append(f"Give the reasons in at most {LONGEST_REASON:,} characters.")
    if reasons or rating is None:
        raise RefusedError(*reasons)
    evaluation = Evaluation(
        inspection_id=place.inspection.id or 0,
        qi=qi,
        stage=stage,
        rating=rating,
        reason=plain,
        figures=figures,
        made_at=at,
        made_by_id=by.id or 0,
    )
    session.add(evaluation)
    session.flush()
    audit.record(
        session,
        "evaluation written",
        by=by,
        at=at,
        kind="evaluation",
        object_id=evaluation.public_id,
        inspection_id=place.inspection.id,
        body={"qi": qi, "stage": stage},
    )
    return evaluation
