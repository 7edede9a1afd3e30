"""The administrator's pages of accounts: what ends asks first, and what was stopped can go on."""

from __future__ import annotations

import re

import pytest

from tests.cast import PASSWORD, Cast, SignIn
from tests.web.client import page_of
from tests.web.page import words

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_disabled_account_gets_no_link_and_works_as_before_once_it_is_let(cast: Cast, sign_in: SignIn) -> None:
    desk, of_one = sign_in(cast.administrator), f"/accounts/{cast.reviewer.public_id}"
    assert desk.submit("/accounts", action=f"{of_one}/disable").status_code == 303
    theirs = {"email": cast.reviewer.email, "password": PASSWORD}
    assert sign_in(None).submit("/sign-in", theirs).status_code == 422

    refused = desk.post(f"{of_one}/link", data={"csrf_token": desk.csrf_token("/accounts")})
    assert (refused.status_code, "is disabled: let it work again first" in refused.text) == (422, True)
    assert desk.submit("/accounts", action=f"{of_one}/enable").status_code == 303
    assert "can sign in again" in desk.page("/accounts").text
    assert sign_in(None).submit("/sign-in", theirs).status_code == 303
    again = desk.post(f"{of_one}/enable", data={"csrf_token": desk.csrf_token("/accounts")})
    assert again.status_code == refused.status_code


def test_removing_sign_in_methods_says_first_what_ends_and_then_that_it_has(cast: Cast, sign_in: SignIn) -> None:
    desk, path = sign_in(cast.administrator), f"/accounts/{cast.lead.public_id}/remove-methods"
    asked = desk.page(path).text
    assert "recovery sheet, their password, and every sign-in" in asked

    done = desk.submit(path, action=path)
    assert done.status_code == 200
    assert "have ended" in done.text
    assert "/set-password/" in done.text
    assert 'aria-label="QR code' in done.text


def test_who_has_lost_the_link_to_a_new_account_is_handed_the_way_to_another_and_a_spent_link_says_so(
    cast: Cast, sign_in: SignIn
) -> None:
    desk = sign_in(cast.administrator)
    given = {"csrf_token": desk.csrf_token("/accounts"), "name": "Lotte Lost", "email": "lost@body.example"}
    first, again = (desk.post("/accounts", data=given) for _ in range(2))
    assert again.status_code == 422 and "no longer see its link" in again.text
    button = [form.get("action") or "" for form in page_of(again).root.iter("form")][-2]
    assert desk.post(button, data={"csrf_token": given["csrf_token"]}).status_code == 200

    spent = re.search(r"/set-password/[\w-]+", first.text)
    assert spent is not None
    page = sign_in(None).page(spent[0], status=404)
    assert page.heading == "This link no longer opens anything"
    assert "used already" in page.text and "Check the address" not in page.text


def test_what_an_account_may_do_everywhere_is_a_list_and_not_one_word(cast: Cast, sign_in: SignIn) -> None:
    desk = sign_in(cast.administrator)
    given = {
        "csrf_token": desk.csrf_token("/accounts"),
        "name": "Bo Both",
        "email": "bo@body.example",
        "is_administrator": "y",
        "may_begin_programmes": "y",
    }
    assert desk.post("/accounts", data=given).status_code == 200
    cells = [words(cell) for cell in desk.page("/accounts").root.iter("td")]
    assert "Administrator, May begin programmes" in cells


def test_an_account_that_would_have_ended_already_is_not_made(cast: Cast, sign_in: SignIn) -> None:
    desk = sign_in(cast.administrator)
    given = {
        "csrf_token": desk.csrf_token("/accounts"),
        "name": "Late Comer",
        "email": "late@body.example",
        "ends_on": "2020-01-01",
    }
    refused = desk.post("/accounts", data=given)
    assert (refused.status_code, "Enter today or a later day" in refused.text) == (422, True)
    assert "Late Comer" not in desk.page("/accounts").text
