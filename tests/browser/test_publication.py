"""From the partnership's challenge to what is published, in a real browser: by keyboard alone and without scripts."""

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlmodel import select

from casereader.db import snapshot, transaction
from casereader.models import Evaluation, Issue
from casereader.vocabulary import EvaluationStage
from tests import published
from tests.browser.harness import NARROW, WIDE, Browsing
from tests.browser.keys import Keys
from tests.browser.server import served
from tests.cast import Cast

ENDS = (WIDE, NARROW)
SAYS = "Page 4 says that nine chronologies were missing. Two were in the archive."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scripts", [pytest.param(True, marks=pytest.mark.slow), False])
def test_a_challenge_is_answered_the_last_word_is_written_and_a_second_person_issues_it_by_keys_alone(
    app: Flask, cast: Cast, browsing: Browsing, scripts: bool
) -> None:
    qi = cast.place.programme.evaluated_qis[-1]
    with transaction(app.extensions["casereader_engine"]) as session:
        published.build(session, cast)
        session.exec(select(Evaluation).where(Evaluation.qi == qi)).one().stage = EvaluationStage.PANEL
    home = f"/inspections/{cast.place.inspection.public_id}"
    with served(app, browsing) as address:
        coordinator, lead = (Keys(browsing(address, java_script_enabled=scripts)) for _ in range(2))
        coordinator.sign_in(cast.coordinator)
        coordinator.visitor.visit(f"{home}/accuracy")
        coordinator.write(coordinator.page.get_by_label("Which post raised it?"), "Chief social work officer")
        coordinator.write(coordinator.page.get_by_label("What do they say is wrong?"), SAYS)
        coordinator.press("Enter the challenge")

        lead.sign_in(cast.lead)
        lead.follow("Answer a challenge of the partnership")
        lead.follow("The findings as a whole")
        lead.write(lead.page.get_by_label("Answer", exact=True), "Both files were looked at again. The answers stand.")
        _choose(lead, "figure_changed", "no")
        lead.press("Save the answer")
        expect(lead.page.get_by_text("The challenge is answered.")).to_be_visible()

        lead.visitor.visit(f"{home}/evaluation/{qi}")
        _choose(lead, "stage", "final")
        _choose(lead, "rating", "4")
        lead.write(lead.page.locator("#reason"), "Final after the partnership's comments; no figure changed.")
        lead.press("Save this evaluation")

        coordinator.visitor.visit(f"{home}/issues")
        coordinator.press("Prepare issue")
        expect(coordinator.page.get_by_text("You cannot issue it")).to_be_visible()
        lead.visitor.visit("/")
        lead.follow("Look over an issue, then issue it")
        if scripts:
            lead.visitor.look_over("issue-to-look-over", widths=ENDS)
        lead.press("Issue it")
        expect(lead.page.get_by_role("heading", name="What is published")).to_be_visible()

    with snapshot(app.extensions["casereader_engine"]) as session:
        issue = session.exec(select(Issue)).one()
    assert (issue.prepared_by_id, issue.issued_by_id) == (cast.coordinator.id, cast.lead.id)


def _choose(keys: Keys, name: str, value: str) -> None:
    """Choose one of several by the arrow keys, as radio buttons are chosen."""
    group = keys.page.locator(f"input[type=radio][name={name}]")
    chosen = keys.page.locator(f"input[type=radio][name={name}]:checked")
    keys.to(chosen if chosen.count() else group.first)
    keys.page.keyboard.press("Space")
    for _ in range(group.count()):
        if chosen.input_value() == value:
            return
        keys.page.keyboard.press("ArrowDown")
    raise AssertionError(f"no arrow key leads to {value}")
