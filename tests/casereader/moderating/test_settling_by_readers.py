"""The two readers of a case settle it: blind until both are in, proposed, agreed, lapsed, confirmed or changed."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from casereader import readings
from casereader.errors import AbsentError, ConflictError
from casereader.instrument import Instrument
from casereader.models import Account, AuditEvent, DrawRecord, Reading, Settlement
from casereader.moderating import moderation, proposals, settlements, settling
from casereader.moderating.consensus import UnsettledError
from casereader.moderating.proposals import Turn
from casereader.moderating.settlements import Chosen
from casereader.vocabulary import ReadingKind, ReadingState
from tests.cast import Cast
from tests.reading import STARTED, complete, pair_of

LATER = STARTED + timedelta(hours=1)
CHOSEN = {"C9": Chosen("second"), "D1": Chosen("other", value="no", reason="No plan dated after March.")}


@dataclass
class Both:
    """Two readings of one case, their readers, and what they may do."""

    session: Session
    people: Cast
    instrument: Instrument
    first: Reading
    second: Reading

    def __post_init__(self) -> None:
        self.one = self.session.get_one(Account, self.first.reviewer_id)
        self.other = self.session.get_one(Account, self.second.reviewer_id)

    def submit(self, reading: Reading, **overrides: str) -> None:
        by = self.session.get_one(Account, reading.reviewer_id)
        opened = readings.find(self.session, public_id=reading.public_id, account=by)
        complete(self.session, opened, self.instrument, by=by, overrides=overrides)

    def reopen(self, reading: Reading) -> None:
        by = self.session.get_one(Account, reading.reviewer_id)
        opened = readings.find(self.session, public_id=reading.public_id, account=by)
        readings.reopen(self.session, opened=opened, reason="A page was missing.", by=by, at=LATER)

    def own(self, reading: Reading) -> moderation.Pair:
        by = self.session.get_one(Account, reading.reviewer_id)
        return proposals.find_own(self.session, public_id=reading.public_id, account=by)

    def propose(self, reading: Reading, chosen: dict[str, Chosen] = CHOSEN, *, keep_signs: bool = False) -> Settlement:
        return proposals.propose(
            self.session,
            public_id=reading.public_id,
            instrument=self.instrument,
            chosen=chosen,
            by=self.session.get_one(Account, reading.reviewer_id),
            at=STARTED,
            keep_signs=keep_signs,
        )

    def agree(self, reading: Reading, mark: str | None = None) -> Settlement:
        kept = settlements.standing(self.session, sample_case_id=reading.sample_case_id)
        assert kept
        return proposals.agree(
            self.session,
            public_id=reading.public_id,
            instrument=self.instrument,
            mark=settlements.mark_of(kept) if mark is None else mark,
            by=self.session.get_one(Account, reading.reviewer_id),
            at=LATER,
        )

    def confirm(self, mark: str, by: Account | None = None) -> Reading:
        return settling.confirm(
            self.session,
            place=self.people.place,
            public_id=self.first.public_id,
            instrument=self.instrument,
            mark=mark,
            by=by or self.people.moderator,
            at=LATER,
        )

    def settle(self, chosen: dict[str, Chosen]) -> Reading:
        return settling.settle(
            self.session,
            place=self.people.place,
            public_id=self.first.public_id,
            instrument=self.instrument,
            chosen=chosen,
            by=self.people.moderator,
            at=LATER,
        )

    def turn(self, account: Account) -> list[Turn]:
        mine = readings.mine(self.session, account=account)
        return [one.turn for one in proposals.to_settle(self.session, mine=mine, account=account)]


@pytest.fixture
def both(session: Session, people: Cast, instrument: Instrument, record: DrawRecord) -> Both:
    """Two inspectors' readings of one case, neither begun."""
    first, second = pair_of(session, record=record)
    return Both(session, people, instrument, first, second)


@pytest.fixture
def submitted(both: Both) -> Both:
    """Both submitted; they differ in C9 (5 and 3) and D1."""
    both.submit(both.first, C9="5", D1="yes")
    both.submit(both.second, C9="3", D1="cannot_tell")
    return both


