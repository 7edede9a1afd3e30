"""The report of one inspection, from the figures as they stand: what a team begins to write its own report from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from casereader import dated, issues
from casereader.drawing import draws
from casereader.errors import ConflictError
from casereader.exports import covers, sheets, workbook
from casereader.exports.report import Block, Chapter, Facts, Items, Report, Text, finished
from casereader.figures import material, reader_effects
from casereader.figures.results import Results
from casereader.figures.whole_results import whole_results
from casereader.instrument import Instrument
from casereader.issues.loading import data_digest
from casereader.programmes.inspections import Place
from casereader.web.evaluation.groups import state_of
from casereader.web.evaluation.pages import whole_rows
from casereader.web.evaluation.report.conclusions import quality_indicators
from casereader.web.evaluation.report.findings import main_findings, sections
from casereader.web.evaluation.report.practice import (
    comparison,
    difference_made,
    themes_and_relationships,
    topics_named,
)
from casereader.web.evaluation.report.sampled import sample
from casereader.web.installed import instruments
from casereader.web.request_session import db
from sampling.version import SOFTWARE

MARKING = "Working figures, not published"
OUTSIDE = (
    "This is a working paper for those who see the figures of the inspection. It is not cleared for publication: small "
    "groups in it may point to a child. What may go outside is an issue, which two people make under “Publication” and "
    "in which whatever could tell of a child is withheld."
)


def report_of(place: Place, instrument: Instrument) -> Report:
    """The report; ConflictError before the sample is drawn."""
    everything = whole_results(db(), place, instrument)
    found = everything.results
    whole = whole_rows(found)
    said = reader_effects.moved(db(), place.programme, instrument, instruments())
    cover = covers.cover_of(place, everything)
    facts = [*workbook.cover_facts(replace(cover, banner=""), found.figures), *_made_of(place, instrument)]
    return finished(
        Report(
            title=cover.title,
            subtitle=place.programme.name,
            marking=MARKING,
            data_time=everything.data_time,
            cover=(
                *([Text(cover.banner, "warning")] if cover.banner else []),
                Text(f"{MARKING}. {OUTSIDE}", "warning"),
                *_published(place),
                *_state(place, instrument, found),
                Facts(tuple(facts)),
            ),
            chapters=(
                main_findings(place, instrument, found, whole),
                sample(place, instrument, everything),
                sections(place, instrument, found, whole),
                themes_and_relationships(place, instrument, everything),
                difference_made(place, instrument, everything),
                comparison(place, instrument, everything),
                topics_named(instrument, everything),
                quality_indicators(place, instrument, whole),
                Chapter(
                    "method", "How to read these figures", (Items(tuple(sheets.how_to_read(found.figures, said))),)
                ),
            ),
        )
    )


def _made_of(place: Place, instrument: Instrument) -> list[tuple[str, str]]:
    """What the figures rest on, so that anybody can see whether two reports are of the same."""
    drawn = draws.current(db(), inspection=place.inspection)
    if drawn is None:
        raise ConflictError("The sample is not drawn yet.")
    loaded = material.load(db(), [place], instrument, only=None)
    return [
        ("Certificate of the draw (SHA-256)", drawn.certificate_sha256),
        ("Data (SHA-256)", data_digest(loaded)),
        ("Instrument (SHA-256)", instrument.digest),
        ("Software", SOFTWARE),
    ]


def _published(place: Place) -> list[Block]:
    """Which issue is what the public has, where there is one."""
    row = issues.standing(db(), scope=issues.of_place(place))
    if row is None or row.issued_at is None:
        return []
    return [Text(f"Issue {row.number}, of {dated.day(row.issued_at)}, is what is published of this inspection.")]


def _state(place: Place, instrument: Instrument, found: Results) -> list[Block]:
    """What makes the figures less than those of a whole random sample; how reading ended stands among the facts."""
    state: dict[str, Any] = state_of(found, place, instrument)
    blocks: list[Block] = []
    if not found.reach[place.path].is_complete:
        blocks.append(Text("Reading is not complete: these figures will change until every record is read.", "warning"))
    if found.reach[place.path].read and state["left_out"]:
        named = "; ".join(state["left_out"])
        says = (
            f"{state['n_left_out']} children are in no figure, because no record of their stratum is decided: {named}."
            f"{' The intervals leave room for whatever they hold.' if state['always_valid'] else ''}"
        )
        blocks.append(Text(says, "warning"))
    return blocks
