"""What a test of the pages may ask for."""

from tests.cast import cast, sign_in
from tests.web.reading_room import reviewer, room
from tests.web.site import site

__all__ = ["cast", "reviewer", "room", "sign_in", "site"]
