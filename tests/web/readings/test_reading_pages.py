"""The pages of a reading: the list, the sections, the check, submission, and what they refuse."""

import re

import pytest

from casereader.vocabulary import INELIGIBLE_REASONS, ReadingKind, ReadingState
from tests.cast import SignIn
from tests.web.client import PageClient, filled_in, page_of
from tests.web.page import Page, words
from tests.web.reading_room import Room, address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the verbs run on both elsewhere


def listed(page: Page) -> dict[str, str]:
    """The state of each reading on the list, by its reference: of those to read, then of the others in their table."""
    lines = page.with_class("ds_task-list__task") + page.root.findall(".//tbody/tr")
    return {words(next(line.iter("a"))): words(list(line.iter("span"))[-1]) for line in lines}


def test_my_readings_lists_mine_and_what_to_do_next(room: Room, reviewer: PageClient) -> None:
    mine = room.given(room.cast.reviewer) + room.given(room.cast.reviewer, kind=ReadingKind.SECOND)

    page = reviewer.page("/readings")

    assert set(listed(page)) == {one.case_ref for one in mine}
    assert "second reading" not in page.text.casefold() and "first reading" not in page.text.casefold()
    assert "Next: start reading." in page.text


def test_what_is_finished_is_folded_beneath_what_waits_with_rescue_and_practice_above(
    room: Room, reviewer: PageClient
) -> None:
    done, *_ = room.given(room.cast.reviewer)
    room.complete(done.reading.public_id)

    page = reviewer.page("/readings")

    assert [row[0] for row in page.rows()] == ["Record", done.case_ref]
    assert page.rows()[1][3] == "Submitted"
    assert page.root.find(".//details/summary[@class='ds_details__summary']") is not None
    assert "Submitted, finished or not read: 1" in page.text
    order = [page.links.index(link) for link in ("/practice", "/readings/rescue")]
    assert max(order) < page.links.index(address(room.given(room.cast.reviewer)[1]), page.links.index("/practice"))


def test_the_task_list_names_the_case_its_stratum_the_period_and_the_records(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]

    text = reviewer.page(address(opened)).text

    assert opened.case_ref in text
    assert "1 January 2025 to 31 March 2026" in text
    assert "Social work, Health, Education, Police" in text
    assert text.count("Not started") >= 10 and "Start reading" in text


def test_submission_says_what_is_missing_with_a_link_to_each(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]

    response = reviewer.submit(address(opened, "/check"), {"declared": "y"}, action=address(opened, "/submit"))

    assert response.status_code == 422
    page = page_of(response)
    assert "C. Assessment: 10 missing" in page.errors
    assert "C9 Assessment: This is not answered yet." in page.text
    assert address(opened, "/C#q-C9") in page.links
    assert room.now(opened).reading.state is ReadingState.ASSIGNED, "a refused submission starts nothing"


