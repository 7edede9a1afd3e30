"""How long content is kept, the request to erase it, and what each role sees once it is gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlmodel import Session, select

from casereader import erasing, issues, retention
from casereader.cli import proving
from casereader.db import snapshot, transaction
from casereader.instrument import Library
from casereader.models import Account, AuditEvent, Inspection
from casereader.people import accounts
from casereader.programmes import inspections
from casereader.vocabulary import RetentionReason
from tests import published
from tests.cast import BEGAN, PASSWORD, Cast, SignIn, gather
from tests.published import OUT
from tests.second_steps import line
from tests.web.client import page_of


def run(app: Flask, *words: str, typed: str = "") -> Result:
    """Run a command as people type it, with what they type when it asks."""
    return app.test_cli_runner().invoke(args=list(words), input=typed)


def test_the_lead_sets_the_day_is_told_when_it_is_past_asks_and_takes_it_back(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    lead, path = sign_in(cast.lead), f"/inspections/{cast.place.inspection.public_id}/retention"
    page = lead.page(path)
    assert "31 December 2032" in page.text
    assert "Nothing is erased by itself" in page.text

    too_soon = lead.submit(path, action=f"{path}/erase")
    assert too_soon.status_code == 422
    assert "There is a problem Set first until which day" in " ".join(page_of(too_soon).text.split())
    refused = lead.submit(path, {"until": "2020-01-01", "reason": "as proposed"}, action=path)
    assert refused.status_code == 422
    assert "before the end of the reading period" in page_of(refused).text
    assert lead.submit(path, {"until": "2026-04-01", "reason": "no longer needed"}, action=path).status_code == 303
    _past(app, cast)

    assert "Due to be erased" in lead.page("/").text
    assert "Due" in lead.page(path).text
    assert lead.submit(path, action=f"{path}/erase").status_code == 303
    administrator = sign_in(cast.administrator)
    assert "Erase content" in administrator.page("/").text
    shown = administrator.page("/retention").text
    assert f"erase --inspection {cast.place.path} --by {cast.administrator.email}" in shown
    assert "Due to be erased" not in lead.page("/").text
    assert lead.submit(path, action=f"{path}/keep").status_code == 303
    assert "Erase content" not in administrator.page("/").text
    assert cast.place.name in administrator.page("/retention").text


@pytest.fixture
def erased(app: Flask) -> Iterator[Cast]:
    """The cast's inspection, published once and erased since."""
    instrument = app.extensions["casereader_instruments"]["CRR-1"]
    with transaction(app.extensions["casereader_engine"]) as session:
        cast = gather(session, instrument=instrument, at=BEGAN)
        published.build(session, cast)
        scope = issues.of_place(cast.place)
        draft = issues.prepare(
            session,
            scope=scope,
            instrument=instrument,
            library=Library((instrument,)),
            by=cast.coordinator,
            at=OUT,
            threshold=5,
        )
        later = OUT + timedelta(days=1)
        issues.issue(session, scope=scope, public_id=draft.public_id, instrument=instrument, by=cast.lead, at=later)
        _ask(session, cast, later)
        erasing.erase(session, place=cast.place, by=cast.administrator, at=later)
    yield cast


def test_the_pages_of_an_erased_inspection_say_so_and_what_was_published_is_still_to_be_had(
    app: Flask, erased: Cast, sign_in: SignIn
) -> None:
    key = erased.place.inspection.public_id
    home = f"/inspections/{key}"
    pages = [
        rule.rule.replace("<public_id>", key)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/inspections/<public_id>/")
        and rule.arguments == {"public_id"}
        and "GET" in (rule.methods or ())
    ]
    assert len(pages) > 50
    for who in (erased.coordinator, erased.lead, erased.moderator):
        client = sign_in(who)
        page = client.page(home)
        assert "was erased on" in page.text
        assert "14" in page.text, "what the counts are is still told"
        assert "Erased" in client.page("/programmes").text
        client.page("/")
        client.page("/board")
        for path in pages:
            answer = client.get(path)
            assert answer.status_code in (403, 404, 410), path
            if answer.status_code == 410:
                assert "was erased on" in page_of(answer).text
    for who in (erased.reviewer, erased.second_reviewer, erased.local_reviewer, erased.deputy, erased.administrator):
        client = sign_in(who)
        client.page("/")
        assert client.get(home).status_code in (403, 404)
    for reader in (erased.reviewer, erased.local_reviewer):
        sign_in(reader).page("/readings")

    lead = sign_in(erased.lead)
    (file,) = [link for link in lead.page(home).links if link.endswith("issue.csv")]
    assert b"C9" in lead.get(file).data
    again = lead.get(f"/programmes/{erased.place.programme.public_id}/issues")
    assert again.status_code in (200, 404)


