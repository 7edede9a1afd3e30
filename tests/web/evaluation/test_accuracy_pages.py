"""The pages of the factual-accuracy log: the coordinator enters, the lead answers, others only look."""

import csv
import io
import re

import pytest

from tests.cast import Cast, SignIn
from tests.web.client import PageClient, page_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SAYS = "Page 4 says that nine chronologies were missing. Two were in the archive."
GIVEN = {"raised_by": "Chief social work officer", "qi": "5.2", "says": SAYS, "evidence": "A receipt."}


def at(cast: Cast, rest: str = "accuracy") -> str:
    """A page of the inspection."""
    return f"/inspections/{cast.place.inspection.public_id}/{rest}"


def enter(client: PageClient, cast: Cast, **given: str) -> None:
    assert client.submit(at(cast), GIVEN | given).status_code == 303


def answer_link(client: PageClient, cast: Cast) -> str:
    return next(link for link in client.page(at(cast)).links if link.startswith(f"{at(cast)}/"))


def test_the_coordinator_enters_the_lead_answers_and_the_evaluation_names_what_is_open(
    cast: Cast, sign_in: SignIn
) -> None:
    coordinator, lead = sign_in(cast.coordinator), sign_in(cast.lead)
    enter(coordinator, cast)
    challenge = answer_link(lead, cast)

    for page in (lead.page(at(cast, "evaluation")), lead.page(at(cast, "evaluation/5.2"))):
        assert "1 challenge of the partnership is open" in page.text and challenge in page.links
    assert challenge not in lead.page(at(cast, "evaluation/5.3")).links
    refused = lead.submit(challenge, {"answer": " "})
    assert refused.status_code == 422 and len(page_of(refused).errors) == 2
    assert lead.submit(challenge, {"answer": "Read again.", "figure_changed": "yes"}).status_code == 303

    row = lead.page(at(cast)).rows(0)[1]
    assert row[1:3] == [SAYS, "Chief social work officer"]
    assert row[4] == "Answered" and row[5].startswith("Read again.") and "a figure changed" in row[5]
    assert "challenge of the partnership is open" not in lead.page(at(cast, "evaluation")).text
    assert "Answer it" not in lead.page(challenge).text, "an answer is written once"


def test_an_open_challenge_waits_for_the_lead_at_home_on_the_board_and_in_the_inspection_until_it_is_answered(
    cast: Cast, sign_in: SignIn
) -> None:
    coordinator, lead, moderator = sign_in(cast.coordinator), sign_in(cast.lead), sign_in(cast.moderator)
    assert at(cast) not in lead.page("/board").links
    enter(coordinator, cast)

    for page in ("/", "/board", f"/inspections/{cast.place.inspection.public_id}"):
        shown = lead.page(page)
        assert "Answer a challenge of the partnership" in shown.text and at(cast) in shown.links
    for client in (coordinator, moderator):
        assert "A challenge of the partnership is open" in client.page("/").text
        assert "challenge of the partnership" not in client.page("/board").text, "they cannot answer"

    assert lead.submit(answer_link(lead, cast), {"answer": "Looked at.", "figure_changed": "no"}).status_code == 303
    for client in (lead, coordinator, moderator):
        assert "of the partnership" not in client.page("/").text


def test_what_is_refused_stays_typed_and_a_name_is_asked_after(cast: Cast, sign_in: SignIn) -> None:
    coordinator = sign_in(cast.coordinator)

    refused = coordinator.submit(at(cast), GIVEN | {"says": "Mrs Donaldson is not a nurse."})

    page = page_of(refused)
    assert refused.status_code == 422 and "Mrs Donaldson is not a nurse." in page.text
    assert "I looked: no text here names" in page.text
    sent = GIVEN | {"says": "Mrs Donaldson is not a nurse.", "looked": "y"}
    sent["csrf_token"] = coordinator.csrf_token(at(cast))
    assert coordinator.post(at(cast), data=sent).status_code == 303


def test_a_final_evaluation_is_refused_in_words_while_one_is_open(cast: Cast, sign_in: SignIn) -> None:
    enter(sign_in(cast.coordinator), cast, qi="")
    lead = sign_in(cast.lead)
    for rating in ("4", "4"):
        assert lead.submit(at(cast, "evaluation/5.2"), {"rating": rating, "reason": "Thin."}).status_code == 303

    refused = lead.submit(at(cast, "evaluation/5.2"), {"rating": "4", "reason": "Final.", "stage": "final"})

    assert refused.status_code == 422
    assert "1 challenge of the partnership must be answered first" in page_of(refused).text


def test_the_log_leaves_as_csv_without_a_live_formula(cast: Cast, sign_in: SignIn) -> None:
    coordinator = sign_in(cast.coordinator)
    enter(coordinator, cast, says="=HYPERLINK(1)")

    sent = coordinator.post(at(cast, "accuracy/export"), data={"csrf_token": coordinator.csrf_token(at(cast))})

    rows = list(csv.reader(io.StringIO(sent.text)))
    assert rows[-1][1:3] == ["5.2 Assessing risk and need", "Chief social work officer"]
    assert not rows[-1][3].startswith("=") and rows[-1][6] == cast.coordinator.name
    assert rows[-1][7:11] == ["", "", "", ""]
    assert re.fullmatch("[0-9a-f]{64}", rows[-1][-1]), "the head of the trail"


def test_a_moderator_only_looks_and_readers_and_strangers_do_not(cast: Cast, sign_in: SignIn) -> None:
    enter(sign_in(cast.coordinator), cast)
    moderator = sign_in(cast.moderator)
    challenge = answer_link(moderator, cast)

    page = moderator.page(at(cast))
    assert "Enter a challenge" not in page.text and "Save as CSV" not in page.text
    assert "waits for the answer" in moderator.page(challenge).text
    assert "History of this challenge" in moderator.page(challenge).text
    for account in (cast.reviewer, cast.local_reviewer, cast.deputy):
        assert sign_in(account).get(at(cast)).status_code == 403
    assert sign_in(cast.outsider).get(challenge).status_code in (403, 404)
