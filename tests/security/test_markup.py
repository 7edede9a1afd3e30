"""Whatever people type stands on every page as they typed it: it makes no element, no attribute, no address, no sum."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.addresses import addresses
from tests.databases import address_of
from tests.demonstration import DATABASE, PASSWORD, Demonstration
from tests.web.app import make_app

MARK = "xq7"
STRINGS = (
    f"<script>{MARK}(1)</script>",
    f"<img src=x onerror={MARK}(2)>",
    f'"><svg onload={MARK}(3)>',
    f"' onmouseover='{MARK}(4)",
    f'" autofocus onfocus="{MARK}(5)',
    f"</textarea><script>{MARK}(6)</script>",
    f"</title></style></option><script>{MARK}(7)</script>",
    f"javascript:{MARK}(8)",
    f'<a href="javascript:{MARK}(9)">{MARK}</a>',
    f"{{{{7*7}}}}{MARK}",
    f"${{7*7}}{MARK}",
    f"<!--{MARK}--><{MARK}>",
    f"]]><{MARK}/>",
    f'<iframe srcdoc="<script>{MARK}(14)</script>"></iframe>',
    f"<style>@import '{MARK}';</style>",
    f"&lt;script&gt;{MARK}(16)&lt;/script&gt;",
    f"\\u003cscript\\u003e{MARK}(17)",
    f"%3Cscript%3E{MARK}(18)",
    f"<ScRiPt\n/{MARK}>",
    f'<math><mi xlink:href="data:x,<script>{MARK}(20)</script>">',
)
TYPED = {
    "account": ["name"],
    "action": ["what", "given_to"],
    "action_step": ["said", "given_to"],
    "answer": ["note"],
    "answer_revision": [],
    "challenge": ["raised_by", "says", "evidence", "answer"],
    "concern": ["told_whom", "told_when", "seen", "needed", "partnership_ref"],
    "concern_step": ["said"],
    "conflict_of_interest": ["reason"],
    "draw": ["void_asked_reason", "void_reason"],
    "draw_extension": ["reason"],
    "earlier_figure": ["source", "asked"],
    "ending": ["reason"],
    "evaluation": ["reason"],
    "frame_case": ["tab", "group", "living"],
    "issue": ["correction"],
    "list_change": ["before", "after", "reason"],
    "membership": ["telephone"],
    "pair_moderation": ["talked_over"],
    "partnership": ["name"],
    "partnership_answer": ["note"],
    "partnership_return": ["filename"],
    "programme": ["name"],
    "query_message": ["said", "before", "after"],
    "reading": ["handed_back_reason", "reopened_reason"],
    "record_request": ["note"],
    "replacement": ["reason"],
    "running_notes": ["notes", "story"],
    "sample_case": ["reason"],
    "sampling_plan": ["public_value_source", "sent_back_reason"],
    "sign_in": ["browser"],
    "topic_recode": ["before", "after"],
    "unlock": ["reason", "answer"],
}
FORBIDDEN_ELEMENTS = {"iframe", "object", "embed", "base", "style", "math", "applet", "frame", MARK}
LEAD_SOMEWHERE = {"href", "src", "action", "formaction", "xlink:href", "data", "poster"}
TRIES = 4  # of one person, at pages of a kind
FILES = (".csv", ".json", ".xlsx", ".ods", ".zip", ".docx", ".png", ".svg", ".pdf")


class Looked(HTMLParser):
    """A page, looked over for what was made of typed text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN_ELEMENTS or (
            tag == "script" and "src" not in dict(attrs) and dict(attrs).get("type") is None
        ):
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name == "srcdoc" or MARK in name:
                self.faults.append(f"<{tag} {name}>")
            if name in LEAD_SOMEWHERE and (value or "").strip().lower().startswith(("javascript:", "data:")):
                self.faults.append(f"<{tag} {name}={value!r}>")
            if value and MARK in value:
                self.text.append(value)

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.faults.append("a comment")

    def handle_data(self, data: str) -> None:
        if MARK in data:
            self.text.append(data)


@pytest.fixture(scope="module")
def typed(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """The demonstration with one of the strings in every field that people type in."""
    folder = tmp_path_factory.mktemp("typed")
    shutil.copytree(seeded / "data", folder / "data")
    file = Path(shutil.copy(seeded / DATABASE, folder))
    turn = 0
    with closing(sqlite3.connect(file)) as connection:
        connection.create_function("string_of", 2, lambda key, turn: f"{STRINGS[(key + turn) % len(STRINGS)]} {key}")
        for table, columns in TYPED.items():
            for column in columns:
                turn += 7
                connection.execute(
                    f'UPDATE "{table}" SET "{column}" = string_of(rowid, {turn}) '
                    f'WHERE "{column}" IS NOT NULL AND "{column}" <> \'\''
                )
        connection.commit()
    app = make_app(address_of(file), folder, CASEREADER_DEMO_PASSWORD=PASSWORD)
    yield Demonstration(app)
    app.extensions["casereader_engine"].dispose()


@pytest.mark.parametrize(
    "people",
    [
        pytest.param(("reviewer-1", "moderator"), id="of those who read and moderate"),
        pytest.param(("lead", "coordinator", "administrator"), id="of those who run it", marks=pytest.mark.slow),
    ],
)
def test_every_kind_of_page_shows_what_was_typed_and_makes_nothing_of_it(
    typed: Demonstration, people: tuple[str, ...]
) -> None:
    shown: set[str] = set()
    seen: set[str] = set()
    wrong = []
    every = addresses(typed.app)
    for who in people:
        client, tried = typed.browser_of(who), Counter[str]()
        for address in every:
            tried[address.endpoint] += 1
            if address.endpoint in seen or address.is_unknown or tried[address.endpoint] > TRIES:
                continue
            if address.path.endswith(FILES):
                continue
            answer = FlaskClient.open(client, address.path)
            assert answer.status_code < 500, address.path
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            seen.add(address.endpoint)
            looked = Looked(answer.get_data(as_text=True))
            wrong += [f"{address.path}: {fault}" for fault in looked.faults]
            whole = "\n".join(looked.text)
            if f"49{MARK}" in whole:
                wrong.append(f"{address.path}: a sum was done")
            shown |= {one for one in STRINGS if one in whole}

    assert wrong == []
    assert len(seen) > 20, seen
    assert len(shown) > 10, "most of the strings are seen somewhere"
