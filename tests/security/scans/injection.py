"""sqlmap: whether any parameter of any route reaches SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote_plus, urlsplit

from tests.security.findings import Finding, Scanned
from tests.security.parameters import CHARTS, ENOUGH_CHARTS, Target, inventory
from tests.security.reached import moment, reached
from tests.security.scans.running import said_by, tool
from tests.security.stage import Browser, Site, Stage

SECONDS = 1200  # a limit for a machine that is busy with others; alone it takes a sixth
AT_ONCE = 2
INJECTABLE = re.compile(r"^Parameter: .+ \(.*(?:GET|POST|URI).*\)$", re.MULTILINE)
ONE = re.compile(r"\[(\d+)/\d+\] URL:")
PLANTED = (
    Target("coordinator", "planted.search", "GET", "/planted/search", (("q", "Glen"),), frozenset("q")),
    Target("coordinator", "planted.find", "POST", "/planted/find", (("q", "Glen"),), frozenset("q")),
    Target("coordinator", "planted.count", "POST", "/planted/count", (), frozenset("q"), '{"q": "Glen"}'),
)


def sqlmap(stage: Stage) -> Scanned:
    """Try each parameter with true and false conditions, as the person whom the route is open to."""
    signed_in = {"coordinator": stage.planted.browser("coordinator")}
    # One run for each: sqlmap leaves the others of an address alone where one is open.
    missed = [each.path for each in PLANTED if not _found(stage, stage.planted, signed_in, [each], each.endpoint)[0]]
    browsers: dict[str, Browser] = {}
    found, app = inventory(stage, stage.clean, browsers)
    asked, since = found.targets, moment(stage.clean.log)
    with ThreadPoolExecutor(AT_ONCE) as at_once:
        parts = [asked[number::AT_ONCE] for number in range(AT_ONCE)]
        running = [
            at_once.submit(_found, stage, stage.clean, browsers, part, f"clean-{number}")
            for number, part in enumerate(parts)
        ]
        answers = [each.result() for each in running]
    injectable = [each for hit, _ in answers for each in hit]
    if (left := len(asked) - sum(tried for _, tried in answers)) > 0:
        missed.append(f"{left} requests that there was no time for")
    got = reached(stage.clean.log, since)
    charts = f"{', '.join(CHARTS)}: read in one place for every page with a chart, tried on {ENOUGH_CHARTS} routes"
    return Scanned(
        "sqlmap",
        "SQL put together in an address, in a form and in JSON",
        missed + got.missed,
        f"{found.count} parameters of {len({each.endpoint for each in asked})} routes in {len(asked)} requests: {got}",
        [Finding("sqlmap", "injectable", f"{each.method} {each.path}", str(each.fields)) for each in injectable],
        details=[charts, "csrf_token: compared with the sign-in, and never reaches a query", *found.lines(app)],
    )


def _found(
    stage: Stage, site: Site, browsers: Mapping[str, Browser], asked: Sequence[Target], name: str
) -> tuple[list[Target], int]:
    """The requests with a parameter that reaches SQL, and how many were tried in the time there is."""
    folder = stage.own_folder_of_tool(f"sqlmap-{name}")
    log = folder / "requests.txt"
    log.write_text("".join(_written(site, browsers[each.who], each) for each in asked))
    command = [tool("sqlmap", "sqlmap"), "-l", log, "--batch", "--level=1", "--risk=1", "--technique=B"]
    command += ["--timeout=10", "--retries=0", "--threads=1", "--skip-waf", "--disable-coloring"]
    command += ["--output-dir", folder / "output", "--ignore-redirects", "--flush-session", "--dbms=sqlite"]
    said = said_by(command, seconds=SECONDS, folder=folder, may_run_out=True)
    (folder / "said.txt").write_text(said)
    parts = [(match, part) for part in re.split(r"\n(?=\[\d+/\d+\] URL:)", said) if (match := ONE.match(part))]
    numbers = {int(match[1]): part for match, part in parts}
    hit = [each for number, each in enumerate(asked, 1) if INJECTABLE.search(numbers.get(number, ""))]
    return hit, len(numbers)


def _written(site: Site, browser: Browser, target: Target) -> str:
    """One request in the manner of a proxy's log; a star stands where sqlmap is to try."""
    host = urlsplit(site.address).netloc
    sent = target.body or "&".join(
        f"{quote_plus(name)}={quote_plus(value)}{'*' if name in target.tried else ''}" for name, value in target.fields
    )
    address = f"{target.path}?{sent}" if target.method == "GET" else target.path
    lines = [f"{target.method} {address} HTTP/1.1", f"Host: {host}", f"Cookie: {browser.cookie}"]
    lines += [f"X-CSRFToken: {browser.token}", f"Referer: {site.address}{target.path}"]
    body = sent if target.method == "POST" else ""
    if body:
        kind = "application/json" if target.body else "application/x-www-form-urlencoded"
        lines += ["Accept: text/html", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    bar = "=" * 54
    return "\n".join([bar, f"12:00:00 AM  http://{host}  [127.0.0.1]", bar, *lines, "", body, bar, "", "", "", ""])
