"""The chapter of the records themselves: what became of those sampled, and whose came."""

from __future__ import annotations

from casereader.exports.report import Block, Chapter, Text
from casereader.figures.whole_results import WholeResults
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.web.evaluation import records
from casereader.web.evaluation.groups import sampled_rows
from casereader.web.evaluation.report.blocks import chart, table

SAMPLED_COLUMNS = [
    "Stratum",
    *(
        {"text": text, "numeric": True}
        for text in (
            "On the list (N)",
            "Sampled",
            "Read",
            "Not produced",
            "Ineligible",
            "Not reached",
            "Still to be read",
        )
    ),
]


def sample(place: Place, instrument: Instrument, everything: WholeResults) -> Chapter:
    """What became of the sampled records, and whose came."""
    found = everything.results
    told = records.shown(place, instrument, found, everything.records)
    supplied: tuple[Block, ...] = (Text("No record read says yet which agencies’ records were seen."),)
    if told["is_supplied"]:
        supplied = (
            Text(
                "Of the records read in which an agency’s record was expected, those in which it came. Where none was "
                "expected, the record is outside that agency’s share."
            ),
            *chart("supplied", "Records supplied, by agency, with 90% intervals", told["supplied_chart"]),
            table("supplied-table", "Records supplied, by agency", told["supplied_columns"], told["supplied_rows"]),
            table(
                "crossed-table",
                "Records supplied of those expected, by stratum and agency",
                told["crossed_columns"],
                told["crossed_rows"],
            ),
        )
    return Chapter(
        "records",
        "Records behind the figures",
        (
            table("cases-table", "Sampled records by stratum", SAMPLED_COLUMNS, sampled_rows(found, instrument)),
            Text("A stratum with no record decided is in no figure yet."),
        ),
        (
            Chapter(
                "not-produced",
                "Records not produced",
                (
                    Text(
                        "Of the sampled eligible records whose fate is decided (read or not produced), those that the "
                        "partnership could not supply. None of them is replaced. An ineligible record is outside this "
                        "share, and so is one that was not reached."
                    ),
                    *chart("produced", "Records not produced, by stratum, with 90% intervals", told["produced_chart"]),
                    table(
                        "produced-table",
                        "Records not produced and not reached, by stratum",
                        told["produced_columns"],
                        told["produced_rows"],
                    ),
                ),
            ),
            Chapter("supplied", "Records supplied, by agency", supplied),
        ),
    )
