"""The plan page and what follows: comparison, merging, secrets, a longer sample, voiding, checking a certificate."""

from __future__ import annotations

import io
import json
from hashlib import sha256

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from casereader.db import snapshot, transaction
from casereader.drawing import draws
from casereader.models import DrawRecord
from casereader.returns import frames
from tests import sampled
from tests.cast import Cast, SignIn
from tests.web.client import PageClient, filled_in, page_of
from tests.web.page import words

SECRET = "the kelpie swims at noon"


def home_of(cast: Cast) -> str:
    return f"/inspections/{cast.place.inspection.public_id}"


@pytest.fixture
def received(app: Flask, cast: Cast) -> None:
    """The list, of which every fourth child is on an order at home."""
    with transaction(app.extensions["casereader_engine"]) as session:
        frame = sampled.receive(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        for number, case in enumerate(frames.cases(session, frame=frame)):
            case.legal_basis = "CSO at home" if number % 4 == 0 else "none"
            session.add(case)


@pytest.fixture
def drawn(app: Flask, cast: Cast) -> DrawRecord:
    """The sample, dealt out."""
    with transaction(app.extensions["casereader_engine"]) as session:
        return sampled.assign(session, cast, app.extensions["casereader_instruments"]["CRR-1"])


@pytest.mark.usefixtures("received")
def test_the_plan_page_comes_filled_in_and_is_fixed_with_one_tick(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    plan = f"{home_of(cast)}/plan"

    page = client.page(plan)
    assert "Comparison: CSO at home" in page.text
    assert "The difference between CSO at home and their peers would be known to ±" in page.text
    assert "Living arrangement: Kinship" in page.text
    offered = next(one for one in page.root.iter("select") if one.get("name") == "comparison")
    groups = {one.get("label"): [words(option) for option in one.iter("option")] for one in offered.iter("optgroup")}
    assert groups["Age band"] == ["0 to 4 (0-4)", "5 to 11 (5-11)", "12 to 15 (12-15)", "16 to 17 (16-17)"]
    assert groups[frames.COLUMN_WORDS["group"]][1].endswith("(b)")
    assert len(groups[frames.COLUMN_WORDS["group"]][1]) > len("(b)")
    untouched = client.submit(plan, action=plan, button="fix")
    fixed = client.submit(plan, {"no_source": "y"}, action=plan, button="fix")

    assert "Group a: enter the count of another source" in page_of(untouched).errors[0]
    assert fixed.status_code == 303
    shown = client.page(plan).text
    assert f"By {cast.coordinator.name}" in shown
    assert "Fixed since: every case and its stratum" in shown
    assert "At least 10 of the group are drawn." in shown


@pytest.mark.usefixtures("received")
def test_a_count_beside_the_list_has_the_one_source_and_a_difference_its_reason(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    plan = f"{home_of(cast)}/plan"
    counts = {"count-1": "20", "count-2": "44", "source": "Register, 31 May 2026", "no_source": "y"}

    refused = client.submit(plan, counts, action=plan, button="fix")
    fixed = client.submit(plan, {**counts, "reason-2": "Four moved away"}, action=plan, button="fix")

    assert page_of(refused).errors == ["Group b: the list has 40, the other source 44. Explain why."]
    assert "Register, 31 May 2026" in refused.text  # what was typed is kept
    assert fixed.status_code == 303
    text = client.page(plan).text
    assert "Four moved away" in text
    assert text.count("No source exists") == 2


@pytest.mark.usefixtures("received")
def test_strata_of_which_none_would_be_read_are_mended_by_a_button(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    plan = f"{home_of(cast)}/plan"
    wide = {"strata": ["group", "living"], "by": "number", "size": "6", "minimum": "0", "comparison": ""}

    stuck = client.submit(plan, wide, action=plan, button="show")
    assert "Nothing could be said of:" in page_of(stuck).text
    refused = client.submit(plan, {**wide, "no_source": "y"}, action=plan, button="fix")
    assert refused.status_code == 422
    merged = _pressed(client, stuck, "drop-living")
    at_least = _pressed(client, stuck, "at-least-one")

    assert "Nothing could be said of:" not in page_of(merged).text
    assert "6 of 100 records" in page_of(merged).text
    assert "adds up to" in page_of(at_least).errors[0]  # 12 strata, and 6 records: the arithmetic is said


def _pressed(client: PageClient, shown: TestResponse, button: str) -> TestResponse:
    """Press a button of the page as it came."""
    form = page_of(shown).form(shown.request.path)
    return client.post(shown.request.path, data={**filled_in(form), "do": button})


@pytest.mark.usefixtures("received")
@pytest.mark.parametrize(
    "wrong",
    [
        {"by": "number", "size": "1000000000"},
        {"method": "fixed"},
        {"method": "fixed", "figures": "a 4"},
        {"method": "fixed", "figures": "a: 4\na: 5"},
        {"method": "neyman", "figures": "a: half"},
        {"maximum": "1", "minimum": "2"},
        {"power": "2"},
        {"comparison": "legal_basis=nonsense"},
        {"comparison_least": "-1"},
        {"selection": "pps"},
        {"order_by": "case_ref"},
    ],
)
def test_a_rarer_choice_that_cannot_be_met_is_refused_and_says_why_where_the_table_would_be(
    cast: Cast, sign_in: SignIn, wrong: dict[str, str]
) -> None:
    client = sign_in(cast.coordinator)
    plan = f"{home_of(cast)}/plan"

    refused = client.submit(plan, wrong, action=plan, button="show")

    assert refused.status_code == 422
    assert page_of(refused).errors
    assert "The table is shown once the choices can be met." in page_of(refused).text


@pytest.mark.usefixtures("received")
def test_a_secret_is_fixed_by_its_digest_and_told_at_the_draw(cast: Cast, sign_in: SignIn) -> None:
    coordinator, lead = sign_in(cast.coordinator), sign_in(cast.lead)
    plan, draw = f"{home_of(cast)}/plan", f"{home_of(cast)}/draw"
    digest = sha256(SECRET.encode()).hexdigest()
    coordinator.submit(plan, {"no_source": "y", "partnership_secret_sha256": digest}, action=plan, button="fix")
    lead.submit(plan, action=f"{plan}/confirm")

    wrong = coordinator.submit(draw, {"public_value": "4  8", "partnership_secret": "another"})
    looked = coordinator.submit(draw, {"public_value": "4  8", "partnership_secret": SECRET})
    made = coordinator.post(draw, data=_sent(looked, draw))

    assert "not the partnership’s secret" in page_of(wrong).errors[0]
    assert "4 8" in page_of(looked).text
    assert made.status_code == 303
    assert SECRET in coordinator.page(f"{draw}/certificate").text


def _sent(shown: TestResponse, action: str) -> dict[str, object]:
    return dict(filled_in(page_of(shown).form(action)))


@pytest.mark.usefixtures("drawn")
def test_a_longer_sample_is_asked_for_by_one_agreed_to_by_another_and_given_out(cast: Cast, sign_in: SignIn) -> None:
    coordinator, lead = sign_in(cast.coordinator), sign_in(cast.lead)
    draw = f"{home_of(cast)}/draw"

    refused = coordinator.submit(f"{draw}/extend", {"size-2": "41"})
    asked = coordinator.submit(f"{draw}/extend", {"size-2": "12", "reason": "Three readers have time."})
    for path in ("/", home_of(cast), "/board"):
        assert "Agree to the longer sample, or not" in lead.page(path).text
        assert "Agree to the longer sample" not in coordinator.page(path).text
    own = coordinator.post(f"{draw}/extend/agree", data={"csrf_token": coordinator.csrf_token(draw)})
    agreed = lead.submit(draw, action=f"{draw}/extend/agree")

    assert [error[:9] for error in page_of(refused).errors] == ["Stratum b", "Give the "]
    assert "41" in refused.text
    assert (asked.status_code, own.status_code, agreed.status_code) == (303, 422, 303)
    page = coordinator.page(draw)
    assert "4 are given to readers, around what they have" in lead.page(draw).text
    assert "b: 12" in page.text
    certificate = json.loads(
        coordinator.get(next(link for link in page.links if "/extensions/" in link and link.endswith(".json"))).text
    )
    assert f"To read {sum(row['sample_size'] for row in certificate['strata_counts'])} In reserve" in page.text
    assert page.text.count("added by the longer sample of") == 4
    paper = next(link for link in page.links if "/extensions/" in link and link.endswith("/certificate"))
    assert "It extends the sample that was drawn" in coordinator.page(paper).text
    assert len(json.loads(coordinator.get(f"{paper}.json").text)["cases"]) == 30 + 6


def test_a_voided_draw_stays_listed_with_its_papers_and_the_list_is_open_again(
    app: Flask, cast: Cast, sign_in: SignIn, drawn: DrawRecord
) -> None:
    coordinator, lead = sign_in(cast.coordinator), sign_in(cast.lead)
    draw = f"{home_of(cast)}/draw"

    silent = lead.submit(f"{draw}/void")
    lead.submit(f"{draw}/void", {"reason": "The ward of Strathtest is missing."})
    assert "The ward of Strathtest is missing." in coordinator.page(draw).text
    voided = coordinator.submit(draw, action=f"{draw}/void/agree")

    assert page_of(silent).errors == ["Give the reason, in at most 1,000 characters."]
    assert voided.status_code == 303
    assert coordinator.page(voided.location).title.startswith("Plan the sample")
    page = coordinator.page(draw)
    assert "The ward of Strathtest is missing." in page.text
    papers = [link for link in page.links if "/voided/" in link]
    assert json.loads(coordinator.get(papers[0]).text)["digest"] == drawn.certificate_sha256
    assert coordinator.get(papers[1]).text.splitlines()[0] == "case_ref,group"
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert draws.current(session, inspection=cast.place.inspection) is None


def check(client: PageClient, cast: Cast, content: bytes, listed: bytes = b"", **fields: str) -> TestResponse:
    path = f"{home_of(cast)}/draw/verify"
    data: dict[str, object] = {"csrf_token": client.csrf_token(path), **fields}
    if content:
        data["certificate"] = (io.BytesIO(content), "certificate.json")
    if listed:
        data["list"] = (io.BytesIO(listed), "list.csv")
    return client.post(path, data=data, content_type="multipart/form-data")


def test_anybody_with_a_role_is_told_verified_or_where_it_first_differs(
    cast: Cast, sign_in: SignIn, drawn: DrawRecord
) -> None:
    coordinator, reviewer = sign_in(cast.coordinator), sign_in(cast.reviewer)
    paper = drawn.certificate.encode()
    listed = coordinator.get(f"{home_of(cast)}/draw/list.csv").data
    other = json.dumps({**json.loads(drawn.certificate), "seed": "f" * 64, "digest": "0" * 64}).encode()

    assert "the sample is the same case by case" in page_of(check(reviewer, cast, paper, listed)).text
    assert "the sample is the same case by case" in page_of(check(coordinator, cast, paper, fixed_list="y")).text
    assert "no list came with it" in page_of(check(reviewer, cast, b"", pasted=paper.decode())).text
    byte = page_of(check(coordinator, cast, paper.replace(b'"order": 2', b'"order": 7', 1), listed)).text
    assert "Not verified" in byte
    assert "is the first that differs from the sample as it was drawn" in byte
    elsewhere = page_of(check(reviewer, cast, other, listed)).text
    assert "no certificate with this digest was issued in this inspection" in elsewhere
    assert drawn.seed not in elsewhere
    short = page_of(check(coordinator, cast, paper, listed.rsplit(b"\n", 2)[0] + b"\n")).text
    assert "digest of the list" in short
    assert page_of(check(reviewer, cast, b"")).errors == ["Choose the certificate, or paste its text."]
    path = f"{home_of(cast)}/draw/verify"
    large = reviewer.post(path, data={"csrf_token": reviewer.csrf_token(path), "pasted": "x" * 10_000_000})
    assert "at most 5 MB" in page_of(large).text


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    "content",
    [b"\x00\xff", b"{}", b"[" * 100_000, b'{"schema":"casereader/certificate","version":1}', b'"\\ud800"', b"1e999"],
)
def test_whatever_is_brought_as_a_certificate_gets_an_answer(cast: Cast, sign_in: SignIn, content: bytes) -> None:
    answered = check(sign_in(cast.coordinator), cast, content)

    assert answered.status_code == 200
    assert "It does not match" in page_of(answered).text


def test_a_list_that_cannot_be_read_or_is_another_kind_of_file_is_said(
    cast: Cast, sign_in: SignIn, drawn: DrawRecord
) -> None:
    client = sign_in(cast.coordinator)
    path = f"{home_of(cast)}/draw/verify"
    paper = drawn.certificate.encode()

    unread = check(client, cast, paper, b"name,born\nA,B\n")
    data = {
        "csrf_token": client.csrf_token(path),
        "certificate": (io.BytesIO(paper), "certificate.json"),
        "list": (io.BytesIO(b"x"), "list.parquet"),
    }
    refused = client.post(path, data=data, content_type="multipart/form-data")

    says = page_of(unread).text
    assert "The list cannot be drawn from by this certificate" in says
    assert "Bring the list as it was fixed" in says
    assert ".." not in says
    assert refused.status_code == 422
    assert page_of(refused).errors == ["Send the list as a CSV or Excel (.xlsx) file."]
    assert sign_in(cast.outsider).get(path).status_code == 403
