"""A reading's page for tests of its scripts: real macros, style sheets and scripts; the test dictates the network."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, render_template_string
from playwright.sync_api import Route, expect

from tests.browser.harness import Browsing, Visitor

ROOT = Path(__file__).resolve().parents[2]
PAGE = """{% extends "base.html" %}
{% import "macros/scale.html" as scale %}{% import "macros/fields.html" as fields %}
{% import "macros/navigation.html" as navigation %}
{% block title %}Assessment{% endblock %}
{% block scripts %}{% for name in ("autosave", "scale-keys", "skip-logic") %}
<script type="module" src="{{ url_for('static', filename='js/' ~ name ~ '.js') }}"></script>{% endfor %}{% endblock %}
{% block before %}
{{ navigation.identity_bar("AB-0417", [{"key": "Stratum", "value": "Register"}], status=true) }}{% endblock %}
{% block content %}
<form method="post" action="/sent" autocomplete="off" data-autosave-url="/answers" data-session-url="/session"
 data-version="7" data-csrf="first">{{ fields.csrf() }}<input type="hidden" name="version" value="7">
{{ scale.rating("C9", "Assessment", cells, code="C9", sources=sources, note_for=["1"]) }}
{{ scale.rating("H4.present", "Domestic abuse", cells, code="H4", show_if=true, hidden=true) }}
{{ scale.answer("F6", "Changes of worker", "count", code="F6") }}
{{ fields.button("Save and continue") }}
</form>{% endblock %}"""
CELLS = [
    {"value": "6", "label": "Excellent", "mark": "6"},
    {"value": "5", "label": "Very good", "mark": "5"},
    {"value": "1", "label": "Unsatisfactory", "mark": "1"},
    {
        "value": "cannot_be_evaluated",
        "label": "Cannot be evaluated",
        "mark": "0",
        "grounds": [{"value": "thin", "label": "Too thin"}],
    },
]
SOURCES = [{"value": "health", "label": "Health"}, {"value": "police", "label": "Police"}]


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
    app.jinja_env.globals["csrf_token"] = lambda: "first"
    app.add_url_rule("/", "page", lambda: render_template_string(PAGE, cells=CELLS, sources=SOURCES))
    app.add_url_rule("/sent", "sent", lambda: "Sent", methods=["POST"])
    client = app.test_client()

    def serve(route: Route) -> None:
        reply = client.open(urlsplit(route.request.url).path, method=route.request.method)
        headers = {name: value for name, value in reply.headers.items() if name.lower() != "set-cookie"}
        route.fulfill(status=reply.status_code, headers=headers, body=reply.get_data())
        reply.close()

    visitor = browsing("http://127.0.0.1", timezone_id="Europe/London")
    visitor.expect_complaint("Failed to load resource")
    visitor.page.route("**/*", serve)
    visitor.page.clock.install()
    visitor.visit("/")
    return visitor


def status(visitor: Visitor) -> Any:
    """The line that says whether all is saved, to be held to something."""
    return expect(visitor.page.locator("#save-status"))


def later(visitor: Visitor, seconds: float) -> None:
    """Let the page's clock run."""
    visitor.page.clock.run_for(int(seconds * 1000))


def until(visitor: Visitor, words: str) -> None:
    """Let the page's clock run, with pauses for the network, until the line says `words`."""
    for _ in range(100):
        if visitor.page.locator("#save-status").inner_text() == words:
            return
        later(visitor, 1)
        visitor.page.wait_for_timeout(5)
    status(visitor).to_have_text(words)


def press(visitor: Visitor, *keys: str) -> None:
    """Press keys one after the other, where the focus is."""
    for key in keys:
        visitor.page.keyboard.press(key)
