"""The script that saves a reading as it is written: what it sends, what it says, and that it never loses a word."""

import json
import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.harness import Browsing, Visitor
from tests.browser.reading_page import Network, later, opened, press, status, until


@pytest.fixture
def visitor(browsing: Browsing) -> Visitor:
    return opened(browsing)


@pytest.fixture
def network(visitor: Visitor) -> Network:
    return Network(visitor)


def test_only_the_changed_answer_is_sent_and_the_line_says_when(visitor: Visitor, network: Network) -> None:
    visitor.page.get_by_label("5 Very good").first.check()
    status(visitor).to_have_text("Saving…")
    later(visitor, 1)

    status(visitor).to_have_text("Saved at 14:02")
    (body,) = network.bodies
    assert body["version"] == 7
    assert re.fullmatch(r"[0-9a-f]{32}", body["idempotency_key"])
    assert body["answers"] == {"C9": {"value": "5", "note": "", "ground": "", "sources": [], "discuss": False}}
    assert visitor.page.locator("input[name=version]").input_value() == "8"


def test_a_whole_answer_can_be_given_by_keyboard_alone(visitor: Visitor, network: Network) -> None:
    visitor.page.locator("#a-C9").focus()
    press(visitor, "1", "n")
    visitor.page.keyboard.type("Gaps for health since March.")
    visitor.page.locator("#a-C9").focus()
    press(visitor, "d", "Enter")
    assert visitor.page.evaluate("document.activeElement.name") == "F6", "a hidden question is passed over"
    visitor.page.keyboard.type("3")
    later(visitor, 2)

    status(visitor).to_have_text("Saved at 14:02")
    answers = {key: answer for body in network.bodies for key, answer in body["answers"].items()}
    assert answers["C9"] | {"sources": []} == {
        "value": "1",
        "note": "Gaps for health since March.",
        "ground": "",
        "sources": [],
        "discuss": True,
    }
    assert answers["F6"] == {"value": "3"}
    assert [body["version"] for body in network.bodies] == list(range(7, 7 + len(network.bodies)))


def test_a_ground_is_asked_for_and_sent_only_with_the_answer_it_belongs_to(visitor: Visitor, network: Network) -> None:
    ground = visitor.page.locator("#g-C9")
    expect(ground).to_be_hidden()
    visitor.page.locator("#a-C9").focus()
    press(visitor, "0")
    ground.select_option("thin")
    later(visitor, 1)
    status(visitor).to_have_text("Saved at 14:02")
    assert network.bodies[-1]["answers"]["C9"]["ground"] == "thin"

    visitor.page.locator("[name=C9]:checked").focus()
    press(visitor, "6")
    later(visitor, 1)
    status(visitor).to_have_text("Saved at 14:02")
    expect(ground).to_be_hidden()
    assert network.bodies[-1]["answers"]["C9"] | {"note": ""} == {
        "value": "6",
        "note": "",
        "ground": "",
        "sources": [],
        "discuss": False,
    }


def test_a_lost_save_is_tried_again_with_the_same_key_until_it_is_acknowledged(
    visitor: Visitor, network: Network
) -> None:
    network.reply = lambda route: route.abort("connectionreset")
    visitor.page.get_by_label("5 Very good").first.check()
    later(visitor, 1)
    status(visitor).to_have_text("Not saved yet. Trying again. 1 answer waiting")
    visitor.page.locator("#a-F6").fill("2")
    status(visitor).to_have_text("Not saved yet. Trying again. 2 answers waiting")
    network.reply = lambda route: route.fulfill(status=503, body="busy")
    tries = len(network.bodies)
    while len(network.bodies) < tries + 2:
        later(visitor, 1)
        visitor.page.wait_for_timeout(5)
    network.reply = network.save

    until(visitor, "Saved at 14:02")
    first = [body for body in network.bodies if "C9" in body["answers"]]
    assert len(first) >= 3
    assert all(body == first[0] for body in first), "a retry is the same save, word for word"
    assert network.bodies[-1]["answers"] == {"F6": {"value": "2"}}
    assert network.bodies[-1]["idempotency_key"] != first[0]["idempotency_key"]
    assert network.bodies[-1]["version"] == 8


def test_a_reading_changed_elsewhere_stops_saving_and_keeps_the_words(visitor: Visitor, network: Network) -> None:
    network.reply = lambda route: route.fulfill(status=409, json={"version": 9, "who": "Ailsa Reid"})
    visitor.page.get_by_label("5 Very good").first.check()
    later(visitor, 1)
    status(visitor).to_contain_text("Not saved. Ailsa Reid changed this reading. 1 answer waiting.")

    visitor.page.locator("#a-F6").fill("2")
    visitor.page.get_by_role("button", name="Save and continue").click()
    later(visitor, 60)
    status(visitor).to_contain_text("2 answers waiting")
    assert len(network.bodies) == 1
    assert visitor.page.url.endswith("/"), "the form is not sent over the other change"


