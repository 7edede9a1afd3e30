"""Which pages are looked over in a browser, one of every kind: found without a browser, and shared out in parts.

The processes of a run share what the first of them found, and the demonstration with more to show that it was found in.
"""

import json
import shutil
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from casereader.after_the_draw import extending
from casereader.db import transaction
from casereader.drawing import draws
from casereader.people import accounts, passwords
from casereader.programmes import inspections
from casereader.vocabulary import Role
from tests.addresses import addresses
from tests.demonstration import DATABASE, NOBODY, Demonstration, copied
from tests.once import made_once
from tests.web.client import page_of

PARTS = 12  # tests that share the pages out, so that no one of them takes long
OF_ITSELF = 20_000  # bytes of a page that take as long to look over as any page does, however short
AT_MOST = 200_000  # bytes of a page: those of a reading are longer, but most of it is not in view

# Between them they see every kind of page; each kind is looked over once.
PEOPLE = ("coordinator", "lead", "moderator", "reviewer-1", "local-reviewer", "administrator", "outsider")

# Who is asked, in this order, for a page that no link leads to.
KEEPERS, READERS = ("coordinator", "lead", "moderator"), ("reviewer-1", "local-reviewer")
FILES_AND_ANSWERS = {
    "autosave.saves",
    "autosave.session",
    "certificates.as_json",
    "certificates.list_csv",
    "certificates.longer_as_json",
    "certificates.voided_as_json",
    "certificates.voided_list_csv",
    "evaluation.file_progress",
    "evaluation.questions_csv",
    "evaluation.tables_csv",
    "evaluation.tables_ods",
    "evaluation.tables_xlsx",
    "help.picture",
    "home.health",
    "home.icon",
    "issuing.inspection_csv",
    "issuing.inspection_json",
    "issuing.inspection_work_progress",
    "issuing.inspection_xlsx",
    "issuing.programme_csv",
    "issuing.programme_json",
    "issuing.programme_work_progress",
    "issuing.programme_xlsx",
    "link_officer.list_csv",
    "link_officer.list_xlsx",
    "list_papers.template",
    "opened.addendum_json",
    "opened.certificate_json",
    "progress.cases_csv",
    "progress.cases_xlsx",
    "readiness.show",
    "replacements.log_csv",
    "replacements.log_json",
    "returns.example",
    "returns.faults_xlsx",
    "returns.progress",
    "signing.outside",
    "signing.outside_back",
    "signing.outside_bind",
    "workbooks.download",
}
LOOKED_OVER_ELSEWHERE = {  # each needs what the demonstration does not hold, or is long and looked over there anyway
    "concerns.mine": "test_concerns.py",
    "list_changes.ask": "test_return.py",
    "practice.compare": "test_practice.py",
    "signing.new_passkey": "test_second_step.py",
    "signing.second_step": "test_second_step.py",
    "signing.set_up_app": "test_second_step.py",
    "returns.mapping": "test_return.py",
    "returns.show": "test_return.py",
    "workbooks.blank_form": "test_workbooks.py",
    "workbooks.index": "test_workbooks.py",
    "workbooks.look": "test_workbooks.py",
}


@dataclass(frozen=True)
class Look:
    """A page to look over: what kind it is, where, as whom, and how many bytes long."""

    who: str
    path: str
    kind: str
    size: int


@dataclass(frozen=True)
class Plan:
    """What is looked over, by whom it is; the kinds that nobody finds; the certificate of a sample made longer."""

    looks: list[Look]
    left: list[str]
    certificate: str

    def part(self, number: int) -> list[Look]:
        """One of the `PARTS`, all of about one length."""
        sizes = [min(look.size, AT_MOST) + OF_ITSELF for look in self.looks]
        whole = sum(sizes)
        done, found = 0, []
        for look, size in zip(self.looks, sizes, strict=True):
            if done * PARTS // whole == number:
                found.append(look)
            done += size
        return found


