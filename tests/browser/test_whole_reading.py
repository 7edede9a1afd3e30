"""A whole CRR-1 reading: by keyboard, through a cut network, a new server and a rescue file; and without scripts."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Request, expect

from casereader.instrument import Answer, Part
from casereader.readings import Opened
from casereader.vocabulary import ReadingState
from casereader.web.answers.questions import has_cells, slug
from tests.browser.harness import NARROW, WIDE, Browsing, Visitor
from tests.browser.reading_room import ReadingRoom, close, reading_room
from tests.browser.typist import Typist
from tests.reading import NOTE, full_answers
from tests.source import ROOT
from tests.web.app import make_app

SECRET = "a key that outlives the server of this test"
BAD = {"D2": "no", "C10": "2", "H4.present": "yes", "H2.present": "indicated"}  # answers that open or ask for more
CUT_AFTER, BACK_AFTER, DOWN_AFTER, UP_AFTER, LOST_AFTER = "A", "D", "E", "F", "G"  # what befalls it after which section
WAITING = "import('/static/js/autosave.js').then(it => Object.keys(it.waitingQueue().answers).length)"

# What a page could have left behind where the next person at this computer might find it.
LEFT_BEHIND = """async () => ({
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  files: await (async () => {
    let found = 0;
    for await (const _ of (await navigator.storage.getDirectory()).keys()) found += 1;
    return found;
  })(),
})"""


@pytest.fixture
def room(sqlite_url: str, tmp_path: Path, browsing: Browsing) -> Iterator[ReadingRoom]:
    app = make_app(sqlite_url, tmp_path, SECRET_KEY=SECRET)
    with reading_room(app, browsing) as made:
        yield made
    app.extensions["casereader_engine"].dispose()


def test_by_keyboard_alone_with_the_network_cut_the_server_restarted_and_a_rescue_file(
    room: ReadingRoom, sqlite_url: str, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    reader = room.person(room.cast.reviewer)
    for part in ("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED"):
        reader.expect_complaint(part)
    page, line = reader.page, reader.page.locator("#save-status")
    opened = room.given(room.cast.reviewer)[0]
    reader.visit(f"/readings/{opened.reading.public_id}")
    typist = Typist(page, room.instrument, BAD)
    typist.go_to("Start reading")
    typist.press("Enter", "going about")
    page.wait_for_url("**/A")
    typist.go_to_first_question()

    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if _is_of_the_app(request) else None)
    again = make_app(sqlite_url, tmp_path, SECRET_KEY=SECRET)
    for section in room.instrument.sections:
        if page.locator(f"[data-view={section.id}]").is_visible():  # the others are not asked for this child
            typist.section()
        if section.id == CUT_AFTER:
            expect(line).to_contain_text("Saved at")
            reader.context.set_offline(True)
        if section.id == BACK_AFTER:
            expect(line).to_have_text(f"Not saved yet. Trying again. {page.evaluate(WAITING)} answers waiting")
            first = {part.key for part in room.instrument.sections[0].parts}
            assert room.stored(opened).keys() == first & typist.given.keys()
            reader.context.set_offline(False)
        if section.id == DOWN_AFTER:
            expect(line).to_contain_text("Saved at")
            room.server.stop()
        if section.id == UP_AFTER:
            expect(line).to_contain_text("Not saved yet. Trying again.")
            room.server.start(again)
            page.evaluate("dispatchEvent(new Event('focus'))")  # somebody comes back to the window: it is tried at once
            expect(line).to_contain_text("Saved at")
            assert room.stored(opened) == typist.given
        if section.id == LOST_AFTER:
            expect(line).to_contain_text("Saved at")
            reader.context.set_offline(True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    expect(page.locator("[data-check]")).to_contain_text("Nothing is missing.")
    expect(line).to_contain_text("Not saved yet. Trying again.")
    reader.look_over("whole-reading-waiting", widths=(WIDE, NARROW))
    assert not fetched, "going about asked for something"
    _raise_a_concern_that_cannot_be_sent(reader)

    path = _rescue(reader, typist, opened, tmp_path)
    later = room.person(room.cast.reviewer)
    later.expect_complaint("422")
    later.visit(f"/readings/{opened.reading.public_id}/rescue")
    typist.page = later.page
    _bring_in(later, typist, path)
    assert room.stored(opened) | {"J9": None} == typist.given | {"C9": "5", "J9": None}

    later.visit(f"/readings/{opened.reading.public_id}/check")
    typist.go_to("submit the reading")
    typist.press("Enter", "going about")
    typist.go_to("declared")
    typist.press("Space", "going about")
    typist.go_to("Submit the reading")
    typist.press("Enter", "going about")
    later.page.get_by_text("State of this reading").wait_for()
    assert room.state(opened) is ReadingState.SUBMITTED
    again.extensions["casereader_engine"].dispose()

    assert len(typist.judgements) >= 80
    assert typist.keys["judgements"] <= 2 * len(typist.judgements) + 2 * len(typist.noted) + 2 * len(BAD)
    besides_words = sum(typist.keys.values()) - typist.keys["words"] - typist.keys["rescue"]
    performance = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    told = re.search(r"takes (\d+) keys besides the words of its notes: (\d+) judgements", performance)
    assert told is not None
    assert abs(int(told[1]) - besides_words) <= 5, "docs/performance.md tells another count of keys"
    assert abs(int(told[2]) - len(typist.judgements)) <= 1
    assert besides_words <= 350
    report = f"{sum(typist.keys.values())} keys, {len(typist.judgements)} judgements at 2: {dict(typist.keys)}"
    record_testsuite_property("keystrokes", report)  # `pytest --junitxml` keeps it


def _raise_a_concern_that_cannot_be_sent(reader: Visitor) -> None:
    """The page says whom to tell, and stays; with the server back its button leads to the form."""
    page, dialog = reader.page, reader.page.get_by_role("dialog", name="Tell the inspection lead now")
    where, waiting = page.url, page.evaluate(WAITING)
    page.get_by_role("link", name="Raise a matter of concern").first.press("Enter")
    expect(dialog).to_contain_text("Leslie Lead, lead: telephone 01632 960010")
    expect(dialog).to_contain_text("Dolina Deputy, deputy: telephone x4512")
    reader.look_over("concern-unreached", widths=(WIDE, NARROW))
    dialog.get_by_role("button", name="Try to open the form").press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("The server still cannot be reached.")
    dialog.get_by_role("button", name="Go on reading").press("Enter")
    expect(dialog).to_be_hidden()
    assert (page.url, page.evaluate(WAITING)) == (where, waiting)


def _rescue(reader: Visitor, typist: Typist, opened: Opened, folder: Path) -> Path:
    """One answer that is stored is changed, what waits is saved to a file, and the computer is gone."""
    page, box = reader.page, reader.page.locator("#rescue")
    page.locator("#r-C9 a").focus()
    typist.press("Enter", "rescue")
    typist.press("5", "rescue")
    waiting = page.evaluate(WAITING)
    box.get_by_role("button").focus()
    with page.expect_download() as coming:
        typist.press("Enter", "rescue")
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    expect(box.get_by_role("status")).to_have_text(f"{waiting} answers in {path.name}, among your downloads.")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")  # further down the bar floats over the questions
    reader.look_over("rescue-saved", widths=(NARROW,), within=".cr_identity")
    text = path.read_text(encoding="utf-8")
    for readable in (NOTE, opened.case_ref, opened.reading.public_id, "Nothing to add."):
        assert readable not in text + path.name
    assert set(json.loads(text)) == {"casereader", "format", "key", "says", "sealed"}
    assert set(page.evaluate(LEFT_BEHIND).values()) == {0}
    assert {cookie.get("name") for cookie in reader.context.cookies()} == {"casereader"}
    close(reader)
    return path


def _bring_in(later: Visitor, typist: Typist, path: Path) -> None:
    """The file is read back elsewhere: what is new is taken, and of what differs the reader chooses."""
    page = later.page
    page.get_by_label("Rescue file").set_input_files(path)
    typist.go_to("See what is in it", "rescue")
    typist.press("Enter", "rescue")
    expect(page.get_by_role("heading", level=1)).to_have_text("What the rescue file holds")
    expect(page.get_by_text("1 to choose")).to_be_visible()
    typist.go_to("Save to the reading", "rescue")
    typist.press("Enter", "rescue")
    expect(page.locator("#error-summary")).to_contain_text("C9: choose which is to stand.")
    later.look_over("rescue-unchosen", widths=(WIDE, NARROW))
    page.get_by_label("What the file holds").focus()
    typist.press("Space", "rescue")
    typist.go_to("Save to the reading", "rescue")
    typist.press("Enter", "rescue")
    expect(page.get_by_text("are saved from the rescue file.")).to_be_visible()
    assert set(page.evaluate(LEFT_BEHIND).values()) == {0}


@pytest.mark.slow
def test_without_scripts(room: ReadingRoom) -> None:
    opened = room.given(room.cast.reviewer)[0]
    answers = full_answers(room.instrument, opened, overrides={"H4.present": "yes"})
    plain = room.person(room.cast.reviewer, java_script_enabled=False)
    page = plain.page
    plain.visit(f"/readings/{opened.reading.public_id}")
    plain.leave_by(page.get_by_role("button", name="Start reading"))
    while not page.url.endswith("/check"):
        name = page.url.rpartition("/")[2]
        view = page.locator(f"[data-view={name}]")
        asked = [part for part in room.instrument.section(name).parts if part.key in answers]
        first = [part for part in asked if part.shown is None or view.locator(f"#q-{slug(part.key)}").is_visible()]
        _answer(view, first, answers)
        if len(first) < len(asked):  # what an answer opens is there once it is saved
            plain.leave_by(view.get_by_role("button", name="Save", exact=True))
            expect(page.get_by_text("Saved.", exact=False).first).to_be_visible()
            _answer(view, [part for part in asked if part not in first], answers)
        plain.leave_by(view.get_by_role("button", name="Save and go on"))
        assert not page.url.endswith(f"/{name}")
    expect(page.get_by_text("Nothing is missing.")).to_be_visible()
    page.get_by_label("I have read every record").check()
    plain.leave_by(page.get_by_role("button", name="Submit the reading"))
    expect(page.get_by_text("State of this reading")).to_be_visible()
    assert room.state(opened) is ReadingState.SUBMITTED


def _answer(view: Locator, parts: list[Part], answers: dict[str, Answer]) -> None:
    """Give the answers by pointer, with the notes that they need."""
    for part in parts:
        answer = answers[part.key]
        if answer.value is None:
            continue
        if has_cells(part):
            view.locator(f"[name='{part.key}'][value='{answer.value}']").check(force=True)
        elif part.choices:
            view.locator(f"[name='{part.key}']").select_option(answer.value)
        else:
            view.locator(f"[name='{part.key}']").fill(answer.value)
        if answer.note:
            view.locator(f"details:has(#n-{slug(part.key)}) > summary").click()
            view.locator(f"[name='{part.key}__note']").fill(answer.note)
            view.locator(f"[name='{part.key}__sources'][value=social_work]").check()


def _is_of_the_app(request: Request) -> bool:
    """A page or a script: not a save, and not the tab's own picture, which the browser fetches when it likes."""
    return request.method == "GET" and "/static/icon" not in request.url
