"""Time runs short: which cases to stop, so that what is read stays a random sample, and what else was done instead.

In each stratum the cases come in ticket order, main ones and reserves called on alike. Stopping the last of them leaves
a random sample. Any other pattern is kept with its reason, and is told wherever the figures are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from casereader import audit, dated
from casereader.drawing import places
from casereader.drawing.unreached import TIME_RAN_OUT, TO_READ, Pattern, pattern_of
from casereader.errors import AbsentError, ConflictError, RefusedError, present
from casereader.in_waves.fixed_cases import WHY_FIXED, fixed_cases
from casereader.models import Account, Case, DrawRecord, Ending, Inspection, Reading, Replacement, SampleCase
from casereader.readings import hold_cases, hold_draw
from casereader.vocabulary import OPEN_STATES, CaseStatus, ReadingKind, ReadingState, SampleRole

LONGEST_REASON = 500


@dataclass(frozen=True)
class Drawn:
    """A case of the sample that is to be read, in ticket order; `can_stop` while nobody has handed its reading in.

    `is_fixed`: it stays whatever comes: its wave was looked at, in waves it was once handed in, or reading is ended.
    A reserve stands at the `place` of the case that it replaced, since it was called on with that one.
    """

    public_id: str
    case_ref: str
    stratum: str
    order: int
    status: CaseStatus
    reason: str
    reader: str
    state: ReadingState | None
    can_stop: bool
    is_fixed: bool = False
    stands_for: int | None = None  # the place in ticket order of what it replaced

    @property
    def place(self) -> int:
        """Where it stands among those that are read."""
        return self.order if self.stands_for is None else self.stands_for


@dataclass(frozen=True)
class Choice:
    """Cases chosen to be stopped, by stratum and ticket order, and whether what is read stays a random sample.

    `emptied`: the strata of which no record would be left that is read or still to be read.
    """

    cases: list[Drawn]
    reason: str
    is_random: bool
    emptied: tuple[str, ...]


def drawn(session: Session, *, inspection: Inspection) -> list[Drawn]:
    """Every main case and every reserve called on of the active draw, by stratum and place in ticket order."""
    stands = places.of_reserves(session, [inspection.id or 0])
    fixed, is_ended = fixed_cases(session, inspection=inspection), ended(session, inspection=inspection) is not None
    query = (
        _cases(
            select_columns(SampleCase, col(Case.case_ref), col(Reading.state), col(Account.name), col(Replacement.id)),
            [inspection.id or 0],
        )
        .join(Case, col(Case.id) == SampleCase.case_id)
        .outerjoin(Reading, (col(Reading.sample_case_id) == SampleCase.id) & (col(Reading.kind) == ReadingKind.FIRST))
        .outerjoin(Account, col(Account.id) == Reading.reviewer_id)
        .outerjoin(
            Replacement, (col(Replacement.sample_case_id) == SampleCase.id) & col(Replacement.confirmed_at).is_(None)
        )
    )
    found = [
        Drawn(
            public_id=case.public_id,
            case_ref=case_ref,
            stratum=case.stratum,
            order=case.order,
            status=case.status,
            reason=case.reason or "",
            reader=reader or "",
            state=state,
            can_stop=case.status is CaseStatus.WAITING
            and (state is None or state in OPEN_STATES)
            and replacement is None
            and not is_ended
            and case.id not in fixed,
            is_fixed=is_ended or case.id in fixed,
            stands_for=stands.get(case.id or 0),
        )
        for case, case_ref, state, reader, replacement in session.execute(query)
    ]
    return sorted(found, key=lambda case: (case.stratum.encode(), case.place, case.order))


def propose(cases: Sequence[Drawn], *, stop: int) -> list[Drawn]:
    """Which `stop` cases to stop: in each stratum the last in ticket order, shared so that strata keep like parts.

    One after another goes from the stratum that keeps the largest part of its cases; a larger one first, then by name.
    A case without a record to read, not produced or ineligible, is no part of them.
    Only where that is not enough are cases named that a later one, handed in already, has overtaken.
    """
    tails, overtaken = _tails(cases)
    n_cases = Counter(case.stratum for case in cases if case.status in (*TO_READ, CaseStatus.NOT_REACHED))
    kept = n_cases - Counter(case.stratum for case in cases if case.status is CaseStatus.NOT_REACHED)
    chosen: list[Drawn] = []
    for queues in (tails, overtaken):
        while len(chosen) < stop and (left := [name for name, queue in queues.items() if queue]):
            name = min(left, key=lambda one: (-(kept[one] - 1) / n_cases[one], -n_cases[one], one.encode()))
            chosen.append(queues[name].pop())
            kept[name] -= 1
    return sorted(chosen, key=lambda case: (case.stratum, case.order))


def patterns(session: Session, inspection_ids: Collection[int]) -> dict[int, list[Pattern]]:
    """What was not reached in the active draws of these inspections: a pattern for each stratum with any."""
    by_stratum: dict[tuple[int, str], list[tuple[int, CaseStatus, str]]] = defaultdict(list)
    wanted = (SampleCase.id, SampleCase.stratum, SampleCase.order, SampleCase.status, SampleCase.reason)
    columns = select_columns(col(DrawRecord.inspection_id), *map(col, wanted))
    every = session.execute(_cases(columns, inspection_ids)).all()
    is_stopped = any(row[4] is CaseStatus.NOT_REACHED for row in every)
    stands = places.of_reserves(session, inspection_ids) if is_stopped else {}
    for inspection_id, key, stratum, order, status, reason in every:
        by_stratum[inspection_id, stratum].append((stands.get(key, order), status, reason or ""))
    found: dict[int, list[Pattern]] = {key: [] for key in inspection_ids}
    for (key, stratum), rows in by_stratum.items():
        if (pattern := pattern_of(stratum, rows)) is not None:
            found[key].append(pattern)
    return found


def choose(session: Session, *, inspection: Inspection, public_ids: Collection[str], reason: str) -> Choice:
    """What stopping these cases would come to; nothing is stopped.

    AbsentError, ConflictError or RefusedError where they cannot be: a pattern other than the last tickets needs a
    reason, which is printed with it.
    """
    wanted = set(public_ids)
    hold_cases(session, col(SampleCase.public_id).in_(wanted))
    hold_draw(session, inspection=inspection)
    refuse_ended(session, inspection=inspection)
    every = drawn(session, inspection=inspection)
    chosen = [case for case in every if case.public_id in wanted]
    if not wanted:
        raise RefusedError("Choose the cases to stop.")
    if len(chosen) < len(wanted):
        raise AbsentError
    if seen := [case.case_ref for case in chosen if case.is_fixed]:
        raise ConflictError(f"{', '.join(seen[:5])} cannot be stopped: {WHY_FIXED}")
    if late := [case.case_ref for case in chosen if not case.can_stop]:
        raise ConflictError(f"{', '.join(late[:5])} cannot be stopped any more: look at the page again.")
    why = " ".join(reason.split())
    if len(why) > LONGEST_REASON:
        raise RefusedError(f"Give the reason in at most {LONGEST_REASON} characters.")
    is_random = leaves_random(every, chosen)
    if not is_random and not why:
        raise RefusedError("These are not the last tickets of their strata: say why it must be these.")
    left = {case.stratum for case in every if case.status in TO_READ and case.public_id not in wanted}
    emptied = dict.fromkeys(case.stratum for case in chosen if case.stratum not in left)
    return Choice(chosen, why, is_random, tuple(emptied))


def leaves_random(cases: Sequence[Drawn], chosen: Sequence[Drawn]) -> bool:
    """Whether stopping the chosen ones too would stop the last tickets alone in each of their strata."""
    wanted = {case.public_id for case in chosen}
    for stratum in {case.stratum for case in chosen}:
        after = [
            (case.place, CaseStatus.NOT_REACHED if case.public_id in wanted else case.status, case.reason)
            for case in cases
            if case.stratum == stratum
        ]
        found = pattern_of(stratum, after)
        if found is not None and not found.is_random:
            return False
    return True


def stop(
    session: Session,
    *,
    inspection: Inspection,
    public_ids: Collection[str],
    reason: str,
    by: Account,
    at: datetime,
) -> list[Pattern]:
    """Stop these cases, all or none, as `choose` says that they can be."""
    choice = choose(session, inspection=inspection, public_ids=public_ids, reason=reason)
    for case in _rows(session, {case.public_id for case in choice.cases}):
        case.status, case.reason = CaseStatus.NOT_REACHED, choice.reason or TIME_RAN_OUT
        case.decided_at, case.decided_by_id = at, by.id
        session.add(case)
    session.flush()
    _record(session, "cases stopped", inspection, choice.cases, by, at, is_random=choice.is_random)
    return patterns(session, [inspection.id or 0])[inspection.id or 0]


def take_back(session: Session, *, inspection: Inspection, public_id: str, by: Account, at: datetime) -> Drawn:
    """Let a stopped case be read after all: there is time again.

    Raises AbsentError where there is no such case, ConflictError where it is not stopped.
    """
    hold_cases(session, SampleCase.public_id == public_id)
    hold_draw(session, inspection=inspection)
    refuse_ended(session, inspection=inspection)
    found = present(next((case for case in drawn(session, inspection=inspection) if case.public_id == public_id), None))
    if found.status is not CaseStatus.NOT_REACHED:
        raise ConflictError(f"{found.case_ref} is not stopped any more: look at the page again.")
    for case in _rows(session, {public_id}):
        case.status, case.reason, case.decided_at, case.decided_by_id = CaseStatus.WAITING, None, None, None
        session.add(case)
    session.flush()
    _record(session, "stopped case taken back", inspection, [found], by, at)
    return found


def ended(session: Session, *, inspection: Inspection) -> Ending | None:
    """The ending of the active draw that two people agreed to, if they did."""
    query = select(Ending).join(DrawRecord, col(DrawRecord.id) == Ending.draw_id)
    of_draw = (DrawRecord.inspection_id == inspection.id, col(DrawRecord.voided_at).is_(None))
    return session.exec(query.where(*of_draw, col(Ending.confirmed_at).is_not(None))).first()


def refuse_ended(session: Session, *, inspection: Inspection) -> None:
    """ConflictError once two people ended reading: on it stand figures that everybody may have seen since."""
    ending = ended(session, inspection=inspection)
    if ending is not None and ending.confirmed_at is not None:
        raise ConflictError(
            f"Two people ended reading on {dated.day(ending.confirmed_at)}, and the figures are open since: no more of "
            "this sample is read."
        )


def _tails(cases: Sequence[Drawn]) -> tuple[dict[str, list[Drawn]], dict[str, list[Drawn]]]:
    """The cases that can be stopped, by stratum in ticket order: those after the last one kept, and those before it."""
    tails: dict[str, list[Drawn]] = defaultdict(list)
    overtaken: dict[str, list[Drawn]] = defaultdict(list)
    for case in cases:
        if case.can_stop:
            tails[case.stratum].append(case)
        elif case.status in TO_READ:
            overtaken[case.stratum] += tails.pop(case.stratum, [])
    return tails, overtaken


def _cases(columns: Any, inspection_ids: Collection[int]) -> Any:
    return (
        columns.select_from(SampleCase)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(
            col(DrawRecord.inspection_id).in_(inspection_ids),
            col(DrawRecord.voided_at).is_(None),
            (col(SampleCase.role) == SampleRole.MAIN) | col(SampleCase.called_on).is_(True),
        )
        .order_by(SampleCase.stratum, col(SampleCase.order))
    )


def _rows(session: Session, public_ids: Collection[str]) -> Sequence[SampleCase]:
    return session.exec(select(SampleCase).where(col(SampleCase.public_id).in_(public_ids))).all()


def _record(
    session: Session,
    action: str,
    inspection: Inspection,
    cases: Sequence[Drawn],
    by: Account,
    at: datetime,
    **body: bool,
) -> None:
    audit.record_of_inspection(
        session,
        action,
        inspection,
        by=by,
        at=at,
        body={"cases": sorted(case.public_id for case in cases), **body},
    )
