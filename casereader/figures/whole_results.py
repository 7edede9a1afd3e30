"""All that the results pages of one inspection show, for files: one load, worked out by the pages' own functions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlmodel import Session

from casereader import audit
from casereader.errors import ConflictError
from casereader.figures import material, peers, results, topics
from casereader.figures.material import Material
from casereader.figures.peers import Peers
from casereader.figures.results import Results
from casereader.figures.topics import Mention
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.rollup import ATTRIBUTES
from casereader.rollup.difference import Difference, difference_figures
from casereader.rollup.difference import keys_of as difference_keys
from casereader.rollup.records import agency_parts, record_figures
from casereader.rollup.themes import theme_figures, themes_of
from casereader.rollup.views import main_keys


@dataclass(frozen=True)
class WholeResults:
    """The figures with the data's time, and the findings that have pages of their own."""

    results: Results
    data_time: datetime
    head: str  # of the inspection in the audit trail
    records: pd.DataFrame
    themes: pd.DataFrame
    difference: Difference
    mentions: list[Mention]
    peers: Peers


def whole_results(session: Session, place: Place, instrument: Instrument) -> WholeResults:
    """Everything of one inspection as it stands; ConflictError before its sample is drawn."""
    results.refuse_held_back(session, place)
    loaded = material.load(session, [place], instrument, only=None)
    if loaded.data_time is None:
        raise ConflictError(f"The sample of {place.name} is not drawn yet: there are no figures.")
    cases, counts = loaded.cases, loaded.frame_counts
    agencies = _answers(loaded, instrument, [part.key for part in agency_parts(instrument)])
    presence = _answers(loaded, instrument, [theme.presence.key for theme in themes_of(instrument)])
    wellbeing = _answers(loaded, instrument, difference_keys(instrument))
    return WholeResults(
        results=results.rolled_up(session, [place], instrument, loaded, by=ATTRIBUTES),
        data_time=loaded.data_time,
        head=audit.head_of(session, place.inspection.id or 0),
        records=record_figures(cases, agencies, instrument, frame_counts=counts),
        themes=theme_figures(cases, presence, instrument, frame_counts=counts),
        difference=difference_figures(cases, wellbeing, instrument, frame_counts=counts),
        mentions=topics.mentions(session, place=place, instrument=instrument),
        peers=peers.peers_for(session, [place], instrument, keys=main_keys(instrument)),
    )


def _answers(loaded: Material, instrument: Instrument, keys: Collection[str]) -> pd.DataFrame:
    """The answers to these parts, with those that skip logic goes by."""
    wanted = material.with_conditions(instrument, keys) or frozenset()
    return loaded.answers[loaded.answers["key"].isin(wanted)]