@pytest.mark.parametrize("comes_first", ["first", "second"])
def test_neither_reader_learns_that_there_are_two_until_both_are_in(both: Both, comes_first: str) -> None:
    in_first, in_second = (both.first, both.second) if comes_first == "first" else (both.second, both.first)
    both.submit(in_first)
    for reading in (in_first, in_second):
        with pytest.raises(AbsentError):
            both.own(reading)
    assert (both.turn(both.one), both.turn(both.other)) == ([], [])

    both.submit(in_second)

    assert both.own(in_first).first.reading.id == both.own(in_second).first.reading.id == both.first.id
    assert (both.turn(both.one), both.turn(both.other)) == ([Turn.NOBODY_YET], [Turn.NOBODY_YET])


def test_nobody_but_the_two_readers_opens_their_page(submitted: Both) -> None:
    for account in (submitted.people.moderator, submitted.people.lead, submitted.people.local_reviewer):
        with pytest.raises(AbsentError):
            proposals.find_own(submitted.session, public_id=submitted.first.public_id, account=account)
    with pytest.raises(AbsentError):
        proposals.find_own(submitted.session, public_id=submitted.first.public_id, account=submitted.other)


def test_a_local_reviewer_s_reading_is_countersigned_before_anybody_sees_the_pair(submitted: Both) -> None:
    submitted.first.needs_countersigning = True
    submitted.session.flush()

    with pytest.raises(AbsentError):
        submitted.own(submitted.second)
    assert submitted.turn(submitted.other) == []


def test_one_proposes_the_other_agrees_and_a_moderator_confirms_it(submitted: Both) -> None:
    kept = submitted.propose(submitted.first)
    assert (submitted.turn(submitted.one), submitted.turn(submitted.other)) == ([Turn.THEIRS], [Turn.MINE])
    assert settlements.to_confirm(submitted.session, inspection_ids=[submitted.people.place.inspection.id or 0]) == []
    with pytest.raises(ConflictError):
        submitted.agree(submitted.first)

    submitted.agree(submitted.second)

    assert (kept.agreed_by_id, kept.agreed_at) == (submitted.other.id, LATER)
    assert submitted.turn(submitted.one) == [Turn.AGREED]
    inspection = submitted.people.place.inspection.id or 0
    (waiting,) = settlements.to_confirm(submitted.session, inspection_ids=[inspection])
    assert waiting.reading_id == submitted.first.public_id
    assert waiting.not_by == {submitted.one.id, submitted.other.id}
    assert submitted.first in readings.counting(submitted.session, inspection), "it counts once it is confirmed"
    for reader in (submitted.one, submitted.other):
        with pytest.raises((AbsentError, ConflictError)):
            submitted.confirm(settlements.mark_of(kept), by=reader)

    consensus = submitted.confirm(settlements.mark_of(kept))

    answers = readings.answers_of(submitted.session, consensus.id or 0)
    assert (answers["C9"].value, answers["D1"].value, answers["D1"].note) == ("3", "no", "No plan dated after March.")
    assert [one.kind for one in readings.counting(submitted.session, inspection)] == [ReadingKind.CONSENSUS]
    pair = [submitted.first.id or 0, submitted.second.id or 0]
    measured = readings.values_as_submitted(submitted.session, pair)
    assert [measured[key]["C9"] for key in pair] == ["5", "3"], "agreement is measured on the originals"
    assert (kept.settled_by_id, kept.proposed_by_id, kept.agreed_by_id) == (
        submitted.people.moderator.id,
        submitted.one.id,
        submitted.other.id,
    )
    assert kept.answers["C9"]["value"] == "3"
    assert submitted.turn(submitted.one) == []
    with pytest.raises(ConflictError, match="settled already"):
        submitted.propose(submitted.second)
    deeds = submitted.session.exec(select(AuditEvent.action).order_by(AuditEvent.n)).all()[-5:]  # type: ignore[arg-type]
    assert deeds == ["settlement proposed", "settlement agreed", *["reading signed off"] * 2, "readings settled"]


def test_who_changes_a_proposal_makes_one_of_their_own_and_the_same_again_is_agreeing(submitted: Both) -> None:
    submitted.propose(submitted.first)
    changed = CHOSEN | {"C9": Chosen("first")}
    kept = submitted.propose(submitted.second, changed)
    assert (kept.proposed_by_id, kept.agreed_at) == (submitted.other.id, None)
    assert (submitted.turn(submitted.one), submitted.turn(submitted.other)) == ([Turn.MINE], [Turn.THEIRS])

    submitted.propose(submitted.first, changed)

    assert kept.agreed_by_id == submitted.one.id


