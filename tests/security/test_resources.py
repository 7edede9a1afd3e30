"""docs/security/resources.md says the numbers of the code, names places that are there, and leaves out nobody."""

import re
from pathlib import Path

from casereader.cli import serve
from casereader.readings import replies
from casereader.web.lists import frames
from casereader.web.reading_week import workbooks
from casereader.web.readings import autosave
from sampling import apart
from tests.security.test_source import NAMES_IN_SQL, STARTS_PROCESSES
from tests.source import ROOT, modules, named

TEXT = (ROOT / "docs" / "security" / "resources.md").read_text(encoding="utf-8")
ASKS_OUTSIDE = re.compile(
    r"^\s*(?:import|from) (?:requests|httpx|urllib\.request|http\.client|smtplib|ftplib|authlib)\b"
    r"|socket\.(?:socket|create_connection)",
    re.MULTILINE,
)


def test_the_bounds_that_are_written_down_are_those_of_the_code() -> None:
    written = {
        f"at most {frames.LARGEST} MB": "a list of cases",
        f"{apart.MEMORY_LIMIT // 1024**3} GiB of address space and {apart.SECONDS_LIMIT} s": "the child process",
        f"{autosave.MEGABYTES} MB and {autosave.FIELDS:,} fields": "a save",
        f"{replies.MOST_SAVES} saves in {replies.IN_TIME.total_seconds():.0f} s": "how often",
        f"{serve.THREADS} threads": "the server",
        f"{serve.LIMITS['max_request_header_size'] // 1024} KB of address": "heads",
        f"{serve.LIMITS['max_request_body_size'] // 1024**2} MB of body": "bodies",
    }

    assert frames.LARGEST == workbooks.LARGEST
    assert [words for words in written if words not in TEXT] == []


def test_every_place_that_is_named_is_there_and_none_of_the_dangerous_ones_is_left_out() -> None:
    places = set(re.findall(r"`((?:sampling|casereader)/[^`]*)`", TEXT))

    assert [place for place in places if not (ROOT / place).exists()] == []
    unreleased = {name for name in NAMES_IN_SQL if "/migrations/" not in name}
    assert unreleased | STARTS_PROCESSES.keys() <= places


def test_only_signing_in_by_an_identity_provider_asks_anybody_outside() -> None:
    asking = {
        named(path)
        for path in modules("app.py", "casereader", "sampling").values()
        if ASKS_OUTSIDE.search(path.read_text(encoding="utf-8"))
    }

    assert {name for name in asking if not _is_of_identity(name)} == set()
    assert "an identity provider" in TEXT


def _is_of_identity(name: str) -> bool:
    return bool(set(Path(name).parts) & {"outside", "outside.py", "identity", "identities", "oidc", "oidc.py"})
