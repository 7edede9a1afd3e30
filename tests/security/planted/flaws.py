"""The program with flaws planted for the scanners to find. It starts inside their throw-away folder, and nowhere else.

Copied there as `planted_flaws` beside the program by tests/security/stage.py. Each flaw is of a kind that a scanner
says it finds; one that it misses fails the run, since its silence about the program itself would mean nothing.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, redirect, render_template_string, request

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("CASEREADER_DATA", ""))
MARK = HERE / "throw-away"
WEAK_KEY = "secret"
ADDRESS = "/planted"
INDEX = """<!doctype html><title>Planted</title>
<a href="/planted/greet?name=Ann">greet</a> <a href="/planted/search?q=Glen">search</a>
<a href="/planted/file?name=notes.txt">file</a> <a href="/planted/go?to=/">go</a>
<form method="post" action="/planted/find"><input name="q" value="Glen"><button>find</button></form>
<form method="post" action="/planted/change"><input name="words" value="a"><button>change</button></form>"""

blueprint = Blueprint("planted", __name__, url_prefix=ADDRESS)


def open_to_all(view: Callable[..., Any]) -> Callable[..., Any]:
    """Take a view past the guard that the program has on every request."""
    from casereader.web.access import Door

    view.roles = frozenset({Door.ANYONE})  # type: ignore[attr-defined]
    return view


@blueprint.get("/")
@open_to_all
def index() -> str:
    """Lead to all of it."""
    return INDEX


@blueprint.get("/greet")
@open_to_all
def greet() -> str:
    """Planted: script in, script out."""
    return f"<!doctype html><p>Good morning, {request.args.get('name', '')}</p>"


@blueprint.get("/greet-by-template")
@open_to_all
def greet_by_template() -> str:
    """Planted: a template made of what was sent."""
    return render_template_string("Good morning, " + request.args.get("name", ""))


@blueprint.get("/search")
@open_to_all
def search() -> str:
    """Planted: SQL put together from an address."""
    return _rows(request.args.get("q", ""))


@blueprint.post("/find")
@open_to_all
def find() -> str:
    """Planted: SQL put together from a form."""
    return _rows(request.form.get("q", ""))


@blueprint.post("/count")
@open_to_all
def count() -> Response:
    """Planted: SQL put together from JSON, and no word of what the database says."""
    with sqlite3.connect(DATA / "casereader.sqlite3") as connection:
        try:
            wanted = request.get_json(force=True)["q"]
            found = connection.execute(f"SELECT count(*) FROM partnership WHERE name != '{wanted}'").fetchone()
        except sqlite3.Error:
            return Response("None.", status=422)
    return jsonify(found="several" if found[0] else "none")


@blueprint.get("/file")
@open_to_all
def file() -> Response:
    """Planted: a path put together from an address."""
    path = os.path.join(DATA, request.args.get("name", ""))
    with open(path, "rb") as found:
        return Response(found.read(), content_type="text/plain")


@blueprint.get("/go")
@open_to_all
def go() -> Any:
    """Planted: on to wherever the address says."""
    return redirect(request.args.get("to", "/"))


@blueprint.post("/change")
@open_to_all
def change() -> str:
    """Planted: a form without a token."""
    (DATA / "changed.txt").write_text(request.form.get("words", ""))
    return "changed"


@blueprint.post("/answers")
@open_to_all
def answers() -> Response:
    """Planted: JSON taken as it comes."""
    sent = request.get_json(force=True)
    return jsonify(version=sent["version"] + 1)


@blueprint.get("/backup.sqlite3")
@open_to_all
def backup() -> Response:
    """Planted: a file that somebody left."""
    return Response(b"SQLite format 3\x00", content_type="application/octet-stream")


def token() -> str:
    """Planted: a secret that can be guessed, another that is no secret, and a shell."""
    subprocess.run("echo " + str(uuid.uuid1()), shell=True)
    return "%032x" % random.getrandbits(128)


def _rows(words: str) -> str:
    """Names that hold the words; what the database says is shown."""
    with sqlite3.connect(DATA / "casereader.sqlite3") as connection:
        try:
            rows = connection.execute(f"SELECT name FROM partnership WHERE name LIKE '%{words}%'").fetchall()
        except sqlite3.Error as error:
            return f"<p>sqlite3.OperationalError: {error}</p>"
    return "<ul>" + "".join(f"<li>{name}</li>" for (name,) in rows) + "</ul>"


class WithoutHeaders:
    """Planted: answers without the headers that the program sets."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as the program does, and drop what protects the planted pages."""

        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            kept = headers
            if environ.get("PATH_INFO", "").startswith(ADDRESS):
                kept = [each for each in headers if each[0].lower() in ("content-type", "content-length", "location")]
                kept.append(("Set-Cookie", "planted=1; Path=/"))
            return start(status, kept, *more)

        return self.inner(environ, begin)  # type: ignore[no-any-return]


def create_app() -> Flask:
    """The program with the flaws; refused where no scanner's stage has left its mark."""
    if not MARK.is_file() or not HERE.is_relative_to(MARK.read_text(encoding="utf-8").strip()):
        print("The planted flaws start in the throw-away folder of `make security` only.", file=sys.stderr)
        sys.exit(2)
    from casereader import create_app as create_program

    made = create_program()
    made.register_blueprint(blueprint)
    made.extensions["csrf"].exempt(blueprint)
    made.secret_key = WEAK_KEY
    (DATA / "notes.txt").write_text("nothing\n")
    made.wsgi_app = WithoutHeaders(made.wsgi_app)  # type: ignore[method-assign]
    return made
