"""A reading's page for tests of its scripts: real macros, style sheets and scripts; the test dictates the network."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, render_template_string
from playwright.sync_api import Route, expect

from casereader import dated
from casereader.readings import Notes
from tests.browser.harness import TIMEOUT, Browsing, Visitor

ROOT = Path(__file__).resolve().parents[2]
PAGE = """{% extends "base.html" %}
{% import "macros/scale.html" as scale with context %}{% import "macros/fields.html" as fields %}
{% import "macros/navigation.html" as navigation %}
{% block title %}Assessment{% endblock %}
{% block scripts %}<script type="module" src="{{ url_for('static', filename='js/reading.js') }}"></script>{% endblock %}
{% block before %}
{{ navigation.identity_bar("AB-0417", [{"key": "Stratum", "value": "Register"}], status=true) }}{% endblock %}
{% block content %}
<div class="cr_reading" data-base="/readings/r" data-in-view="C" data-autosave-url="/answers"
 data-session-url="/session" data-version="7" data-csrf="first" data-person="ailsa"><div class="cr_reading__main">
<div data-view="C" data-title="Assessment">
<form method="post" action="/readings/r/C" class="cr_form" autocomplete="off">
{{ fields.csrf() }}<input type="hidden" name="version" value="7">
{% for item in items %}{{ scale.question(item) }}{% endfor %}
{{ fields.button("Save and go on", name="go", value="next") }}
{{ fields.button("Save", kind="secondary", name="go", value="stay") }}</form>
<a rel="prev" href="/readings/r">Task list</a></div>
<div data-view="check" data-title="Check your answers" hidden><div data-check></div>
<div data-concern-warning></div><div data-confirm="keep_marks"></div><div data-confirm="keep_signs"></div>
<form method="post" action="/sent">{{ fields.csrf() }}{{ fields.button("Submit the reading") }}</form></div>
</div>
<aside class="cr_notes" aria-labelledby="notes-heading">{% include "reading/notes.html" %}</aside></div>
{% include "reading/dialogs.html" %}
<script type="application/json" data-rules>{{ rules|tojson }}</script>
{% endblock %}"""
ADDRESS = "/readings/r/C"
SIX = [
    {"value": "6", "label": "Excellent", "mark": "6", "number": "6", "descriptor": "As good as it gets."},
    {"value": "5", "label": "Very good", "mark": "5", "number": "5", "descriptor": "Major strengths."},
    {"value": "1", "label": "Unsatisfactory", "mark": "1", "number": "1", "descriptor": "Major weaknesses."},
    {
        "value": "cannot_be_evaluated",
        "label": "Cannot be evaluated",
        "number": "0",
        "grounds": [{"value": "thin", "label": "Too thin"}, {"value": "late", "label": "Too late"}],
    },
]
SOURCES = [{"value": "health", "label": "Health"}, {"value": "police", "label": "Police"}]
ITEMS = [
    {"key": "C9", "slug": "C9", "code": "C9", "of": "C9", "label": "Assessment", "cells": SIX, "descriptors": True}
    | {"sources": SOURCES, "note_for": "1"},
    {"key": "H4.present", "slug": "H4-present", "code": "H4", "of": "H4", "label": "Domestic abuse", "cells": SIX}
    | {"show_if": True},
    {"key": "F6", "slug": "F6", "code": "F6", "of": "F6", "label": "Changes of worker", "kind": "count"},
]
CHOICES = [{"value": cell["value"], "label": cell["label"]} for cell in SIX]
RULES = {
    "stratum": "b",
    "shortest": 20,
    "longest": 20_000,
    "steps": [{"when": ["in", "C9", ["1"]], "opens": ["H4.present"]}],
    "sections": [{"id": "C", "evidence": False, "headline": None, "keys": ["C9", "H4.present", "F6"]}],
    "parts": {
        "C9": {"section": "C", "kind": "six", "code": "C9", "title": "Assessment", "choices": 0},
        "H4.present": {"section": "C", "kind": "six", "code": "H4", "title": "Domestic abuse", "choices": 0},
        "F6": {"section": "C", "kind": "count", "code": "F6", "title": "Changes of worker", "bounds": [0, 99]},
    },
    "contradictions": [],
    "several": [],
    "concerns": {"keys": [], "noneRaised": {"value": "yes", "says": ""}, "someRaised": {"value": "no", "says": ""}},
    "lists": [CHOICES],
}


class Network:
    """Answers every save as the test says, and keeps what was sent."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.bodies: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.reply: Callable[[Route], None] = self.save
        visitor.page.route("**/answers", self._answer)

    def save(self, route: Route, **more: Any) -> None:
        """Take the save."""
        version = json.loads(route.request.post_data or "{}")["version"] + 1
        route.fulfill(json={"version": version, "saved_at": "2026-06-01T13:02:00Z", **more})

    def _answer(self, route: Route) -> None:
        self.bodies.append(json.loads(route.request.post_data or "{}"))
        self.tokens.append(route.request.headers["x-csrftoken"])
        self.reply(route)


