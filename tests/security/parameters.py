"""Every parameter that is read of an address, a form or JSON, route by route: what tries it, or why nothing does.

From the pages: those of every route, about a thing of each kind (tests/addresses.py), whose forms and links tell what
is sent to where. From the source (names_read.py): what a route reads without a page of the demonstration showing it. A
parameter counts once for each route, whatever it is about.
"""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from itertools import groupby, islice
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from casereader.vocabulary import Role
from casereader.web.access import Door
from tests.addresses import Address, addresses, addresses_of
from tests.security.names_read import names_read
from tests.security.stage import Browser, Site, Stage
from tests.web.client import filled_in
from tests.web.page import Page

TOKEN = "csrf_token"
# Read in one place for every page with a chart; tried on two routes, which run the same lines.
CHARTS = ("chart", "as")
ENOUGH_CHARTS = 2
# These end or change the very sign-in that the scanner asks with.
ENDS_IT = {
    "account.sign_out",
    "signing.lock",
    "signing.end",
    "signing.end_others",
    "admin.end_sign_ins",
    "admin.disable",
}
PEOPLE = {
    Role.COORDINATOR: "coordinator",
    Role.LEAD: "lead",
    Role.MODERATOR: "moderator",
    Role.REVIEWER: "reviewer-1",
    Role.LOCAL_REVIEWER: "local-reviewer",
    Door.ADMINISTRATOR: "administrator",
    Door.PROGRAMMES: "coordinator",
    Door.SIGNED_IN: "reviewer-2",
    Door.ANYONE: "reviewer-2",
}
MOST_PAGES, MOST_TRIED, MOST_PEOPLE = 2, 40, 3
# In a field's name: which of many things, days, cases or questions it is about.
OF_ONE = (
    (re.compile(r"^([a-z]+)-(?=.*[A-Z0-9]).+$"), r"\1-*"),
    (re.compile(r"^place-.+$"), "place-*"),
    (re.compile(r"^[A-Z]+[0-9]*(\.[a-z]+(_[a-z]+)*|-[0-9]+)*(?=__|$)"), "*"),
    (re.compile(r"(?=.*[A-Z])[A-Za-z0-9_-]{22}"), "*"),
)
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A request whose parameters are tried: who sends it, to which route, with what."""

    who: str
    endpoint: str
    method: str
    path: str
    fields: Fields
    tried: frozenset[str] = frozenset()  # of the fields' names; the others go along
    body: str = ""  # JSON, of which every value is tried

    @property
    def parameters(self) -> set[str]:
        """What is tried, each about whatever it is."""
        return {of_any(name) for name in self.tried}


@dataclass
class Inventory:
    """The route table with what is tried of each route."""

    targets: list[Target] = field(default_factory=list)
    untried: dict[str, str] = field(default_factory=dict)  # route: why

    def known(self, endpoint: str) -> set[str]:
        """What is tried of a route so far."""
        return set().union(*(each.parameters for each in self.targets if each.endpoint == endpoint))

    def add(self, target: Target) -> None:
        """Take a request over, for what in it is new, or for what it says."""
        known, new = self.known(target.endpoint), set()
        for name in dict(target.fields):
            if name == TOKEN or of_any(name) in known or self._has_charts(target, name):
                continue
            known.add(of_any(name))
            new.add(name)
        if new or target.tried:
            self.targets.append(replace(target, tried=target.tried or frozenset(new)))

    def _has_charts(self, target: Target, name: str) -> bool:
        tried = sum("chart" in each.parameters for each in self.targets if each.endpoint != target.endpoint)
        return target.method == "GET" and name in CHARTS and tried >= ENOUGH_CHARTS

    @property
    def count(self) -> int:
        """How many parameters are tried, over all routes."""
        return len({(each.endpoint, name) for each in self.targets for name in each.parameters})

    def lines(self, app: Flask) -> Iterator[str]:
        """The whole route table, one line a route and method."""
        for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
            tried = self.known(rule.endpoint)
            for method in sorted(set(rule.methods or ()) & {"GET", "POST"}):
                says = ", ".join(sorted(tried)) if tried else self.untried.get(rule.endpoint, "takes none")
                yield f"{method:4} {rule.rule}  {says}"


def of_any(name: str) -> str:
    """A field's name, whatever it is about."""
    for pattern, shown in OF_ONE:
        name = pattern.sub(shown, name)
    return name


