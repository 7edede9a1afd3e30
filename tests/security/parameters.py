"""Every parameter of the program that a form sends or an address holds, gathered from its own pages.

The pages are those of every route, about a thing of each kind (tests/addresses.py); forms and links on them tell what
is sent to where. A parameter counts once for each route, whatever it is about.
"""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException

from casereader import create_app
from casereader.vocabulary import Role
from casereader.web.access import Door
from tests.addresses import Address, addresses
from tests.security.stage import Browser, Site, Stage
from tests.web.client import filled_in
from tests.web.page import Page

NOT_TRIED = {"csrf_token": "it is compared with the sign-in, and never reaches a query"}
# These end or change the very sign-in that the scanner asks with.
ENDS_IT = {
    "account.sign_out",
    "signing.lock",
    "signing.unlock",
    "signing.end",
    "signing.end_others",
    "signing.change_post",
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
    Door.SIGNED_IN: "reviewer-1",
}
MOST_PAGES_OF_A_KIND = 2
OF_ONE_THING = re.compile(r"[A-Za-z0-9_-]{22}|[0-9]+")  # in a field's name: which of many it is about


@dataclass(frozen=True, slots=True)
class Target:
    """A request whose parameters are tried: who sends it, to which route, with what."""

    who: str
    endpoint: str
    method: str
    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def parameters(self) -> set[tuple[str, str]]:
        """What is tried: the route and the name."""
        return {(self.endpoint, OF_ONE_THING.sub("*", name)) for name, _ in self.fields if name not in NOT_TRIED}

    @property
    def sent(self) -> str:
        """The fields as they are sent."""
        return urlencode(self.fields)


def targets(stage: Stage, site: Site, browsers: dict[str, Browser]) -> list[Target]:
    """Requests that hold every parameter once or more, in order of their routes."""
    app = _app_on_a_copy(stage)
    found: list[Target] = []
    known: set[tuple[str, str]] = set()
    for who, address in _pages(app):
        if who not in browsers:
            browsers[who] = site.browser(who)
        answer = browsers[who].get(address.path)
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        for target in _on_page(app, who, address.path, answer.text):
            if target.endpoint not in ENDS_IT and target.parameters - known:
                known |= target.parameters
                found.append(target)
    return sorted(found, key=lambda each: (each.who, each.endpoint, each.path))


def _app_on_a_copy(stage: Stage) -> Flask:
    folder = stage.own_folder_of_tool("inventory") / "data"
    shutil.copytree(stage.seeded, folder)
    return create_app({"CASEREADER_DATA": folder, "CASEREADER_DEMO_PASSWORD": stage.password})


def _pages(app: Flask) -> Iterator[tuple[str, Address]]:
    seen: dict[str, int] = {}
    for address in addresses(app):
        if address.is_unknown or seen.get(address.endpoint, 0) >= MOST_PAGES_OF_A_KIND:
            continue
        seen[address.endpoint] = seen.get(address.endpoint, 0) + 1
        stated = app.view_functions[address.endpoint].roles  # type: ignore[union-attr]
        people = sorted({PEOPLE[role] for role in stated if role in PEOPLE}) or ["reviewer-1"]
        yield from ((who, address) for who in people[:2])


def _on_page(app: Flask, who: str, path: str, text: str) -> Iterable[Target]:
    for form in Page(text).root.iter("form"):
        method = form.get("method", "get").upper()
        action = form.get("action") or path
        fields: list[tuple[str, str]] = []
        for name, value in filled_in(form).items():
            fields += [(name, each) for each in ([value] if isinstance(value, str) else value[:1])]
        here = {name for name, _ in fields}
        ticked = {each.get("name", "") for each in form.iter("input") if each.get("type") in ("radio", "checkbox")}
        fields += [(name, "1") for name in sorted(ticked - here - {""})]
        yield from _target(app, who, method, urlsplit(action), fields)
    for link in re.findall(r'href="(/[^"#]*\?[^"#]+)"', text):
        yield from _target(app, who, "GET", urlsplit(html.unescape(link)), [])


def _target(app: Flask, who: str, method: str, address: object, fields: list[tuple[str, str]]) -> Iterator[Target]:
    path, query = address.path, parse_qsl(address.query, keep_blank_values=True)  # type: ignore[attr-defined]
    try:
        endpoint, _ = app.url_map.bind("127.0.0.1").match(path, method=method)
    except HTTPException:
        return
    if endpoint == "static":
        return
    if method == "GET":
        query, fields = [*query, *fields], []
        if query:
            yield Target(who, endpoint, method, path, tuple(query))
    elif fields:
        yield Target(who, endpoint, method, path, tuple(fields))
