"""What the cover of one inspection's workbook says."""

from __future__ import annotations

from collections.abc import Sequence

from casereader import dated
from casereader.exports.finding_sheets import comparison_in_words
from casereader.exports.sheets import AUDIT_HEAD
from casereader.exports.workbook import Cover
from casereader.figures.results import Reach
from casereader.figures.whole_results import WholeResults
from casereader.programmes.inspections import Place
from casereader.vocabulary import BANNERS


def cover_of(place: Place, whole: WholeResults, *, reader_notes: Sequence[str] = ()) -> Cover:
    """The cover: whose figures, on what instrument, on how many of the sampled records, and what was stopped.

    `reader_notes` are those of `reader_effects.moved`.
    """
    inspection, found = place.inspection, whole.results
    compared = comparison_in_words(whole, place.path)
    return Cover(
        title=f"{place.partnership.name}: figures from record reading",
        data_time=whole.data_time,
        banner=BANNERS.get(place.programme.data_kind, ""),
        facts=(
            ("Programme", place.programme.name),
            ("Partnership", place.partnership.name),
            ("Named in the tables as", place.path),
            ("Instrument", f"{place.programme.instrument_id}, version {place.programme.instrument_version}"),
            ("Reading period", dated.period(inspection.period_from, inspection.period_to)),
            (AUDIT_HEAD, whole.head),
            ("Records", records_in_words(found.reach[place.path])),
            *([("Comparison group", compared)] if compared else []),
            *(
                ("Not reached" if one.is_random else "Flagged: no random sample", one.says())
                for one in found.patterns[place.path]
            ),
            *([("Kind of interval", says)] if (says := found.always_valid(place.path)) else []),
            *([("Read in waves", rule)] if (rule := found.might_have_ended(place.path)) else []),
        ),
        reader_notes=tuple(reader_notes),
    )


def records_in_words(reach: Reach) -> str:
    """How many of the sampled records the figures stand on, and what became of the others."""
    others = (
        (reach.not_produced, "not produced"),
        (reach.not_reached, "not reached"),
        (reach.waiting, "still to be read"),
        (reach.ineligible, "found ineligible, beside these"),
    )
    said = [f"{reach.read} of {reach.to_read} read", *(f"{n} {what}" for n, what in others if n)]
    return ", ".join(said) + ("." if reach.waiting == 0 else ". The figures will change.")