@pytest.fixture(scope="session")
def every_page(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demonstration that has every kind of page to show, to copy and never to open; and the plan."""

    def make(folder: Path) -> None:
        shutil.copytree(seeded / "data", folder / "data")
        shutil.copy(seeded / DATABASE, folder)
        with copied(folder, folder / "changing") as demonstration:
            certificate, longer, link = _more_to_show(demonstration.app)
        for one in ("data", DATABASE):
            (shutil.rmtree if one == "data" else Path.unlink)(folder / one)
            (folder / "changing" / one).rename(folder / one)
        with copied(folder, folder / "looking") as demonstration:  # some pages write down who looked at them
            looks, left = _looks(demonstration)
        looks += [
            Look("coordinator", longer, "certificates.show_longer", OF_ITSELF),
            Look(NOBODY, f"/set-password/{link}", "account.set_password", OF_ITSELF),
        ]
        left -= {look.kind for look in looks}
        looks.sort(key=lambda look: look.who)
        plan = {"looks": [asdict(look) for look in looks], "left": sorted(left), "certificate": certificate}
        (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")

    return made_once(tmp_path_factory, "every-page", make)


def plan_of(folder: Path) -> Plan:
    """The plan that is kept there."""
    kept = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    return Plan([Look(**look) for look in kept["looks"]], kept["left"], kept["certificate"])


def by_person(looks: list[Look]) -> Iterator[tuple[str, list[Look]]]:
    """Whose pages they are, and these."""
    for who, theirs in groupby(looks, key=lambda look: look.who):
        yield who, list(theirs)


def _looks(demonstration: Demonstration) -> tuple[list[Look], set[str]]:
    """The first page of each kind that links lead to from everybody's home, the fullest of the others; what is left."""
    adapter = demonstration.app.url_map.bind("127.0.0.1")
    known: set[str] = set()
    looks = []
    for who in PEOPLE:
        client = demonstration.browser_of(who)
        waiting, seen = deque(["/"]), {"/"}
        while waiting:
            path = waiting.popleft()
            kind, _ = adapter.match(path)  # the sections of a reading have a test of their own
            if path != "/" and kind in known:
                continue
            known.add(kind)
            reply = client.get(path, follow_redirects=True)
            looks.append(Look(who, path, kind, len(reply.get_data())))
            links = page_of(reply).root.iter("a")
            hrefs = [link.get("href", "") for link in links if link.get("download") is None]
            paths = [urlsplit(href).path for href in hrefs]
            # The pages of ours that this page leads to; files to take home are not pages.
            found = [path for path in paths if path.startswith("/") and "." not in path and path not in seen]
            seen.update(found)
            waiting.extend(found)
    fullest = _fullest(demonstration, _left(demonstration.app) - known)
    looks += fullest
    return looks, _left(demonstration.app) - known - {look.kind for look in fullest}


def _left(app: Flask) -> set[str]:
    """Every kind of page that is to be looked over here."""
    every = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return every - FILES_AND_ANSWERS - LOOKED_OVER_ELSEWHERE.keys() - {"static"}


def _fullest(demonstration: Demonstration, kinds: set[str]) -> list[Look]:
    """Of each of these kinds the page that shows most, and who may see it."""
    browsers = {who: demonstration.browser_of(who) for who in (*KEEPERS, *READERS)}
    found: dict[str, Look] = {}
    for one in addresses(demonstration.app):
        if one.endpoint not in kinds or one.is_unknown:
            continue
        for who in READERS if one.path.startswith("/readings") else KEEPERS:
            reply = browsers[who].get(one.path)
            if reply.status_code == 200:
                size = len(reply.get_data())
                if one.endpoint not in found or size > found[one.endpoint].size:
                    found[one.endpoint] = Look(who, one.path, one.endpoint, size)
                break
    return list(found.values())


def _more_to_show(app: Flask) -> tuple[str, str, str]:
    """A longer sample: its certificate and address; a link to set a password with."""
    at = datetime.now(UTC)
    with transaction(app.extensions["casereader_engine"]) as session:
        coordinator, lead = (accounts.by_email(session, email=f"{who}@demo.example") for who in ("coordinator", "lead"))
        link = passwords.issue_link(session, account=lead, by=None, at=at)
        for place in inspections.all_places(session, account=lead, roles=[Role.LEAD]):
            inspection = place.inspection
            record = draws.current(session, inspection=inspection)
            if record is None or inspection.published_on is not None:
                continue
            strata = extending.now_of(session, draw_record=record)
            room = next((one for one in strata if one.to_read < one.population and not one.n_stopped), None)
            if room is None:
                continue
            more, why = {room.stratum: room.to_read + 1}, "Time for one more"
            extending.ask(session, inspection=inspection, sizes=more, reason=why, by=coordinator, at=at)
            name = extending.agree(session, inspection=inspection, by=lead, at=at).extension.public_id
            path = f"/inspections/{inspection.public_id}/draw/extensions/{name}/certificate"
            return extending.latest_certificate(session, draw_record=record), path, link
    raise AssertionError("no sample of the demonstration can grow")
