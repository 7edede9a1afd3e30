"""Waves on their page: figures for the lead alone, everybody else held back, and reading ended by two people."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask

from casereader.db import snapshot, transaction
from casereader.figures import results
from casereader.programmes import inspections
from casereader.vocabulary import Role
from tests import watched
from tests.cast import Cast, SignIn
from tests.web.client import PageClient, filled_in, page_of
from tests.web.looking import look

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def begun(app: Flask, cast: Cast) -> str:
    """The address of the cast's inspection, of whose three waves the first is read."""
    with transaction(app.extensions["casereader_engine"]) as session:
        watched.draw(session, cast, app.extensions["casereader_instruments"]["CRR-1"])
        watched.read(session, cast, watched.of_wave(session, cast, 1))
    return f"/inspections/{cast.place.inspection.public_id}"


def is_held_back(app: Flask, cast: Cast) -> bool:
    with snapshot(app.extensions["casereader_engine"]) as session:
        return bool(results.held_back(session, [cast.place]))


def test_the_lead_sees_after_a_wave_what_is_settled_and_what_another_would_settle(
    begun: str, cast: Cast, sign_in: SignIn
) -> None:
    lead = sign_in(cast.lead)
    assert "Wave 1 is complete: look" in lead.page("/").text
    assert f"{begun}/waves" in lead.page(begun).links
    assert "Evaluate the partnership" not in lead.page(begun).text  # the figures that it needs are shut
    page = look(lead, begun)

    assert "1 of 2 questions is settled" in page.text
    assert "error rate of 10% for each question: its intervals are those that are published, 90% each" in page.text
    c9, d11 = page.rows(0)[1:]
    assert c9[1].startswith("100% (") and c9[1].endswith("to 100%)")
    assert c9[2:5] == ["10 of 10", "Settled: above 50%.", "Settled already."]
    assert d11[2] == "6 of 10" and d11[3] == "Not settled: it may be above or below 50%."
    assert " in 10" in d11[4] or " in 20" in d11[4]
    assert "Wave 2 would be expected to settle" in page.text
    assert "<svg" in page.html and "50%" in page.html
    waves = page.rows(1)[1:]
    assert [row[:3] for row in waves] == [
        ["Wave 1", "Complete", "10"],
        ["Wave 2", "Not begun", "0"],
        ["Wave 3", "Not begun", "0"],
    ]


def test_the_coordinator_sees_the_waves_and_no_figure(begun: str, cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.coordinator).page(f"{begun}/waves")

    assert "The figures after a wave are the lead’s alone" in page.text
    assert "<svg" not in page.html and "100%" not in page.text


@pytest.mark.parametrize("rest", ["roll-up", "roll-up/questions.csv", "roll-up/groups", "evaluation", "roll-up/report"])
def test_every_page_and_file_of_figures_says_until_when_it_is_shut(
    begun: str, cast: Cast, sign_in: SignIn, rest: str
) -> None:
    lead = sign_in(cast.lead)
    answer = lead.get(f"{begun}/{rest}")

    assert answer.status_code == 403
    assert "read in waves" in answer.text and "two people end reading after a wave" in answer.text
    assert f"{begun}/waves" in answer.text


def test_no_margin_of_a_fixed_sample_stands_on_the_page_of_progress(begun: str, cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.coordinator).page(f"{begun}/progress").text

    assert "Not told while it is read in waves" in text


def test_a_programme_leaves_it_out_of_every_figure(begun: str, cast: Cast, sign_in: SignIn) -> None:
    assert begun
    text = sign_in(cast.coordinator).page(f"/programmes/{cast.place.programme.public_id}/overview").text

    assert "100%" not in text and "10 of 30" in text


def test_two_people_end_reading_and_every_figure_says_which_interval_it_has(
    app: Flask, begun: str, cast: Cast, sign_in: SignIn
) -> None:
    lead, coordinator = sign_in(cast.lead), sign_in(cast.coordinator)
    look(lead, begun)
    asked = lead.submit(
        f"{begun}/waves", {"reason": "What is open would hardly be settled"}, action=f"{begun}/waves/ending"
    )
    assert asked.status_code == 303
    assert "A second person must agree" in lead.page(f"{begun}/waves").text
    assert lead.post(f"{begun}/waves/ending/agree", data=token(lead, begun)).status_code in (403, 409, 422)
    assert "An ending waits for you" in coordinator.page("/").text
    assert is_held_back(app, cast)
    before = coordinator.page(f"{begun}/waves").text
    assert "say first that you look" in before and "was settled" not in before and "hardly" not in before
    waits = look(coordinator, begun)
    assert "not only those of the questions named" in waits.text
    assert "1 of 2 questions was settled; 20 cases would not be read" in waits.text
    assert "<svg" not in waits.html and "100%" not in waits.text

    assert coordinator.post(f"{begun}/waves/ending/agree", data=token(coordinator, begun)).status_code == 303

    assert not is_held_back(app, cast)
    page = coordinator.page(f"{begun}/roll-up")
    assert "ended after wave 1 of 3" in page.text and "Intervals that hold at any time" in page.text
    assert "always-valid)" in page.text and "with 90% always-valid intervals" in page.text
    assert "90% always-valid interval" in page.html, "the axis of the chart says it"
    rows = list(csv.DictReader(io.StringIO(coordinator.get(f"{begun}/roll-up/questions.csv").text)))
    assert {row["method"] for row in rows} == {"always-valid"} and {row["se"] for row in rows} == {""}
    assert page.text.count("C9 was settled above 50%; D11 was not") == 1 and "C9 and D11, held against" in page.text
    report = coordinator.page(f"{begun}/roll-up/report").text
    assert report.count("Reading was ended after wave 1 of 3") == 1
    certificate = coordinator.page(f"{begun}/draw/certificate").text
    assert "by Leslie Lead and Catriona Coordinator" in certificate and "Time ran out" not in certificate
    ended = lead.page(f"{begun}/waves").text
    assert "Reading was ended: no more is read." in ended and "No wave is left" not in ended
    assert "figures of every record that counts" in ended and "Weighted share: 100.0%" in ended
    assert "agreed by Catriona Coordinator" in ended and "20 cases were not read for it" in ended
    stopped = coordinator.page(f"{begun}/stopping")
    assert "no more of this sample is read" in stopped.text and "It can be read after all" not in stopped.text


