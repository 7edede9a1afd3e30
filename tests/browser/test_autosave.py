"""The script that saves a reading as it is written: what it sends, what it says, and that it never loses a word."""

import json
import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.harness import Browsing, Visitor
from tests.browser.reading_page import ADDRESS, Network, later, opened, press, status, until


@pytest.fixture
def visitor(browsing: Browsing) -> Visitor:
    return opened(browsing)


@pytest.fixture
def network(visitor: Visitor) -> Network:
    return Network(visitor)


def test_only_the_changed_answer_is_sent_and_the_line_says_when(visitor: Visitor, network: Network) -> None:
    visitor.page.get_by_label("5 Very good").first.check()
    status(visitor).to_have_text("Saving… 1 answer waiting")
    later(visitor, 1)

    status(visitor).to_have_text("Saved at 13:02 UTC, 1 Jun 2026")
    (body,) = network.bodies
    assert body["version"] == 7
    assert re.fullmatch(r"[0-9a-f]{32}", body["idempotency_key"])
    assert body["answers"] == {"C9": {"value": "5", "note": "", "ground": "", "sources": [], "discuss": False}}
    assert visitor.page.locator("form[action$='/C'] input[name=version]").input_value() == "8"


def test_a_whole_answer_can_be_given_by_keyboard_alone(visitor: Visitor, network: Network) -> None:
    visitor.page.locator("#a-C9").focus()
    press(visitor, "1", "n")
    visitor.page.keyboard.type("Gaps for health since March.")
    visitor.page.locator("#a-C9").focus()
    press(visitor, "d", "Enter")
    assert visitor.page.evaluate("document.activeElement.name") == "H4.present", "the answer opened a question"
    press(visitor, "6", "Tab")
    visitor.page.keyboard.type("3")
    later(visitor, 2)

    status(visitor).to_have_text("Saved at 13:02 UTC, 1 Jun 2026")
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
    status(visitor).to_have_text("Saved at 13:02 UTC, 1 Jun 2026")
    assert network.bodies[-1]["answers"]["C9"]["ground"] == "thin"

    visitor.page.locator("[name=C9]:checked").focus()
    press(visitor, "6")
    later(visitor, 1)
    status(visitor).to_have_text("Saved at 13:02 UTC, 1 Jun 2026")
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

    until(visitor, "Saved at 13:02 UTC, 1 Jun 2026")
    first = [body for body in network.bodies if "C9" in body["answers"]]
    assert len(first) >= 3
    assert all(body == first[0] for body in first), "a retry is the same save, word for word"
    assert network.bodies[-1]["answers"] == {"F6": {"value": "2"}}
    assert network.bodies[-1]["idempotency_key"] != first[0]["idempotency_key"]
    assert network.bodies[-1]["version"] == 8


def test_a_reading_changed_elsewhere_shows_both_texts_and_writes_over_neither(
    visitor: Visitor, network: Network
) -> None:
    stored = {"C9": {"value": "6", "note": "Theirs."}, "F6": {"value": ""}, "H4.present": {"value": ""}}
    changed = {"version": 9, "who": "Ailsa Reid", "answers": stored}
    network.reply = lambda route: route.fulfill(status=409, json=changed)
    page = visitor.page
    page.get_by_label("5 Very good").first.check()
    page.locator("#a-F6").fill("2")
    later(visitor, 1)
    both = page.get_by_role("dialog")
    expect(both).to_contain_text("last saved by Ailsa Reid")
    expect(both.get_by_role("group", name="C9 Assessment")).to_contain_text("Stored: 6 Excellent\nTheirs.")
    expect(both.get_by_role("group", name="C9 Assessment")).to_contain_text("What you typed: 5 Very good")
    page.clock.resume()  # axe waits for timers of its own
    visitor.look_over("reading-both-texts")
    both.get_by_role("button", name="Later").click()
    later(visitor, 60)
    status(visitor).to_contain_text("changed elsewhere. See both 2 answers waiting.")
    assert len(network.bodies) == 1, "nothing is sent until somebody chose"

    network.reply = network.save
    page.get_by_role("button", name="See both").click()
    both.get_by_role("button", name="Go on with these").click()
    expect(both.get_by_role("alert")).to_have_text("Choose for each answer which of the two stands.")
    both.get_by_role("group", name="C9 Assessment").get_by_label("Stored").check()
    both.get_by_role("button", name="Go on with these").click()
    until(visitor, "Saved at 13:02 UTC, 1 Jun 2026")

    assert page.locator("[name=C9]:checked").input_value() == "6"
    assert page.locator("[name=C9__note]").input_value() == "Theirs."
    assert network.bodies[-1]["answers"] == {"F6": {"value": "2"}}
    assert network.bodies[-1]["version"] == 9


