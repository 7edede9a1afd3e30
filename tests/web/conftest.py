"""What a test of the pages may ask for."""

from tests.cast import cast, sign_in
from tests.web.reading_room import reviewer, room

__all__ = ["cast", "reviewer", "room", "sign_in"]