def test_what_is_missing_stands_by_section_and_a_discuss_mark_is_no_part_of_it(
    room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section, check = address(opened, "/C"), address(opened, "/check")
    before = reviewer.page(check)
    reviewer.submit(section, {"C1": "yes", "C1__discuss": "yes"}, action=section, button="stay")

    page = reviewer.page(check)

    by_section = {words(line.find("a")): words(line) for line in page.root.findall(".//li") if line.find("details")}
    assert by_section["C. Assessment"].startswith("C. Assessment: 10 missing Which")
    assert "C9 Assessment: This is not answered yet." in by_section["C. Assessment"]
    assert not any("“discuss”" in line for line in by_section.values()), "a mark is not a thing that is missing"
    marked = next(one for one in page.with_class("cr_message") if "Marked to discuss" in words(one))
    assert [link.get("href") for link in marked.iter("a")] == [address(opened, "/C#q-C1"), "#keep_marks"]
    assert "Marked to discuss" not in before.text


def test_submission_needs_the_declaration(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]

    response = reviewer.submit(address(opened, "/check"), action=address(opened, "/submit"))

    assert page_of(response).errors[-1] == "Confirm the declaration before you submit."


def test_a_section_saves_by_its_button_and_shows_what_was_saved(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/C")

    saved = reviewer.submit(section, {"C9": "5", "C9__note": "<b>Bold</b> ${7*7}"}, action=section, button="stay")

    assert saved.location == section
    page = reviewer.page(section)
    assert "&lt;b&gt;Bold&lt;/b&gt; ${7*7}" in page.html
    assert room.answers(opened)["C9"] == "5"
    assert reviewer.submit(section, {"C10": "4"}, action=section, button="next").location == address(opened, "/D")
    assert room.answers(opened)["C9"] == "5", "what stays on the page stays saved"


def test_the_button_pressed_twice_makes_one_version(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/C")
    sent = {"csrf_token": reviewer.csrf_token(address(opened)), "version": "1", "C9": "5", "go": "next"}

    answers = [reviewer.post(section, data=sent) for _ in range(2)]

    assert [answer.location for answer in answers] == [address(opened, "/D")] * 2
    assert room.now(opened).reading.version == 2


def test_a_refused_answer_is_named_and_everything_typed_stays(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/C")
    long = "Words. " * 3000

    response = reviewer.submit(section, {"C9__note": long, "C1": "yes"}, action=section, button="next")

    assert response.status_code == 422
    page = page_of(response)
    assert page.errors == ["C9: The note has 21,000 characters; at most 20,000 are kept."]
    assert long.strip() in page.html
    assert room.answers(opened) == {}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"version": None}, 400),
        ({"version": "abc"}, 400),
        ({"version": "0"}, 400),
        ({"version": "-1"}, 400),
        ({"version": "1" + "0" * 30}, 400),
        ({"C9": ["5", "6"]}, 400),
        ({"C9": ["5", "not_applicable"]}, 400),
        ({"C9": "7"}, 422),
        ({"Z9": "5"}, 422),
        ({"C9__note": "a\0b"}, 422),
    ],
)
def test_a_form_that_breaks_a_rule_is_refused_and_stores_nothing(
    room: Room, reviewer: PageClient, changed: dict[str, object], status: int
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    sent: dict[str, object] = {"csrf_token": reviewer.csrf_token(address(opened)), "version": "1", "C1": "yes"}
    sent |= changed

    response = reviewer.post(
        address(opened, "/C"), data={name: value for name, value in sent.items() if value is not None}
    )

    assert response.status_code == status
    assert room.answers(opened) == {} and room.now(opened).reading.version == 1


def test_fields_that_are_not_the_reader_s_are_passed_over(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))
    extra = {"state": "signed off", "reviewer_id": "1", "locked": "0", "role": "lead"}

    response = reviewer.post(
        address(opened, "/C"), data={"csrf_token": token, "version": "1", "C9": "5", "go": "stay", **extra}
    )

    assert response.status_code == 303
    now = room.now(opened).reading
    assert (now.state, now.reviewer_id) == (ReadingState.IN_PROGRESS, opened.reading.reviewer_id)


def test_more_fields_than_a_section_has_are_refused_whatever_they_say(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))
    many = "&".join(f"x{number}=1" for number in range(1001))

    response = reviewer.post(
        address(opened, "/C"),
        data=f"csrf_token={token}&version=1&{many}",
        content_type="application/x-www-form-urlencoded",
    )

    assert response.status_code == 413


