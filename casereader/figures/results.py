"""The figures of inspections as they stand: every reading that counts, rolled up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlmodel import Session

from casereader.after_the_draw import stopping
from casereader.drawing.unreached import Pattern
from casereader.errors import ConflictError
from casereader.figures import material
from casereader.figures.material import Material
from casereader.in_waves import looking
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.rollup import ATTRIBUTES, RollUp, roll_up
from casereader.rollup.combined import combined_figures
from casereader.rollup.known_counts import Weighted, weighted_to_counts
from casereader.rollup.records import agency_parts, record_figures
from casereader.rollup.themes import asked_of_all, theme_figures, themes_of
from casereader.vocabulary import CaseStatus


@dataclass(frozen=True)
class Reach:
    """How many of an inspection's sampled cases stand where: main cases, and reserves that replaced one."""

    read: int = 0
    not_produced: int = 0
    ineligible: int = 0
    not_reached: int = 0
    waiting: int = 0

    @property
    def to_read(self) -> int:
        """The records that are to be read: every sampled case but the ineligible ones."""
        return self.read + self.not_produced + self.not_reached + self.waiting

    @property
    def is_complete(self) -> bool:
        """Whether there is anything, and nothing of it waits to be read."""
        return self.waiting == 0 and self.to_read > 0


@dataclass(frozen=True)
class Sampled:
    """How many cases of a stratum were sampled, of how many on the list, and what became of them."""

    stratum: str
    population: int
    by_status: dict[CaseStatus, int]

    @property
    def n(self) -> int:
        """The cases sampled."""
        return sum(self.by_status.values())


@dataclass(frozen=True)
class Results:
    """The figures, the sampled cases under them, and the latest moment at which anything in them changed.

    `cases` has the columns inspection, case_ref, stratum, population, status and the attributes; `reach` and
    `patterns` (which cases were stopped, where time ran out) are by `Place.path`, which is also what the column
    `inspection` holds. `data_time` is None before any draw. `material` is what they were rolled up from; those
    that are `held_back` are in `cases` and `reach`, and in no figure.
    """

    figures: RollUp
    cases: pd.DataFrame
    reach: dict[str, Reach]
    data_time: datetime | None
    patterns: dict[str, list[Pattern]]
    material: Material
    held_back: frozenset[str]

    def is_complete(self, path: str) -> bool:
        """Whether nothing of an inspection waits to be read, and its figures are not held back."""
        return self.reach[path].is_complete and path not in self.held_back

    def flags(self, path: str) -> list[str]:
        """What makes an inspection's figures less than those of a random sample, in sentences; none as a rule."""
        return [one.says() for one in self.patterns[path] if not one.is_random]

    def always_valid(self, path: str) -> str:
        """Why the intervals of an inspection hold at any time, in sentences; blank where they need not."""
        looked = self.material.looked.get(path)
        return looked.says() if looked else ""

    def might_have_ended(self, path: str) -> str:
        """By which rule reading could end, of an inspection in waves whose figures are open; else blank."""
        looked = self.material.looked.get(path)
        return looked.says_rule() if looked else ""


def sampled_by_stratum(found: Results) -> list[Sampled]:
    """The strata by name, those in no figure among them."""
    counted = {}
    for stratum, here in found.cases.groupby("stratum", sort=True):
        of_status = here["status"].value_counts()
        by_status = {status: int(of_status.get(status.value, 0)) for status in CaseStatus}
        counted[str(stratum)] = Sampled(str(stratum), int(here["population"].iloc[0]), by_status)
    for row in plain_rows(found.figures.strata_left_out):
        none = dict.fromkeys(CaseStatus, 0)
        counted.setdefault(row["stratum"], Sampled(row["stratum"], row["population"], none))
    return [one for _, one in sorted(counted.items())]


def results_for(
    session: Session,
    places: Sequence[Place],
    instrument: Instrument,
    *,
    only: Collection[str] | None = None,
    by: Collection[str] = ATTRIBUTES,
) -> Results:
    """The figures of inspections on one instrument: of all records, of each stratum, and `by` attributes of the child.

    Fewer attributes, and `only` some parts, are quicker; a figure is the same however many stand beside it.
    """
    return rolled_up(session, places, instrument, material.load(session, places, instrument, only=only), by=by)


def records_for(session: Session, places: Sequence[Place], instrument: Instrument) -> tuple[Results, pd.DataFrame]:
    """What became of the records, as `record_figures` tells it, beside how far the reading is."""
    keys = [part.key for part in agency_parts(instrument)]
    loaded = material.load(session, places, instrument, only=keys)
    found = rolled_up(session, places, instrument, loaded, by=())
    return found, record_figures(shown(loaded), loaded.answers, instrument, frame_counts=loaded.frame_counts)


