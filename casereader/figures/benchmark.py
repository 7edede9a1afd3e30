"""What a panel sets a partnership's figures beside: the others of its programme, unnamed, and what it was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from casereader.figures import double_readings, results, rounds
from casereader.instrument import Instrument, Library, same_questions
from casereader.models import EarlierFigure, Inspection, Partnership
from casereader.programmes.inspections import Place
from casereader.rollup import WHOLE
from casereader.words import WORDING

LEAST_OTHERS = 3  # under which an unnamed dot is as good as named


@dataclass(frozen=True)
class RoundShares:
    """An earlier round of the partnership: its share on each question that is asked the same, where records suffice."""

    place: Place
    shares: Mapping[str, float]


@dataclass(frozen=True)
class Benchmark:
    """By question: the shares of the other partnerships from the lowest on, without their names; and earlier ones.

    `n_others` are the other partnerships whose reading is over; a question that fewer than `LEAST_OTHERS` of them have
    enough records of has none.
    """

    n_others: int
    others: Mapping[str, Sequence[float]]
    rounds: Sequence[RoundShares]
    published: Mapping[str, Sequence[EarlierFigure]]


def benchmark(
    session: Session,
    *,
    place: Place,
    instrument: Instrument,
    earlier: Sequence[Place],
    library: Library,
    keys: Sequence[str],
) -> Benchmark:
    """Gather it for these questions; `earlier` are the rounds that may be looked at."""
    peers = _others(session, place)
    found = _shares(session, peers, instrument, keys)
    others = {key: sorted(shares[key] for shares in found.values() if key in shares) for key in keys}
    published: dict[str, list[EarlierFigure]] = {}
    for figure in rounds.figures(session, inspection=place.inspection):
        if figure.question in keys:
            published.setdefault(figure.question or "", []).append(figure)
    return Benchmark(
        n_others=len(peers),
        others={key: shares for key, shares in others.items() if len(shares) >= LEAST_OTHERS},
        rounds=_rounds(session, instrument, earlier, library, keys),
        published=published,
    )


def _others(session: Session, place: Place) -> list[Place]:
    """The programme's other inspections whose reading is over: nobody has a record of them still to read."""
    query = (
        select(Inspection, Partnership)
        .join(Partnership)
        .where(Inspection.programme_id == place.programme.id, Inspection.id != place.inspection.id)
    )
    every = [Place(inspection, place.programme, partnership) for inspection, partnership in session.exec(query)]
    over = double_readings.over(session, [one.inspection.id or 0 for one in every])
    return [one for one in every if one.inspection.id in over]


def _shares(
    session: Session, places: Sequence[Place], instrument: Instrument, keys: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Shares of all records by `Place.path` and question, of those with records enough for one."""
    if not places or not keys:
        return {}
    table = results.results_for(session, places, instrument, only=keys, by=()).figures.questions
    table = table[(table["domain"] == WHOLE) & (table["n"] >= WORDING.least_n) & table["question"].isin(keys)]
    found: dict[str, dict[str, float]] = {}
    for row in results.plain_rows(table):
        found.setdefault(row["inspection"], {})[row["question"]] = row["share"]
    return found


def _rounds(
    session: Session, instrument: Instrument, earlier: Sequence[Place], library: Library, keys: Sequence[str]
) -> list[RoundShares]:
    over = double_readings.over(session, [one.inspection.id or 0 for one in earlier])
    found = []
    for one in earlier:
        asked = library.find(one.programme.instrument_id, one.programme.instrument_version)
        if one.inspection.id not in over or asked is None or asked.id != instrument.id:
            continue
        same = same_questions(library, id=instrument.id, earlier=asked.version, later=instrument.version)
        was = {key: same[key] for key in keys if key in same}
        shares = _shares(session, [one], asked, list(was.values())).get(one.path, {})
        found.append(RoundShares(one, {key: shares[then] for key, then in was.items() if then in shares}))
    return found
