"""The chapters of findings: the main ones in words, then every section with its questions."""

from __future__ import annotations

from casereader.exports.report import Block, Chapter, Text
from casereader.figures.results import Results
from casereader.instrument import Instrument, Section
from casereader.programmes.inspections import Place
from casereader.rollup.themes import asked_of_all, themes_of
from casereader.web.evaluation import pictures
from casereader.web.evaluation.cells import (
    FIGURE_COLUMNS,
    OTHER_COLUMNS,
    Row,
    blank_row,
    counts_as,
    figure_cells,
    id_of,
    k_of_n,
    name_of,
    open_range,
    said,
    share,
)
from casereader.web.evaluation.groups import standard_rows
from casereader.web.evaluation.pages import question_rows
from casereader.web.evaluation.report.blocks import INTERVALS, SHORT_COLUMNS, chart, pictures_of, shortened, table
from casereader.words import WORDING

Whole = dict[str, Row]


def main_findings(place: Place, instrument: Instrument, found: Results, whole: Whole) -> Chapter:
    """The opening questions: each in words, then their picture and their table."""
    asked = [
        (one.label, one.question, whole.get(one.question) or blank_row(one.question)) for one in instrument.opening
    ]
    drawn = pictures.shares(
        "report-opening", "Share good or better on the opening questions", [(label, row) for label, _, row in asked]
    )
    divided = pictures.distributions(
        found.figures.distributions,
        instrument,
        [key for _, key, _ in asked],
        inspection=place.path,
        id="report-opening-answers",
        caption="How the ratings divide",
    )
    rows = [[_named(label, name_of(instrument, key)), *figure_cells(row), open_range(row)] for label, key, row in asked]
    return Chapter(
        "main-findings",
        "The main findings",
        parts=(
            *(Chapter(f"finding-{id_of(key)}", label, (*finding(instrument, key, row),)) for label, key, row in asked),
            Chapter(
                "findings-together",
                "The main findings together",
                (
                    *chart("opening", f"Share good or better, {INTERVALS}", drawn),
                    table(
                        "opening-table",
                        "Share good or better, all records",
                        ["About", *FIGURE_COLUMNS, OTHER_COLUMNS[-1]],
                        rows,
                    ),
                    *pictures_of(divided, prefix="opening"),
                ),
            ),
        ),
    )


def finding(instrument: Instrument, key: str, row: Row) -> list[Block]:
    """A figure in sentences, in the same words and numbers as every table of it."""
    name, counted = name_of(instrument, key), counts_as(instrument.part(key))
    if row["n"] < WORDING.least_n:
        says = f"{k_of_n(row)} records read count as “{counted}” on {name}: {said(row)}." if row["n"] else ""
        return [Text(says or f"{name}: {said(row)}.", "strong")]
    word = said(row)
    comma = "," if "possibly" in word else ""
    found: list[Block] = [
        Text(f"{word[0].upper()}{word[1:]}{comma} of the records count as “{counted}” on {name}.", "strong"),
        Text(f"Weighted share and its 90% interval: {share(row)}. Records read: {k_of_n(row)}."),
    ]
    if left_open := open_range(row):
        n = row["not_produced"]
        found.append(
            Text(
                f"{n} record{' was' if n == 1 else 's were'} not produced. If none, or all, of them had counted, the "
                f"share would be {left_open}."
            )
        )
    return found


def sections(place: Place, instrument: Instrument, found: Results, whole: Whole) -> Chapter:
    """Every section with its questions and how their answers divide."""
    apart = {part.key for theme in themes_of(instrument) for part in theme.done}
    apart |= {part.key for one in asked_of_all(instrument) for part in one.parts}
    return Chapter(
        "sections",
        "Every question, section by section",
        (Text("All records. Under 10 records there are counts, and no share or word."),),
        (
            *(
                Chapter(
                    f"section-{id_of(one.id)}",
                    f"{one.id}. {one.title}" if len(one.id) == 1 else one.title,
                    (*_section(place, instrument, one, found, whole, apart=apart),),
                )
                for one in instrument.sections
            ),
            *_standards(place, instrument, found),
        ),
    )


def _section(
    place: Place, instrument: Instrument, section: Section, found: Results, whole: Whole, *, apart: set[str]
) -> list[Block]:
    keys = [part.key for part in section.parts]
    with_share = [key for key in keys if instrument.part(key).has_y]
    shown = [key for key in with_share if key not in apart]
    id = f"section-{id_of(section.id)}"
    blocks: list[Block] = []
    if shown:
        named = [(name_of(instrument, key), whole.get(key) or blank_row(key)) for key in shown]
        drawn = pictures.shares(f"report-{id}", f"{section.title}: every question", named)
        blocks += chart(f"{id}-chart", f"{section.title}: {INTERVALS}", drawn)
        blocks.append(
            table(
                f"{id}-table",
                f"{section.title}: every question with a share",
                ["Question", *SHORT_COLUMNS],
                shortened(question_rows(place, instrument, whole, shown)),
            )
        )
    if len(shown) < len(with_share):
        blocks.append(Text("Shares of these questions stand under “Themes and relationships”."))
    divided = pictures.distributions(
        found.figures.distributions, instrument, keys, inspection=place.path, id=f"report-{id}-answers"
    )
    blocks += pictures_of(divided, prefix=id)
    return blocks or [Text("Nothing is answered yet, or the section holds texts and counts only.")]


def _standards(place: Place, instrument: Instrument, found: Results) -> list[Chapter]:
    rows = standard_rows(found, place, instrument)
    if not rows:
        return []
    columns = ["Standard", "Band", "Question that decides it", {"text": "Its weighted share", "numeric": True}]
    says = "A band says in which range the share of a standard’s lowest question fell; it is no evaluation."
    made = table("standards-table", "Standards by their lowest question", columns, rows)
    return [Chapter("standards", "Standards", (Text(says), made))]


def _named(label: str, name: str) -> dict[str, str]:
    return {"text": label, "hint": name if name != label else ""}