def test_nothing_is_asked_where_no_answer_that_waits_was_changed_elsewhere(visitor: Visitor, network: Network) -> None:
    stored = {"C9": {"value": "6"}, "F6": {"value": "2"}, "_notes": {"value": "Theirs."}}
    changed = {"version": 9, "who": "Ailsa Reid", "answers": stored}
    held: list[Route] = []
    network.reply = held.append
    page = visitor.page
    page.locator("[name=F6]").fill("2")  # what is stored already
    page.get_by_label("6 Excellent").first.check()  # what this page wrote itself, by a save whose reply was lost
    page.get_by_label("The child’s story").fill("Lives with an aunt.")  # nobody else wrote here
    while not held:
        later(visitor, 1)
        page.wait_for_timeout(5)
    page.get_by_label("5 Very good").first.check()
    network.reply = network.save
    held[0].fulfill(status=409, json=changed)
    until(visitor, "Saved at 13:02 UTC, 1 Jun 2026. What was changed elsewhere by Ailsa Reid is shown here now")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_label("Running notes")).to_have_value("Theirs.")
    sent = network.bodies[1]
    assert sent["version"] == 9 and sent["answers"].keys() == {"C9", "_story"}
    assert sent["answers"]["C9"]["value"] == "5"
    page.locator("[name=F6]").fill("3")
    until(visitor, "Saved at 13:02 UTC, 1 Jun 2026")


def test_a_refused_answer_is_not_given_up_for_what_is_stored(visitor: Visitor, network: Network) -> None:
    def refuse(route: Route) -> None:
        if "F6" in json.loads(route.request.post_data or "{}")["answers"]:
            route.fulfill(status=422, json={"reasons": {"F6": ["“x” is not a whole number from 0 to 99."]}})
        else:
            network.save(route)

    network.reply = refuse
    visitor.page.locator("#a-F6").fill("x")
    until(visitor, "Not saved: 1 answer to put right. See what is asked there.")
    changed = {"version": 9, "who": "Ailsa Reid", "answers": {"F6": {"value": ""}}}
    network.reply = lambda route: route.fulfill(status=409, json=changed)
    sent = len(network.bodies)
    visitor.page.get_by_label("6 Excellent").first.check()
    while len(network.bodies) == sent:
        later(visitor, 1)
    network.reply = refuse
    until(visitor, "Not saved: 1 answer to put right. See what is asked there.")
    assert visitor.page.locator("#a-F6").input_value() == "x"
    assert network.bodies[-1]["answers"].keys() == {"C9"} and network.bodies[-1]["version"] == 9


