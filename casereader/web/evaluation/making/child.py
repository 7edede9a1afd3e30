"""The child that makes a file: it reads one state of the database, writes nothing there, and leaves the file behind."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from casereader import create_app
from casereader.errors import CasereaderError
from casereader.models import Account, Job
from casereader.programmes import inspections
from casereader.web import objects
from casereader.web.access import work_for
from casereader.web.evaluation.making import folder
from casereader.web.evaluation.making.kinds import KINDS, Asked
from casereader.web.evaluation.making.work import SECONDS
from casereader.web.request_session import db
from sampling.apart import serve, tell

HERE = "127.0.0.1"
LOADED, MADE = 10, 95  # per cent of the work


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Make the file of a job: `made` says its name and counts, `refused` why there is none, `broke` what broke."""
    app = create_app(
        {
            "DATABASE_URL": request["database_url"],
            "CASEREADER_DATA": request["data_folder"],
            "SECRET_KEY": secrets.token_hex(32),  # nothing is signed here
            "TRUSTED_HOSTS": HERE,
        }
    )
    tell(LOADED)
    try:
        with app.test_request_context(base_url=f"http://{HERE}"):  # its session only reads, and sees one state of all
            return _make(request["job"], Path(request["data_folder"]))
    except CasereaderError as error:
        return {"refused": str(error)}
    except Exception as error:
        return {"broke": type(error).__name__}  # its text may quote what somebody wrote


def _make(job_id: int, data_folder: Path) -> dict[str, Any]:
    job = db().get_one(Job, job_id)
    place = inspections.place_of(db(), inspection_id=job.inspection_id or 0)
    by = db().get_one(Account, job.made_by_id)
    work_for(by)
    asked = Asked(place, objects.instrument_of(place.programme), job.asked, by, tell)
    made = KINDS[job.kind].make(asked)
    tell(MADE)
    folder.write(folder.path_of(data_folder, job.public_id), made.content)
    return {"made": {"name": made.name, "bytes": len(made.content), "counts": dict(made.counts)}}


if __name__ == "__main__":
    serve(answer, seconds=SECONDS)
