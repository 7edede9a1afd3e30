"""What the rule would give to the readers who take part: what is shown before the deed, and what the deed then does."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from sqlmodel import Session, col, select

from casereader.assignments.dealing import Dealt, Sampled, deal, shares
from casereader.assignments.seats import Seat, seats
from casereader.drawing import draws
from casereader.errors import ConflictError
from casereader.in_waves import waves
from casereader.models import Account, Case, DrawRecord, Inspection, Reading, SampleCase, SamplingPlan
from casereader.programmes import contacts
from casereader.vocabulary import NOT_TO_BE_READ, ReadingKind, Role, SampleRole
from sampling.digest import canonical_json

NOBODY_LEFT = "No reader has a reading day left: tick days that are to come, or agree a later last reading day."


@dataclass(frozen=True)
class Load:
    """What one reader would have."""

    seat: Seat
    n_first: int
    n_second: int
    share: int  # of the first readings, by capacity
    by_stratum: dict[str, int]
    by_wave: dict[int, int] = field(default_factory=dict)  # empty where the sample is read as one

    @property
    def is_over(self) -> bool:
        """Whether it is more than they can read in their days."""
        return self.n_first + self.n_second > self.seat.capacity


@dataclass(frozen=True)
class Proposal:
    """Who would read what; `reasons` say why it cannot be done so."""

    record: DrawRecord
    seats: list[Seat]  # of those who take part
    others: list[Seat]  # who hold readings and take no more
    cases: dict[str, tuple[SampleCase, Case]]  # by reference: those that are to be read
    held: Dealt
    dealt: Dealt
    reasons: list[str]
    waves: dict[str, int] = field(default_factory=dict)  # by reference; empty where the sample is read as one

    @cached_property
    def digest(self) -> str:
        """Of who would read what: the deed is refused when it would not be what was shown."""
        return hashlib.sha256(canonical_json({"first": self.dealt.first, "second": self.dealt.second})).hexdigest()

    @property
    def strata(self) -> list[str]:
        """The strata of the sample, in order."""
        return sorted({drawn.stratum for drawn, _ in self.cases.values()})

    def loads(self) -> list[Load]:
        """What each would have, by name, what is held already among it."""
        first, second = {**self.held.first, **self.dealt.first}, {**self.held.second, **self.dealt.second}
        n_first, n_second = Counter(first.values()), Counter(second.values())
        by_stratum = Counter((reader, self.cases[ref][0].stratum) for ref, reader in first.items())
        by_wave = Counter((reader, self.waves[ref]) for ref, reader in first.items() if self.waves)
        n_shared = len(self.cases) - sum(n_first[seat.account.email] for seat in self.others)
        able = [seat.as_reader() for seat in self.seats if seat.capacity]
        fair = shares(n_shared, able) if able else {}
        return [
            Load(
                seat,
                n_first[seat.account.email],
                n_second[seat.account.email],
                fair.get(seat.account.email, 0),
                {stratum: by_stratum[(seat.account.email, stratum)] for stratum in self.strata},
                {wave: by_wave[(seat.account.email, wave)] for wave in sorted(set(self.waves.values()))},
            )
            for seat in [*self.seats, *self.others]
        ]


def propose(
    session: Session, *, inspection: Inspection, at: datetime, chosen: Sequence[Account] | None = None
) -> Proposal:
    """What the rule gives to `chosen`, or to all who take part, of the cases that nobody reads yet.

    Raises ConflictError before the sample is drawn; what keeps it from being dealt is told in the proposal.
    """
    record = draws.current(session, inspection=inspection)
    if record is None:
        raise ConflictError("The sample is not drawn yet.")
    every = seats(session, inspection=inspection)
    cases = {
        case.case_ref: (drawn, case)
        for drawn, case in draws.sampled(session, draw_record=record)
        if (drawn.role is SampleRole.MAIN or drawn.called_on) and drawn.status not in NOT_TO_BE_READ
    }
    held, holding = _held(session, record, cases)
    if chosen is None:
        taking = [seat for seat in every if seat.takes_part] or [
            seat for seat in every if seat.key in holding and not seat.has_looked
        ]
    else:
        taking = [seat for seat in every if seat.key in {account.id for account in chosen}]
    if chosen is None and held.first and cases.keys() - held.first.keys():
        taking = _still_reading(taking, at.date())
    reasons = [
        f"{account.name} is no reviewer here." for account in chosen or () if account.id not in {s.key for s in every}
    ]
    if not taking:
        reasons.append(NOBODY_LEFT if held.first else "Choose at least one reviewer.")
    reasons += [says for seat in taking for says in _why_not(seat, taking)]
    reasons += contacts.lacking(session, inspection=inspection, at=at)
    dealt = Dealt({}, {})
    sits = {seat.account.email for seat in taking}
    others = [seat for seat in every if seat.account.email not in sits and seat.key in holding]
    number = waves.wave_of_cases(session, draw_record=record)
    if taking and not reasons:
        dealt = _deal(session, record, cases, number, held, taking, others)
        reasons += [nobody_may(bundle) for bundle in dealt.left]
    of_case = {ref: number[drawn.id or 0] for ref, (drawn, _) in cases.items() if number}
    return Proposal(record, taking, others, cases, held, dealt, reasons, of_case)


def sampled_of(cases: Mapping[str, tuple[SampleCase, Case]], number: Mapping[int, int]) -> list[Sampled]:
    """The cases as the rule of dealing knows them; `number` is the wave of each, by its key, where there are waves."""
    return [
        Sampled(ref, drawn.stratum, case.family_group or "", number.get(drawn.id or 0, 0))
        for ref, (drawn, case) in cases.items()
    ]


def nobody_may(bundle: Sequence[str]) -> str:
    """That a case, or a family, is left to nobody, and what helps."""
    what = " and ".join(bundle) + (" (one family, read by one reader)" if len(bundle) > 1 else "")
    return f"Nobody who takes part may read {what}: conflicts of interest leave nobody. Choose another reader as well."


def _still_reading(taking: Sequence[Seat], today: date) -> list[Seat]:
    """Those who have a day left; of local reviewers, those whose inspector has one too: somebody must countersign."""
    able = [seat for seat in taking if seat.has_day_left(today)]
    keys = {seat.key for seat in able}
    return [seat for seat in able if seat.inspector.id in keys]


def _why_not(seat: Seat, taking: Sequence[Seat]) -> list[str]:
    name = seat.account.name
    if seat.has_looked:
        return [f"{name} has seen the figures after a wave here, and reads no more of this sample."]
    if seat.is_barred:
        return [f"{name} has a conflict of interest with this partnership, so reads nothing of it."]
    if not seat.capacity:
        return [f"{name} has no reading day ticked."]
    if seat.role is Role.LOCAL_REVIEWER and seat.inspector.id not in {one.key for one in taking}:
        return [f"{name} reads only with the inspector of the pair: choose {seat.inspector.name} as well."]
    return []


def _held(session: Session, record: DrawRecord, cases: dict[str, tuple[SampleCase, Case]]) -> tuple[Dealt, set[int]]:
    """Who has a reading of which case by now, and whoever has one."""
    by_key = {drawn.id: ref for ref, (drawn, _) in cases.items()}
    query = (
        select(Reading.sample_case_id, Reading.kind, Account.email, Account.id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Account, col(Account.id) == Reading.reviewer_id)
        .where(SampleCase.draw_id == record.id, Reading.kind != ReadingKind.CONSENSUS)
    )
    held = Dealt({}, {})
    holding: set[int] = set()
    for key, kind, email, account_id in session.exec(query):
        if (ref := by_key.get(key)) is not None:
            (held.first if kind is ReadingKind.FIRST else held.second)[ref] = email
            holding.add(account_id or 0)
    return held, holding


def _deal(
    session: Session,
    record: DrawRecord,
    cases: dict[str, tuple[SampleCase, Case]],
    number: Mapping[int, int],
    held: Dealt,
    taking: Sequence[Seat],
    others: Sequence[Seat],
) -> Dealt:
    added = [drawn for ref, (drawn, _) in cases.items() if ref not in held.first]
    plan = session.get_one(SamplingPlan, record.plan_id)
    share = plan.second_share if any(drawn.role is SampleRole.MAIN for drawn in added) else "0"
    idle = [replace(seat.as_reader(), capacity=0) for seat in others]
    return deal(
        sampled_of(cases, number),
        [*(seat.as_reader() for seat in taking), *idle],
        seed=record.seed,
        share=share,
        held=held,
    )
