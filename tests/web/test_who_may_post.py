"""Every address that takes a form, and everybody: closed to whom it is not opened, and to all for what is not theirs.

The table is written by hand from the roles of the design: a new address that takes a form is a line here, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from casereader import inspections
from casereader.db import transaction
from casereader.models import Account
from casereader.vocabulary import ReadingKind
from tests import sampled
from tests.cast import BEGAN, Cast, SignIn
from tests.reading import given_to
from tests.web.client import PageClient

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOBODY = "nobody"
UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA"
READERS = {"reviewer", "second_reviewer", "local_reviewer"}
MAY_POST = {
    "account.set_password_post": "anyone",
    "account.sign_in_post": "anyone",
    "account.sign_out": "signed in",
    "actions.export": {"coordinator", "lead"},
    "actions.follow": {"coordinator", "lead"},
    "actions.record": {"coordinator", "lead", "moderator"},
    "actions.record_mine": READERS,
    "admin.create": {"administrator"},
    "admin.disable": {"administrator"},
    "admin.end_sign_ins": {"administrator"},
    "admin.issue_link": {"administrator"},
    "admin.remove_methods": {"administrator"},
    "agreement.set_threshold": {"coordinator", "lead"},
    "assigning.assign": {"coordinator"},
    "assigning.assign_added": {"coordinator"},
    "assigning.set_days": {"coordinator"},
    "autosave.save": READERS,
    "certificates.check": {*READERS, "coordinator", "deputy", "lead", "moderator"},
    "changing_draws.agree_to_extend": {"coordinator", "lead"},
    "changing_draws.agree_to_void": {"coordinator", "lead"},
    "changing_draws.ask_to_extend": {"coordinator", "lead"},
    "changing_draws.ask_to_void": {"coordinator", "lead"},
    "changing_draws.drop_extension": {"coordinator", "lead"},
    "changing_draws.drop_voiding": {"coordinator", "lead"},
    "concerns.follow": {"deputy", "lead"},
    "concerns.raise_it": READERS,
    "concerns.receive": {"deputy", "lead"},
    "conflicts.declare": {"coordinator"},
    "conflicts.declare_mine": {*READERS, "lead", "moderator"},
    "conflicts.end": {"coordinator"},
    "contacts.set_telephone": {"coordinator", "lead"},
    "contacts.set_waiting": {"coordinator"},  # who alone of the cast begins programmes
    "countersigning.countersign": {"reviewer", "second_reviewer"},
    "dates.agree": {"coordinator", "lead"},
    "dates.record": {"lead"},
    "draws.check_value": {"coordinator", "lead"},
    "draws.make": {"coordinator", "lead"},
    "evaluation.answer_challenge": {"lead"},
    "evaluation.enter_challenge": {"coordinator"},
    "evaluation.export_challenges": {"coordinator", "lead"},
    "evaluation.answer_own": {"lead"},
    "evaluation.answers_zip": {"coordinator", "lead"},
    "evaluation.recode": {"lead"},
    "evaluation.report_docx": {"coordinator", "lead"},
    "evaluation.write": {"lead"},
    "frames.receive": {"coordinator"},
    "issuing.inspection_drop": {"coordinator", "lead"},
    "issuing.inspection_prepare": {"coordinator", "lead"},
    "issuing.inspection_publish": {"coordinator", "lead"},
    "issuing.programme_drop": {"coordinator", "lead"},
    "issuing.programme_prepare": {"coordinator", "lead"},
    "issuing.programme_publish": {"coordinator", "lead"},
    "list_changes.make": {"coordinator"},
    "joining.check": {"coordinator"},
    "joining.make": {"coordinator"},
    "moderation.lock": {"lead"},
    "retention.agree": {"lead"},
    "retention.ask": {"lead"},
    "retention.withdraw": {"lead"},
    "subject.give": {"lead"},
    "settling.confirm": {"lead", "moderator"},
    "settling.settle": {"lead", "moderator"},
    "settling_by_readers.agree": READERS,
    "settling_by_readers.propose": READERS,
    "indicators.choose": {"coordinator"},
    "moderation.sign_off": {"lead", "moderator"},
    "moving.move": {"coordinator"},
    "my_queries.change": READERS,
    "my_queries.reply": READERS,
    "not_readable.say": READERS,
    "not_readable.turned_up": READERS,
    "notes.save": READERS,
    "plans.confirm": {"lead"},
    "plans.fix": {"coordinator"},
    "plans.send_back": {"lead"},
    "plans.take_back": {"coordinator"},
    "practice.again": READERS,
    "practice.save": READERS,
    "practice.submit": READERS,
    "programme_groups.choose": {"coordinator"},
    "programmes.add_post": {"coordinator"},
    "programmes.begin": {"coordinator"},
    "programmes.give_role": {"coordinator", "lead"},
    "programmes.take_role": {"coordinator", "lead"},
    "progress.give_post": {"coordinator"},
    "queries.ask_post": {"lead", "moderator"},
    "queries.resolve": {"lead", "moderator"},
    "queries.resolve_marks": {"lead", "moderator"},
    "queries.say": {"lead", "moderator"},
    "reader_sign_ins.save": {"coordinator", "lead"},
    "reading.reopen_post": READERS,
    "reading.start": READERS,
    "reading.submit": READERS,
    "records.mark": {"coordinator"},
    "replacements.confirm": {"lead", "moderator"},
    "replacements.propose_post": {"coordinator"},
    "replacements.turn_down": {"lead", "moderator"},
    "rescue.look": READERS,
    "rescue.save": READERS,
    "rounds.enter": {"coordinator", "lead"},
    "rounds.take_out": {"coordinator", "lead"},
    "returns.change": {"coordinator"},
    "returns.drop": {"coordinator"},
    "returns.map_it": {"coordinator"},
    "returns.take_back": {"coordinator"},
    "section.save": READERS,
    "settings.save": "signed in",
    "signing.add_passkey": "signed in",
    "signing.begin_app": "signed in",
    "signing.by_app": "signed in",
    "signing.by_line": "signed in",
    "signing.by_passkey": "signed in",
    "signing.change_post": "signed in",
    "signing.confirm": "signed in",
    "signing.confirm_app": "signed in",
    "signing.end": "signed in",
    "signing.end_others": "signed in",
    "signing.lock": "signed in",
    "signing.make_sheet": "signed in",
    "signing.new_passkey_options": "signed in",
    "signing.outside_remove": "signed in",
    "signing.passkey_options": "signed in",
    "signing.remove_method": "signed in",
    "signing.remove_sheet": "signed in",
    "signing.unlock": "anyone",
    "several.add": {"coordinator"},
    "stopping.stop": {"coordinator"},
    "stopping.take_back": {"coordinator"},
    "time_spent.note": READERS,
    "text_fixes.take": {"coordinator"},
    "trail.as_csv": {"administrator"},
    "trail.check": {"administrator"},
    "unlocking.ask_post": {"coordinator", "lead", "moderator"},
    "unlocking.decide": {"coordinator", "lead", "moderator"},
    "unlocking.take_back": {"coordinator", "lead", "moderator"},
    "workbooks.issue": {"coordinator"},
    "workbooks.put_aside": {"coordinator"},
    "workbooks.receive": {"coordinator"},
    "workbooks.take": {"coordinator"},
}


def everybody(cast: Cast) -> dict[str, Account | None]:
    """The cast by the parts they play, and nobody."""
    people = {field.name: getattr(cast, field.name) for field in fields(cast)}
    return {NOBODY: None} | {name: value for name, value in people.items() if isinstance(value, Account)}


def posting(app: Flask) -> list[Rule]:
    """The addresses that take a form and stand in the table; that all do has a test of its own."""
    return [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()) and rule.endpoint in MAY_POST]


def may_post(who: str, endpoint: str) -> bool:
    opened = MAY_POST[endpoint]
    if isinstance(opened, str):
        return opened == "anyone" or who != NOBODY
    return who in opened


def post(client: PageClient, path: str, **sent: object) -> TestResponse:
    """Post without looking over the page that comes back: the same few refusals come hundreds of times."""
    return FlaskClient.open(client, path, method="POST", **sent)


def path_of(app: Flask, rule: Rule, **values: str) -> str:
    return app.url_map.bind("127.0.0.1").build(rule.endpoint, dict.fromkeys(rule.arguments, UNKNOWN) | values)


def test_every_address_that_takes_a_form_is_in_the_table(app: Flask) -> None:
    taking = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}

    assert taking == MAY_POST.keys(), "say in MAY_POST who may post there"


def test_a_form_is_taken_from_those_it_is_open_to_and_only_with_their_own_token(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    wrong = []
    for who, account in everybody(cast).items():
        client = sign_in(account)
        for rule in posting(app):
            expected = 400 if may_post(who, rule.endpoint) else 401 if who == NOBODY else 403
            response = post(client, path_of(app, rule))
            if response.status_code != expected:
                wrong.append(f"{who}: {rule.rule}: {response.status_code}, expected {expected}")

    assert not wrong, "\n".join(wrong)


def test_what_is_not_theirs_is_the_same_404_to_everybody_whom_the_address_is_open_to(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    """An inspection in which nobody of the cast takes part, a reading that is another's, and what never was."""
    with transaction(app.extensions["casereader_engine"]) as session:
        instrument = app.extensions["casereader_instruments"]["CRR-1"]
        sampled.assign(session, cast, instrument)
        elsewhere = _elsewhere(session, cast)
        others = {who: _reading_of_another(session, cast, who) for who in READERS}
    wrong = []
    for who, account in everybody(cast).items():
        if account is None:
            continue
        client = sign_in(account)
        token = client.csrf_token("/")
        for rule in posting(app):
            if not rule.arguments or not may_post(who, rule.endpoint):
                continue
            for path in _not_theirs(app, rule, inspection=elsewhere, reading=others.get(who, UNKNOWN)):
                response = post(client, path, data={"csrf_token": token}, headers={"X-CSRFToken": token})
                if response.status_code != 404:
                    wrong.append(f"{who}: {path}: {response.status_code}")

    assert not wrong, "\n".join(wrong)


def _not_theirs(app: Flask, rule: Rule, *, inspection: str, reading: str) -> Iterator[str]:
    yield path_of(app, rule)
    if rule.rule.startswith("/inspections/"):
        yield path_of(app, rule, public_id=inspection)
    if rule.rule.startswith("/readings/"):
        yield path_of(app, rule, public_id=reading)


def _elsewhere(session: Session, cast: Cast) -> str:
    inspection = inspections.add_partnership(
        session,
        programme=cast.place.programme,
        name="Elsewhere",
        period_from=cast.place.inspection.period_from,
        period_to=cast.place.inspection.period_to,
        lead=None,
        by=None,
        at=BEGAN,
    )
    return inspection.public_id


def _reading_of_another(session: Session, cast: Cast, who: str) -> str:
    mine = getattr(cast, who)
    other = cast.reviewer if mine.id != cast.reviewer.id else cast.second_reviewer
    return given_to(session, other, kind=ReadingKind.FIRST)[0].reading.public_id
