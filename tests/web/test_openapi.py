"""docs/openapi.json is whole: every address that answers a script with JSON is in it, and nothing else."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from casereader.web.readings import autosave, time_spent
from tests.source import ROOT, parsed
from tests.web.app import make_app
from tests.web.client import PageClient
from tests.web.reading_room import Room, address

DOCUMENT: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
SAVES = "/readings/{reading_id}/saves"
SPEAKS_JSON = {"jsonify", "strict_json.read"}
# The browser's own forms of checking: what they answer is said on a page, by scripts of ours.
NO_VIEW_OF_A_SCRIPT = {"static"}


@pytest.fixture
def app(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    made = make_app(sqlite_url, tmp_path)
    yield made
    made.extensions["casereader_engine"].dispose()


def test_every_route_that_speaks_json_is_in_the_document_and_no_other(app: Flask) -> None:
    spoken = {
        (method, _plain(rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in NO_VIEW_OF_A_SCRIPT and _speaks_json(app, rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    written = {
        (method.upper(), re.sub(r"\{[a-z_]+\}", "{}", path))
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }

    assert spoken == written
    assert len(written) >= 6


def test_what_is_sent_is_described_as_the_program_reads_it() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    assert set(schemas["Save"]["properties"]) == autosave.KNOWN
    assert set(schemas["Save"]["required"]) == autosave.KNOWN
    assert set(schemas["Answer"]["properties"]) == autosave.OF_ANSWER
    assert schemas["Save"]["properties"]["answers"]["maxProperties"] == autosave.FIELDS
    assert schemas["Save"]["properties"]["version"]["maximum"] == autosave.HIGHEST_VERSION
    asked = next(each for each in DOCUMENT["paths"][SAVES]["get"]["parameters"] if each["name"] == "keys")
    assert asked["schema"]["maxLength"] == autosave.LONGEST_ASKED
    assert set(schemas["Active"]["properties"]) == {"minutes_ago"}
    assert "minutes_ago" in inspect.getsource(time_spent.note)


def test_whoever_changes_something_by_it_sends_the_token() -> None:
    for methods in DOCUMENT["paths"].values():
        if "post" in methods:
            assert {"$ref": "#/components/parameters/token"} in methods["post"]["parameters"]
            assert {"400", "401", "403", "404", "413", "415"} <= methods["post"]["responses"].keys()


def test_every_name_in_the_document_is_explained_in_it() -> None:
    text = json.dumps(DOCUMENT)
    for kind, name in set(re.findall(r"#/components/(\w+)/(\w+)", text)):
        assert name in DOCUMENT["components"][kind]
    for kind in ("schemas", "responses", "parameters"):
        assert set(DOCUMENT["components"][kind]) == set(re.findall(rf"#/components/{kind}/(\w+)", text)), kind


def test_answers_hold_the_fields_that_the_document_names(room: Room, reviewer: PageClient) -> None:
    opened = room.given(room.cast.reviewer)[0]
    headers = {"X-CSRFToken": reviewer.csrf_token("/readings"), "Accept": "application/json"}
    body = {"version": 1, "idempotency_key": "0123456789abcdef", "answers": {"C9": {"value": "5"}}}

    assert _missing("Session", reviewer.get("/readings/session").json) == set()
    assert _missing("Saved", reviewer.post(address(opened, "/answers"), json=body, headers=headers).json) == set()
    assert _missing("Held", reviewer.get(address(opened, "/saves")).json) == set()
    stale = reviewer.post(address(opened, "/answers"), json=body | {"idempotency_key": "f" * 16}, headers=headers)
    assert (stale.status_code, _missing("Changed", stale.json)) == (409, set())
    minutes = reviewer.post(address(opened, "/active"), json={"minutes_ago": [0]}, headers=headers)
    assert _missing("Minutes", minutes.json) == set()


def _missing(schema: str, answer: Any) -> set[str]:
    """Names that the document promises and the answer lacks, or that the answer has and the document does not."""
    described = DOCUMENT["components"]["schemas"][schema]
    return (set(described["required"]) - answer.keys()) | (answer.keys() - described["properties"].keys())


def _plain(rule: str) -> str:
    return re.sub(r"<[^>]+>", "{}", rule)


def _speaks_json(app: Flask, rule: Rule) -> bool:
    """Whether the view calls jsonify or reads JSON, itself or by a function beside it."""
    view = inspect.unwrap(app.view_functions[rule.endpoint])
    assert isinstance(view, FunctionType), rule.endpoint
    functions = {
        node.name: node for node in parsed(Path(inspect.getfile(view))).body if isinstance(node, ast.FunctionDef)
    }
    seen: set[str] = set()
    waiting = [view.__name__]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in functions:
            continue
        seen.add(name)
        called = {ast.unparse(node.func) for node in ast.walk(functions[name]) if isinstance(node, ast.Call)}
        if called & SPEAKS_JSON:
            return True
        waiting += called
    return False
