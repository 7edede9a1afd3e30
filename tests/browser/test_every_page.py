"""Every kind of page in a real browser: axe finds nothing, no word is cut off wide or narrow, the console is silent."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session

from casereader import issues, jobs
from casereader.db import transaction
from casereader.issues.readiness import final_of
from casereader.issues.scope import narrowed
from casereader.models import Account
from casereader.people import accounts
from casereader.programmes import inspections
from casereader.programmes.inspections import Place
from casereader.vocabulary import Role
from casereader.web.evaluation.report import DOCUMENT
from casereader.web.issuing.at_work import ISSUE, about
from casereader.web.issuing.keeping import PREPARE
from tests.browser.every_page import PARTS, by_person, plan_of
from tests.browser.focus import UNSEEN
from tests.browser.harness import NARROW, WIDE, Browsing, Visitor
from tests.browser.server import served
from tests.demonstration import NOBODY, PASSWORD, copied

UNFOLD = "document.querySelectorAll('main details').forEach(one => { one.open = true; })"
AT_WORK = {"evaluation.file", "issuing.inspection_work", "issuing.programme_work"}
OF_A_PROGRAMME = "issuing.programme_issue"
pytestmark = pytest.mark.slow  # five minutes; pages that a test of their own looks over are looked over in every run
FEWEST = 3  # inspections of a programme whose findings are published together: the same page, in a fifth of the time


@pytest.mark.parametrize("part", range(PARTS))
def test_every_kind_of_page_reads_well_wide_and_narrow(
    every_page: Path, tmp_path: Path, browsing: Browsing, part: int
) -> None:
    plan = plan_of(every_page)
    with copied(every_page, tmp_path) as demonstration, served(demonstration.app, browsing) as address:
        for who, looks in by_person(plan.part(part)):
            visitor = browsing(address)
            if who != NOBODY:
                visitor.sign_in(f"{who}@demo.example", PASSWORD)
            for look in looks:
                _look_over(visitor, look.path, f"{look.kind}-{who}")
                if look.kind == "certificates.verify":
                    _look_over_a_verdict(visitor, plan.certificate)
            visitor.context.close()


def test_pages_of_work_that_goes_on_read_well(every_page: Path, tmp_path: Path, browsing: Browsing) -> None:
    with copied(every_page, tmp_path) as demonstration:
        at = datetime.now(UTC)
        with transaction(demonstration.app.extensions["casereader_engine"]) as session:
            lead = accounts.by_email(session, email="lead@demo.example")
            found = _at_work(session, inspections.all_places(session, account=lead, roles=[Role.LEAD])[0], lead, at)
        assert found.keys() == AT_WORK
        with served(demonstration.app, browsing) as address:
            asker = browsing(address)
            asker.sign_in(lead.email, PASSWORD)
            for kind, path in found.items():
                _look_over(asker, path, kind)


def test_the_findings_of_a_programme_read_well(every_page: Path, tmp_path: Path, browsing: Browsing) -> None:
    with copied(every_page, tmp_path) as demonstration:
        app = demonstration.app
        with transaction(app.extensions["casereader_engine"]) as session:
            coordinator = accounts.by_email(session, email="coordinator@demo.example")
            path = _prepare_findings(session, app, coordinator, datetime.now(UTC))
        with served(app, browsing) as address:
            visitor = browsing(address)
            visitor.sign_in(coordinator.email, PASSWORD)
            _look_over(visitor, path, OF_A_PROGRAMME)


def test_no_kind_of_page_is_left_out(every_page: Path) -> None:
    plan = plan_of(every_page)
    looks = [look for part in range(PARTS) for look in plan.part(part)]
    assert looks == plan.looks
    assert len({look.kind for look in looks}) > 40
    assert set(plan.left) <= {*AT_WORK, OF_A_PROGRAMME}, "say in every_page.py why it is not looked over here"


def _look_over(visitor: Visitor, path: str, name: str) -> None:
    visitor.visit(path)
    visitor.page.evaluate(UNFOLD)  # what is folded is neither seen nor focused
    visitor.look_over(name, widths=(WIDE, NARROW))
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


def _at_work(session: Session, place: Place, lead: Account, at: datetime) -> dict[str, str]:
    """A file of an inspection, issues of it and of its programme, that are worked out for the lead."""
    job = jobs.begin(session, kind=DOCUMENT.job, inspection=place.inspection, asked={}, by=lead, at=at)
    found = {"evaluation.file": f"/inspections/{place.inspection.public_id}/files/{job.public_id}"}
    given = {"kind": ISSUE, "asked": {"deed": PREPARE, "issue": ""}, "by": lead, "at": at}
    for kind, public_id, of, scope in (
        ("inspection", place.inspection.public_id, place.inspection, issues.of_place(place)),
        ("programme", place.programme.public_id, None, issues.of_programme(session, place.programme)),
    ):
        job = jobs.begin_one(session, inspection=of, about=about(scope), **given)
        found[f"issuing.{kind}_work"] = f"/{kind}s/{public_id}/issues/work/{job.public_id}"
    return found


def _prepare_findings(session: Session, app: Flask, coordinator: Account, at: datetime) -> str:
    """The findings of the programme as an issue, prepared: where it is."""
    place = inspections.all_places(session, account=coordinator, roles=[Role.COORDINATOR])[0]
    library = app.extensions["casereader_instruments"]
    instrument = library[place.programme.instrument_id]
    scope = final_of(session, scope=issues.of_programme(session, place.programme), instrument=instrument)
    scope = narrowed(scope, scope.places[:FEWEST])
    issue = issues.prepare(session, scope=scope, instrument=instrument, library=library, by=coordinator, at=at)
    return f"/programmes/{place.programme.public_id}/issues/{issue.public_id}"