def test_where_time_runs_out_two_people_let_the_figures_open(
    app: Flask, begun: str, cast: Cast, sign_in: SignIn
) -> None:
    lead, coordinator = sign_in(cast.lead), sign_in(cast.coordinator)
    assert "Stopping cases here opens no figure" in coordinator.page(f"{begun}/stopping").text
    sure = coordinator.submit(f"{begun}/stopping?read=0", action=f"{begun}/stopping")
    sent = {**filled_in(page_of(sure).form(f"{begun}/stopping")), "sure": "y"}
    assert coordinator.post(f"{begun}/stopping", data=sent).status_code == 303
    assert is_held_back(app, cast) and coordinator.get(f"{begun}/roll-up").status_code == 403

    look(lead, begun)
    assert "20 cases were stopped, and every other is decided" in lead.page(f"{begun}/waves").text
    lead.submit(f"{begun}/waves", {"reason": "The days are over"}, action=f"{begun}/waves/ending")
    waits = look(coordinator, begun).text
    assert "asks that reading end where time ran out" in waits and "20 cases are not reached" in waits
    assert coordinator.post(f"{begun}/waves/ending/agree", data=token(coordinator, begun)).status_code == 303

    assert not is_held_back(app, cast)
    assert "Time ran out before all of the planned sample was read" in coordinator.page(f"{begun}/roll-up").text
    assert "Ended where time ran out" in lead.page(f"{begun}/waves").text


def test_whoever_still_has_a_reading_to_hand_in_sees_neither_count_nor_reason(
    app: Flask, begun: str, cast: Cast, sign_in: SignIn
) -> None:
    lead, coordinator = sign_in(cast.lead), sign_in(cast.coordinator)
    look(lead, begun)
    assert "no share: a coordinator reads it" in lead.page(f"{begun}/waves").text
    lead.submit(f"{begun}/waves", {"reason": "All of them are good"}, action=f"{begun}/waves/ending")
    assert "All of them are good" in look(coordinator, begun).text
    with transaction(app.extensions["casereader_engine"]) as session:
        inspection, waiting = cast.place.inspection, watched.of_wave(session, cast, 3)[0]
        inspections.give_role(
            session, inspection=inspection, account=cast.coordinator, role=Role.REVIEWER, by=None, at=watched.AT
        )
        watched.give(session, cast, waiting, app.extensions["casereader_instruments"]["CRR-1"], to=cast.coordinator)

    text = coordinator.page(f"{begun}/waves").text

    assert "Ending is asked for" in text and "You still have 1 reading to hand in here" in text
    assert "All of them are good" not in text and "were settled;" not in text
    assert "All of them are good" in lead.page(f"{begun}/waves").text


def test_turned_down_reading_goes_on(app: Flask, begun: str, cast: Cast, sign_in: SignIn) -> None:
    lead, coordinator = sign_in(cast.lead), sign_in(cast.coordinator)
    look(lead, begun)
    lead.submit(f"{begun}/waves", {"reason": "Settled"}, action=f"{begun}/waves/ending")
    assert lead.submit(f"{begun}/waves", action=f"{begun}/waves/ending/drop").status_code == 303
    refused = lead.submit(f"{begun}/waves", {"reason": " "}, action=f"{begun}/waves/ending")
    assert refused.status_code == 422 and "Give the reason" in refused.text
    lead.submit(f"{begun}/waves", {"reason": "Settled"}, action=f"{begun}/waves/ending")

    assert coordinator.submit(f"{begun}/waves", action=f"{begun}/waves/ending/drop").status_code == 303

    assert is_held_back(app, cast) and "Ask to end reading after wave 1" in lead.page(f"{begun}/waves").text


def token(client: PageClient, begun: str) -> dict[str, str]:
    return {"csrf_token": client.csrf_token(f"{begun}/waves")}
