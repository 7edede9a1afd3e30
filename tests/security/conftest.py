"""What a test of the safeguards may ask for."""

from tests.cast import sign_in
from tests.security.world import peopled, world
from tests.web.conftest import database_url
from tests.web.making_here import made_here
from tests.web.reading_room import cast, deal, reviewer, room
from tests.web.site import site

__all__ = [
    "cast",
    "database_url",
    "deal",
    "made_here",
    "peopled",
    "reviewer",
    "room",
    "sign_in",
    "site",
    "world",
]
