"""Where a service begins: its data folder, its secret key and its database are made by the commands that set it up.

Given in the wrong folder, any other command would otherwise make an empty service there, and answer from it. So these
ask the database nothing before it is there with its key, and say where they looked.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from casereader.config import Settings, make_data_folder
from casereader.errors import RefusedError
from casereader.places import COMMAND

WHERE_ELSE = (
    "Nothing was made. Give the command where the service is set up, or say where that is: CASEREADER_DATA names its"
    " data folder (it was looked for in {folder}), DATABASE_URL its database. To set up a new service here: `{command}"
    " database upgrade`."
)
NO_DATABASE = "There is no database here: {file} is not there, or empty."
NOTHING_IN_IT = "There is no database here: nothing was ever set up in {database}."
NO_KEY = "There is no secret key here: {file} is not there, and a new one would not be the service's own."


class NoDatabaseError(RefusedError):
    """Nothing was set up in the place that was looked in; the text names it, and how to name another."""


def guard(engine: Engine, settings: Settings) -> None:
    """Have no connection made before database and secret key are there: NoDatabaseError."""

    @event.listens_for(engine, "do_connect")
    def _look(*_: object) -> None:
        refuse_no_database(settings)
        if settings.new_key_file is not None and not settings.new_key_file.exists():
            raise _nothing(NO_KEY.format(file=settings.new_key_file), settings)
        make_data_folder(settings)  # the folder alone may be missing: of a host whose key and database are elsewhere


def is_first_start(settings: Settings) -> bool:
    """Whether neither database nor key was made yet in a folder that no command can mistake for another's."""
    return settings.is_own_folder and settings.new_key_file is not None and not _has_database(settings)


def refuse_no_database(settings: Settings) -> None:
    """NoDatabaseError where the file of SQLite is not there."""
    if not _has_database(settings):
        raise _nothing(NO_DATABASE.format(file=make_url(settings.database_url).database), settings)


def _has_database(settings: Settings) -> bool:
    """Whether the file of SQLite is there; of PostgreSQL nothing is known before it is asked."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return True
    path = Path(url.database)
    return path.exists() and path.stat().st_size > 0


def nothing_in(engine: Engine, settings: Settings) -> NoDatabaseError:
    """What is said of a database in which there is no table of ours."""
    url = engine.url
    where = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    return _nothing(NOTHING_IN_IT.format(database=where), settings)


def _nothing(says: str, settings: Settings) -> NoDatabaseError:
    return NoDatabaseError(f"{says} {WHERE_ELSE.format(folder=settings.data_folder, command=COMMAND)}")
