"""Schemathesis on our own OpenAPI document: odd JSON and parameters to every address that answers scripts."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.security.findings import Finding, Scanned
from tests.security.reached import moment, reached
from tests.security.scans.running import said_by, tool
from tests.security.stage import Browser, Site, Stage
from tests.source import ROOT

DOCUMENT = ROOT / "docs" / "openapi.json"
EXAMPLES = 60
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "unsupported_method",
)
PLANTED = "/planted/answers"
EACH = re.compile(r"^\d+\. Test Case ID: ", re.MULTILINE)
TITLE = re.compile(r"^\s*- (.+)$", re.MULTILINE)  # a case may fail several checks


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose sign-in goes along, and what stands for the variable part of the addresses."""

    who: str
    paths: str
    values: dict[str, str]


def schemathesis(stage: Stage) -> Scanned:
    """Ask as a reader for readings, as a coordinator for lists that come in."""
    reader, coordinator = stage.clean.browser("reviewer-1"), stage.clean.browser("coordinator")
    reading = _id_in(reader.get("/readings").text, "readings")
    inspection = _id_in(coordinator.get("/programmes").text, "inspections")
    whole: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    whole.pop("security")  # the cookie goes along with every request, those that try without it too
    asked = [
        (reader, "^/(readings|healthz)", {"reading_id": reading}),
        (reader, "^/readings/[{]", {}),
        (coordinator, "^/inspections/[{]", {"inspection_id": inspection}),
        (reader, "^/inspections/[{]", {"inspection_id": inspection}),
        (stage.clean.browser("lead"), "passkey/options$", {}),  # last: it may change what the sign-in is known by
    ]
    planted = {
        **whole,
        "paths": {PLANTED: {"post": whole["paths"]["/readings/{reading_id}/active"]["post"] | {"parameters": []}}},
    }
    since = moment(stage.clean.log)
    found = _run(stage, stage.planted, stage.planted.browser("reviewer-1"), planted, ".*", {})
    findings = [
        each for browser, paths, values in asked for each in _run(stage, stage.clean, browser, whole, paths, values)
    ]
    got = reached(stage.clean.log, since)
    missed = [] if any("500" in each.says for each in found) else ["the 500 of " + PLANTED]
    return Scanned(
        "schemathesis",
        "a fault on odd JSON",
        missed,
        f"{len(whole['paths'])} addresses, {EXAMPLES} examples a phase: {got}",
        findings,
        details=sorted(got.routes),
    )


def _run(
    stage: Stage, site: Site, browser: Browser, document: dict[str, Any], paths: str, values: dict[str, str]
) -> list[Finding]:
    folder = stage.own_folder_of_tool("schemathesis")
    schema = folder / "openapi.json"
    schema.write_text(json.dumps(document))
    config = folder / "schemathesis.toml"
    lines = [f'"path.{name}" = "{value}"' for name, value in values.items()]
    config.write_text("[parameters]\n" + "\n".join([f'"header.X-CSRFToken" = "{browser.token}"', *lines]) + "\n")
    report = folder / "report.xml"
    report.unlink(missing_ok=True)
    command: list[str | Path] = [tool("schemathesis", "schemathesis"), "--config-file", config, "run", schema]
    command += ["--url", site.address, "-H", f"Cookie: {browser.cookie}", "-H", "Accept: application/json"]
    command += ["--include-path-regex", paths, "--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES)]
    command += ["--phases", "examples,coverage,fuzzing", "--generation-deterministic", "--continue-on-failure"]
    command += ["--report", "junit", "--report-junit-path", report, "--workers", "1", "--request-timeout", "20"]
    said_by(command, seconds=600, folder=folder)
    written = ET.parse(report)  # noqa: S314 - the scanner's own report
    return [
        Finding("schemathesis", title[1].strip(), case.get("name", ""), re.sub(r"\s+", " ", one)[:1500])
        for case in written.iter("testcase")
        for failure in (*case.iter("failure"), *case.iter("error"))
        for one in EACH.split(failure.get("message", "") + "\n" + (failure.text or ""))
        for title in TITLE.finditer(one)
    ]


def _id_in(page: str, kind: str) -> str:
    """The first public id of a kind on a page."""
    found = re.search(rf'href="/{kind}/([A-Za-z0-9_-]{{20,}})["/]', page)
    if found is None:
        raise RuntimeError(f"the demonstration shows no address under /{kind}")
    return found[1]