def opened(browsing: Browsing) -> Visitor:
    """A reader with the page open, its clock in the test's hands."""
    app = Flask("page", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "casereader" / "static"))
    app.secret_key = "a key for this test"
    app.jinja_env.filters.update(dated.FILTERS)
    app.jinja_env.globals["csrf_token"] = lambda: "first"
    app.jinja_env.globals["not_here_now"] = str  # nothing is withheld
    app.add_url_rule(
        ADDRESS,
        "page",
        lambda: render_template_string(
            PAGE,
            items=ITEMS,
            rules=RULES,
            place=lambda *_: "",
            notes=Notes(),
            view="tasks",
            faults={},
            public_id="r",
            reading={"version": 7},
            person_email="ailsa@cast.example",
        ),
    )
    app.add_url_rule("/sent", "sent", lambda: "Sent", methods=["POST"])
    app.add_url_rule("/sign-in", "account.sign_in", lambda: "")
    app.add_url_rule("/sign-in", "account.sign_in_post", lambda: "", methods=["POST"])
    app.add_url_rule("/second-step", "signing.second_step", lambda: "")
    app.add_url_rule("/readings/<public_id>/notes", "notes.save", lambda: "", methods=["POST"])
    client = app.test_client()

    def serve(route: Route) -> None:
        reply = client.open(urlsplit(route.request.url).path, method=route.request.method)
        headers = {name: value for name, value in reply.headers.items() if name.lower() != "set-cookie"}
        route.fulfill(status=reply.status_code, headers=headers, body=reply.get_data())
        reply.close()

    visitor = browsing("http://127.0.0.1", timezone_id="Europe/London")
    visitor.expect_complaint("Failed to load resource")
    visitor.page.route("**/*", serve)
    visitor.visit_in_stopped_time(ADDRESS)
    return visitor


def status(visitor: Visitor) -> Any:
    """The line that says whether all is saved, to be held to something."""
    return expect(visitor.page.locator("#save-status"))


def later(visitor: Visitor, seconds: float) -> None:
    """Let the page's clock run."""
    visitor.page.clock.run_for(int(seconds * 1000))


def until(visitor: Visitor, words: str) -> None:
    """Let the page's clock run, with pauses for the network, until the line says `words`."""
    line, end = visitor.page.locator("#save-status"), time.monotonic() + TIMEOUT / 1000
    while (said := line.inner_text()) != words:
        assert time.monotonic() < end, f"the line says “{said}”, not “{words}”"
        later(visitor, 1)
        visitor.page.wait_for_timeout(5)


def press(visitor: Visitor, *keys: str) -> None:
    """Press keys one after the other, where the focus is."""
    for key in keys:
        visitor.page.keyboard.press(key)
