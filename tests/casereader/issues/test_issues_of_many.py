"""The issue of a programme of many inspections: what it rests on is loaded a few inspections at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sqlmodel import Session, col, select

from casereader import issues
from casereader.figures import material
from casereader.instrument import Instrument
from casereader.issues import loading
from casereader.models import DrawRecord, Ending, SamplingPlan
from casereader.rollup import build_design
from casereader.rollup.marks import mark_answers
from sampling.digest import json_digest
from tests import published, watched
from tests.cast import Cast


@pytest.mark.parametrize("ended", [False, True], ids=["", "one of which was ended after a wave"])
def test_what_is_loaded_a_few_inspections_at_a_time_is_what_is_loaded_at_once(
    session: Session, people: Cast, instrument: Instrument, monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    published.build(session, people)
    published.another(session, people)
    if ended:
        end_the_last(session, people)
    scope = issues.of_programme(session, people.place.programme)
    at_once = material.load(session, scope.places, instrument, only=None)
    marks = mark_answers(build_design(at_once.cases), at_once.answers, instrument)
    monkeypatch.setattr(loading, "AT_ONCE", 1)

    found = loading.load(session, scope.places[::-1], instrument)

    assert found.data_digest == loading.digested(session, scope.places, instrument).value() == digest_of(at_once)
    alone = [loading.digested(session, [place], instrument).by_inspection() for place in scope.places]
    assert found.digests == {path: digest for one in alone for path, digest in one.items()}
    assert found.data_time == at_once.data_time
    assert found.cases.fillna("").to_dict("records") == at_once.cases.fillna("").to_dict("records")
    assert not ended or set(found.cases["planned"]) == {7, 6, 1}, "each case with what its plan reads"
    assert (found.marks.values, found.marks.keys) == (marks.values, marks.keys)
    assert np.array_equal(found.marks.chosen, marks.chosen)
    assert np.array_equal(found.marks.y, marks.y, equal_nan=True)


def end_the_last(session: Session, people: Cast) -> None:
    """The plan of the last draw reads in waves, and two people ended it."""
    every = session.exec(select(DrawRecord).order_by(col(DrawRecord.id))).all()
    plan = session.get_one(SamplingPlan, every[-1].plan_id)
    plan.plan = {**plan.plan, "choices": {**plan.plan["choices"], "waves": watched.RULE.as_json()}}
    session.add(plan)
    ending = Ending(
        draw_id=every[-1].id or 0,
        wave=1,
        rule=watched.RULE.as_json(),
        figures=[],
        certificate_sha256="0" * 64,
        reason="Settled",
        asked_at=watched.AT,
        asked_by_id=people.lead.id or 0,
        confirmed_at=watched.AT,
        confirmed_by_id=people.coordinator.id,
        n_stopped=0,
    )
    session.add(ending)
    session.flush()


def digest_of(loaded: material.Material) -> str:
    """Every row of all three tables in the order that Python writes them in, as one canonical JSON."""
    tables = (loaded.cases, loaded.answers, loaded.frame_counts)
    return json_digest([[list(table.columns), sorted(rows_of(table), key=repr)] for table in tables])


def rows_of(table: pd.DataFrame) -> list[list[object]]:
    return [[None if pd.isna(value) else value for value in row] for row in table.itertuples(index=False, name=None)]
