"""The child that works out the issue of a programme: it reads one state of the database, and writes nothing there."""

from __future__ import annotations

import secrets
from typing import Any

from casereader import create_app, issues
from casereader.db import snapshot
from casereader.errors import ConflictError, FormError, RefusedError
from casereader.models import Account, Issue, Programme
from casereader.web.issuing.worked_out import SECONDS
from sampling.apart import serve


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """`drafted` has the issue and the head it stands on; `form`, `refused` and `conflict` why there is none."""
    app = create_app(
        {
            "DATABASE_URL": request["database_url"],
            "CASEREADER_DATA": request["data_folder"],
            "SECRET_KEY": secrets.token_hex(32),  # nothing is signed here
        }
    )
    engine = app.extensions["casereader_engine"]
    try:
        with snapshot(engine) as session:
            programme = session.get_one(Programme, request["programme"])
            library = app.extensions["casereader_instruments"]
            drafted = issues.draft(
                session,
                scope=issues.of_programme(session, programme),
                instrument=library.find(programme.instrument_id, programme.instrument_version),
                library=library,
                by=session.get_one(Account, request["by"]),
                threshold=request["threshold"],
                note=request["note"],
                looked=request["looked"],
            )
            return {"drafted": _told(drafted.row), "head": drafted.head}
    except FormError as error:
        return {"form": error.faults}
    except RefusedError as error:
        return {"refused": list(error.reasons)}
    except ConflictError as error:
        return {"conflict": list(error.reasons)}
    except Exception as error:
        return {"broke": type(error).__name__}  # its text may quote what somebody wrote
    finally:
        engine.dispose()


def _told(row: Issue) -> dict[str, Any]:
    """What was worked out of it, as JSON holds it."""
    return row.model_dump(mode="json", exclude_unset=True)


if __name__ == "__main__":
    serve(answer, seconds=SECONDS)
