"""The application under test, with every safeguard on: CSRF tokens, sessions and headers as people get them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from tests.databases import not_waiting
from tests.web.client import PageClient


class Compiled(BytecodeCache):
    """Templates compiled once for each process: hundreds of tests make an application of their own."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled from the same source before."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the next application."""
        self._code[bucket.key] = bucket.bytecode_to_string()


class _Rule(Rule):
    """An address, compiled once for each process: most of what making an application takes."""

    _made: ClassVar[dict[tuple[object, ...], _Rule]] = {}

    def compile(self) -> None:
        """Take over what was made of the same address for an application before; nothing of it is of that one."""
        assert self.map is not None
        key = (self.rule, self.host, self.subdomain, self.map.host_matching, self.merge_slashes, repr(self.defaults))
        made = self._made.get(key)
        if made is None:
            super().compile()
            self._made[key] = self
            return
        self._parts, self._trace, self._converters = made._parts, made._trace, made._converters
        self.arguments = made.arguments
        self._build, self._build_unknown = made._build, made._build_unknown


COMPILED = Compiled()
FORMS: dict[str, dict[object, object]] = {"casereader_forms": {}, "casereader_rules": {}}  # of instruments, by digest
Flask.url_rule_class = _Rule


def make_app(database_url: str, folder: Path, **settings: object) -> Flask:
    """An application on a migrated database, with a data folder and key of its own; its client checks pages."""
    from casereader import create_app

    app = create_app(
        {
            "DATABASE_URL": database_url,
            "CASEREADER_DATA": folder / "data",
            "SECRET_KEY": secrets.token_hex(32),
            "TESTING": True,
            **settings,
        }
    )
    not_waiting(app.extensions["casereader_engine"])
    app.test_client_class = PageClient
    app.jinja_env.bytecode_cache = COMPILED
    app.extensions.update(FORMS)
    app.extensions["casereader_background"].patience = 60.0  # a slow machine makes no test wander
    return app


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on a migrated, empty database, once on each kind."""
    made = make_app(database_url, tmp_path)
    yield made
    made.extensions["casereader_engine"].dispose()


@pytest.fixture
def client(app: Flask) -> Iterator[PageClient]:
    """Somebody's browser without a screen, not signed in."""
    with app.test_client() as made:
        assert isinstance(made, PageClient)
        yield made
