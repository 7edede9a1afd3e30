"""The scanners that ask for pages: wapiti, and forced browsing by our own list of words."""

from __future__ import annotations

import json
from pathlib import Path

import requests

from tests.ports import HOST
from tests.security.findings import Finding, Scanned
from tests.security.reached import moment, reached
from tests.security.scans.running import said_by, tool
from tests.security.stage import Browser, Stage

MODULES = "xss,permanentxss,sql,file,exec,redirect,ssti,csrf,cookieflags,http_headers,csp,upload,crlf,methods"
SECONDS, SECONDS_A_MODULE = 60, 8
# What ends the sign-in that it asks with, or makes the next one need more than the password.
ENDS_IT = ("sign-out", "lock", "unlock", "sign-ins*", "sign-in-methods*", "change-password", "static/*")
PLANTED = {
    "Reflected Cross Site Scripting": "script that comes back",
    "SQL Injection": "SQL put together",
    "Path Traversal": "a path from an address",
    "Open Redirect": "a redirect to anywhere",
    "Cross Site Request Forgery": "a form without a token",
    "Content Security Policy Configuration": "no policy",
    "HttpOnly Flag cookie": "a cookie open to scripts",
    "Clickjacking Protection": "a page that may be framed",
    "MIME Type Confusion": "content that may be sniffed",
}
FEWEST_PAGES = 60  # of what a coordinator reaches: fewer, and it was signed out or held off
WORDS = Path(__file__).resolve().parent.parent / "words.txt"
IN_PLANTED = "planted/backup.sqlite3"


def wapiti(stage: Stage) -> Scanned:
    """Crawl from the first page as a coordinator, and attack what is found."""
    planted = stage.planted.browser("coordinator")
    of_planted = {each.rule for each in _attacked(stage, planted, "/planted/", "planted")[0]}
    clean, since = stage.clean.browser("coordinator"), moment(stage.clean.log)
    findings, crawled = _attacked(stage, clean, "/", "clean")
    found = reached(stage.clean.log, since)
    missed = [what for rule, what in PLANTED.items() if rule not in of_planted]
    if crawled < FEWEST_PAGES:
        missed.append(f"most pages: it saw {crawled}")
    return Scanned(
        "wapiti",
        ", ".join(PLANTED.values()),
        [*missed, *found.missed],
        f"{MODULES.count(',') + 1} modules on {crawled} addresses and forms: {found}",
        findings,
        details=[f"{route}{'' if route in found.opened else '  (not opened)'}" for route in sorted(found.routes)],
    )


def forced_browsing(stage: Stage) -> Scanned:
    """Ask for what should not be there: backups, settings, sources, consoles, other people's defaults."""
    words = [each for each in WORDS.read_text(encoding="utf-8").split() if not each.startswith("#")]

    def found(address: str, cookie: str | None) -> set[str]:
        headers = {"Cookie": cookie} if cookie else {}
        with requests.Session() as asking:
            asking.trust_env = False
            return {word for word in words if _is_answered(_asked(asking, f"{address}/{word}", headers))}

    of_planted, since = found(stage.planted.address, None), moment(stage.clean.log)
    findings = [
        Finding("forced-browsing", "answered", f"/{word}", f"as {who}")
        for who, cookie in (("nobody", None), ("administrator", stage.clean.browser("administrator").cookie))
        for word in sorted(found(stage.clean.address, cookie))
    ]
    return Scanned(
        "forced-browsing",
        "a backup that was left",
        [] if IN_PLANTED in of_planted else [IN_PLANTED],
        f"{len(words)} addresses, signed in and not: {reached(stage.clean.log, since)}",
        findings,
    )


def _asked(asking: requests.Session, address: str, headers: dict[str, str]) -> requests.Response:
    return asking.get(address, headers=headers, allow_redirects=False, timeout=30)


def _is_answered(answer: requests.Response) -> bool:
    """Whether something came back, rather than a refusal or the way to the page to sign in."""
    if answer.status_code in (400, 401, 403, 404, 405):
        return False
    return not (answer.is_redirect and answer.headers["Location"].startswith("/sign-in"))


def _kept(value: str) -> dict[str, str | int | bool | None]:
    return {"value": value, "expires": None, "secure": False, "port": None, "version": 0}


def _attacked(stage: Stage, browser: Browser, path: str, name: str) -> tuple[list[Finding], int]:
    """What was found, and how much was looked at."""
    folder = stage.own_folder_of_tool(f"wapiti-{name}")
    report = folder / "report.json"
    site = browser.site.address
    command: list[str | Path] = [tool("wapiti", "wapiti"), "-u", f"{site}{path}", "--scope", "folder"]
    cookies = folder / "cookies.json"  # in a file and not a header: a token that is made new is taken over
    cookies.write_text(json.dumps({HOST: {"/": {name: _kept(value) for name, value in browser.cookies.items()}}}))
    command += ["-c", cookies, "-m", MODULES, "--flush-session", "--store-session", folder]
    for left_out in ENDS_IT:
        command += ["-x", f"{site}/{left_out}"]
    command += ["--max-scan-time", str(SECONDS), "--max-attack-time", str(SECONDS_A_MODULE), "--tasks", "4"]
    command += ["-t", "20", "-d", "4", "--max-links-per-page", "40", "--no-bugreport", "-v", "0"]
    command += ["-f", "json", "-o", report]
    said_by(command, seconds=3 * (SECONDS + SECONDS_A_MODULE * (MODULES.count(",") + 2)), folder=folder)
    said = json.loads(report.read_text(encoding="utf-8"))
    findings = [
        Finding("wapiti", kind, f"{each['method']} {each['path']}", f"{each['info']} ({each['parameter'] or '-'})")
        for part in ("vulnerabilities", "anomalies")
        for kind, each_of in said[part].items()
        for each in each_of
    ]
    return findings, said["infos"]["crawled_pages_nbr"]