def inventory(stage: Stage, site: Site, browsers: dict[str, Browser]) -> tuple[Inventory, Flask]:
    """Requests that hold every parameter once, and the program's own route table."""
    shutil.copytree(stage.seeded, stage.own_folder_of_tool("inventory") / "data")
    app = stage.own_app("inventory", CASEREADER_DEMO_PASSWORD=stage.password)
    found = Inventory()
    of_route = {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"}
    for endpoint, group in groupby(addresses(app), key=lambda each: each.endpoint):
        known = [each for each in group if not each.is_unknown]
        for number, who in enumerate(_people(app, endpoint)):
            for address, text in _pages(_browser(site, browsers, who), known, MOST_PAGES if number == 0 else 1):
                for target in _on_page(app, who, address.path, text):
                    if target.endpoint not in ENDS_IT:
                        found.add(target)
    for _, rule in sorted(of_route.items()):
        _by_source(app, site, browsers, rule, found)
    for target in _json(site, browsers):
        found.add(target)
    found.targets.sort(key=lambda each: (each.who, each.endpoint, each.path))
    return found, app


def _people(app: Flask, endpoint: str) -> list[str]:
    stated = app.view_functions[endpoint].roles  # type: ignore[attr-defined]
    return sorted({PEOPLE[role] for role in stated if role in PEOPLE} or {"reviewer-2"})[:MOST_PEOPLE]


def _browser(site: Site, browsers: dict[str, Browser], who: str) -> Browser:
    if who not in browsers:
        browsers[who] = site.browser(who)
    return browsers[who]


def _pages(browser: Browser, known: Iterable[Address], most: int) -> Iterator[tuple[Address, str]]:
    """A few pages of a kind that this person can open; none of what comes as a file."""
    got = 0
    for address in islice(known, MOST_TRIED):
        answer = browser.get(address.path)
        if answer.status_code == 200 and not answer.headers["Content-Type"].startswith("text/html"):
            return
        if answer.status_code == 200:
            got += 1
            yield address, answer.text
        if got == most:
            return


def _on_page(app: Flask, who: str, path: str, text: str) -> Iterable[Target]:
    for form in Page(text).root.iter("form"):
        method = form.get("method", "get").upper()
        action = form.get("action") or path
        fields: list[tuple[str, str]] = []
        for name, value in filled_in(form).items():
            fields += [(name, each) for each in ([value] if isinstance(value, str) else value[:1])]
        here = {name for name, _ in fields}
        others = {
            each.get("name", ""): each.get("value") or "1"
            for tag in ("input", "button")
            for each in form.iter(tag)
            if each.get("type", tag) in ("radio", "checkbox", "submit", "button")
        }
        fields += [(name, value) for name, value in sorted(others.items()) if name and name not in here]
        yield from _target(app, who, method, action, fields)
    for link in re.findall(r'href="(/[^"#]*\?[^"#]+)"', text):
        yield from _target(app, who, "GET", html.unescape(link), [])


def _target(app: Flask, who: str, method: str, address: str, fields: list[tuple[str, str]]) -> Iterator[Target]:
    path, query = urlsplit(address).path, parse_qsl(urlsplit(address).query, keep_blank_values=True)
    try:
        endpoint, _ = app.url_map.bind("127.0.0.1").match(path, method=method)
    except HTTPException:
        return
    sent = [*query, *fields] if method == "GET" else fields
    if endpoint != "static" and sent:
        yield Target(who, endpoint, method, path, tuple(sent))


def _by_source(app: Flask, site: Site, browsers: dict[str, Browser], rule: Rule, found: Inventory) -> None:
    """What a route reads, and no page that was looked at sends."""
    endpoint, method = rule.endpoint, "POST" if "POST" in (rule.methods or ()) else "GET"
    if endpoint in ENDS_IT:
        found.untried[endpoint] = "it ends the sign-in that it is asked with; takes none but the token"
        return
    read = names_read(app.view_functions[endpoint])
    fields = _new(found.known(endpoint), (each.name for each in read if each.method == method))
    query = _new(found.known(endpoint), (each.name for each in read if each.method == "GET" != method))
    if not fields and not query:
        return
    mine = next((each for each in found.targets if each.endpoint == endpoint), None)
    who, path = (mine.who, mine.path) if mine else _somewhere(app, site, browsers, rule)
    if path is None:
        names = ", ".join(fields + query)
        found.untried[endpoint] = f"{names}: the demonstration has nothing that its address could be about"
        return
    token = [(TOKEN, _browser(site, browsers, who).token)] if method == "POST" else []
    if fields:
        sent = [(name.replace("*", "1"), "1") for name in fields]
        found.add(Target(who, endpoint, method, path, (*sent, *token)))
    if query:
        address = f"{path}?{'&'.join(f'{name}=1*' for name in query)}"
        found.add(Target(who, endpoint, method, address, tuple(token), frozenset(query)))


def _new(known: set[str], names: Iterable[str]) -> list[str]:
    """Names that are not tried yet; those that the code makes altogether are told by pages alone."""
    return [name for name in sorted(set(names) - {TOKEN}) if name.strip("*") and not _is_among(name, known)]


def _is_among(name: str, known: set[str]) -> bool:
    return any(fnmatch(each, name) or fnmatch(name, each) for each in known if each.strip("*"))


def _somewhere(app: Flask, site: Site, browsers: dict[str, Browser], rule: Rule) -> tuple[str, str | None]:
    """Who may ask a route, and an address of it; None where the demonstration has nothing that it could be about."""
    known = [each for each in addresses_of(app, [rule])[rule.rule] if not each.is_unknown]
    if rule.rule.startswith("/readings/<public_id>") and known:
        mine = _reading(_browser(site, browsers, "reviewer-1"))
        return "reviewer-1", re.sub(r"^/readings/[^/]+", mine, known[0].path)
    return _people(app, rule.endpoint)[0], known[0].path if known else None


def _reading(browser: Browser) -> str:
    """The address of a reading of somebody's own."""
    found = re.search(r'href="(/readings/[A-Za-z0-9_-]{20,})["/]', browser.get("/readings").text)
    if found is None:
        raise RuntimeError("the demonstration shows no reading")
    return found[1]


def _json(site: Site, browsers: dict[str, Browser]) -> Iterator[Target]:
    """The two routes that take JSON, with every field of docs/openapi.json."""
    reading = _reading(_browser(site, browsers, "reviewer-1"))
    answer = {"value": "5", "note": "Seen", "sources": ["file"], "ground": "x", "discuss": False}
    save: dict[str, Any] = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": answer}}
    for end, endpoint, sent in (
        ("answers", "autosave.save", save),
        ("active", "time_spent.note", {"minutes_ago": [0]}),
    ):
        names = {*sent, *(answer if end == "answers" else ())}
        yield Target("reviewer-1", endpoint, "POST", f"{reading}/{end}", (), frozenset(names), json.dumps(sent))
