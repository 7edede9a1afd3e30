"""sqlmap: whether any parameter of any route reaches SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from tests.security.findings import Finding, Scanned
from tests.security.parameters import Target, targets
from tests.security.scans.running import said_by, tool
from tests.security.stage import Browser, Site, Stage

SECONDS = 420
INJECTABLE = re.compile(r"^Parameter: (.+) \((GET|POST)\)$", re.MULTILINE)
PLANTED = (
    Target("coordinator", "planted.search", "GET", "/planted/search", (("q", "Glen"),)),
    Target("coordinator", "planted.find", "POST", "/planted/find", (("q", "Glen"),)),
)


def sqlmap(stage: Stage) -> Scanned:
    """Try each parameter with true and false conditions, as the person whom the route is open to."""
    signed_in = {"coordinator": stage.planted.browser("coordinator")}
    # One run for each: sqlmap leaves the others of an address alone where one is open.
    missed = [each.path for each in PLANTED if not _found(stage, stage.planted, signed_in, [each], each.endpoint)[0]]
    browsers: dict[str, Browser] = {}
    asked = targets(stage, stage.clean, browsers)
    injectable, tried = _found(stage, stage.clean, browsers, asked, "clean")
    parameters = set().union(*(each.parameters for each in asked))
    return Scanned(
        "sqlmap",
        "SQL put together in an address and in a form",
        missed + ([f"{len(asked) - tried} requests that there was no time for"] if tried < len(asked) else []),
        f"{len(parameters)} parameters of {len({each.endpoint for each in asked})} routes in {tried} requests",
        [Finding("sqlmap", "injectable", f"{each.method} {each.path}", each.sent) for each in injectable],
    )


def _found(
    stage: Stage, site: Site, browsers: dict[str, Browser], asked: Sequence[Target], name: str
) -> tuple[list[Target], int]:
    """The requests with a parameter that reaches SQL, and how many were tried in the time there is."""
    folder = stage.own_folder_of_tool(f"sqlmap-{name}")
    log = folder / "requests.txt"
    log.write_text("".join(_written(site, browsers[each.who], each) for each in asked))
    command = [tool("sqlmap", "sqlmap"), "-l", log, "--batch", "--level=1", "--risk=1", "--technique=B"]
    command += ["--skip=csrf_token", "--timeout=10", "--retries=0", "--threads=1", "--skip-waf", "--disable-coloring"]
    command += ["--output-dir", folder / "output", "--ignore-redirects", "--flush-session", "--dbms=sqlite"]
    said = said_by(command, seconds=SECONDS, folder=folder, may_run_out=True)
    (folder / "said.txt").write_text(said)
    parts = re.split(r"\n(?=\[\d+/\d+\] URL:)", said)
    tried = [part for part in parts if re.match(r"\[\d+/\d+\] URL:", part)]
    numbers = {int(re.match(r"\[(\d+)/", part)[1]): part for part in tried}  # type: ignore[index]
    hit = [each for number, each in enumerate(asked, 1) if INJECTABLE.search(numbers.get(number, ""))]
    return hit, len(numbers)


def _written(site: Site, browser: Browser, target: Target) -> str:
    """One request in the manner of a proxy's log."""
    host = urlsplit(site.address).netloc
    address = f"{target.path}?{target.sent}" if target.method == "GET" else target.path
    lines = [f"{target.method} {address} HTTP/1.1", f"Host: {host}", f"Cookie: {browser.cookie}"]
    lines += [f"X-CSRFToken: {browser.token}", f"Referer: {site.address}{target.path}", "Accept: text/html"]
    if target.method == "POST":
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(target.sent)}"]
    body = target.sent if target.method == "POST" else ""
    bar = "=" * 54
    return "\n".join([bar, f"12:00:00 AM  http://{host}  [127.0.0.1]", bar, *lines, "", body, bar, "", "", "", ""])
