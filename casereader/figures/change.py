"""What changed in a partnership: this inspection beside its earlier rounds, and beside figures published before.

An earlier round is compared once its reading is over, and only on questions that both instruments ask the same. A
published figure is tested only where it is entered as the same and its source says how many records it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlmodel import Session

from casereader.after_the_draw import stopping
from casereader.figures import double_readings, material, rounds
from casereader.figures.results import plain_rows
from casereader.in_waves import looking
from casereader.in_waves.looking import NOT_TESTED
from casereader.instrument import Instrument, Library, same_questions
from casereader.models import EarlierFigure
from casereader.programmes.inspections import Place
from casereader.rollup.always_valid import METHOD
from casereader.rollup.change import Round, change_figures, change_since_published
from casereader.vocabulary import Comparability

NOT_OVER = "Its reading is not over, so nothing is compared yet."
NO_RECORDS = "No record of one of the two rounds has an answer."
WHY_NOT_TESTED = {
    Comparability.SIMILAR: "Similar, and not the same question: shown beside ours, never tested.",
    Comparability.NOT_COMPARABLE: "Not comparable: shown for the reader, never tested.",
}
NO_N = "Its source does not say how many records it rests on."
NO_SHARE = "Ours has no figure yet."


@dataclass(frozen=True)
class Since:
    """Since one earlier round: rows as `change_figures` has them, and by question why others are not compared.

    `why_not` says why nothing is; `flags` what makes the earlier round less than a random sample.
    """

    place: Place
    rows: Sequence[Mapping[str, Any]]
    left_out: Mapping[str, str]
    why_not: str = ""
    flags: Sequence[str] = ()


@dataclass(frozen=True)
class SincePublished:
    """A published figure, and either the row of its change as `change_since_published` has it, or why there is none."""

    figure: EarlierFigure
    row: Mapping[str, Any] | None
    why_not: str = ""


def earlier_rounds(session: Session, *, place: Place) -> list[Place]:
    """The partnership's inspections whose period began before, on data of the same kind; the latest first."""
    return [
        one
        for one in rounds.of_partnership(session, place=place)
        if one.inspection.period_from < place.inspection.period_from
        and one.programme.data_kind == place.programme.data_kind
    ]


def since(
    session: Session,
    *,
    place: Place,
    instrument: Instrument,
    earlier: Sequence[Place],
    library: Library,
    keys: Sequence[str],
) -> list[Since]:
    """Compare the inspection on these questions with each of the earlier rounds."""
    over = double_readings.over(session, [one.inspection.id or 0 for one in earlier])
    loaded = material.load(session, [place], instrument, only=keys)
    now = Round(loaded.cases, loaded.answers, instrument)
    flags = stopping.patterns(session, [one.inspection.id or 0 for one in earlier])
    looked = looking.looked(session, [place.inspection.id or 0, *(one.inspection.id or 0 for one in earlier)])
    found = []
    for one in earlier:
        key = one.inspection.id or 0
        asked = library.find(one.programme.instrument_id, one.programme.instrument_version)
        if key not in over or asked is None or asked.id != instrument.id:
            found.append(Since(one, [], {}, why_not=_why_not(one, asked, instrument)))
            continue
        if any(looked[held].is_always_valid for held in (place.inspection.id, key) if held in looked):
            found.append(Since(one, [], {}, why_not=NOT_TESTED))
            continue
        same = same_questions(library, id=instrument.id, earlier=asked.version, later=instrument.version)
        before = material.load(session, [one], asked, only=[same[key] for key in keys if key in same])
        rows = plain_rows(change_figures(now, Round(before.cases, before.answers, asked), same, keys=keys))
        compared = {row["question"] for row in rows}
        left_out = {
            key: NO_RECORDS if key in same else f"{asked.id} {asked.version} does not ask it the same."
            for key in keys
            if key not in compared
        }
        says = [pattern.says() for pattern in flags[one.inspection.id or 0] if not pattern.is_random]
        found.append(Since(one, rows, left_out, flags=says))
    return found


def since_published(figures: Sequence[EarlierFigure], whole: Mapping[str, Mapping[str, Any]]) -> list[SincePublished]:
    """Each published figure beside ours; `whole` are our rows of questions.csv of all records, by question."""
    why = {figure.public_id: _why_not_tested(figure, whole) for figure in figures}
    tested = [figure for figure in figures if not why[figure.public_id]]
    rows = plain_rows(change_since_published(_beside(tested, whole))) if tested else []
    by_id = {figure.public_id: row for figure, row in zip(tested, rows, strict=True)}
    return [SincePublished(one, by_id.get(one.public_id), why[one.public_id]) for one in figures]


def _why_not(one: Place, asked: Instrument | None, instrument: Instrument) -> str:
    said = f"{one.programme.instrument_id} {one.programme.instrument_version}"
    if one.programme.instrument_id != instrument.id:
        return f"It was read with {said}, another instrument: nothing is asked the same."
    if asked is None:
        return f"It was read with {said}, which is not installed here: ask the administrator."
    return NOT_OVER


def _why_not_tested(figure: EarlierFigure, whole: Mapping[str, Mapping[str, Any]]) -> str:
    """Why a published figure is not tested; blank where it is."""
    if figure.comparability in WHY_NOT_TESTED:
        return WHY_NOT_TESTED[figure.comparability]
    if figure.n is None:
        return NO_N
    row = whole.get(figure.question or "")
    if row is None or not row["n"]:
        return NO_SHARE
    return NOT_TESTED if row["method"] == METHOD else ""


def _beside(figures: Sequence[EarlierFigure], whole: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    rows = []
    for figure in figures:
        ours = whole[figure.question or ""]
        rows.append(
            {
                "question": figure.question,
                "share_now": ours["share"],
                "se_now": ours["se"],
                "df_now": ours["df"],
                "n_now": ours["n"],
                "population": ours["population"],
                "share_then": float(figure.share),
                "n_then": figure.n,
            }
        )
    return pd.DataFrame(rows)
