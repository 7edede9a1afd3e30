"""Signing in and out, and who gets as far as where."""

import re

import pytest

from tests.cast import PASSWORD, Cast, SignIn
from tests.databases import ON_BOTH
from tests.second_steps import line
from tests.web.client import PageClient, page_of

PEOPLE = (
    "coordinator",
    "reviewer",
    "second_reviewer",
    "local_reviewer",
    "moderator",
    "lead",
    "administrator",
    "outsider",
)


@ON_BOTH
def test_somebody_who_is_not_signed_in_is_asked_to_and_then_comes_to_the_page_they_wanted(
    client: PageClient, cast: Cast
) -> None:
    asked = client.get(f"/inspections/{cast.place.inspection.public_id}")
    assert asked.status_code == 303

    wanted = f"/inspections/{cast.place.inspection.public_id}"
    assert asked.location == f"/sign-in?next={wanted}"
    step = client.submit(asked.location, {"email": cast.coordinator.email, "password": PASSWORD}).location or ""
    done = client.submit(step, {"line": line(1)}, action="/second-step/line")
    assert done.location == wanted
    client.page(wanted)


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_with_an_account_has_a_home_page_that_names_them(cast: Cast, sign_in: SignIn, who: str) -> None:
    account = getattr(cast, who)

    page = sign_in(account).page("/")

    assert account.name in page.text


@pytest.mark.parametrize("email", ["ruaridh@cast.example", "nobody@cast.example", "not an address"])
def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(
    client: PageClient, cast: Cast, email: str
) -> None:
    assert cast.reviewer.email == "ruaridh@cast.example"

    refused = client.submit("/sign-in", {"email": email, "password": "not the password"})

    assert refused.status_code == 422
    assert page_of(refused).errors == ["The e-mail address or the password is not right, or the account has ended."]


@ON_BOTH
def test_signing_out_ends_the_session_for_a_copy_of_its_cookie_too(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.reviewer)
    copied = client.get_cookie("casereader")
    assert copied is not None

    client.submit("/", action="/sign-out")

    client.set_cookie("casereader", copied.value)
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(client: PageClient, cast: Cast, where: str) -> None:
    values = {"email": cast.reviewer.email, "password": PASSWORD, "next": where}

    assert client.submit("/sign-in", values).location == "/"


def test_a_form_without_its_token_changes_nothing(client: PageClient, cast: Cast) -> None:
    refused = client.post("/sign-in", data={"email": cast.reviewer.email, "password": PASSWORD})

    assert refused.status_code == 400
    assert client.get("/").status_code == 303


def test_a_person_given_nothing_sees_neither_inspection_nor_accounts(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.outsider)

    client.page(f"/inspections/{cast.place.inspection.public_id}", status=403)
    client.page("/accounts", status=403)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_refusal_says_whom_the_page_is_for_and_sends_nobody_to_themselves(cast: Cast, sign_in: SignIn) -> None:
    here = f"/inspections/{cast.place.inspection.public_id}"
    for name, path, says, not_said in (
        ("coordinator", f"{here}/concerns", "It is for the lead or deputy of an inspection", "Ask the coordinator"),
        ("coordinator", "/accounts", "It is for administrators. Ask an administrator", "Ask the coordinator"),
        ("moderator", f"{here}/concerns", "Ask the coordinator if you should be.", "give them the role"),
        ("outsider", f"{here}/stopping", "It is for the coordinator of an inspection", "give them the role"),
    ):
        text = sign_in(getattr(cast, name)).page(path, status=403).text
        assert says in text and not_said not in text, (name, path)


def test_what_is_not_there_is_one_and_the_same_page_for_somebody_with_a_role(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.lead).page("/inspections/AAAAAAAAAAAAAAAAAAAAAA", status=404)

    assert page.heading == "Page not found"
    assert not re.search(r"inspection|lead", page.heading)
