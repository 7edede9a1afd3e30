"""Odd addresses, item by item as the list of bad inputs numbers them: never a 5xx, nothing stored, nothing let out.

Some items name what we do not have, and the nearest real thing is tried instead: no page takes a file name (C03: a
download is the same whatever is asked beside it), pages a list (C05), sorts (C06) or searches (C07): what is asked of
the roll-up, the history, stopping and the plan is tried. That both answers of C02 take the same time is not measured:
a machine that others share gives no such figure.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import pytest
from werkzeug.routing import Rule

from casereader.db import transaction
from tests.reading import given_to
from tests.web.client import page_of
from tests.web.page import NUMBER
from tests.web.site import UNKNOWN, Site, rules, seen_by
from tests.web.test_logs import Kept, kept

__all__ = ["kept"]

NO_NAMES = ["0", "-1", "1e3", "0x1", "1.0", "9" * 20, "%00", "%EF%BC%91", "%ff", "%0a", "%27--", "a" * 200, "%C2%85"]
EVERYWHERE = ("0", "%27--")  # in quick runs too; the others at one address of each kind


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name not in EVERYWHERE else name for name in NO_NAMES]
)
def test_c01_an_odd_number_or_sign_where_an_address_names_something_is_404_everywhere(site: Site, name: str) -> None:
    assert not_404(site, name, rules(site, "GET")) == []


def test_c01_it_is_404_for_each_kind_of_thing_that_an_address_names(site: Site) -> None:
    kinds = {(rule.rule.split("/")[1], *sorted(rule.arguments)): rule for rule in rules(site, "GET") if rule.arguments}

    assert [one for name in NO_NAMES for one in not_404(site, name, kinds.values())] == []


def not_404(site: Site, name: str, some: Iterable[Rule]) -> list[str]:
    """What is answered otherwise where a part of these addresses is that name, and nothing else is there either."""
    wrong = []
    for rule in some:
        for argument in rule.arguments - {"filename"}:
            parts = {f"<{each}>": UNKNOWN for each in rule.arguments} | {f"<{argument}>": name}
            path = rule.rule
            for part, text in parts.items():
                path = path.replace(part, text)
            status = site.ask(site.opens(rule), path).status_code
            if status != 404:
                wrong.append(f"{path}: {status}")
    return wrong


def test_c02_what_is_another_s_what_was_never_there_and_what_is_elsewhere_are_the_same_404_page(site: Site) -> None:
    pages = [
        NUMBER.sub("", site.browsers["reviewer"].page(f"/readings/{name}", status=404).text)
        for name in (site.reading_of_another, UNKNOWN, site.inspection, "1")
    ]

    assert len(set(pages)) == 1


def test_c03_no_file_is_named_by_an_address(site: Site) -> None:
    name = f"/inspections/{site.inspection}/draw/list.csv"
    whole = next(path for path, _ in seen_by(site, "coordinator", ending=(".csv",)))
    for asked in ("../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc/passwd", "..%c0%afetc/passwd", "/etc/passwd"):
        assert site.ask("coordinator", f"/export?f={asked}").status_code == 404
        assert site.ask("coordinator", f"/static/{asked}").status_code in (404, 308)
        assert site.ask("coordinator", f"{name}/{asked}").status_code == 404
        same = site.ask("coordinator", f"{whole}?f={asked}&file={asked}")
        assert same.get_data() == site.ask("coordinator", whole).get_data()


@pytest.mark.parametrize(
    "where",
    [
        "//evil",
        "/\\evil",
        "http:evil",
        "https:///evil",
        "/%09/evil",
        "/\t/evil",
        "@evil",
        "javascript:alert(1)",
        "\t//evil",
    ],
)
def test_c04_signing_in_leads_on_to_a_plain_path_of_ours_alone(site: Site, where: str) -> None:
    signed_in = site.ask("reviewer", "/sign-in", query_string={"next": where})

    assert (signed_in.status_code, signed_in.location) == (303, "/")


@pytest.mark.parametrize("value", ["-1", "0", "1000000000", "abc", "", "1.5", "%EF%BC%91", "id;drop", "password"])
@pytest.mark.parametrize(
    ("who", "asked"),
    [
        ("lead", "/inspections/{inspection}/roll-up/groups?by={value}"),
        ("reviewer", "/readings/{reading}/history?question={value}"),
        ("coordinator", "/inspections/{inspection}/stopping?read={value}"),
        ("coordinator", "/inspections/{inspection}/plan?strata={value}&size={value}"),
        ("reviewer", "/readings?page={value}"),
        ("reviewer", "/readings?sort={value}"),
    ],
    ids=["roll-up by", "history question", "stopping read", "plan choice", "page", "sort"],
)
def test_c05_c06_what_is_asked_out_of_bounds_or_off_the_list_is_refused_or_passed_over(
    site: Site, who: str, asked: str, value: str
) -> None:
    path = asked.format(inspection=site.inspection, reading=site.reading, value=value)

    assert site.ask(who, path).status_code in (200, 400, 404, 422)


def test_c06_a_sort_or_page_that_no_list_has_changes_nothing(site: Site) -> None:
    as_it_is = site.browsers["reviewer"].page("/readings").text

    assert site.browsers["reviewer"].page("/readings?sort=password&page=-1&per=1000000000").text == as_it_is


@pytest.mark.parametrize("value", ["%25", "_", "%5C", "'", "a" * 10_000, "%00", "%ff", "%3Cscript%3E"])
def test_c07_c24_signs_of_a_query_language_nul_and_broken_utf_8_make_no_error(site: Site, value: str) -> None:
    asked = [
        ("reviewer", f"/readings/{site.reading}/history?question={value}"),
        ("lead", f"/inspections/{site.inspection}/roll-up/groups?by={value}"),
        ("coordinator", f"/inspections/{site.inspection}/stopping?read={value}"),
        ("nobody", f"/sign-in?next={value}"),
        ("reviewer", f"/readings?q={value}"),
        ("nobody", f"/{value}"),
        ("nobody", f"/static/{value}"),
    ]
    for who, path in asked:
        answer = site.ask(who, path)
        assert answer.status_code in (200, 303, 400, 404, 422), path
        assert "<script>" not in answer.text


def test_c08_the_same_parameter_twice_is_refused(site: Site) -> None:
    for path in (f"/inspections/{site.inspection}/roll-up/groups?by=stratum&by=age", "/sign-in?next=/a&next=/b"):
        assert site.ask("lead", path).status_code == 400, path


@pytest.mark.parametrize("length", [8_000, 100_000])
def test_c09_a_very_long_address_is_not_found(site: Site, length: int) -> None:
    assert site.ask("reviewer", "/readings/" + "a" * length).status_code == 404
    assert site.ask("reviewer", "/readings?x=" + "a" * length).status_code == 200


@pytest.mark.parametrize("who", ["nobody", "reviewer"])
@pytest.mark.parametrize(
    "spelling",
    ["/accounts/", "/accounts//", "/accounts;x", "/./accounts", "/x/../accounts", "/%2faccounts", "/accounts%2f",
     "/%61ccounts", "/ACCOUNTS", "/readings//evil.example/", "/accounts/.", "/accounts%00", "/accounts%20"],
)  # fmt: skip
def test_c10_no_spelling_of_an_address_opens_what_the_plain_one_does_not(site: Site, who: str, spelling: str) -> None:
    answer = site.ask(who, spelling)
    plain = site.ask(who, "/accounts")

    assert plain.status_code == (303 if who == "nobody" else 403)
    assert answer.status_code in (plain.status_code, 308, 404)
    if answer.location:
        assert answer.location.startswith(("/", "http://localhost/", "http://127.0.0.1/"))
        assert not answer.location.startswith("//")


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/%2e%2e%2fapp.py", "/static//etc/passwd", "/.git/config",
     "/.env", "/casereader.sqlite3", "/db.sqlite3", "/data/secret-key", "/static/", "/static", "/static/js/"],
)  # fmt: skip
def test_c21_nothing_of_the_program_or_its_data_is_served(site: Site, path: str) -> None:
    assert site.ask("nobody", path, follow_redirects=True).status_code == 404


@pytest.mark.parametrize("who", ["reviewer", "coordinator", "lead"])
def test_c22_no_link_and_no_line_of_the_log_carries_the_reference_of_a_case(site: Site, who: str, kept: Kept) -> None:
    with transaction(site.app.extensions["casereader_engine"]) as session:
        references = {one.case_ref for one in given_to(session, site.cast.reviewer)}
    for path, answer in seen_by(site, who):
        if answer.mimetype == "text/html":
            assert [link for link in page_of(answer).links if any(name in link for name in references)] == [], path
    assert len(kept.lines) > 30
    assert [line for line in kept.lines if any(name in line for name in references)] == []


def test_c23_a_password_in_an_address_is_neither_read_nor_repeated_nor_logged(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="casereader"):
        answer = site.ask("nobody", f"/sign-in?user=x&pw={'secret' * 3}&email={site.cast.lead.email}")

    assert answer.status_code == 200
    assert "secretsecret" not in answer.text + caplog.text
    assert site.cast.lead.email not in answer.text
