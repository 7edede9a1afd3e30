"""All that is held about one case: for its lead alone, whole, and written in the trail without the reference."""

import json
from pathlib import Path

from click.testing import Result
from flask import Flask
from sqlmodel import col, select

from casereader.db import snapshot, transaction
from casereader.models import AnswerRow, AuditEvent, Case, Reading, SampleCase
from tests import read_twice
from tests.cast import Cast, SignIn
from tests.web.client import page_of
from tests.worked import People

NOTE = "The brother is told of here."


def _read(app: Flask, cast: Cast) -> str:
    """The reference of a case that was read, with a note."""
    with transaction(app.extensions["casereader_engine"]) as session:
        people = People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead)
        read_twice.build(session, cast.place, people, pairs=0)
        row = session.exec(select(AnswerRow).where(AnswerRow.key == "C9").order_by(col(AnswerRow.id))).first()
        assert row is not None
        row.note = NOTE
        reading = session.get_one(Reading, row.reading_id)
        sample = session.get_one(SampleCase, reading.sample_case_id)
        return session.get_one(Case, sample.case_id).case_ref


def test_the_lead_gets_all_that_is_held_about_a_case_and_nothing_about_another(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    reference = _read(app, cast)
    lead, path = sign_in(cast.lead), f"/inspections/{cast.place.inspection.public_id}/about-a-case"

    refused = lead.submit(path, {"reference": "nobody's"})
    assert refused.status_code == 422
    assert "holds that reference" in page_of(refused).text
    paper = page_of(lead.submit(path, {"reference": f" {reference} "}))
    assert NOTE in paper.text and "brothers and sisters" in paper.text
    answer = lead.submit(path, {"reference": reference, "wanted": "file"})
    held = json.loads(answer.data)

    assert "attachment" in answer.headers["Content-Disposition"]
    assert reference not in answer.headers["Content-Disposition"]
    assert [row["case_ref"] for row in held["held"]["frame_case"]] == [reference]
    assert len(held["held"]["reading"]) == len(held["held"]["sample_case"]) == 1
    assert NOTE in [row["note"] for row in held["held"]["answer"]]
    assert {row["reading_id"] for row in held["held"]["answer"]} == {held["held"]["reading"][0]["id"]}
    with snapshot(app.extensions["casereader_engine"]) as session:
        taken = session.exec(select(AuditEvent).where(AuditEvent.action == "held about a case taken")).all()
        assert len(taken) == 2
        assert all(reference not in json.dumps([one.object_id, one.body]) for one in taken)


def test_the_command_writes_two_files_for_a_lead_and_refuses_whoever_else_asks(
    app: Flask, cast: Cast, sign_in: SignIn, tmp_path: Path
) -> None:
    reference = _read(app, cast)
    words = ["subject", "--inspection", cast.place.path, "--reference", reference, "--out", str(tmp_path / "out")]
    for other in (cast.coordinator, cast.administrator):
        refused: Result = app.test_cli_runner().invoke(args=[*words, "--by", other.email])
        assert refused.exit_code == 2 and "is no lead of" in refused.output
        shown = sign_in(other).get(f"/inspections/{cast.place.inspection.public_id}/about-a-case")
        assert shown.status_code == 403

    done = app.test_cli_runner().invoke(args=[*words, "--by", cast.lead.email])

    assert done.exit_code == 0, done.output
    assert "Take out what is about others" in done.output
    files = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert files.keys() == {"held.json", "held.html"}
    assert all(NOTE in text and reference in text for text in files.values())
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
    again = app.test_cli_runner().invoke(args=[*words, "--by", cast.lead.email])
    assert again.exit_code == 2 and "such a file already" in again.output
