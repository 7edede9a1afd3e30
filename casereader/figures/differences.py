"""What difference was made in inspections, as it stands: loaded and rolled up."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from casereader.figures import material, results
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.rollup.difference import Difference, difference_figures, keys_of


def difference_for(session: Session, places: Sequence[Place], instrument: Instrument) -> Difference:
    """The wellbeing indicators and what is demonstrated in each of these inspections on one instrument.

    One whose figures are held back has none here either.
    """
    loaded = material.load(session, places, instrument, only=keys_of(instrument))
    return difference_figures(results.shown(loaded), loaded.answers, instrument, frame_counts=loaded.frame_counts)
