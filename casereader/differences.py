"""What difference was made in inspections, as it stands: loaded and rolled up."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from casereader import material
from casereader.inspections import Place
from casereader.instrument import Instrument
from casereader.rollup.difference import Difference, difference_figures, keys_of


def difference_for(session: Session, places: Sequence[Place], instrument: Instrument) -> Difference:
    """The wellbeing indicators and what is demonstrated in each of these inspections on one instrument.

    Those whose figures are held back are left out.
    """
    loaded = material.load(session, places, instrument, only=keys_of(instrument))
    held = [path for path, one in loaded.looked.items() if one.is_held_back]
    cases = loaded.cases[~loaded.cases["inspection"].isin(held)]
    return difference_figures(cases, loaded.answers, instrument, frame_counts=loaded.frame_counts)
