"""Giving the drawn cases to reviewers: dealt by the seeded rule, changed by hand only with a reason."""

from casereader.assignments.assigning import assign, assign_added, is_assigned
from casereader.assignments.giving import find, first_reader, give, give_reserve, may_take
from casereader.assignments.left_behind import left_behind
from casereader.assignments.moving import Move, Moves, Unpaired, move_all, moves_of
from casereader.assignments.proposing import Load, Proposal, propose
from casereader.assignments.room import Room, reading_days, rooms
from casereader.assignments.seats import Seat, readers, seats

__all__ = [
    "Load",
    "Move",
    "Moves",
    "Proposal",
    "Room",
    "Seat",
    "Unpaired",
    "assign",
    "assign_added",
    "find",
    "first_reader",
    "give",
    "give_reserve",
    "is_assigned",
    "left_behind",
    "may_take",
    "move_all",
    "moves_of",
    "propose",
    "readers",
    "reading_days",
    "rooms",
    "seats",
]
