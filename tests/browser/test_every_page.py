"""Every kind of page in a real browser: axe finds nothing, no word is cut off wide or narrow, the console is silent."""

import json
import shutil
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlmodel import Session

from casereader import accounts, draws, extending, inspections, issues, jobs, passwords
from casereader.db import transaction
from casereader.inspections import Place
from casereader.issues.readiness import final_of
from casereader.issues.scope import narrowed
from casereader.models import Account
from casereader.vocabulary import Role
from casereader.web.evaluation.report import DOCUMENT
from casereader.web.issuing.at_work import ISSUE, about
from casereader.web.issuing.keeping import PREPARE
from tests.addresses import Address, addresses
from tests.browser.focus import UNSEEN
from tests.browser.harness import NARROW, WIDE, Browsing, Visitor
from tests.browser.server import served
from tests.databases import address_of
from tests.demonstration import DATABASE, PASSWORD, Demonstration
from tests.web.app import make_app

UNFOLD = "document.querySelectorAll('main details').forEach(one => { one.open = true; })"
OF_A_PROGRAMME = 4  # of its inspections whose findings are published: the same page, in a fifth of the time
ZOOMED = 640  # pixels: what a window of 1280 leaves at 200 %

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
    "home.health",
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


@pytest.fixture
def demonstration_to_change(seeded: Path, tmp_path: Path) -> Iterator[Demonstration]:
    """The demonstration on a database of its own."""
    shutil.copytree(seeded / "data", tmp_path / "data")
    app = make_app(address_of(shutil.copy(seeded / DATABASE, tmp_path)), tmp_path, CASEREADER_DEMO_PASSWORD=PASSWORD)
    yield Demonstration(app)
    app.extensions["casereader_engine"].dispose()


def test_every_kind_of_page_reads_well_wide_and_narrow(
    demonstration_to_change: Demonstration, browsing: Browsing
) -> None:
    demonstration = demonstration_to_change
    certificate, longer, of_the_lead, link = _more_to_show(demonstration.app)
    adapter = demonstration.app.url_map.bind("127.0.0.1")
    known: set[str] = set()
    with served(demonstration.app, browsing) as address:
        for who in PEOPLE:
            visitor = browsing(address)
            visitor.sign_in(f"{who}@demo.example", PASSWORD)
            waiting, seen = deque(["/"]), {"/"}
            while waiting:
                path = waiting.popleft()
                kind, _ = adapter.match(path)  # the sections of a reading have a test of their own
                if path != "/" and kind in known:
                    continue
                known.add(kind)
                _look_over(visitor, path, f"{kind}-{who}")
                found = [link for link in _links(visitor) if link not in seen]
                seen.update(found)
                waiting.extend(found)
            visitor.context.close()
        assert len(known) > 40

        left = _left(demonstration.app) - known
        for who, pages in _fullest(demonstration, left).items():
            visitor = browsing(address)
            visitor.sign_in(f"{who}@demo.example", PASSWORD)
            for page in pages:
                _look_over(visitor, page.path, f"{page.endpoint}-{who}")
                if page.endpoint == "certificates.verify":
                    _look_over_a_verdict(visitor, certificate)
                left.discard(page.endpoint)
            if who == "coordinator":
                _look_over(visitor, longer, "certificates.show_longer")
            visitor.context.close()
        _look_over(browsing(address), f"/set-password/{link}", "account.set_password")
        asker = browsing(address)
        asker.sign_in("lead@demo.example", PASSWORD)
        for kind, path in of_the_lead.items():
            _look_over(asker, path, kind)
        asker.context.close()

    assert left <= {"account.set_password", "certificates.show_longer", *of_the_lead}, (
        "say above why it is not looked over here"
    )


def _look_over(visitor: Visitor, path: str, name: str) -> None:
    visitor.visit(path)
    visitor.page.evaluate(UNFOLD)  # what is folded is neither seen nor focused
    visitor.look_over(name, widths=(WIDE, ZOOMED, NARROW))
    visitor.page.emulate_media(forced_colors="active")
    assert visitor.page.evaluate(UNSEEN, "body") == [], name
    visitor.page.emulate_media(forced_colors="none")