def themes_for(session: Session, places: Sequence[Place], instrument: Instrument) -> tuple[Results, pd.DataFrame]:
    """In how many records each theme was met, as `theme_figures` tells it, beside the figures of what was done."""
    asked = [part for theme in themes_of(instrument) for part in theme.question.parts]
    asked += [part for section in asked_of_all(instrument) for part in section.parts]
    loaded = material.load(session, places, instrument, only=[part.key for part in asked])
    found = rolled_up(session, places, instrument, loaded, by=())
    return found, theme_figures(shown(loaded), loaded.answers, instrument, frame_counts=loaded.frame_counts)


def combined_for(
    session: Session, places: Sequence[Place], instrument: Instrument, keys: Collection[str]
) -> tuple[Results, pd.DataFrame]:
    """The figures of each inspection, beside those of all whose reading is complete, as `combined_figures` tells it."""
    loaded = material.load(session, places, instrument, only=keys)
    found = rolled_up(session, places, instrument, loaded, by=())
    complete = [path for path in found.reach if found.is_complete(path)]
    cases, answers, counts = (
        table[table["inspection"].isin(complete)] for table in (loaded.cases, loaded.answers, loaded.frame_counts)
    )
    return found, combined_figures(cases, answers, instrument, keys=keys, frame_counts=counts)


def weighted_for(found: Results, instrument: Instrument, keys: Collection[str]) -> list[Weighted]:
    """The figures of one inspection's parts weighted to the counts of its list, as `weighted_to_counts` tells it."""
    if found.held_back:
        return []
    loaded = found.material
    return weighted_to_counts(loaded.cases, loaded.answers, instrument, frame_counts=loaded.frame_counts, keys=keys)


def rolled_up(
    session: Session, places: Sequence[Place], instrument: Instrument, loaded: Material, *, by: Collection[str]
) -> Results:
    """The figures of what is loaded."""
    cases = shown(loaded).drop(columns=[name for name in ATTRIBUTES if name not in by])
    figures = roll_up(cases, loaded.answers, instrument, frame_counts=loaded.frame_counts)
    reach = _reach((place.path for place in places), loaded.cases)
    stopped = stopping.patterns(session, [place.inspection.id or 0 for place in places])
    patterns = {place.path: stopped[place.inspection.id or 0] for place in places}
    return Results(figures, loaded.cases, reach, loaded.data_time, patterns, loaded, _held(loaded))


def shown(loaded: Material) -> pd.DataFrame:
    """The cases but those of inspections whose figures are held back: what any figure may be made of."""
    held = _held(loaded)
    return loaded.cases[~loaded.cases["inspection"].isin(held)] if held else loaded.cases


def _held(loaded: Material) -> frozenset[str]:
    return frozenset(path for path, one in loaded.looked.items() if one.is_held_back)


def drawn_results(session: Session, place: Place, instrument: Instrument) -> tuple[Results, datetime]:
    """Every figure of an inspection with the data's time, for a file; ConflictError before its sample is drawn."""
    refuse_held_back(session, place)
    found = results_for(session, [place], instrument)
    if found.data_time is None:
        raise ConflictError(f"The sample of {place.name} is not drawn yet: there are no figures.")
    return found, found.data_time


def held_back(session: Session, places: Collection[Place]) -> set[str]:
    """Those of these inspections whose figures are the lead's alone for now, by `Place.path`."""
    found = looking.looked(session, [place.inspection.id or 0 for place in places])
    held = {key for key, one in found.items() if one.is_held_back}
    return {place.path for place in places if place.inspection.id in held}


def refuse_held_back(session: Session, place: Place) -> None:
    """ConflictError while the figures of an inspection are the lead's alone."""
    if held_back(session, [place]):
        raise ConflictError(looking.HELD_BACK.format(name=place.name))


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table of figures as JSON holds them: whole numbers, fractions, texts, and None for blanks."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _reach(paths: Iterable[str], cases: pd.DataFrame) -> dict[str, Reach]:
    counted = Counter(zip(cases["inspection"], cases["status"], strict=True))
    return {
        path: Reach(
            read=counted[path, CaseStatus.READ],
            not_produced=counted[path, CaseStatus.NOT_PRODUCED],
            ineligible=counted[path, CaseStatus.INELIGIBLE],
            not_reached=counted[path, CaseStatus.NOT_REACHED],
            waiting=counted[path, CaseStatus.WAITING],
        )
        for path in paths
    }
