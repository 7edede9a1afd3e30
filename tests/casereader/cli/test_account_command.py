"""Accounts on the command line: the link that is printed is one that works, at the address people reach."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from casereader.config import load_settings
from tests.web.client import PageClient


def test_the_printed_link_sets_the_password_once_and_a_disabled_account_does_not_sign_in(
    app: Flask, client: PageClient
) -> None:
    runner = app.test_cli_runner()
    made = runner.invoke(args=["account", "create", "New@Cast.example", "--name", "New Person"])
    assert made.exit_code == 0
    address = made.stdout.split()[-1]
    assert address.startswith("http://localhost:8000/set-password/")
    assert "open in a browser on this machine" in made.stderr

    path = address.removeprefix("http://localhost:8000")
    password = "four unrelated words"
    names = {field.get("name") for field in client.page(path).root.iter("input") if field.get("type") == "password"}
    assert client.submit(path, dict.fromkeys(filter(None, names), password)).status_code == 303
    client.sign_in("new@cast.example", password)
    assert client.get(path).status_code == 404

    assert runner.invoke(args=["account", "disable", "new@cast.example"]).exit_code == 0
    assert client.get("/").status_code == 303
    no_link = runner.invoke(args=["account", "link", "new@cast.example"])
    assert (no_link.exit_code, "is disabled: let it work again first" in no_link.stderr) == (2, True)
    assert runner.invoke(args=["account", "enable", "new@cast.example"]).exit_code == 0
    assert runner.invoke(args=["account", "enable", "new@cast.example"]).exit_code == 2
    client.sign_in("new@cast.example", password)
    unknown = runner.invoke(args=["account", "link", "nobody@cast.example"])
    assert unknown.exit_code == 2
    assert "There is no account for nobody@cast.example." in unknown.stderr


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://localhost:8000"),
        ({"PORT": "8123", "HOST": "localhost"}, "http://localhost:8123"),
        ({"HOST": "0.0.0.0", "PROXY_HOPS": "1"}, "http://127.0.0.1:8000"),  # noqa: S104 - every address of this machine
        ({"TRUSTED_HOSTS": "127.0.0.1,cases.example.org", "PROXY_HOPS": "1"}, "https://cases.example.org"),
    ],
)
def test_the_link_names_the_address_by_which_people_reach_the_service(
    tmp_path: Path, sqlite_url: str, given: dict[str, str], address: str
) -> None:
    settings = load_settings({"CASEREADER_DATA": tmp_path / "data", "DATABASE_URL": sqlite_url, **given})

    assert settings.public_address == address
    assert settings.is_reached_here_alone == (address != "https://cases.example.org")
