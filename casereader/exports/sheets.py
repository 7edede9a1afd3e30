"""Which tables a results workbook holds, in which order, under which headers, and the notes that explain them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from casereader.agreement import SAMPLING_ONLY
from casereader.exports.tables import GUARD_NOTE
from casereader.instrument.model import Instrument
from casereader.rollup import ATTRIBUTES, WHOLE, RollUp
from casereader.rollup.always_valid import METHOD
from casereader.words import Wording

NO_FIGURE = "[x]"
NO_WORD = "[z]"
AUDIT_HEAD = "Head of the audit trail"  # what it is called wherever a file carries it
HIDDEN = "[c]"
DOMAIN_TITLES = {
    "stratum": "stratum",
    "age_band": "age band",
    "legal_basis": "legal basis",
    "living": "living arrangement",
    "deprivation": "deprivation fifth",
}

Kind = Literal["text", "count", "share", "difference", "decimal", "link"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's header and how its figures are shown."""

    header: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: a name without blanks, its title, its columns and finished rows, and what to know of it alone.

    `frozen` columns stay in view where the sheet is a list to work with; statistics freeze nothing, so that whoever
    magnifies a sheet can scroll it.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]
    notes: tuple[str, ...] = ()
    frozen: int = 0


ABOUT = {
    "inspection": Column("Inspection", "text"),
    "section": Column("Section", "text"),
    "question": Column("Question", "text"),
    "asks": Column("What it asks", "text"),
}
_LEVEL = {"level": Column("Group", "text")}
FIGURES = {
    "population": Column("Children in the frame (N)", "count"),
    "n": Column("Records counted (n)", "count"),
    "k": Column("Of them counted as 1 (k)", "count"),
    "share": Column("Weighted share", "share"),
    "lower": Column("Interval from", "share"),
    "upper": Column("Interval to", "share"),
    "word": Column("Word", "text"),
    "also": Column("Other words the interval allows", "text"),
    "not_applicable": Column("Not applicable", "count"),
    "cannot_tell": Column("Cannot tell", "count"),
    "cannot_be_evaluated": Column("Cannot be evaluated", "count"),
    "not_produced": Column("Records not produced", "count"),
    "not_reached": Column("Records not reached", "count"),
    "lowest": Column("Share if no record not produced counted", "share"),
    "highest": Column("Share if all of them counted", "share"),
    "se": Column("Standard error", "decimal"),
    "df": Column("Degrees of freedom", "count"),
}
_DISTRIBUTION = {
    "value": Column("Answer as stored", "text"),
    "label": Column("Answer", "text"),
    "count": Column("Records", "count"),
    "unweighted": Column("Share of records read", "share"),
    "weighted": Column("Weighted share", "share"),
}
_STANDARDS = {
    "inspection": Column("Inspection", "text"),
    "label": Column("Standard", "text"),
    "band": Column("Band", "text"),
    "question": Column("Question that decides it", "text"),
    "share": Column("Its weighted share", "share"),
}
_LEFT_OUT = {
    "inspection": Column("Inspection", "text"),
    "stratum": Column("Stratum", "text"),
    "population": Column("Children in the frame (N)", "count"),
    "not_reached": Column("Records not reached", "count"),
}


def of_roll_up(roll_up: RollUp, instrument: Instrument) -> list[Sheet]:
    """The tables of a roll-up, in the order of the workbook; a group of figures that is empty has no sheet."""
    asks = {key: instrument.part(key).text for key in instrument.parts}
    questions = _asking(roll_up.questions, asks)
    tables = [
        _sheet(
            "opening",
            "The opening rows: the headline question of each main section",
            _asking(roll_up.opening, asks),
            {"inspection": ABOUT["inspection"], "label": Column("What it is about", "text")}
            | {name: ABOUT[name] for name in ("question", "asks")}
            | FIGURES,
        ),
        _sheet(
            "sections",
            "Every section, by its headline question",
            _asking(roll_up.sections, asks),
            {"inspection": ABOUT["inspection"], "title": Column("Section", "text")}
            | {name: ABOUT[name] for name in ("question", "asks")}
            | FIGURES,
        ),
        _sheet(
            "quality_indicators",
            "Each question under its quality indicator, never pooled",
            _asking(roll_up.by_qi, asks),
            {"inspection": ABOUT["inspection"]}
            | {"qi": Column("Quality indicator", "text"), "qi_label": Column("Its name", "text")}
            | {name: ABOUT[name] for name in ("question", "asks")}
            | FIGURES,
        ),
        _sheet(
            "questions",
            "Every question, all records",
            questions[questions["domain"] == WHOLE],
            ABOUT | FIGURES,
        ),
    ]
    tables += [
        _sheet(
            f"by_{domain}",
            f"Every question, by {DOMAIN_TITLES[domain]}",
            questions[questions["domain"] == domain],
            ABOUT | _LEVEL | FIGURES,
        )
        for domain in ("stratum", *ATTRIBUTES)
    ]
    tables += [
        _sheet(
            "distributions",
            "How the answers divide, all records",
            _asking(roll_up.distributions, asks),
            ABOUT | _DISTRIBUTION,
        ),
        _sheet(
            "standards",
            "Each standard in the band of its lowest question; a band is no evaluation",
            roll_up.standards,
            _STANDARDS,
        ),
        _sheet(
            "strata_left_out",
            "Strata in which no record was decided: in no figure of this workbook",
            roll_up.strata_left_out,
            _LEFT_OUT,
        ),
    ]
    return [table for table in tables if table.rows]