def test_the_command_erases_what_a_lead_asked_for_and_prints_what_else_must_be_destroyed(
    app: Flask, cast: Cast
) -> None:
    words = ("erase", "--inspection", cast.place.path, "--by", cast.administrator.email, "--yes")
    proof = ("--proof-from-input",)
    refused = run(app, *words)
    assert refused.exit_code == 2
    assert "Nobody asked for it" in refused.output
    _asked(app, cast)
    copy = app.extensions["casereader_settings"].data_folder / "of-may.backup"
    copy.write_text("a copy that somebody made")

    done = run(app, *words, *proof, typed=f"{PASSWORD}\n{line(1)}\n")
    again = run(app, *words)

    assert done.exit_code == 0, done.output
    assert '"references": 0' in done.output and '"given_out": []' in done.output
    assert "every backup, snapshot and copy" in done.output
    assert f"looks like a copy of the database: {copy}" in done.output and copy.exists()
    sheet = done.output.partition("RECORD OF ERASURE")[2]
    for said in (cast.place.name, f"Asked for by:   {cast.lead.name}", f"Erased by:      {cast.administrator.name}"):
        assert said in sheet
    assert "0 cases on its lists" in sheet and f"The copy {copy}" in sheet and "Who erased it" in sheet
    assert again.output == done.output, "given again it finishes, and says the same"
    assert "was erased on" in run(app, "rollup", "--inspection", cast.place.path, "--out", "nowhere").output


def test_the_command_erases_nothing_for_whoever_does_not_show_that_they_are_the_administrator(
    app: Flask, cast: Cast
) -> None:
    _asked(app, cast)
    words = ("erase", "--inspection", cast.place.path, "--yes", "--by")
    name = cast.administrator.email
    with transaction(app.extensions["casereader_engine"]) as session:
        second = accounts.create(
            session, email="second@cast.example", name="Sam Second", by=None, at=BEGAN, is_administrator=True
        )
        second.password_hash = cast.administrator.password_hash

    wrong = [
        run(app, *words, email, "--proof-from-input", typed=f"{password}\n{second_step}\n").output
        for email, password, second_step in (
            (name, "not the password", line(1)),
            (name, PASSWORD, line(1).replace("A", "B")),
            (name, PASSWORD, "000000"),
            (name, PASSWORD, ""),
            ("nobody@cast.example", PASSWORD, line(1)),
        )
    ]
    assert {text.strip() for text in wrong} == {proving.NOT_RIGHT}, "which of the two was wrong, nobody is told"
    without = run(app, *words, "second@cast.example", typed=f"{PASSWORD}\n\n")
    assert without.exit_code == 2 and "make a sheet" in without.output and PASSWORD not in without.output
    lead = run(app, *words, cast.lead.email, typed=f"{PASSWORD}\n{line(1)}\n")
    assert lead.exit_code == 2 and "is no administrator" in lead.output
    for _ in range(10):
        last = run(app, *words, name, "--proof-from-input", typed="not the password\n\n")
    assert "There were too many tries" in last.output
    stopped = run(app, *words, name, "--proof-from-input", typed=f"{PASSWORD}\n{line(2)}\n")
    assert stopped.exit_code == 2 and "Nothing was checked" in stopped.output
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert inspections.by_name(session, path=cast.place.path).inspection.erased_at is None
        told = session.exec(select(AuditEvent).where(AuditEvent.action.in_(("failed try", "tries ran out")))).all()  # type: ignore[attr-defined]
        assert {(one.body["what"], one.body["network"]) for one in told} == {("giving a command", "the command line")}
        assert {one.object_id for one in told} == {cast.administrator.public_id, "unknown"}


def test_a_line_that_was_used_on_the_command_line_opens_nothing_again(app: Flask, cast: Cast) -> None:
    _asked(app, cast)
    words = ("erase", "--inspection", cast.place.path, "--by", cast.administrator.email)
    typed = f"{PASSWORD}\n{line(3)}\n"

    thought_again = run(app, *words, typed=f"{typed}n\n")
    assert thought_again.exit_code == 1 and "Nothing brings it back" in thought_again.output
    assert PASSWORD not in thought_again.output and line(3) not in thought_again.output
    assert proving.NOT_RIGHT in run(app, *words, typed=typed).output
    assert run(app, *words, typed=f"{PASSWORD}\n{line(4)}\ny\n").exit_code == 0


def _asked(app: Flask, cast: Cast) -> None:
    """The lead has asked for it."""
    with transaction(app.extensions["casereader_engine"]) as session:
        place = inspections.by_name(session, path=cast.place.path)
        _ask(session, replace(cast, place=place, lead=session.get_one(Account, cast.lead.id)), BEGAN)


def _past(app: Flask, cast: Cast) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        session.get_one(Inspection, cast.place.inspection.id).retain_until = date(2026, 4, 2)


def _ask(session: Session, cast: Cast, at: datetime) -> None:
    retention.agree(
        session,
        inspection=cast.place.inspection,
        until=date(2026, 4, 1),
        reason=RetentionReason.PROPOSED,
        by=cast.lead,
        at=at,
    )
    erasing.ask(session, inspection=cast.place.inspection, is_sooner=False, by=cast.lead, at=at)