def test_after_signing_in_again_elsewhere_saving_goes_on_with_the_new_token(visitor: Visitor, network: Network) -> None:
    signed_in = False

    def session(route: Route) -> None:
        route.fulfill(json={"csrf_token": "second"}) if signed_in else route.fulfill(status=401, json={})

    visitor.page.route("**/session", session)
    network.reply = lambda route: network.save(route) if signed_in else route.fulfill(status=401, json={})
    visitor.page.get_by_label("5 Very good").first.check()
    later(visitor, 1)
    status(visitor).to_have_text("Signed out: sign in in another tab, your words are kept. 1 answer waiting.")
    link = visitor.page.get_by_role("link", name="sign in in another tab")
    assert link.get_attribute("target") == "_blank"

    signed_in = True
    until(visitor, "Saved at 14:02")
    assert network.tokens == ["first", "second"]
    assert network.bodies[0] == network.bodies[1]
    assert visitor.page.locator("form[data-csrf] input[name=csrf_token]").input_value() == "second"


def test_a_refused_answer_says_why_and_does_not_hold_up_the_others(visitor: Visitor, network: Network) -> None:
    def refuse(route: Route) -> None:
        if "F6" in json.loads(route.request.post_data or "{}")["answers"]:
            route.fulfill(status=422, json={"reasons": {"F6": ["“x” is not a whole number from 0 to 99."]}})
        else:
            network.save(route)

    network.reply = refuse
    visitor.page.locator("#a-F6").fill("x")
    visitor.page.get_by_label("5 Very good").first.check()
    later(visitor, 2)
    status(visitor).to_have_text("Not saved: 1 answer to put right. See what is asked there.")
    expect(visitor.page.locator("#q-F6")).to_contain_text("is not a whole number")
    assert network.bodies[-1]["answers"].keys() == {"C9"}

    network.reply = network.save
    visitor.page.locator("#a-F6").fill("4")
    later(visitor, 2)
    status(visitor).to_have_text("Saved at 14:02")
    expect(visitor.page.locator("#q-F6")).not_to_contain_text("is not a whole number")


def test_what_the_server_opens_is_shown_and_what_it_closes_is_hidden(visitor: Visitor, network: Network) -> None:
    network.reply = lambda route: network.save(route, open=["C9", "F6", "H4.present"])
    expect(visitor.page.locator("#q-H4-present")).to_be_hidden()
    visitor.page.locator("#a-F6").fill("1")
    later(visitor, 2)
    expect(visitor.page.locator("#q-H4-present")).to_be_visible()

    network.reply = lambda route: network.save(route, open=["C9", "F6"])
    visitor.page.locator("#a-F6").fill("2")
    later(visitor, 2)
    expect(visitor.page.locator("#q-H4-present")).to_be_hidden()


def test_the_form_is_sent_only_once_the_last_change_is_saved(visitor: Visitor, network: Network) -> None:
    visitor.page.locator("#a-F6").fill("2")
    visitor.page.get_by_role("button", name="Save and continue").click()
    later(visitor, 1)
    visitor.page.wait_for_url("**/sent")
    assert [body["answers"] for body in network.bodies] == [{"F6": {"value": "2"}}]


def test_leaving_asks_first_only_while_something_is_unsaved(visitor: Visitor, network: Network) -> None:
    asked: list[str] = []
    visitor.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    network.reply = lambda route: route.abort("connectionreset")
    visitor.page.locator("#a-F6").fill("2")
    later(visitor, 2)
    status(visitor).to_contain_text("Not saved yet")
    visitor.page.close(run_before_unload=True)
    status(visitor).to_contain_text("Not saved yet")
    assert asked == ["beforeunload"]

    network.reply = network.save
    until(visitor, "Saved at 14:02")
    visitor.visit("/")
    assert asked == ["beforeunload"]


def test_nothing_is_left_in_the_browsers_storage(visitor: Visitor, network: Network) -> None:
    network.reply = lambda route: route.abort("connectionreset")
    visitor.page.locator("#a-F6").fill("2")
    later(visitor, 2)
    kept = visitor.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    assert kept == [0, 0, ""]


def test_the_form_is_sound_with_everything_open(visitor: Visitor, network: Network) -> None:
    visitor.page.locator("#a-C9").focus()
    press(visitor, "0", "n")
    until(visitor, "Saved at 14:02")
    assert network.bodies[-1]["answers"]["C9"]["value"] == "cannot_be_evaluated"
    visitor.look_over("reading-form")
