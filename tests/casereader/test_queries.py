"""Queries: who asks, who answers, whose turn it is, what a submission says in them, and that they block sign-off."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from casereader import queries, readings
from casereader.errors import AbsentError, ConflictError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, AuditEvent, DrawRecord, Query, Reading
from casereader.moderating import moderation, settling
from casereader.queries import Conversation, Seen, Sought
from casereader.reading_week import progress
from casereader.readings import Change, NamingError, Opened
from casereader.vocabulary import QueryKind, QueryState, ReadingState
from tests.cast import Cast
from tests.databases import ON_BOTH
from tests.reading import STARTED, again, complete, given_to, pair_of, save

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
QUESTION = "Which entry shows the lived experience that you rated?"


def later(minutes: int) -> datetime:
    return STARTED + timedelta(minutes=minutes)


class Talk:
    """A submitted reading of the reviewer with C9 at 4, and what people say about it, a minute apart."""

    def __init__(self, session: Session, people: Cast, instrument: Instrument, opened: Opened) -> None:
        self.session, self.people, self.instrument = session, people, instrument
        self.reader = session.get_one(Account, opened.reading.reviewer_id)
        self.name = opened.reading.public_id
        self.minute = 0
        complete(session, opened, instrument, by=self.reader, overrides={"C9": "4"})

    @property
    def at(self) -> datetime:
        self.minute += 1
        return later(self.minute)

    @property
    def opened(self) -> Opened:
        return readings.find(self.session, public_id=self.name, account=self.reader)

    @property
    def conversations(self) -> list[Conversation]:
        return queries.of_readings(self.session, [self.opened])[self.opened.key]

    def ask(self, key: str = "C9", *, by: Account | None = None, question: str = QUESTION) -> Query:
        return queries.ask(
            self.session,
            place=self.people.place,
            public_id=self.name,
            key=key,
            instrument=self.instrument,
            question=question,
            by=by or self.people.moderator,
            at=self.at,
        )

    def say(self, query: Query, text: str = "And which review?") -> Query:
        place, by = self.people.place, self.people.moderator
        return queries.say(self.session, place=place, public_id=query.public_id, text=text, by=by, at=self.at)

    def reply(self, query: Query, text: str = "The entry of 3 May.") -> Query:
        opened = self.opened
        return queries.reply(
            self.session, opened=opened, public_id=query.public_id, text=text, by=self.reader, at=self.at
        )

    def resolve(self, query: Query, *, by: Account | None = None, note: str = "") -> Query:
        by = by or self.people.moderator
        place = self.people.place
        return queries.resolve(self.session, place=place, public_id=query.public_id, note=note, by=by, at=self.at)

    def change(self, changes: dict[str, Change]) -> None:
        save(self.session, self.opened, self.instrument, changes, by=self.reader, at=self.at)

    def reopen(self) -> None:
        readings.reopen(self.session, opened=self.opened, reason="Another look.", by=self.reader, at=self.at)

    def submit(self) -> None:
        readings.submit(
            self.session,
            opened=self.opened,
            instrument=self.instrument,
            declared=True,
            keep_marks=True,
            by=self.reader,
            at=self.at,
        )

    def sign_off(self) -> Reading:
        place, by = self.people.place, self.people.moderator
        return moderation.sign_off(self.session, place=place, public_id=self.name, by=by, at=self.at)

    def search(self, account: Account | None = None, **sought: object) -> list[Seen]:
        account = account or self.people.moderator
        return queries.search(self.session, place=self.people.place, account=account, sought=Sought(**sought))  # type: ignore[arg-type]


@pytest.fixture
def talk(session: Session, people: Cast, instrument: Instrument, opened: Opened) -> Talk:
    """About a reading of the reviewer's."""
    return Talk(session, people, instrument, opened)


