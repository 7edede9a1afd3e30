"""How far each inspection has come, and how much of its reading is done: a few queries however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session, col, select

from casereader.in_waves import looking
from casereader.models import Account, Inspection, Membership
from casereader.moderating import opened_again, settlements
from casereader.moderating.settlements import Agreed
from casereader.people import accounts, conflicts
from casereader.stages import standing_queries
from casereader.vocabulary import EvaluationStage, Role, Stage

VOIDING, EXTENSION, UNLOCKING = "voiding of the draw", "longer sample", "opening of a signed-off reading again"
ENDING, ISSUING = "end of reading after a wave", "issue that is prepared"


@dataclass(frozen=True)
class Ask:
    """Something asked that another person must agree to: two people, one of them a lead."""

    what: str
    waits_for: frozenset[int]  # the accounts that may agree
    of: str = ""  # of an issue: its name in addresses


@dataclass(frozen=True)
class _Asked:
    """Who asked what, and who else may not agree to it."""

    inspection_id: int
    what: str
    by_id: int
    not_by_id: int | None = None
    of: str = ""


@dataclass(frozen=True)
class Standing:
    """One inspection's stage, and its counts of cases and first readings."""

    stage: Stage = Stage.LIST_AWAITED
    n_cases: int = 0
    n_readings: int = 0
    n_submitted: int = 0
    n_to_sign_off: int = 0
    agreed: tuple[Agreed, ...] = ()  # pairs of readings on which their readers agreed, for a moderator to confirm
    n_to_confirm: int = 0  # cases said to be ineligible, which a second person has to confirm
    n_handed_back: int = 0  # readings that their reviewer could not take on
    n_conflicts: int = 0  # other readings that stand still for a conflict of interest
    fixed_by_id: int | None = None  # who fixed list and plan, and so cannot confirm them
    sent_back: bool = False  # the lead asked for a change of list or plan
    asks: tuple[Ask, ...] = ()  # that the draw be voided, the sample extended, reading ended, or a reading opened again
    wave: int = 0  # the last one that is complete, while another is to be read (`with_waves`)
    opened_again: tuple[str, ...] = ()  # the readers of signed-off first readings that were opened again
    untold: tuple[str, ...] = ()  # what whom to tell lacks before cases are given out (`still_to_name.with_names`)
    lacks_readers: bool = False  # nobody is named who reads
    n_challenges: int = 0  # challenges of the partnership that the lead has not answered
    panel_met: bool = False  # the panel evaluated every quality indicator


def standings(session: Session, inspection_ids: Sequence[int]) -> dict[int, Standing]:
    """The standing of each inspection, by its key."""
    found = dict.fromkeys(inspection_ids, Standing())
    if not found:
        return found
    _from_frames(session, found)
    _from_plans(session, found)
    _from_draws(session, found)
    _from_readings(session, found)
    _from_what_waits(session, found)
    _from_unlocks(session, found)
    _from_challenges(session, found)
    _from_evaluations(session, found)
    _from_publication(session, found)
    return found


def with_waves(session: Session, standings: Mapping[int, Standing]) -> dict[int, Standing]:
    """The same standings, each with its last complete wave."""
    complete = looking.complete_waves(session, standings)
    return {key: replace(one, wave=complete.get(key, 0)) for key, one in standings.items()}


def standing(session: Session, inspection: Inspection) -> Standing:
    """The standing of one inspection."""
    key = inspection.id or 0
    return standings(session, [key])[key]


def _rows(session: Session, query: Any, found: Collection[int]) -> Any:
    return session.execute(query, {"inspection_ids": list(found)})


def _from_frames(session: Session, found: dict[int, Standing]) -> None:
    for key, n_cases in _rows(session, standing_queries.frames(), found):
        found[key] = replace(found[key], stage=Stage.CHECKED, n_cases=n_cases)


def _from_plans(session: Session, found: dict[int, Standing]) -> None:
    for key, fixed_by_id, confirmed_at, sent_back_by_id in _rows(session, standing_queries.plans(), found):
        if confirmed_at is not None:
            found[key] = replace(found[key], stage=Stage.CONFIRMED)
        elif fixed_by_id is not None:
            found[key] = replace(found[key], stage=Stage.FIXED, fixed_by_id=fixed_by_id)
        elif sent_back_by_id is not None:
            found[key] = replace(found[key], sent_back=True)


