"""A sample extended after a reserve was called on: others verify its certificate, and its weights are right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, delete, select

from casereader.after_the_draw import extending, replacements
from casereader.drawing import draws
from casereader.figures.results import plain_rows, results_for
from casereader.instrument import Instrument
from casereader.models import DrawRecord, Reading, Replacement, SampleCase, SamplingPlan
from casereader.vocabulary import CaseStatus, SampleRole
from tests import sampled, worked
from tests.cast import Cast
from tests.source import ROOT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AT = sampled.AT + timedelta(days=1)
PROGRAMS = {"ours": ("-m", "sampling", "verify"), "theirs": (str(ROOT / "docs" / "verify" / "verify.py"),)}


@pytest.fixture
def record(session: Session, cast: Cast, instrument: Instrument) -> DrawRecord:
    """4 of 20 drawn in a and 8 of 40 in b; there the third is not eligible, the ninth replaces it, and then 12 are."""
    drawn = sampled.assign(session, cast, instrument)
    third = next(one for one in of_stratum(session, drawn, "b") if one.order == 3)
    proposal = Replacement(
        sample_case_id=third.id or 0, reason="not on the list", proposed_at=AT, proposed_by_id=cast.reviewer.id or 0
    )
    session.add(proposal)
    session.flush()
    inspection = cast.place.inspection
    replacements.confirm(session, inspection=inspection, replacement=proposal, by=cast.moderator, at=AT)
    why = "Time for more"
    extending.ask(session, inspection=inspection, sizes={"b": 12}, reason=why, by=cast.coordinator, at=AT)
    extending.agree(session, inspection=inspection, by=cast.lead, at=AT)
    return drawn


def of_stratum(session: Session, record: DrawRecord, stratum: str) -> Sequence[SampleCase]:
    query = select(SampleCase).where(SampleCase.draw_id == record.id, SampleCase.stratum == stratum)
    return session.exec(query.order_by(col(SampleCase.order))).all()


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_longer_certificate_with_a_reserve_called_on_verifies_by_our_program_and_by_one_without_us(
    session: Session, record: DrawRecord, tmp_path: Path, program: str
) -> None:
    certificate, listed = tmp_path / "certificate.json", tmp_path / "list.csv"
    paper = extending.latest_certificate(session, draw_record=record)
    certificate.write_text(paper, encoding="utf-8")
    plan = session.get_one(SamplingPlan, record.plan_id)
    listed.write_text(draws.list_as_fixed(session, plan=plan), encoding="utf-8")

    assert _run(program, certificate, listed) == 0
    listed.write_text("".join(listed.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    assert _run(program, certificate, listed) == 1, "a case was taken off the list"


def _run(program: str, certificate: Path, listed: Path) -> int:
    command = [sys.executable, *PROGRAMS[program], str(certificate), str(listed)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60).returncode


def test_the_weight_in_a_longer_sample_is_the_list_over_the_decided_the_ineligible_among_them(
    session: Session, cast: Cast, instrument: Instrument, record: DrawRecord
) -> None:
    """By hand: in b 40 / 12 = 10/3 each, the one not eligible decided too; 4 of the 11 read are good. In a 20 / 4 = 5
    each; 2 of 4 are good. So (4 · 10/3 + 2 · 5) / (11 · 10/3 + 4 · 5) = (70/3) / (170/3) = 7/17.
    """
    good = {"a": 2, "b": 4}
    for stratum, n_good in good.items():
        to_read = [
            one
            for one in of_stratum(session, record, stratum)
            if (one.role is SampleRole.MAIN or one.called_on) and one.status is not CaseStatus.INELIGIBLE
        ]
        for place, one in enumerate(to_read):
            session.exec(delete(Reading).where(col(Reading.sample_case_id) == one.id))  # given, and nothing in it yet
            one.status, one.decided_at, one.decided_by_id = CaseStatus.READ, AT, cast.reviewer.id
            worked.read(session, one, cast.reviewer, {"C9": "5" if place < n_good else "2"})
    session.flush()

    (figure,) = (
        one
        for one in plain_rows(results_for(session, [cast.place], instrument).figures.questions)
        if (one["question"], one["domain"]) == ("C9", "all")
    )

    assert (figure["n"], figure["k"]) == (15, 6)
    assert figure["share"] == pytest.approx(7 / 17)
