"""The reading week seen from above: a row per case, who has it and how far it is. Never a rating."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, func, select

from casereader import readings
from casereader.instrument import Instrument, how_full
from casereader.models import Account, AnswerRow, Case, Inspection, Reading, Replacement, SampleCase
from casereader.models import DrawRecord as Draw
from casereader.vocabulary import NOT_TO_BE_READ, OPEN_STATES, CaseStatus, ReadingKind, ReadingState, SampleRole
from sampling.size import margins_of

Instruments = Callable[[str, str], Instrument]

NOT_ASSIGNED, HANDED_BACK, SAID_INELIGIBLE = "not assigned", "handed back", "said to be ineligible"


@dataclass(frozen=True)
class CaseRow:
    """One case that is to be read, its reader and its state. A second reading is a row of its own."""

    case_ref: str
    stratum: str
    role: SampleRole
    status: CaseStatus
    kind: ReadingKind | None
    reading_id: str | None
    reader: str | None
    state: ReadingState | None
    handed_back: str  # the reviewer's reason, where they handed the case back
    n_answers: int
    n_discuss: int
    said_ineligible: bool = False  # proposed, and not confirmed by a second person yet
    key: int = 0
    case_id: str = ""
    reading_key: int = 0
    reader_id: str = ""
    group: str = ""  # on the list
    instrument: tuple[str, str] = ("", "")  # id and version that the reading began with
    read_on: date | None = None
    full: float | None = None  # the share of the answers asked for that are given
    wave: int = 0  # where the sample is read in waves

    @property
    def stands(self) -> str:
        """Where the case stands, in the one word that every page has for it."""
        if self.status in NOT_TO_BE_READ:
            return self.status.value
        if self.said_ineligible:
            return SAID_INELIGIBLE
        if self.state is None:
            return NOT_ASSIGNED
        return HANDED_BACK if self.handed_back else self.state.value

    @property
    def is_to_be_read(self) -> bool:
        """Whether somebody has it, and nothing was found that keeps it from being read."""
        return self.state is not None and self.status not in NOT_TO_BE_READ

    @property
    def is_done(self) -> bool:
        """Whether its reading was submitted."""
        return self.is_to_be_read and self.state not in OPEN_STATES

    @property
    def can_change_hands(self) -> bool:
        """Whether the reading may still go to another reader."""
        return self.is_to_be_read and self.state in OPEN_STATES and not self.said_ineligible


def rows(session: Session, *, inspection: Inspection) -> list[CaseRow]:
    """Every main case and every reserve called on, with its readings, by stratum and order."""
    query = (
        select(SampleCase, Case, Reading, Account)
        .join(Draw, col(Draw.id) == SampleCase.draw_id)
        .join(Case, col(Case.id) == SampleCase.case_id)
        .outerjoin(
            Reading, (col(Reading.sample_case_id) == SampleCase.id) & (col(Reading.kind) != ReadingKind.CONSENSUS)
        )
        .outerjoin(Account, col(Account.id) == Reading.reviewer_id)
        .where(
            Draw.inspection_id == inspection.id,
            col(Draw.voided_at).is_(None),
            (col(SampleCase.role) == SampleRole.MAIN) | col(SampleCase.called_on).is_(True),
        )
        .order_by(SampleCase.stratum, col(SampleCase.order), col(Reading.kind))
    )
    counts = _answer_counts(session, inspection)
    proposed = _proposed(session, inspection)
    found = []
    for drawn, case, reading, reader in session.exec(query).all():
        n_answers, n_discuss = counts.get(reading.id, (0, 0)) if reading else (0, 0)
        found.append(
            CaseRow(
                case_ref=case.case_ref,
                stratum=drawn.stratum,
                role=drawn.role,
                status=drawn.status,
                kind=reading.kind if reading else None,
                reading_id=reading.public_id if reading else None,
                reader=reader.name if reader else None,
                state=reading.state if reading else None,
                handed_back=reading.handed_back_reason if reading else "",
                n_answers=n_answers,
                n_discuss=n_discuss,
                said_ineligible=drawn.id in proposed,
                key=drawn.id or 0,
                case_id=drawn.public_id,
                reading_key=reading.id or 0 if reading else 0,
                reader_id=reader.public_id if reader else "",
                group=case.group,
                instrument=(reading.instrument_id, reading.instrument_version) if reading else ("", ""),
                read_on=reading.submitted_at.date() if reading and reading.submitted_at else None,
            )
        )
    return found


def as_seen_by(found: Sequence[CaseRow], account: Account) -> list[CaseRow]:
    """The rows as somebody may see them who reads in the inspection too.

    Of a case that they read they see their own reading alone, as its first one, until every reading of it is in.
    """
    open_cases = {row.key for row in found if row.state in OPEN_STATES}
    theirs = {row.key for row in found if row.reader_id == account.public_id} & open_cases
    return [
        replace(row, kind=ReadingKind.FIRST) if row.key in theirs else row
        for row in found
        if row.key not in theirs or row.reader_id == account.public_id
    ]


def _proposed(session: Session, inspection: Inspection) -> set[int]:
    """The sampled cases that somebody said are ineligible, and nobody confirmed yet."""
    query = (
        select(Replacement.sample_case_id)
        .join(SampleCase, col(SampleCase.id) == Replacement.sample_case_id)
        .join(Draw, col(Draw.id) == SampleCase.draw_id)
        .where(Draw.inspection_id == inspection.id, col(Replacement.confirmed_at).is_(None))
    )
    return set(session.exec(query))


def _answer_counts(session: Session, inspection: Inspection) -> dict[int | None, tuple[int, int]]:
    """Answers given, and answers marked *discuss* and not talked over yet, by reading."""
    query = (
        select(AnswerRow.reading_id, func.count())
        .join(Reading, col(Reading.id) == AnswerRow.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(Draw, col(Draw.id) == SampleCase.draw_id)
        .where(Draw.inspection_id == inspection.id, col(AnswerRow.value).is_not(None))
        .group_by(col(AnswerRow.reading_id))
    )
    n_answers = dict(session.exec(query).all())
    marked = Counter(key for key, _ in readings.open_marks(session, list(n_answers)))
    return {key: (n, marked[key]) for key, n in n_answers.items()}


def with_completeness(session: Session, found: Sequence[CaseRow], *, instruments: Instruments) -> list[CaseRow]:
    """The rows with how full each reading is. Only those under way are counted: what is handed in is full."""
    begun = [row.reading_key for row in found if row.state is ReadingState.IN_PROGRESS]
    answers = readings.answers_of_many(session, begun) if begun else {}
    known: dict[tuple[str, str], Instrument] = {}
    rows = []
    for row in found:
        full: float | None = None
        if row.state is ReadingState.IN_PROGRESS:
            if row.instrument not in known:
                known[row.instrument] = instruments(*row.instrument)
            instrument = known[row.instrument]
            stratum = readings.stratum_of(instrument, group=row.group, label=row.stratum)
            given, asked = how_full(instrument, answers[row.reading_key], stratum=stratum)
            full = given / asked if asked else 1.0
        elif row.state is not None:
            full = 0.0 if row.state in OPEN_STATES else 1.0
        rows.append(replace(row, full=full))
    return rows


def margins(
    found: Sequence[CaseRow], populations: Mapping[str, int], *, all_read: bool = False
) -> tuple[dict[str, float], float | None, list[str]]:
    """What the records read so far would give: the margin of each stratum, of all that have any, and those without.

    `all_read`: what it will be once every record that is to be read is.

    Half-widths of a share of a half at 90% confidence, 0 to 1. Overall none while nothing is read.
    """
    read = Counter(row.stratum for row in found if (row.is_to_be_read if all_read else row.is_done))
    counts = {stratum: n for stratum, n in populations.items() if read[stratum]}
    lacking = [stratum for stratum, n in populations.items() if n and not read[stratum]]
    if not counts:
        return {}, None, lacking
    widths, overall = margins_of(counts, read)
    return widths, overall, lacking


@dataclass(frozen=True)
class RoomCount:
    """What a screen in the reading room may show: blind second readings move it as first ones do."""

    handed_in: int
    tenths: int  # of all readings, rounded down, so that no single one can be told from it


def for_the_room(found: Sequence[CaseRow]) -> RoomCount:
    """The count of every reading, first and second; a case set aside takes none of it away."""
    given = [row for row in found if row.state is not None]
    done = [row for row in given if row.state not in OPEN_STATES]
    to_read = sum(row in done or row.is_to_be_read for row in given)
    return RoomCount(len(done), len(done) * 10 // to_read if to_read else 0)


def loads(found: list[CaseRow]) -> list[tuple[str, int, int]]:
    """Each reader's readings: name, to be read, submitted."""
    given = Counter(row.reader for row in found if row.reader and row.is_to_be_read)
    done = Counter(row.reader for row in found if row.is_done)
    return [(reader, n, done[reader]) for reader, n in sorted(given.items())]


def n_by_standing(found: list[CaseRow]) -> list[tuple[str, int]]:
    """How many cases stand where, in the order of the work; a case read twice counts once."""
    order = [NOT_ASSIGNED, HANDED_BACK, *(state.value for state in ReadingState), SAID_INELIGIBLE, *CaseStatus]
    counts = Counter(row.stands for row in found if row.kind is not ReadingKind.SECOND)
    return sorted(counts.items(), key=lambda item: order.index(item[0]))