def test_a_stale_form_shows_both_texts_and_can_be_sent_on(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/C")
    token = reviewer.csrf_token(address(opened))
    reviewer.submit(section, {"C9": "5", "C9__note": "From the first tab."}, action=section, button="stay")

    response = reviewer.post(
        section,
        data={"csrf_token": token, "version": "1", "C9": "2", "C9__note": "From the\nsecond tab.", "go": "stay"},
    )

    assert response.status_code == 409
    page = page_of(response)
    assert "From the first tab." in page.text and "second tab." in page.text
    assert "5 Very good" in page.text and "2 Weak" in page.text
    assert room.answers(opened)["C9"] == "5"
    form = page.form(section)
    fields = {field.get("name", ""): field.get("value", "") for field in form.iter("input")}
    assert reviewer.post(section, data={**fields, "go": "stay"}).status_code == 303
    assert room.answers(opened)["C9"] == "2"


def test_a_form_sent_after_submission_is_refused_with_its_text_on_the_page(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))
    room.complete(opened.reading.public_id)

    response = reviewer.post(
        address(opened, "/C"), data={"csrf_token": token, "version": "3", "C9": "1", "C9__note": "Late words."}
    )

    assert response.status_code == 409
    page = page_of(response)
    assert "This reading was submitted" in page.text and "Late words." in page.text
    assert not [form for form in page.root.iter("form") if form.get("action") == address(opened, "/C")]