def _look_over_a_verdict(visitor: Visitor, certificate: str) -> None:
    """What a certificate that somebody changed gives, in many differences."""
    changed = json.dumps({**json.loads(certificate), "seed": "another", "version": "0"}).encode()
    visitor.page.get_by_label("The certificate", exact=True).set_input_files(
        {"name": "certificate.json", "mimeType": "application/json", "buffer": changed}
    )
    visitor.leave_by(visitor.page.get_by_role("button", name="Check the certificate"))
    visitor.page.get_by_role("heading", name="Not verified").wait_for()
    visitor.look_over("certificates.verify-verdict", widths=(WIDE, NARROW))


def _left(app: Flask) -> set[str]:
    """Every kind of page that is to be looked over here."""
    every = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return every - FILES_AND_ANSWERS - LOOKED_OVER_ELSEWHERE.keys() - {"static"}


def _fullest(demonstration: Demonstration, kinds: set[str]) -> dict[str, list[Address]]:
    """Of each of these kinds the page that shows most, by who may see it."""
    browsers = {who: demonstration.browser_of(who) for who in (*KEEPERS, *READERS)}
    sizes: dict[str, tuple[int, str, Address]] = {}
    for one in addresses(demonstration.app):
        if one.endpoint not in kinds or one.is_unknown:
            continue
        for who in READERS if one.path.startswith("/readings") else KEEPERS:
            reply = browsers[who].get(one.path)
            if reply.status_code == 200:
                size = len(reply.get_data())
                if size > sizes.get(one.endpoint, (0,))[0]:
                    sizes[one.endpoint] = size, who, one
                break
    found: dict[str, list[Address]] = {}
    for _, who, one in sizes.values():
        found.setdefault(who, []).append(one)
    return found


def _more_to_show(app: Flask) -> tuple[str, str, dict[str, str], str]:
    """A longer sample: its certificate and address; what is made for the lead; a link to set a password with."""
    at = datetime.now(UTC)
    with transaction(app.extensions["casereader_engine"]) as session:
        coordinator, lead = (accounts.by_email(session, email=f"{who}@demo.example") for who in ("coordinator", "lead"))
        link = passwords.issue_link(session, account=lead, by=None, at=at)
        _prepare_findings(session, app, coordinator, at)
        for place in inspections.all_places(session, account=lead, roles=[Role.LEAD]):
            inspection = place.inspection
            job = jobs.begin(session, kind=DOCUMENT.job, inspection=inspection, asked={}, by=lead, at=at)
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
            of_the_lead = _at_work(session, place, lead, at)
            of_the_lead["evaluation.file"] = f"/inspections/{inspection.public_id}/files/{job.public_id}"
            return extending.latest_certificate(session, draw_record=record), path, of_the_lead, link
    raise AssertionError("no sample of the demonstration can grow")


def _at_work(session: Session, place: Place, lead: Account, at: datetime) -> dict[str, str]:
    """Issues of an inspection and of its programme that are worked out for the lead."""
    found = {}
    given = {"kind": ISSUE, "asked": {"deed": PREPARE, "issue": ""}, "by": lead, "at": at}
    for kind, public_id, of, scope in (
        ("inspection", place.inspection.public_id, place.inspection, issues.of_place(place)),
        ("programme", place.programme.public_id, None, issues.of_programme(session, place.programme)),
    ):
        job = jobs.begin_one(session, inspection=of, about=about(scope), **given)
        found[f"issuing.{kind}_work"] = f"/{kind}s/{public_id}/issues/work/{job.public_id}"
    return found


def _prepare_findings(session: Session, app: Flask, coordinator: Account, at: datetime) -> None:
    """The findings of the programme as an issue, prepared."""
    place = inspections.all_places(session, account=coordinator, roles=[Role.COORDINATOR])[0]
    library = app.extensions["casereader_instruments"]
    instrument = library[place.programme.instrument_id]
    scope = final_of(session, scope=issues.of_programme(session, place.programme), instrument=instrument)
    scope = narrowed(scope, scope.places[:OF_A_PROGRAMME])
    issues.prepare(session, scope=scope, instrument=instrument, library=library, by=coordinator, at=at)


def _links(visitor: Visitor) -> list[str]:
    """The pages of ours that this page leads to; files to take home are not pages."""
    hrefs: list[str] = visitor.page.eval_on_selector_all(
        "a[href]:not([download])", "links => links.map(link => link.getAttribute('href'))"
    )
    paths = [urlsplit(href).path for href in hrefs]
    return [path for path in paths if path.startswith("/") and "." not in path]