def test_a_proposal_lacks_nothing_and_names_nobody(submitted: Both) -> None:
    with pytest.raises(UnsettledError) as refused:
        submitted.propose(submitted.first, {"C9": Chosen("other", value="4", reason="Born 03/04/2015.")})
    assert set(refused.value.faults) == {"C9", "D1"}
    assert "looks as if it held" in refused.value.faults["C9"][0]
    kept = submitted.propose(
        submitted.first,
        {"C9": Chosen("other", value="4", reason="Born 03/04/2015."), "D1": Chosen("first")},
        keep_signs=True,
    )
    assert kept.chosen["C9"]["value"] == "4"


def test_nobody_agrees_to_what_was_changed_since_they_looked(submitted: Both) -> None:
    seen = settlements.mark_of(submitted.propose(submitted.first))
    submitted.propose(submitted.first, CHOSEN | {"C9": Chosen("first")})

    with pytest.raises(ConflictError, match="changed since"):
        submitted.agree(submitted.second, seen)
    agreed = submitted.agree(submitted.second)
    with pytest.raises(ConflictError, match="changed since"):
        submitted.confirm(seen)
    assert submitted.confirm(settlements.mark_of(agreed))


@pytest.mark.parametrize("agreed", [False, True])
@pytest.mark.parametrize("which", ["first", "second"])
def test_a_proposal_lapses_when_either_reading_is_reopened(submitted: Both, which: str, agreed: bool) -> None:
    mark = settlements.mark_of(submitted.propose(submitted.first))
    if agreed:
        submitted.agree(submitted.second)
    reading = submitted.first if which == "first" else submitted.second
    before = reading.first_submitted_at
    submitted.reopen(reading)
    for one in (submitted.first, submitted.second):
        with pytest.raises(AbsentError):
            submitted.own(one)
    submitted.submit(reading, C9="2")

    assert reading.first_submitted_at == before, "agreement is of the answers as first submitted"
    assert (submitted.turn(submitted.one), submitted.turn(submitted.other)) == ([Turn.LAPSED], [Turn.LAPSED])
    with pytest.raises(ConflictError):
        submitted.agree(submitted.second)
    with pytest.raises(ConflictError):
        submitted.confirm(mark)
    submitted.propose(submitted.second)
    assert submitted.turn(submitted.one) == [Turn.MINE]


def test_signing_a_reading_off_changes_no_answer_and_leaves_what_is_agreed(submitted: Both) -> None:
    submitted.propose(submitted.first)
    kept = submitted.agree(submitted.second)
    for reading in (submitted.first, submitted.second):
        moderation.sign_off(
            submitted.session,
            place=submitted.people.place,
            public_id=reading.public_id,
            by=submitted.people.moderator,
            at=LATER,
        )

    assert submitted.turn(submitted.one) == [Turn.AGREED]
    assert submitted.confirm(settlements.mark_of(kept)).kind is ReadingKind.CONSENSUS


def test_a_moderator_changes_what_was_agreed_only_with_a_reason_for_each_question(submitted: Both) -> None:
    submitted.propose(submitted.first)
    kept = submitted.agree(submitted.second)
    with pytest.raises(UnsettledError) as refused:
        submitted.settle(CHOSEN | {"C9": Chosen("first")})
    assert refused.value.faults == {"C9": ["The two readers agreed otherwise: say why you change it."]}
    assert submitted.first.state is ReadingState.SUBMITTED

    submitted.settle(CHOSEN | {"C9": Chosen("first", reason="The analysis is on page 12.")})

    assert kept.chosen["C9"] == {
        "whose": "first",
        "value": None,
        "ground": None,
        "reason": "The analysis is on page 12.",
        "also": "",
        "changed": "second",
    }
    assert "changed" not in kept.chosen["D1"]
    assert kept.agreed_by_id == submitted.other.id


def test_a_moderator_who_settles_alone_takes_over_what_was_only_proposed(submitted: Both) -> None:
    kept = submitted.propose(submitted.first)

    submitted.settle({"C9": Chosen("first"), "D1": Chosen("first")})

    assert (kept.proposed_by_id, kept.agreed_by_id) == (submitted.people.moderator.id, None)
    assert kept.settled_by_id == submitted.people.moderator.id