def test_words_that_did_not_arrive_before_the_page_was_loaded_again_are_named(
    visitor: Visitor, network: Network
) -> None:
    page = visitor.page
    sent = len(network.bodies)
    asked: list[str] = []
    held = {"version": 7, "saved_at": None, "taken": ["one"], "answers": {"C9": {"value": "6"}}}

    def stand(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(json=held)

    page.route("**/saves?*", stand)
    left = {"saves": [{"key": "one", "of": ["C9"]}, {"key": "two", "of": ["_notes"]}], "lost": ["F6"]}
    page.evaluate("left => history.replaceState({left}, '')", left)
    page.clock.resume()  # it asks at its own pace, and gives up in its own time
    page.reload()
    status(visitor).to_have_text("Looking whether what you wrote last was saved…")
    expect(page.locator("[data-autosave-url]")).to_have_attribute("inert", "")
    while len(asked) < 3:
        page.wait_for_timeout(50)
    until(visitor, "Not saved: what you wrote last at F6, the running notes. Look there again.")
    assert asked[0].endswith("/readings/r/saves?keys=one,two")

    expect(page.locator("[name=C9]:checked")).to_have_value("6")
    assert page.evaluate("history.state.left") is None and len(network.bodies) == sent
    page.get_by_label("5 Very good").first.check()
    until(visitor, "Saved at 13:02 UTC, 1 Jun 2026")


def test_an_ended_session_asks_to_sign_in_again_in_place_and_goes_on(visitor: Visitor, network: Network) -> None:
    signed_in = False

    def session(route: Route) -> None:
        token = "second" if signed_in else "between"
        route.fulfill(json={"csrf_token": token, "person": "ailsa" if signed_in else None})

    def sign_in(route: Route) -> None:
        nonlocal signed_in
        assert route.request.post_data_json["csrf_token"] == "between"
        signed_in = route.request.post_data_json["password"] == "four unrelated words"
        route.fulfill(status=200 if signed_in else 422, body="")

    page = visitor.page
    page.route("**/session", session)
    page.route("**/sign-in", sign_in)
    network.reply = lambda route: network.save(route) if signed_in else route.fulfill(status=401, json={})
    page.get_by_label("5 Very good").first.check()
    later(visitor, 1)
    status(visitor).to_have_text("You are signed out; your words are kept. Sign in again 1 answer waiting.")
    asked = page.get_by_role("dialog")
    expect(asked.get_by_label("E-mail address")).to_have_value("ailsa@cast.example")
    asked.get_by_label("Password").fill("wrong")
    asked.get_by_role("button", name="Sign in").click()
    expect(asked.get_by_role("alert")).to_contain_text("is not right")
    page.clock.resume()
    visitor.look_over("reading-sign-in-again")

    asked.get_by_label("Password").fill("four unrelated words")
    asked.get_by_role("button", name="Sign in").click()
    until(visitor, "Saved at 13:02 UTC, 1 Jun 2026")
    expect(asked).to_be_hidden()
    assert network.tokens == ["first", "second"]
    assert network.bodies[0] == network.bodies[1]
    assert page.locator("form[action$='/C'] input[name=csrf_token]").input_value() == "second"


def test_who_is_typing_is_not_interrupted_to_sign_in_again(visitor: Visitor, network: Network) -> None:
    page = visitor.page
    page.route("**/session", lambda route: route.fulfill(json={"csrf_token": "between", "person": None}))
    network.reply = lambda route: route.fulfill(status=401, json={})
    page.locator("#a-C9").focus()
    page.keyboard.press("n")
    page.keyboard.type("Grandparents wrote down what the g")
    later(visitor, 1)
    status(visitor).to_contain_text("You are signed out")
    page.keyboard.type("randparents had said.")
    expect(page.get_by_role("dialog")).to_be_hidden()
    later(visitor, 3)
    expect(page.get_by_role("dialog")).to_be_visible()
    written = page.eval_on_selector_all("textarea", "areas => areas.map(area => area.value)")
    assert "Grandparents wrote down what the grandparents had said." in written


def test_a_refused_answer_says_why_and_does_not_hold_up_the_others(visitor: Visitor, network: Network) -> None:
    def refuse(route: Route) -> None:
        if "F6" in json.loads(route.request.post_data or "{}")["answers"]:
            route.fulfill(status=422, json={"reasons": {"F6": ["“x” is not a whole number from 0 to 99."]}})
        else:
            network.save(route)

    network.reply = refuse
    visitor.page.locator("#a-F6").fill("x")
    visitor.page.get_by_label("5 Very good").first.check()
    until(visitor, "Not saved: 1 answer to put right. See what is asked there.")
    expect(visitor.page.locator("#q-F6")).to_contain_text("is not a whole number")
    assert network.bodies[-1]["answers"].keys() == {"C9"}

    page, sent = visitor.page, len(network.bodies)
    for _ in range(2):
        page.get_by_role("button", name="Next: Check your answers").click()
        page.get_by_role("button", name="Submit the reading").click()
        expect(page.locator("#a-F6")).to_be_focused()
        expect(page.locator("#a-F6")).to_have_value("x")
        status(visitor).to_be_in_viewport()
        status(visitor).to_have_text("Not saved: 1 answer to put right. See what is asked there.")
    assert len(network.bodies) == sent and page.url.endswith(ADDRESS), "refused words are neither sent nor left"

    network.reply = network.save
    visitor.page.locator("#a-F6").fill("4")
    later(visitor, 2)
    status(visitor).to_have_text("Saved at 13:02 UTC, 1 Jun 2026")
    expect(visitor.page.locator("#q-F6")).not_to_contain_text("is not a whole number")
    page.get_by_role("button", name="Next: Check your answers").click()
    page.get_by_role("button", name="Submit the reading").click()
    page.wait_for_url("**/sent")


def test_what_the_server_sees_in_a_text_is_said_beside_it_and_aloud_and_the_text_stays(
    visitor: Visitor, network: Network
) -> None:
    def tell(route: Route) -> None:
        signs = (
            {"signs": {"C9": ["the reference of another case"]}} if "AB-0999" in (route.request.post_data or "") else {}
        )
        route.fulfill(json={"version": 8, "saved_at": "2026-06-01T13:02:03Z", **signs})

    network.reply = tell
    page, says = visitor.page, "This looks like the reference of another case. No note may name anybody."
    aloud = page.get_by_role("status").filter(has_text=f"Check the text of C9: {says}")
    note = page.locator("#n-C9")
    note.evaluate("note => { note.closest('details').open = true; }")
    note.fill("Seen with AB-0999.")
    expect(aloud).to_have_count(0)
    later(visitor, 2)

    expect(page.locator("#w-C9")).to_have_text(f"Check: {says}")
    expect(note).to_have_accessible_description(f"Check: {says}")
    expect(aloud).to_have_count(1)
    expect(note).to_have_value("Seen with AB-0999.")
    note.fill("Seen with a sister.")
    later(visitor, 2)
    expect(page.locator("#w-C9")).to_be_empty()
    expect(aloud).to_have_count(0)


def test_a_refusal_that_comes_while_a_submission_waits_holds_it_back(visitor: Visitor, network: Network) -> None:
    refused = {"reasons": {"F6": ["“x” is not a whole number from 0 to 99."]}}
    network.reply = lambda route: route.fulfill(status=422, json=refused)
    page = visitor.page
    page.locator("#a-F6").fill("x")
    page.get_by_role("button", name="Next: Check your answers").click()
    page.get_by_role("button", name="Submit the reading").click()

    until(visitor, "Not saved: 1 answer to put right. See what is asked there.")
    expect(page.locator("#a-F6")).to_be_focused()
    expect(page.locator("#a-F6")).to_have_value("x")
    assert page.url.endswith(ADDRESS)


def test_coming_back_during_a_try_that_fails_brings_the_next_one_at_once(visitor: Visitor, network: Network) -> None:
    held: list[Route] = []
    network.reply = held.append
    page = visitor.page
    page.locator("#a-F6").fill("2")
    page.locator("#a-F6").blur()
    later(visitor, 2)
    while not held:
        page.wait_for_timeout(5)
    page.evaluate("dispatchEvent(new Event('online'))")
    network.reply = network.save
    held[0].abort("connectionreset")
    status(visitor).to_have_text("Not saved yet. Trying again. 1 answer waiting")
    page.clock.run_for(10)

    status(visitor).to_have_text("Saved at 13:02 UTC, 1 Jun 2026")
    assert [body["answers"] for body in network.bodies] == [{"F6": {"value": "2"}}] * 2


def test_the_page_opens_what_an_answer_asks_for_and_the_server_has_the_last_word(
    visitor: Visitor, network: Network
) -> None:
    opened = visitor.page.locator("#q-H4-present")
    expect(opened).to_be_hidden()
    network.reply = lambda route: route.abort("connectionreset")
    visitor.page.get_by_label("1 Unsatisfactory").first.check()
    later(visitor, 1)
    expect(opened).to_be_visible()

    network.reply = lambda route: network.save(route, open=["C9", "F6"])
    until(visitor, "Saved at 13:02 UTC, 1 Jun 2026")
    expect(opened).to_be_hidden()


def test_going_on_needs_no_network_but_submitting_waits_for_the_last_save(visitor: Visitor, network: Network) -> None:
    network.reply = lambda route: route.abort("connectionreset")
    page = visitor.page
    page.locator("#a-F6").fill("2")
    page.get_by_role("button", name="Next: Check your answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    later(visitor, 1)
    expect(page.locator("#r-F6")).to_contain_text("2")
    expect(page.locator("#r-C9")).to_contain_text("This is not answered yet.")
    assert page.url.endswith("/readings/r/check")
    page.go_back()
    expect(page.locator("#a-F6")).to_be_visible()
    page.go_forward()

    network.reply = network.save
    page.get_by_role("button", name="Submit the reading").click()
    page.wait_for_url("**/sent")
    assert network.bodies[-1]["answers"] == {"F6": {"value": "2"}}


def test_a_selection_of_the_notes_becomes_evidence_for_a_question(visitor: Visitor, network: Network) -> None:
    page = visitor.page
    page.get_by_label("Running notes").fill("Seen alone in May. Plan not shared.")
    page.get_by_label("Running notes").evaluate("notes => notes.setSelectionRange(0, 18)")
    page.get_by_label("Use as evidence for").select_option("C9")
    page.get_by_role("button", name="Copy what is selected").click()
    later(visitor, 2)
    status(visitor).to_have_text("Saved at 13:02 UTC, 1 Jun 2026")

    answers = {key: answer for body in network.bodies for key, answer in body["answers"].items()}
    assert answers["_notes"] == {"value": "Seen alone in May. Plan not shared."}
    assert answers["C9"]["note"] == "Seen alone in May."
    expect(page.locator("[data-used]")).to_have_text("Copied to the note of C9.")


def test_leaving_asks_first_only_while_something_is_unsaved(visitor: Visitor, network: Network) -> None:
    asked: list[str] = []
    visitor.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    network.reply = lambda route: route.abort("connectionreset")
    visitor.page.locator("#a-F6").fill("2")
    later(visitor, 2)
    status(visitor).to_contain_text("Not saved yet")
    with visitor.page.expect_event("dialog"):
        visitor.page.close(run_before_unload=True)
    status(visitor).to_contain_text("Not saved yet")
    assert asked == ["beforeunload"]

    network.reply = network.save
    until(visitor, "Saved at 13:02 UTC, 1 Jun 2026")
    visitor.visit(ADDRESS)
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
    until(visitor, "Saved at 13:02 UTC, 1 Jun 2026")
    assert network.bodies[-1]["answers"]["C9"]["value"] == "cannot_be_evaluated"
    visitor.page.clock.resume()
    visitor.look_over("reading-form")
