"""What a test of the pages may ask for."""

import pytest

from tests.cast import sign_in
from tests.web.making_here import issued_here, made_here
from tests.web.reading_room import cast, deal, reviewer, room
from tests.web.site import site
from tests.web.two_hosts import hosts

__all__ = ["cast", "deal", "hosts", "issued_here", "made_here", "reviewer", "room", "sign_in", "site"]


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database, on SQLite: the verbs are held to both kinds, and so is what a test marks `ON_BOTH`.

    Those are a story for each part of the site, and what the database decides: races, keys, sessions.
    """
    kind = getattr(request, "param", "sqlite")
    url: str = request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url")
    return url
