"""Files that lie in the folder of the host that was asked: another host gives them out where both share it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from casereader import jobs
from casereader.db import snapshot, transaction
from casereader.models import PartnershipReturn
from casereader.vocabulary import ReturnState
from casereader.web.evaluation.making import folder, work
from casereader.web.evaluation.taking_away import ANSWERS
from casereader.web.lists import return_files, return_work
from tests.web.two_hosts import LIST, Hosts, data_folder, home_of, send, share

CHOICES = {"apart": False, "texts": False}


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False])
def test_a_return_sent_to_one_host_is_checked_by_another_that_shares_its_folder_and_else_asked_for_again(
    hosts: Hosts, tmp_path: Path, shared: bool
) -> None:
    if shared:
        share(hosts, tmp_path / "returns")
    here, there = hosts.browsers(hosts.cast.coordinator)
    send(hosts, here, b"Which,stratum,Team\nR1,b,North\nR2,b,South\n")
    path = f"{home_of(hosts)}/return"

    checked = there.submit(path, {"column-0": "case_ref"}, action=f"{path}/mapping")

    page = there.page(checked.location)
    assert ("2 cases" if shared else "lies on another host") in page.text
    with snapshot(hosts.engine) as session:
        (one,) = session.exec(select(PartnershipReturn))
    assert one.state is (ReturnState.TAKEN if shared else ReturnState.DROPPED)


def test_a_file_that_one_host_made_is_saved_from_another_that_shares_its_folder_and_else_it_says_where_it_is(
    hosts: Hosts,
) -> None:
    cast, host_a = hosts.cast, data_folder(hosts.both[0])
    found = folder.names(host_a)
    with transaction(hosts.engine) as session:
        inspection, at = cast.place.inspection, datetime.now(UTC)
        job = jobs.begin(session, kind=ANSWERS.job, inspection=inspection, asked=CHOICES, by=cast.lead, at=at)
        result = {"name": "answers.zip", "bytes": 5, "counts": {"readings": 0}}
        jobs.finish(session, job_id=job.id or 0, result=result, at=at)
    folder.write(folder.path_of(host_a, job.public_id), b"whole")
    (_, there) = hosts.browsers(cast.lead)
    page = f"{home_of(hosts)}/files/{job.public_id}"

    told = there.submit(page, action=f"{page}/save")
    assert "Another host has it" in there.page(told.location).text and told.location.endswith(page)
    shutil.rmtree(data_folder(hosts.both[1]) / folder.FOLDER)
    share(hosts, host_a / folder.FOLDER)
    for app in hosts.both:
        work.sweep(app.extensions)
    assert there.submit(page, action=f"{page}/save").data == b"whole"

    assert hosts.n_deeds("answers exported") == 1
    assert folder.names(host_a) == found == set()


def test_a_file_that_another_host_makes_while_this_one_sweeps_is_let_be(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made_meanwhile(session: Session, **asked: Any) -> set[str]:
        kept = with_files(session, **asked)
        path.write_bytes(b"whole")
        return kept

    path, with_files = data_folder(hosts.both[0]) / folder.FOLDER / "made-meanwhile", jobs.with_files
    monkeypatch.setattr(jobs, "with_files", made_meanwhile)

    work.sweep(hosts.both[0].extensions)

    assert path.exists()


def test_a_file_whose_return_another_host_does_not_see_yet_is_not_swept_away(hosts: Hosts) -> None:
    settings = hosts.both[0].extensions["casereader_settings"]
    path = return_files.path_of(settings, "not-committed-yet")
    path.write_bytes(LIST)

    return_work.sweep(hosts.both[0].extensions)
    assert path.exists()
    return_files.sweep(settings, {}, at=datetime.now(UTC) + timedelta(seconds=return_files.FRESH))
    assert not path.exists()