@ON_BOTH
def test_a_query_waits_for_the_reader_until_they_answer_and_for_the_moderator_until_it_is_resolved(
    session: Session, people: Cast, talk: Talk
) -> None:
    query = talk.ask()
    key = people.place.inspection.id or 0
    assert (query.state, query.kind, talk.conversations[0].waits_for_reader) == (QueryState.OPEN, QueryKind.QUERY, True)
    assert queries.waiting(session, inspection_ids=[key], account=people.moderator) == Counter()

    talk.reply(query)
    assert (query.state, talk.conversations[0].waits_for_moderator) == (QueryState.ANSWERED, True)
    assert queries.waiting(session, inspection_ids=[key], account=people.moderator) == Counter({key: 1})
    talk.say(query)
    assert talk.conversations[0].waits_for_reader
    talk.reply(query, "That of June.")
    talk.resolve(query, note="Thank you.")

    assert (query.state, query.resolved_by_id) == (QueryState.RESOLVED, people.moderator.id)
    found = talk.conversations[0]
    assert not found.waits_for_reader and not found.waits_for_moderator
    assert [(one.who, one.row.said) for one in found.messages] == [
        (people.moderator.name, QUESTION),
        (people.reviewer.name, "The entry of 3 May."),
        (people.moderator.name, "And which review?"),
        (people.reviewer.name, "That of June."),
        (people.moderator.name, "Thank you."),
    ]
    deeds = session.exec(select(AuditEvent.action).where(AuditEvent.object_id == query.public_id)).all()
    assert Counter(deeds) == {"query asked": 1, "query answered": 2, "query gone on with": 1, "query resolved": 1}
    with pytest.raises(ConflictError):
        talk.reply(query)
    with pytest.raises(ConflictError):
        talk.say(query)
    assert talk.resolve(query) is query, "closing it again changes nothing"


@ON_BOTH
def test_there_is_one_conversation_about_an_answer_at_a_time(session: Session, talk: Talk) -> None:
    query = talk.ask()
    with pytest.raises(ConflictError, match="already"):
        talk.ask()
    talk.ask("C10")
    talk.resolve(query)
    second = talk.ask()
    assert second.id != query.id

    session.add(Query(reading_id=query.reading_id, key="C9", kind=QueryKind.DISCUSS, raised_at=STARTED, raised_by_id=1))
    with pytest.raises(IntegrityError):
        session.flush()


