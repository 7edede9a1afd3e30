"""The pages of a programme as a whole: board, calendar, dates, several partnerships, groups, earlier figures."""

from datetime import date

import pytest
from flask import Flask

from casereader.db import snapshot, transaction
from casereader.models import Inspection
from casereader.programmes import inspections
from tests.cast import Cast, SignIn
from tests.web.client import page_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PERIOD = {"period_from": "2025-01-01", "period_to": "2026-03-31"}


def test_the_board_shows_what_is_late_first_and_the_calendar_the_weeks(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        session.get_one(Inspection, cast.place.inspection.id).list_due_on = date(2026, 1, 19)
    client = sign_in(cast.moderator)

    board = page_of(client.get("/board"))
    calendar = page_of(client.get("/board/calendar"))

    assert "1 is late" in board.text
    assert "the list, since 19 January 2026" in board.text
    assert "1 inspections, 1 of them late" in calendar.text
    assert "19 Jan 2026" in calendar.text


def test_dates_are_agreed_on_a_page_that_keeps_what_was_typed(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    path = f"/inspections/{cast.place.inspection.public_id}/dates"

    wrong = client.submit(path, {**PERIOD, "notified_on": "2026-09-07", "list_due_on": "2026-09-01"})
    assert wrong.status_code == 422
    assert "List due (1 September 2026) comes before notification" in page_of(wrong).text
    assert 'value="2026-09-01"' in wrong.text

    kept = client.submit(path, {**PERIOD, "notified_on": "2026-09-07"})
    assert kept.status_code == 303
    assert 'value="2026-10-26"' in client.get(path).text, "the first reading day of week 8"


def test_the_report_is_published_by_the_lead_once_it_is_evaluated(cast: Cast, sign_in: SignIn) -> None:
    path = f"/inspections/{cast.place.inspection.public_id}/published"

    early = sign_in(cast.lead).submit(path, {"published_on": "2026-06-01"})

    assert early.status_code == 422
    assert "needs its final evaluation" in page_of(early).text
    assert sign_in(cast.coordinator).get(path).status_code == 403


def test_all_32_partnerships_are_added_from_a_list_that_is_filled_in(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    path = f"/programmes/{cast.place.programme.public_id}/add-several"
    filled = client.page(f"{path}?fill=scotland").root
    lines = next(filled.iter("textarea")).text or ""
    sent = {**PERIOD, "lines": lines, "notified_on": "2026-09-07", "lead": cast.lead.public_id, "deputy": ""}

    added = client.submit(path, sent)

    assert (added.status_code, added.location) == (303, "/board")
    with snapshot(app.extensions["casereader_engine"]) as session:
        names = [place.partnership.name for place in inspections.all_places(session)]
    assert len(names) == 33
    assert "Na h-Eileanan Siar" in names
    again = client.submit(path, sent)
    assert again.status_code == 422
    assert page_of(again).text.count("is in this programme already") >= 32
    typed = next(page_of(again).root.iter("textarea")).text or ""
    assert "Na h-Eileanan Siar" in typed, "what was typed is still there"


def test_everything_wrong_with_a_list_of_partnerships_is_told_at_once(cast: Cast, sign_in: SignIn) -> None:
    client, lead = sign_in(cast.coordinator), cast.lead.public_id
    path = f"/programmes/{cast.place.programme.public_id}/add-several"

    refused = client.submit(path, {**PERIOD, "lines": "Strath One, soon\nStrath/Two", "lead": lead, "deputy": lead})

    assert refused.status_code == 422
    text = page_of(refused).text
    assert "Line 1: “soon” is not a day" in text
    assert "Line 2: " in text
    assert "The deputy stands in for the lead" in text


def test_the_order_of_groups_is_chosen_by_whoever_began_the_programme(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.coordinator)
    path = f"/programmes/{cast.place.programme.public_id}/groups"

    wrong = client.submit(path, {f"place-{code}": "1" for code in "abcde"})
    assert wrong.status_code == 422
    assert "a place of its own" in page_of(wrong).text
    order = {f"place-{code}": str(5 - n) for n, code in enumerate("abcde")}
    kept = client.submit(path, {**order, "comparison": "living:foster"})
    assert kept.status_code == 303
    assert '<option value="living:foster" selected' in client.get(path).text
    assert client.submit(path, {"comparison": "living:moon"}).status_code == 422
    assert sign_in(cast.lead).get(path).status_code == 403


def test_an_earlier_figure_is_entered_with_its_crosswalk_and_taken_out(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.lead)
    path = f"/inspections/{cast.place.inspection.public_id}/earlier-figures"
    figure = {
        "source": "Report <1>",
        "asked": "Assessment good or better",
        "per_cent": "62",
        "n": "80",
        "question": "C9",
        "comparability": "similar",
    }

    wrong = client.submit(path, {**figure, "per_cent": "620", "source": ""}, action=path)
    assert wrong.status_code == 422
    assert "Assessment good or better" in wrong.text
    comma = client.submit(path, {**figure, "per_cent": "61,5"}, action=path)
    says = "“61,5” cannot be read: write the number with a point, like 61.5."
    assert page_of(comma).errors == [says]
    assert client.submit(path, figure, action=path).status_code == 303
    shown = client.get(path)
    page = page_of(shown)
    assert "62% of 80" in page.text
    assert "Report <1>" in page.text
    taken_out = next(
        action for form in page.root.iter("form") if (action := form.get("action", "")).endswith("take-out")
    )
    assert client.submit(path, {}, action=taken_out).status_code == 303
    assert "None was entered yet" in page_of(client.get(path)).text
