"""“Confirm it is you”: what is asked for, when, and that nothing is done, or lost, before."""

from datetime import timedelta
from types import FunctionType

import pytest
from flask import Flask
from sqlmodel import col, select

from casereader import sessions
from casereader.db import transaction
from casereader.models import Account
from casereader.models import SignIn as Entry
from tests.cast import PASSWORD, Cast, SignIn
from tests.web.client import PageClient, filled_in, page_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PROVED_FIRST = {
    "actions.export",
    "admin.create",
    "admin.disable",
    "admin.end_sign_ins",
    "admin.issue_link",
    "admin.remove_methods",
    "admin.set_last_day",
    "changing_draws.agree_to_extend",
    "changing_draws.agree_to_void",
    "changing_draws.ask_to_void",
    "draws.make",
    "evaluation.answers_zip",
    "evaluation.export_challenges",
    "evaluation.questions_csv",
    "evaluation.report_docx",
    "evaluation.tables_csv",
    "evaluation.tables_ods",
    "evaluation.tables_xlsx",
    "issuing.inspection_csv",
    "issuing.inspection_json",
    "issuing.inspection_publish",
    "issuing.inspection_xlsx",
    "issuing.programme_csv",
    "issuing.programme_json",
    "issuing.programme_publish",
    "issuing.programme_xlsx",
    "retention.ask",
    "subject.give",
    "joining.make",
    "programmes.give_role",
    "programmes.take_role",
    "reader_sign_ins.save",
    "signing.add_passkey",
    "signing.begin_app",
    "signing.confirm_app",
    "signing.make_sheet",
    "signing.new_passkey",
    "signing.new_passkey_options",
    "signing.outside_bind",
    "signing.outside_remove",
    "signing.remove_method",
    "signing.remove_sheet",
    "signing.set_up_app",
    "trail.as_csv",
    "unlocking.decide",
}
FILES_FOR_THE_DAYS_WORK = {  # no answers and no figures in them
    "certificates.as_json",
    "certificates.list_csv",
    "certificates.longer_as_json",
    "certificates.voided_as_json",
    "certificates.voided_list_csv",
    "link_officer.list_csv",
    "link_officer.list_xlsx",
    "list_papers.template",
    "opened.addendum_json",
    "opened.certificate_json",
    "progress.cases_csv",
    "progress.cases_xlsx",
    "replacements.log_csv",
    "replacements.log_json",
    "returns.example",
    "returns.faults_xlsx",
    "workbooks.download",
}
NEW = {"email": "new@cast.example", "name": "Nora New", "ends_on": "", "csrf_token": ""}


def hands_out_a_file(view: object, seen: set[object]) -> bool:
    """Whether the view, or what it calls in the pages, answers with a file to be saved."""
    if not isinstance(view, FunctionType) or not view.__module__.startswith("casereader.web") or view in seen:
        return False
    seen.add(view)
    code = view.__code__
    said = {word for const in code.co_consts for word in (const if isinstance(const, tuple) else (const,))}
    if said & {"as_attachment", "Content-Disposition"}:
        return True
    return any(hands_out_a_file(view.__globals__.get(name), seen) for name in code.co_names)


def wait(app: Flask) -> None:
    """Let so much time pass that nobody has proved lately who they are."""
    with transaction(app.extensions["casereader_engine"]) as session:
        for entry in session.exec(select(Entry)):
            assert entry.proved_at is not None
            entry.proved_at -= sessions.PROVED_FOR + timedelta(seconds=1)


def names(app: Flask) -> set[str]:
    with transaction(app.extensions["casereader_engine"]) as session:
        return set(session.exec(select(Account.name).where(col(Account.email).endswith("@cast.example"))))


def ask(client: PageClient, path: str, cast: Cast, method: str) -> int:
    for name in ("public_id", "issue", "unlock", "account", "role"):
        path = path.replace(f"<{name}>", cast.place.inspection.public_id)
    return client.open(path, method=method).status_code


def test_whoever_has_not_proved_lately_who_they_are_is_asked_on_these_addresses_and_no_others(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    marked = {name for name, view in app.view_functions.items() if getattr(view, "is_proved_first", False)}
    assert marked == PROVED_FIRST
    people = {who: sign_in(getattr(cast, who)) for who in ("lead", "administrator", "coordinator")}
    wait(app)

    for rule in app.url_map.iter_rules():
        if rule.endpoint in PROVED_FIRST:
            method = "POST" if "POST" in (rule.methods or ()) else "GET"
            found = {ask(client, rule.rule, cast, method) for client in people.values()}
            assert 401 in found and found <= {401, 403}, rule.endpoint


def test_a_new_file_is_either_for_the_days_work_or_asks_who_wants_it(app: Flask) -> None:
    files = {name for name, view in app.view_functions.items() if hands_out_a_file(view, set())} - {"static"}

    assert files - PROVED_FIRST == FILES_FOR_THE_DAYS_WORK, "mark it proved_first, or say here that it holds no answers"


def test_a_form_is_kept_until_it_is_confirmed_and_done_when_it_is_sent_on(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.administrator)
    sent = {**NEW, "csrf_token": client.csrf_token("/accounts")}
    before = client.get_cookie("casereader")
    wait(app)

    asked = client.post("/accounts", data=sent)
    assert asked.status_code == 401 and page_of(asked).heading == "Confirm it is you"
    form = page_of(asked).form()
    fields = filled_in(form)
    wrong = client.post(form.get("action") or "", data=fields | {"password": "not the password"})
    assert wrong.status_code == 422 and page_of(wrong).errors == ["The password is not right."]
    right = client.post(form.get("action") or "", data=filled_in(page_of(wrong).form()) | {"password": PASSWORD})
    assert "Nora New" not in names(app)
    assert before is not None and client.get_cookie("casereader") != before

    done = client.post("/accounts", data=filled_in(page_of(right).form("/accounts")))

    assert done.status_code == 200 and "Nora New" in names(app)
    assert (
        client.post("/accounts", data={**sent, "email": "other@cast.example", "name": "Olaf Other"}).status_code == 200
    )


def test_a_file_is_asked_for_again_once_confirmed(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.lead)
    wanted = f"/inspections/{cast.place.inspection.public_id}/roll-up/tables.xlsx"
    wait(app)

    asked = client.get(wanted)
    assert asked.status_code == 401
    confirmed = client.post("/confirm", data=filled_in(page_of(asked).form()) | {"password": PASSWORD})

    assert wanted in page_of(confirmed).links
    assert client.get(wanted).status_code == 409  # nothing is drawn yet: the door is open