@ON_BOTH
def test_unresolved_queries_block_sign_off_and_settling(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    first, second = pair_of(session, record=record)
    talks = []
    for reading in (first, second):
        account = session.get_one(Account, reading.reviewer_id)
        opened = readings.find(session, public_id=reading.public_id, account=account)
        talks.append(Talk(session, people, instrument, opened))
        if reading.needs_countersigning:
            readings.countersign(session, public_id=reading.public_id, by=people.reviewer, at=STARTED)
    query = talks[1].ask()

    pair = moderation.find_pair(session, place=people.place, public_id=first.public_id, account=people.lead)
    assert "not resolved yet" in (settling.why_not_settled(session, pair, people.lead) or "")
    with pytest.raises(RefusedError, match="1 query about its answers is not resolved yet"):
        talks[1].sign_off()
    talks[1].reply(query)
    with pytest.raises(RefusedError, match="not resolved"):
        talks[1].sign_off()
    assert talks[0].sign_off().state is ReadingState.SIGNED_OFF, "the other reading's queries do not touch it"

    talks[1].resolve(query)

    assert settling.why_not_settled(session, pair, people.lead) is None
    assert talks[1].sign_off().state is ReadingState.SIGNED_OFF
    with pytest.raises(ConflictError, match="signed off"):
        talks[1].ask("C10")


@ON_BOTH
def test_a_changed_answer_is_told_with_what_it_was_and_is(session: Session, talk: Talk) -> None:
    query, other = talk.ask(), talk.ask("C10")
    queries.reopen_to_change(session, opened=talk.opened, public_id=query.public_id, by=talk.reader, at=talk.at)
    assert talk.opened.reading.reopened_reason == "To look again at C9, as asked."
    talk.change({"C9": {"value": "5"}})
    talk.change({"C9": {"value": "3"}})
    talk.submit()

    assert (query.state, other.state) == (QueryState.ANSWERED, QueryState.OPEN)
    told = talk.conversations[0].messages[-1]
    assert (told.who, told.row.said, told.row.before, told.row.after) == (talk.reader.name, "", "4", "3")
    assert len(talk.conversations[1].messages) == 1, "its answer was not changed"

    talk.say(query, "Why not 4?")
    talk.reopen()
    talk.change({"C9": {"note": "Rewritten: the entries of March and May show it."}})
    talk.submit()
    told = talk.conversations[0].messages[-1]
    assert (told.row.before, told.row.after, query.state) == ("3", "3", QueryState.ANSWERED), "another note alone"
    n = len(talk.conversations[0].messages)
    talk.reopen()
    talk.change({"C9": {"value": "5"}})
    talk.change({"C9": {"value": "3"}})
    talk.submit()
    assert len(talk.conversations[0].messages) == n, "changed there and back is not changed"


@SQLITE
def test_an_answer_whose_question_is_not_asked_any_more_is_told_as_none(talk: Talk) -> None:
    talk.reopen()
    reason = talk.instrument.part("D8.reason").choices[0].value
    talk.change({"D8": {"value": "in_part"}, "D8.reason": {"value": reason}})
    talk.submit()
    query = talk.ask("D8.reason")

    talk.reopen()
    talk.change({"D8": {"value": "no"}})
    talk.submit()

    told = talk.conversations[0].messages[-1].row
    assert (told.before, told.after, query.state) == (reason, "", QueryState.ANSWERED)
    talk.reopen()
    talk.submit()
    assert len(talk.conversations[0].messages) == 2, "it is told once"


@ON_BOTH
def test_a_mark_begins_a_conversation_that_waits_for_a_moderator(session: Session, people: Cast, talk: Talk) -> None:
    talk.reopen()
    talk.change({"C9": {"discuss": True}, "C10": {"discuss": True}})
    talk.submit()

    assert [(one.query.key, one.query.kind, one.query.state) for one in talk.conversations] == [
        ("C10", QueryKind.DISCUSS, QueryState.OPEN),
        ("C9", QueryKind.DISCUSS, QueryState.OPEN),
    ]
    mark = talk.conversations[1].query
    assert talk.conversations[1].waits_for_moderator and mark.raised_by_id == talk.reader.id
    with pytest.raises(RefusedError, match="2 queries"):
        talk.sign_off()
    talk.say(mark, "I would say 3.")
    assert (mark.state, talk.conversations[1].waits_for_reader) == (QueryState.ANSWERED, True)
    talk.reply(mark, "So would I, then.")
    assert (mark.state, talk.conversations[1].waits_for_moderator) == (QueryState.OPEN, True)

    with pytest.raises(RefusedError, match="what came of"):
        queries.resolve_marks(
            session, place=people.place, public_id=talk.name, note=" ", by=people.moderator, at=talk.at
        )
    n = queries.resolve_marks(
        session, place=people.place, public_id=talk.name, note="Talked over.", by=people.moderator, at=talk.at
    )

    assert n == 2 and all(one.is_resolved for one in talk.conversations)
    assert [one.messages[-1].row.said for one in talk.conversations] == ["Talked over."] * 2
    assert talk.sign_off().signed_off_at


@ON_BOTH
def test_a_mark_is_talked_over_once_and_a_new_mark_begins_anew(talk: Talk) -> None:
    talk.reopen()
    talk.change({"C9": {"discuss": True}})
    talk.submit()
    talk.resolve(talk.conversations[0].query)
    talk.reopen()
    talk.change({"C10": {"value": "3"}})
    talk.submit()
    assert len(talk.conversations) == 1, "the mark was talked over"

    talk.reopen()
    talk.change({"C9": {"discuss": False}})
    talk.change({"C9": {"discuss": True}})
    talk.submit()

    assert [one.query.state for one in talk.conversations] == [QueryState.RESOLVED, QueryState.OPEN]


@ON_BOTH
@pytest.mark.parametrize("heard", [False, True])
def test_taking_a_mark_away_ends_its_conversation_unless_a_moderator_has_spoken(talk: Talk, heard: bool) -> None:
    talk.reopen()
    talk.change({"C9": {"discuss": True}})
    talk.submit()
    mark = talk.conversations[0].query
    if heard:
        talk.say(mark, "I would say 3.")
    talk.reopen()
    talk.change({"C9": {"discuss": False}})
    talk.submit()

    if heard:
        assert mark.state is QueryState.OPEN and talk.conversations[0].waits_for_moderator
        assert talk.conversations[0].messages[-1].row.said == readings.MARK_TAKEN_AWAY
        talk.reopen()
        talk.submit()
        assert len(talk.conversations[0].messages) == 2, "it is said once"
    else:
        assert (mark.state, mark.resolved_by_id) == (QueryState.RESOLVED, talk.reader.id)


@SQLITE
def test_a_mark_on_an_answer_that_is_asked_about_goes_on_with_that_conversation(talk: Talk) -> None:
    query = talk.ask()
    talk.reopen()
    talk.change({"C9": {"discuss": True}})
    talk.submit()

    assert [one.query.id for one in talk.conversations] == [query.id]
    assert [one.row.said for one in talk.conversations[0].messages] == [QUESTION, readings.MARKED]
    assert talk.conversations[0].waits_for_moderator
    talk.reopen()
    talk.submit()
    assert len(talk.conversations[0].messages) == 2, "it is said once"

    talk.reopen()
    talk.change({"C9": {"discuss": False}})
    talk.submit()
    assert talk.conversations[0].messages[-1].row.said == readings.MARK_TAKEN_AWAY
    assert talk.conversations[0].waits_for_moderator, "a moderator's question does not end with the mark"


@ON_BOTH
def test_a_mark_counts_until_its_last_conversation_is_resolved(session: Session, people: Cast, talk: Talk) -> None:
    def n_marked() -> tuple[int, int]:
        found = moderation.find(session, place=people.place, public_id=talk.name, account=people.moderator)
        rows = progress.rows(session, inspection=people.place.inspection)
        return found.discuss, sum(row.n_discuss for row in rows)

    query = talk.ask()
    talk.reopen()
    talk.change({"C9": {"discuss": True}, "C10": {"discuss": True}})
    talk.submit()
    assert n_marked() == (2, 2)

    talk.resolve(query)
    assert n_marked() == (1, 1), "resolving the question resolves the mark that joined it"

    for one in talk.conversations:
        talk.resolve(one.query)
    assert n_marked() == (0, 0)


@SQLITE
def test_reopening_by_a_query_takes_the_countersignature_away(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    assert record.id
    talk = Talk(session, people, instrument, given_to(session, people.local_reviewer)[0])
    readings.countersign(session, public_id=talk.name, by=people.reviewer, at=talk.at)
    query = talk.ask()
    talk.reply(query)
    assert talk.opened.reading.countersigned_at, "words change no answer"

    queries.reopen_to_change(session, opened=talk.opened, public_id=query.public_id, by=talk.reader, at=talk.at)
    talk.change({"C9": {"value": "5"}})
    talk.submit()
    talk.resolve(query)

    assert talk.opened.reading.countersigned_at is None
    with pytest.raises(RefusedError, match="countersigns"):
        talk.sign_off()


@SQLITE
def test_nobody_asks_about_their_own_reading_or_resolves_what_is_asked_of_it(talk: Talk) -> None:
    for deed in (lambda: talk.ask(by=talk.reader), lambda: talk.resolve(talk.ask(), by=talk.reader)):
        with pytest.raises(RefusedError, match="your own"):
            deed()
    with pytest.raises(AbsentError):
        talk.ask("no such key")


@ON_BOTH
def test_a_moderator_with_a_reading_of_the_case_to_submit_sees_no_query_about_the_other(
    session: Session, people: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    first, second = pair_of(session, record=record)
    account = session.get_one(Account, first.reviewer_id)
    talk = Talk(session, people, instrument, readings.find(session, public_id=first.public_id, account=account))
    query = talk.ask()
    talk.reply(query)
    blind = session.get_one(Account, second.reviewer_id)
    key = people.place.inspection.id or 0

    assert len(talk.search()) == 1
    assert talk.search(blind) == []
    assert queries.waiting(session, inspection_ids=[key], account=blind) == Counter()
    with pytest.raises(AbsentError):
        queries.find_seen(session, place=people.place, public_id=query.public_id, account=blind)
    with pytest.raises(AbsentError):
        talk.ask("C10", by=blind)
    with pytest.raises(AbsentError):
        talk.resolve(query, by=blind)
    own = readings.find(session, public_id=second.public_id, account=blind)
    assert queries.mine(session, readings=[own]) == []
    complete(session, own, instrument, by=blind)
    assert len(talk.search(blind)) == 1


@ON_BOTH
def test_queries_are_found_by_question_reference_state_kind_and_words(talk: Talk) -> None:
    first, second = talk.ask(), talk.ask("C10", question="Is there a CHRONOLOGY at all?")
    talk.resolve(first)
    ref = talk.opened.case_ref

    def keys(**sought: object) -> list[str]:
        return [one.conversation.query.key for one in talk.search(**sought)]

    assert keys() == ["C10", "C9"], "resolved ones come last"
    assert keys(key="C9") == keys(state=QueryState.RESOLVED) == keys(words="lived experience") == ["C9"]
    assert keys(words="chronology") == keys(state=QueryState.OPEN) == ["C10"]
    assert keys(words=ref.lower()) == ["C10", "C9"] and keys(kind=QueryKind.DISCUSS) == []
    assert queries.counts(talk.search()) == {"C9": {QueryState.RESOLVED: 1}, "C10": {QueryState.OPEN: 1}}
    assert second.id


@SQLITE
def test_a_query_is_seen_while_its_reading_is_open_again_but_waits_until_it_is_back(talk: Talk) -> None:
    query = talk.ask()
    talk.reopen()

    assert [one.is_back for one in talk.search()] == [False]
    for deed in (talk.say, talk.resolve):
        with pytest.raises(ConflictError, match="open again"):
            deed(query)
    talk.reply(query)
    assert query.state is QueryState.ANSWERED


@SQLITE
def test_a_text_that_looks_as_if_it_named_somebody_is_looked_at_once_more(session: Session, talk: Talk) -> None:
    query = talk.ask()
    told = "Mrs Campbell said so."
    with pytest.raises(NamingError, match="looks like"):
        talk.reply(query, told)
    with pytest.raises(RefusedError, match="Write your answer"):
        talk.reply(query, "  ")
    queries.reply(
        session,
        opened=talk.opened,
        public_id=query.public_id,
        text=told,
        by=talk.reader,
        at=talk.at,
        keep_signs=True,
    )
    assert query.state is QueryState.ANSWERED


@SQLITE
def test_a_reading_started_anew_by_another_takes_none_of_its_queries_along(
    session: Session, people: Cast, talk: Talk
) -> None:
    query = talk.ask()
    talk.reopen()
    readings.start_anew(session, reading=talk.opened.reading, by=people.coordinator, at=talk.at)
    reading = talk.opened.reading
    reading.assigned_at = talk.at
    session.add(reading)
    session.flush()

    assert query.state is QueryState.RESOLVED
    assert talk.conversations == []
    assert again(session, talk.opened, talk.reader).reading.state is ReadingState.ASSIGNED