def notes(roll_up: RollUp, reader_notes: Sequence[str] = (), more: Sequence[Sheet] = ()) -> list[str]:
    """What a reader of the figures must know, one note a line; `reader_notes` stand beside that of the intervals.

    Those of `more` tables come with them.
    """
    return [
        *how_to_read(roll_up, reader_notes),
        "Shares are stored unrounded and shown as whole per cents; with decimals where the word of the share would not "
        "be true of that.",
        *(note for sheet in more for note in sheet.notes),
        f"{NO_FIGURE} stands where there is no figure: no record counts, too few do, or the frame does not hold the "
        f"number. {NO_WORD} stands where no word applies, or the interval allows no other. {HIDDEN}, a figure withheld "
        "so that no child can be found, stands nowhere here: nothing is withheld from these tables, and they are not "
        "cleared for publication.",
        GUARD_NOTE,
    ]


def method_of(roll_up: RollUp) -> str:
    """How the intervals were made."""
    return METHOD if roll_up.design.always_valid else roll_up.method


def _how_made(roll_up: RollUp) -> str:
    if roll_up.design.always_valid:
        return (
            "Reading may have ended, or gone on, because of what was seen. So the intervals hold at every moment of "
            "the reading at once (“always-valid”): they are wider than those of a sample whose size nobody could "
            "change, and have no standard error and no degrees of freedom."
        )
    return "Where a share is 0 or 1, or rests on too little for that, an exact interval stands in its place."


def how_to_read(roll_up: RollUp, reader_notes: Sequence[str] = ()) -> list[str]:
    """What the figures mean, wherever they stand; `reader_notes` as in `notes`."""
    return [
        "A weighted share gives every sampled record the weight of its stratum: the stratum's children in the "
        "frame over the records decided in it (read, not produced or ineligible). It can therefore differ from "
        "k of n, which counts the records read without weights.",
        "For a rating, a record counts as 1 when it is rated good (4) or better, and as 0 when it is rated 3 or "
        "below. For a yes or no question it counts as 1 for yes, and as 0 for in part, no and cannot tell; where "
        "yes is the unwelcome answer, as 1 for no and as 0 for the others. Not applicable and cannot be "
        "evaluated are in no denominator; they are counted in columns of their own.",
        f"Intervals are at {roll_up.confidence:.0%} confidence and take the strata and the size of the frame "
        f"into account. {_how_made(roll_up)}",
        SAMPLING_ONLY,
        *reader_notes,
        "Records not produced are never replaced. The last two shares show what the figure would be if none of "
        "them, and all of them, had counted as 1.",
        "Records not reached are in no figure; they are only counted.",
        f"Words: {_wording(roll_up.wording)}; chosen on the unrounded share. The other words are those that "
        f"some share within the interval would be given. Under {roll_up.wording.least_n} records there is no "
        "word.",
    ]


def contents(tables: Sequence[Sheet]) -> list[tuple[str, str]]:
    """What is on which worksheet, each called by its place."""
    listed = [(f"Table_{place}", table.title) for place, table in enumerate(tables, start=1)]
    return [("Notes", "Notes: how to read the figures"), *listed]


def _wording(wording: Wording) -> str:
    """Every word with its cut-off, highest first."""
    said = [
        f"{word.text} {'from' if word.inclusive else 'more than'} {word.from_share:.0%}"
        for word in reversed(wording.words[1:])
    ]
    return ", ".join([*said, f"{wording.words[0].text} 0%"])


def _asking(table: pd.DataFrame, asks: dict[str, str]) -> pd.DataFrame:
    return table.assign(asks=table["question"].map(asks))


def _sheet(name: str, title: str, table: pd.DataFrame, columns: dict[str, Column]) -> Sheet:
    values = [finished(table[key], column) for key, column in columns.items()]
    rows = list(zip(*values, strict=True))
    return Sheet(name, title, tuple(columns.values()), rows)


def finished(values: Iterable[Any], column: Column) -> Sequence[str | float | int]:
    """A column's values as plain text and numbers, with the sign for what is missing."""
    if column.kind == "text":
        return [NO_WORD if pd.isna(value) or value == "" else str(value) for value in values]
    whole = column.kind == "count"
    return [NO_FIGURE if pd.isna(value) else int(value) if whole else float(value) for value in values]
