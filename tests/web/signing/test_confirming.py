"""“Confirm it is you”: what is asked for, when, and that nothing is done, or lost, before."""

from types import FunctionType

import pyotp
import pytest
from flask import Flask
from sqlmodel import col, select
from werkzeug.test import TestResponse

from casereader.db import transaction
from casereader.models import Account
from tests.cast import PASSWORD, Cast, SignIn
from tests.second_steps import line
from tests.web.client import PageClient, filled_in, page_of
from tests.web.second_steps import long_ago, next_code, set_up_app

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PROVED_FIRST = {
    "actions.export",
    "admin.create",
    "admin.disable",
    "admin.enable",
    "admin.end_sign_ins",
    "admin.issue_link",
    "admin.remove_methods",
    "admin.set_last_day",
    "after_waves.agree",
    "changing_draws.agree_to_extend",
    "changing_draws.agree_to_void",
    "changing_draws.ask_to_void",
    "draws.make",
    "evaluation.answers_zip",
    "evaluation.export_challenges",
    "evaluation.questions_csv",
    "evaluation.report_docx",
    "evaluation.save_file",
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
    "signing.change",
    "signing.change_post",
    "signing.confirm_app",
    "signing.end",
    "signing.end_others",
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


def with_app(app: Flask, client: PageClient) -> pyotp.TOTP:
    """Give whoever sits there an app, and let ten minutes pass."""
    codes = set_up_app(client)
    long_ago(app, client)
    return codes


def give(client: PageClient, asked: TestResponse, **typed: str) -> TestResponse:
    """Fill in the page that asks who one is."""
    form = page_of(asked).form()
    return client.post(form.get("action") or "", data=filled_in(form) | typed)


def names(app: Flask) -> set[str]:
    with transaction(app.extensions["casereader_engine"]) as session:
        return set(session.exec(select(Account.name).where(col(Account.email).endswith("@cast.example"))))


def ask(client: PageClient, path: str, cast: Cast, method: str) -> int:
    for name in ("public_id", "issue", "unlock", "account", "role", "file"):
        path = path.replace(f"<{name}>", cast.place.inspection.public_id)
    return client.open(path, method=method).status_code


def test_whoever_has_not_proved_lately_who_they_are_is_asked_on_these_addresses_and_no_others(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    marked = {name for name, view in app.view_functions.items() if getattr(view, "is_proved_first", False)}
    assert marked == PROVED_FIRST
    assert [name for name in PROVED_FIRST if len(getattr(app.view_functions[name], "does", "")) < 10] == []
    people = {who: sign_in(getattr(cast, who)) for who in ("lead", "administrator", "coordinator")}
    long_ago(app)

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
    long_ago(app)

    asked = client.post("/accounts", data=sent)
    assert asked.status_code == 401 and page_of(asked).heading == "Confirm it is you"
    assert "You asked for: Make an account." in page_of(asked).text
    form = page_of(asked).form()
    fields = filled_in(form)
    wrong = client.post(form.get("action") or "", data=fields | {"password": "not the password"})
    assert wrong.status_code == 422 and page_of(wrong).errors == ["The password is not right."]
    right = client.post(form.get("action") or "", data=filled_in(page_of(wrong).form()) | {"password": PASSWORD})
    assert "You asked for: Make an account." in page_of(wrong).text and page_of(right).heading == "Make an account"
    assert "Nora New" not in names(app)
    assert before is not None and client.get_cookie("casereader") != before

    done = client.post("/accounts", data=filled_in(page_of(right).form("/accounts")))

    assert done.status_code == 200 and "Nora New" in names(app)
    assert (
        client.post("/accounts", data={**sent, "email": "other@cast.example", "name": "Olaf Other"}).status_code == 200
    )


def test_a_deed_that_is_one_button_is_named_with_whom_it_is_done_to_and_waits_for_the_button_again(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client, path = sign_in(cast.administrator), f"/accounts/{cast.reviewer.public_id}/disable"
    token = client.csrf_token("/accounts")
    long_ago(app)

    asked = client.post(path, data={"csrf_token": token})
    assert f"You asked for: Disable an account – {cast.reviewer.name}." in page_of(asked).text
    right = give(client, asked, password=PASSWORD)

    assert page_of(right).heading == "Disable an account" and "Disabled" not in client.page("/accounts").text
    assert client.post(path, data=filled_in(page_of(right).form(path))).status_code == 303
    assert "Disabled" in client.page("/accounts").text


def test_a_file_is_asked_for_again_once_confirmed(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.lead)
    wanted = f"/inspections/{cast.place.inspection.public_id}/roll-up/tables.xlsx"
    long_ago(app)

    asked = client.get(wanted)
    assert asked.status_code == 401
    confirmed = client.post("/confirm", data=filled_in(page_of(asked).form()) | {"password": PASSWORD})

    for page in map(page_of, (asked, confirmed)):
        assert f"You asked for: Save the tables – {cast.place.name}." in page.text
    assert wanted in page_of(confirmed).links
    assert client.get(wanted).status_code == 409  # nothing is drawn yet: the door is open


def test_whoever_has_an_app_confirms_by_a_code_alone_once_and_not_by_the_password(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.administrator)
    codes = with_app(app, client)
    sent = {**NEW, "csrf_token": client.csrf_token("/settings")}

    asked = client.post("/accounts", data=sent)
    assert asked.status_code == 401
    assert {"code", "line"} <= filled_in(page_of(asked).form()).keys()
    assert "password" not in filled_in(page_of(asked).form())
    for typed, says in (
        ({"password": PASSWORD}, "Enter the code of your app or a line of your recovery sheet, or use your passkey."),
        ({"code": "000000"}, "The code is not right. Enter the six digits that the app shows now."),
        ({"line": "1 AAAA-AAAA-AAAA-AAAA"}, "The line is not right, or was used already."),
    ):
        refused = give(client, asked, **typed)
        assert refused.status_code == 422 and page_of(refused).errors[0].startswith(says)
    code = next_code(app, codes)
    right = give(client, asked, code=code)
    assert client.post("/accounts", data=filled_in(page_of(right).form("/accounts"))).status_code == 200
    assert "Nora New" in names(app)

    long_ago(app, client)
    again = give(client, client.post("/accounts", data=sent), code=code)
    assert again.status_code == 422
    assert "used already" in page_of(again).errors[0] or "just run out" in page_of(again).errors[0]
    assert give(client, asked, line=line(2)).status_code == 200, "a line stands in for the app"


def test_to_change_how_one_signs_in_it_takes_the_password_and_one_thing_beside_it(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.lead)
    client.page("/change-password")
    long_ago(app, client)

    work = client.get(f"/inspections/{cast.place.inspection.public_id}/roll-up/tables.xlsx")
    assert give(client, work, password=PASSWORD).status_code == 200, "of a sheet alone, work asks for the password"
    asked = client.get("/change-password")
    assert asked.status_code == 401, "which is not enough for this"
    for typed in ({"password": PASSWORD}, {"line": line(4)}, {"password": "not the password", "line": line(4)}):
        assert give(client, asked, **typed).status_code == 422
    assert give(client, asked, password=PASSWORD, fully="").status_code == 200
    assert client.get("/change-password").status_code == 401, "whatever the page is made to say"

    assert give(client, asked, password=PASSWORD, line=line(4)).status_code == 200

    client.page("/change-password")
    client.page("/sign-in-methods/passkey")
    long_ago(app, client)
    assert give(client, asked, password=PASSWORD, line=line(4)).status_code == 422, "the line is used"


def test_who_unlocks_by_the_password_has_not_shown_the_app(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.lead)
    with_app(app, client)
    client.submit("/", action="/lock")
    form = page_of(client.get("/")).form("/unlock")
    client.post("/unlock", data=filled_in(form) | {"password": PASSWORD})
    client.page("/")

    assert client.get(f"/inspections/{cast.place.inspection.public_id}/roll-up/tables.xlsx").status_code == 401


def test_whoever_must_set_up_a_method_and_has_none_is_asked_for_the_password_alone(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.reviewer)
    long_ago(app, client)

    asked = client.get("/sign-in-methods/passkey")
    assert asked.status_code == 401
    assert "line" not in filled_in(page_of(asked).form())

    assert give(client, asked, password=PASSWORD).status_code == 200
    client.page("/sign-in-methods/passkey")


def test_wrong_codes_are_counted_with_the_tries_of_the_name(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.administrator)
    codes = with_app(app, client)
    asked = client.post("/accounts", data={**NEW, "csrf_token": client.csrf_token("/settings")})

    tried = [give(client, asked, code=wrong).status_code for wrong in ["000000"] * 10]

    assert tried == [422] * 10
    assert give(client, asked, code=next_code(app, codes)).status_code == 429


def test_a_passkey_is_asked_for_only_of_somebody_who_has_one(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.lead)
    headers = {"Accept": "application/json", "X-CSRFToken": client.csrf_token("/settings")}

    assert client.post("/confirm/passkey/options", headers=headers).status_code == 404
