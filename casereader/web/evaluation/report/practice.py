"""The chapters of practice: themes, the difference made, the group against its peers, and topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casereader.exports.report import Block, Chapter, Text
from casereader.figures.whole_results import WholeResults
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.web.evaluation import difference, peers, themes, topics
from casereader.web.evaluation.report.blocks import INTERVALS, SHORT_COLUMNS, chart, shortened, table

_ASKS_NOT = Text("The instrument does not ask this.")


def themes_and_relationships(place: Place, instrument: Instrument, found: WholeResults) -> Chapter:
    """Each theme with its own denominators; what is asked on every record."""
    told = themes.shown(place, instrument, found.results, found.themes)
    parts = []
    if told["met_rows"]:
        parts.append(
            Chapter(
                "met",
                "In how many records each theme was met",
                (
                    Text(
                        "A theme was met where it was present, or indicated but not considered. How often it was met "
                        "describes the children; whether practice was good stands below."
                    ),
                    *chart("met-chart", "Records in which each theme was met, with 90% intervals", told["met_chart"]),
                    table("met-table", "Records in which each theme was met", told["met_columns"], told["met_rows"]),
                ),
            )
        )
        parts.append(
            Chapter(
                "done",
                "What was done about it",
                (
                    Text(
                        "Each share is of the records in which that theme was met, and so each has a denominator of "
                        "its own. What counts is a plain yes."
                    ),
                    table(
                        "glance-table",
                        "Yes, of the records in which the theme was met",
                        told["at_a_glance_columns"],
                        told["at_a_glance"],
                    ),
                    *(block for one in told["answers"] for block in _answer(one)),
                ),
            )
        )
    for one in told["on_every_record"]:
        caption = f"{one['title']}: {INTERVALS}"
        made = table(
            f"{one['id']}-every-table",
            f"{one['title']}, all records",
            ["Question", *SHORT_COLUMNS],
            shortened(one["rows"]),
        )
        says = Text("Asked on every record, and so a share of all.")
        parts.append(
            Chapter(
                f"{one['id']}-every",
                one["title"],
                (says, *chart(f"{one['id']}-every-chart", caption, one["chart"]), made),
            )
        )
    return Chapter("themes", "Themes and relationships", () if parts else (_ASKS_NOT,), (*parts,))


def _answer(one: Mapping[str, Any]) -> list[Block]:
    caption = f"{one['title']}, of the records in which the theme was met, with 90% intervals"
    columns = ["Theme", *SHORT_COLUMNS]
    made = table(f"{one['id']}-table", f"{one['title']}, theme by theme", columns, shortened(one["rows"]))
    return [*chart(f"{one['id']}-chart", caption, one["chart"]), made]


def difference_made(place: Place, instrument: Instrument, found: WholeResults) -> Chapter:
    """The wellbeing indicators, and how much improvement the records demonstrate."""
    told = difference.shown(place, instrument, found.difference)
    title = "What difference was made"
    if not told["has_questions"]:
        return Chapter("difference", title, (_ASKS_NOT,))
    return Chapter(
        "difference",
        title,
        parts=(
            Chapter(
                "wellbeing",
                "Wellbeing indicators",
                (
                    Text(
                        "The share is that of records with a clear improvement, over those in which a need was "
                        "assessed and it is not too early to say. “Some improvement” does not count in it and stands "
                        "beside it."
                    ),
                    *chart("difference-chart", "Share with a clear improvement, with 90% intervals", told["chart"]),
                    table(
                        "difference-table",
                        "Clear improvement by wellbeing indicator, all records",
                        told["columns"],
                        told["rows"],
                    ),
                ),
            ),
            Chapter(
                "demonstrated",
                "Improvement demonstrated",
                (
                    Text(
                        "An improvement is demonstrated where the child is better off overall, clearly or in part, and "
                        "the evidence of it was measured, or confirmed by child or family."
                    ),
                    table(
                        "demonstrated-table",
                        "Improvement demonstrated, all records",
                        told["derived_columns"],
                        told["derived_rows"],
                    ),
                ),
            ),
        ),
    )


def comparison(place: Place, instrument: Instrument, found: WholeResults) -> Chapter:
    """The group that the plan names against its peers, or why there is no comparison."""
    told = peers.shown(place, instrument, found.peers)
    blocks: list[Block] = []
    if told["group"]:
        group, others, unknown = told["listed"]
        of = f" Of {unknown} the list does not say." if unknown else ""
        says = (
            f"The plan of this sample sets {told['group']} against their peers: {group} children on the list are in "
            f"the group and {others} are not.{of}"
        )
        blocks.append(Text(says))
    if told["why_not"]:
        blocks.append(Text(told["why_not"], "strong"))
    else:
        blocks += chart("peers-chart", "The group’s share less that of its peers, with 90% intervals", told["chart"])
        caption = "Share good or better: the group and its peers"
        says = "No record of both sides has an answer yet."
        if told["size"]:
            blocks.append(Text(told["size"]))
        blocks.append(table("peers-table", caption, told["columns"], told["rows"], empty=says))
    if told["n_compared"]:
        blocks.append(
            Text(
                f"Worse or better is said only where the difference is more than chance with all {told['n_compared']} "
                "questions looked at together (Holm’s correction at 90%). “Cannot tell” is no finding that there is no "
                f"difference. Under {told['least']} records of either side nothing is compared. A difference says that "
                "practice differed, not why."
            )
        )
    return Chapter("peers", "Who does worse than their peers?", (*blocks,))


def topics_named(instrument: Instrument, found: WholeResults) -> Chapter:
    """How many readings mention each topic."""
    told = topics.shown(instrument, found.mentions)
    columns = [
        "Topic",
        {"text": "Readings that mention it", "numeric": True},
        {"text": "Atypical, set aside", "numeric": True},
    ]
    parts = tuple(
        Chapter(
            one["id"],
            one["title"],
            (
                table(
                    f"{one['id']}-table",
                    f"{one['title']}: topics by how many readings mention them",
                    columns,
                    one["rows"],
                    empty="No reading that counts names a topic yet.",
                ),
            ),
        )
        for one in told["questions"]
    )
    says = (
        "Strengths, areas for development and what else readers name by a topic. A topic counts once for a record. "
        "These are counts of readings and no shares: that a reader did not name something does not say that it was "
        f"absent. Typical records that name a topic: {told['n']}; atypical ones, counted in a column of their own: "
        f"{told['n_atypical']}."
    )
    return Chapter("topics", "Topics that readers named", (Text(says) if parts else _ASKS_NOT,), parts)
