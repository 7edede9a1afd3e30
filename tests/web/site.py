"""One application for tests that only ask: the cast with a drawn sample, and a browser for each part."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from casereader.db import transaction
from casereader.models import Account
from casereader.vocabulary import Role
from casereader.web.access import Door
from tests import sampled
from tests.cast import Cast, gather
from tests.databases import address_of
from tests.reading import given_to
from tests.web.app import make_app
from tests.web.client import PageClient

UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA"


@dataclass
class Site:
    """The application with its cast and a drawn sample, and a browser for each part."""

    app: Flask
    cast: Cast
    file: Path
    browsers: dict[str, PageClient]
    reading: str
    reading_of_another: str
    seen: dict[str, list[str]] = field(default_factory=dict)  # what each of them can see, once it was asked for

    @property
    def inspection(self) -> str:
        public_id: str = self.cast.place.inspection.public_id
        return public_id

    def ask(self, who: str, path: str, *, method: str = "GET", **more: Any) -> TestResponse:
        """Ask without looking over the page: the same few refusals come hundreds of times."""
        return FlaskClient.open(self.browsers[who], path, method=method, **more)

    def opens(self, rule: Rule) -> str:
        """Somebody to whom the address is open."""
        stated: frozenset[Role | Door] = self.app.view_functions[rule.endpoint].roles  # type: ignore[union-attr]
        if Door.ANYONE in stated:
            return "nobody"
        by_door = {Door.SIGNED_IN: "reviewer", Door.ADMINISTRATOR: "administrator", Door.PROGRAMMES: "coordinator"}
        given = sorted(stated - {Door.WAITING, Door.COVERED})
        people = [by_door[door] if isinstance(door, Door) else door.value for door in given]
        return next(who for who in people if who in self.browsers)

    def stored(self) -> list[str]:
        with closing(sqlite3.connect(self.file)) as connection:
            return list(connection.iterdump())


@pytest.fixture(scope="module")
def site(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("addresses")
    file = Path(shutil.copy(migrated_sqlite, folder))
    app = make_app(address_of(file), folder)
    with transaction(app.extensions["casereader_engine"]) as session:
        instrument = app.extensions["casereader_instruments"]["CRR-1"]
        cast = gather(session, instrument=instrument)
        sampled.assign(session, cast, instrument)
        mine, other = (given_to(session, each)[0].reading.public_id for each in (cast.reviewer, cast.second_reviewer))
    browsers = {}
    for who in ("nobody", "reviewer", "coordinator", "lead", "moderator", "administrator"):
        client = app.test_client()
        assert isinstance(client, PageClient)
        if isinstance(account := getattr(cast, who, None), Account):
            client.sit_down(account)
        browsers[who] = client
    yield Site(app, cast, file, browsers, mine, other)
    app.extensions["casereader_engine"].dispose()


def rules(site: Site, method: str | None = None) -> list[Rule]:
    return [rule for rule in site.app.url_map.iter_rules() if method is None or method in (rule.methods or ())]


def path_of(site: Site, rule: Rule, **values: str) -> str:
    return site.app.url_map.bind("127.0.0.1").build(rule.endpoint, dict.fromkeys(rule.arguments, UNKNOWN) | values)


def readable(site: Site, who: str) -> list[str]:
    """The pages and files of the one inspection, or reading, that a person sees; asked for once."""
    if who not in site.seen:
        site.seen[who] = see_all(site, who)
    return site.seen[who]


def see_all(site: Site, who: str) -> list[str]:
    """The same, all of it asked for now."""
    return [path for path, _ in seen_by(site, who)]


def seen_by(site: Site, who: str, *, ending: tuple[str, ...] = ("",)) -> Iterator[tuple[str, TestResponse]]:
    """The same with what is answered, one by one; of addresses with one of these endings."""
    for rule in rules(site, "GET"):
        if rule.arguments == {"public_id"} and rule.rule.endswith(ending):
            kind = site.reading if rule.rule.startswith("/readings/") else site.inspection
            path = path_of(site, rule, public_id=kind)
            if (answer := site.ask(who, path)).status_code == 200:
                yield path, answer