def test_a_submitted_reading_is_looked_at_and_reopened_with_a_reason(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    room.complete(opened.reading.public_id, C9="5")

    assert reviewer.get(address(opened, "/C")).location == address(opened, "/check#s-C")
    assert "5 Very good" in reviewer.page(address(opened, "/check")).text
    refused = reviewer.submit(address(opened, "/reopen"), {"reason": "  "})
    assert page_of(refused).errors == ["Say why you reopen it."]
    assert reviewer.submit(address(opened, "/reopen"), {"reason": "A record turned up."}).status_code == 303
    now = room.now(opened).reading
    assert (now.state, now.reopened_reason) == (ReadingState.IN_PROGRESS, "A record turned up.")


def test_submitting_twice_answers_the_same(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    token = reviewer.csrf_token(address(opened))
    room.complete(opened.reading.public_id)
    version = room.now(opened).reading.version

    response = reviewer.post(address(opened, "/submit"), data={"csrf_token": token, "declared": "y"})

    assert response.status_code == 303
    assert room.now(opened).reading.version == version


def test_the_history_shows_every_revision_of_an_answer(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/C")
    for value, note in (("5", "First <i>view</i>."), ("3", "Second view.")):
        reviewer.submit(section, {"C9": value, "C9__note": note}, action=section, button="stay")

    page = reviewer.page(address(opened, "/history?question=C9"))

    assert "5 Very good" in page.text and "3 Adequate" in page.text and "First <i>view</i>." in page.text
    assert len(page.rows()) == 3
    assert "C9" in reviewer.page(address(opened, "/history")).text


def test_notes_that_look_as_if_they_named_somebody_are_pointed_out_before_submission(
    room: Room, reviewer: PageClient
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    section = address(opened, "/C")
    reviewer.submit(section, {"C9__note": "Lives at EH1 1AA, CHI 010\u200b1151237."}, action=section, button="stay")

    text = reviewer.page(address(opened, "/check")).text

    assert "C9 Assessment: this looks like a health number and a postcode." in text


def test_a_section_that_is_not_there_and_a_reading_of_another_are_the_same_404(
    room: Room, reviewer: PageClient
) -> None:
    mine, other = room.given(room.cast.reviewer)[0], room.given(room.cast.second_reviewer)[0]

    for path in (address(mine, "/Z"), address(other), address(other, "/C"), "/readings/none", "/readings/%00"):
        assert reviewer.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"way": "not produced", "reason": "Health could not find it."}, "Not produced"),
        ({"way": "ineligible", "listed": INELIGIBLE_REASONS[0]}, "Not eligible, waits to be confirmed"),
        ({"way": "conflict", "reason": "I taught the child."}, None),
    ],
)
@pytest.mark.parametrize("is_started", [False, True])
def test_a_record_that_cannot_be_read_takes_its_path_until_its_reader_answers(
    room: Room, reviewer: PageClient, values: dict[str, object], state: str | None, is_started: bool
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    if is_started:
        reviewer.submit(address(opened), action=address(opened, "/start"))
    assert address(opened, "/not-readable") in reviewer.page(address(opened)).links

    response = reviewer.submit(address(opened, "/not-readable"), values)

    assert response.status_code == 303
    assert listed(reviewer.page("/readings")).get(opened.case_ref) == state
    assert reviewer.get(address(opened)).status_code == (200 if state else 404)


def test_nobody_who_has_answered_is_offered_to_set_the_record_aside(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    sent = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5"}}}
    token = reviewer.csrf_token(address(opened))
    reviewer.post(address(opened, "/answers"), json=sent, headers={"X-CSRFToken": token})

    assert address(opened, "/not-readable") not in reviewer.page(address(opened)).links
    refused = reviewer.get(address(opened, "/not-readable"))
    assert refused.status_code == 409
    assert "Ask the coordinator" in page_of(refused).text


def test_the_coordinator_sees_a_case_that_was_handed_back_and_why(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    values = {"way": "conflict", "reason": "I taught the child."}
    reviewer.submit(address(opened, "/not-readable"), values)

    page = sign_in(room.cast.coordinator).page(f"/inspections/{room.cast.place.inspection.public_id}/progress")

    assert "Handed back" in page.text or "handed back" in page.text
    assert "I taught the child." in page.text


def test_why_a_record_cannot_be_read_is_asked_for(room: Room, reviewer: PageClient) -> None:
    path = address(room.given(room.cast.reviewer)[0], "/not-readable")

    for values in ({}, {"way": "not produced"}, {"way": "ineligible"}, {"way": "conflict"}):
        assert reviewer.submit(path, values).status_code == 422, values


def test_not_produced_is_asked_again_where_the_tracker_has_part_of_the_record_in_the_room(
    room: Room, reviewer: PageClient, sign_in: SignIn
) -> None:
    opened = room.given(room.cast.reviewer)[0]
    path, case = address(opened, "/not-readable"), opened.sample_case.public_id
    tracker = f"/inspections/{room.cast.place.inspection.public_id}/records"
    coordinator = sign_in(room.cast.coordinator)
    marks = {"record": [f"{case}.police", f"{case}.health"], "state": "supplied"}
    assert coordinator.post(tracker, data={"csrf_token": coordinator.csrf_token("/"), **marks}).status_code == 303
    sent = {"way": "not produced", "reason": "Lost <b>in</b> a move."}

    asked = reviewer.submit(path, sent)

    page = page_of(asked)
    assert asked.status_code == 200 and page.title.startswith("Is the whole record missing?")
    assert "records of Health and Police are in the room" in page.text and sent["reason"] in page.text
    assert "Start reading" in reviewer.page(address(opened)).text, "nothing is recorded yet"
    assert reviewer.submit(path, {"way": "not produced"}).status_code == 422, "no reason is no question"
    whole = {**filled_in(page.form()), "whole": "y"}
    assert reviewer.post(path, data=whole).status_code == 303
    assert listed(reviewer.page("/readings"))[opened.case_ref] == "Not produced"


def test_a_record_that_turned_up_can_be_read(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    reviewer.submit(address(opened, "/not-readable"), {"way": "not produced", "reason": "Lost."})

    assert reviewer.submit(address(opened), action=address(opened, "/turned-up")).status_code == 303
    assert "Start reading" in reviewer.page(address(opened)).text


def test_numbers_pick_the_cells_that_say_them(room: Room, reviewer: PageClient) -> None:
    page = reviewer.page(address(room.given(room.cast.reviewer)[0], "/C"))

    numbers = {
        field.get("value"): field.get("data-number") for field in page.root.iter("input") if field.get("name") == "C10"
    }
    assert numbers == {
        **{str(point): str(point) for point in range(1, 7)},
        "cannot_be_evaluated": "0",
        "not_applicable": "9",
    }
    assert re.search(r'data-version="1"', page.html)
