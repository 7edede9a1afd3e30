"""Two hosts as two applications, each with a data folder of its own, on one PostgreSQL."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import SQLModel, func, select
from werkzeug.test import TestResponse

from casereader.db import snapshot, transaction
from casereader.instrument import Instrument
from casereader.models import Account, AuditEvent
from tests.cast import Cast, gather
from tests.web.app import make_app
from tests.web.client import PageClient

LIST = b"case_ref,stratum\nR1,b\nR2,b\n"


class Hosts:
    """Two applications, each with a data folder of its own, on one database and under one secret key."""

    def __init__(self, url: str, folder: Path) -> None:
        key = secrets.token_hex(32)
        self.both = [make_app(url, folder / name, SECRET_KEY=key) for name in ("a", "b")]
        self.engine: Engine = self.both[0].extensions["casereader_engine"]
        with transaction(self.engine) as session:
            self.cast: Cast = gather(session, instrument=self.instrument)

    @property
    def instrument(self) -> Instrument:
        found: Instrument = self.both[0].extensions["casereader_instruments"]["CRR-1"]
        return found

    def browsers(self, *people: Account) -> list[PageClient]:
        """One on each host: of one person, of two, or of nobody."""
        found = []
        for app, account in zip(self.both, (people or (None,)) * (2 // max(len(people), 1)), strict=True):
            client = app.test_client()
            assert isinstance(client, PageClient)
            if account is not None:
                client.sit_down(account)
            found.append(client)
        return found

    def n(self, table: type[SQLModel], *where: object) -> int:
        with snapshot(self.engine) as session:
            return session.exec(select(func.count()).select_from(table).where(*where)).one()  # type: ignore[arg-type]

    def n_deeds(self, action: str) -> int:
        return self.n(AuditEvent, AuditEvent.action == action)


@pytest.fixture
def hosts(postgres_url: str, tmp_path: Path) -> Iterator[Hosts]:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    made = Hosts(postgres_url, tmp_path)
    yield made
    for app in made.both:
        app.extensions["casereader_engine"].dispose()


def data_folder(app: Flask) -> Path:
    return Path(app.extensions["casereader_settings"].data_folder)


def share(hosts: Hosts, shared: Path) -> None:
    """Have each host find this folder at its place, as a mounted one would be."""
    shared.mkdir(mode=0o700, exist_ok=True)
    for app in hosts.both:
        if not (place := data_folder(app) / shared.name).exists():
            place.symlink_to(shared)


def home_of(hosts: Hosts) -> str:
    return f"/inspections/{hosts.cast.place.inspection.public_id}"


def send(hosts: Hosts, client: PageClient, content: bytes = LIST) -> TestResponse:
    path = f"{home_of(hosts)}/list"
    values = {"csrf_token": client.csrf_token(path), "file": (io.BytesIO(content), "list.csv")}
    return client.post(path, data=values, content_type="multipart/form-data")


def posted(client: PageClient, path: str, values: dict[str, str] | None = None) -> TestResponse:
    return client.post(path, data={"csrf_token": client.csrf_token("/"), **(values or {})})