def _from_draws(session: Session, found: dict[int, Standing]) -> None:
    asked: list[_Asked] = []
    for key, void_asked_by_id, more_asked_by_id, end_asked_by_id in _rows(session, standing_queries.draws(), found):
        found[key] = replace(found[key], stage=Stage.DRAWN)
        asked += [
            _Asked(key, what, by_id)
            for what, by_id in (
                (VOIDING, void_asked_by_id),
                (EXTENSION, more_asked_by_id),
                (ENDING, end_asked_by_id),
            )
            if by_id is not None
        ]
    if asked:
        _from_asks(session, found, asked, roles=(Role.LEAD, Role.COORDINATOR))


def _from_asks(session: Session, found: dict[int, Standing], asked: Sequence[_Asked], *, roles: Sequence[Role]) -> None:
    query = (
        select(Membership, Account)
        .join(Account, col(Account.id) == Membership.account_id)
        .where(
            col(Membership.inspection_id).in_({one.inspection_id for one in asked}),
            col(Membership.role).in_(roles),
        )
    )
    entries = session.exec(query).all()
    leads = {(entry.inspection_id, account.id) for entry, account in entries if entry.role is Role.LEAD}
    for one in asked:
        key, by_id = one.inspection_id, one.by_id
        asker = session.get_one(Account, by_id)
        may = frozenset(
            account.id or 0
            for entry, account in entries
            if entry.inspection_id == key
            and account.id not in (by_id, one.not_by_id)
            and leads & {(key, account.id), (key, by_id)}
            and not accounts.as_two_people(session, asker, account)
        )
        found[key] = replace(found[key], asks=(*found[key].asks, Ask(one.what, may, one.of)))


def _from_readings(session: Session, found: dict[int, Standing]) -> None:
    again = opened_again.waits_for(session, inspection_ids=list(found))
    for key, n_readings, n_submitted, n_to_sign_off in _rows(session, standing_queries.readings(), found):
        done, waits_for = n_submitted or 0, tuple(again.get(key, ()))
        stage = Stage.MODERATING if n_to_sign_off or waits_for else Stage.EVALUATING
        found[key] = replace(
            found[key],
            stage=Stage.READING if done + len(waits_for) < n_readings else stage,
            n_readings=n_readings,
            n_submitted=done,
            n_to_sign_off=n_to_sign_off or 0,
            opened_again=waits_for,
        )


def _from_what_waits(session: Session, found: dict[int, Standing]) -> None:
    """What stops a case until somebody else acts, second readings included."""
    for key, n in _rows(session, standing_queries.proposed(), found):
        found[key] = replace(found[key], n_to_confirm=n)
    for key, n in _rows(session, standing_queries.handed_back(), found):
        found[key] = replace(found[key], n_handed_back=n)
    held = conflicts.still_holds(session, inspection_ids=list(found))
    still = {(one.inspection_id, one.reading.id) for one in held if one.stands_still and not one.reading.handed_back_at}
    for key, n in Counter(key for key, _ in still).items():
        found[key] = replace(found[key], n_conflicts=n)
    for pair in settlements.to_confirm(session, inspection_ids=list(found)):
        standing = found[pair.inspection_id]
        found[pair.inspection_id] = replace(standing, agreed=(*standing.agreed, pair))


def _from_unlocks(session: Session, found: dict[int, Standing]) -> None:
    rows = _rows(session, standing_queries.unlocks(), found)
    asked = [_Asked(key, UNLOCKING, by_id, reader_id) for key, by_id, reader_id in rows]
    if asked:
        _from_asks(session, found, asked, roles=(Role.LEAD, Role.MODERATOR, Role.COORDINATOR))


def _from_challenges(session: Session, found: dict[int, Standing]) -> None:
    for key, n in _rows(session, standing_queries.challenges(), found):
        found[key] = replace(found[key], n_challenges=n)


def _from_evaluations(session: Session, found: dict[int, Standing]) -> None:
    entered: dict[tuple[int, str], set[str]] = {}
    asked: dict[int, set[str]] = {}
    for key, evaluated, qi, stage in _rows(session, standing_queries.evaluations(), found):
        if key is not None:
            entered.setdefault((key, stage), set()).add(qi)
            asked[key] = set(evaluated)
    for (key, stage), qis in entered.items():
        if not asked[key] <= qis:
            continue
        found[key] = replace(found[key], panel_met=True)
        if stage is EvaluationStage.FINAL:
            found[key] = replace(found[key], stage=Stage.EVALUATED)


def _from_publication(session: Session, found: dict[int, Standing]) -> None:
    rows = _rows(session, standing_queries.prepared(), found)
    asked = [_Asked(key, ISSUING, by_id, of=public_id) for key, by_id, public_id in rows]
    if asked:
        _from_asks(session, found, asked, roles=(Role.LEAD, Role.COORDINATOR))
    for (key,) in _rows(session, standing_queries.published(), found):
        if key is not None:
            found[key] = replace(found[key], stage=Stage.PUBLISHED)
