"""What a fault did to what had been acknowledged, and whether that will do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

PROGRAM = "app"


class NotTriedError(Exception):
    """A fault cannot be tried here, for the reason it gives: what it needs is not there."""


class FoundBy(StrEnum):
    """What the harness must see of a control."""

    LOSS = "a loss"
    DOUBLE = "a double"
    FALSE_CONFLICT = "a false conflict"


@dataclass(frozen=True)
class Control:
    """A safeguard that is off. To a quiet control the fault is not done: what it loses then, the fault did not do."""

    says: str  # what is off
    found_by: FoundBy
    app: str = PROGRAM  # the planted build
    is_quiet: bool = False

    @property
    def quiet(self) -> Control:
        """The same without the fault."""
        return replace(self, is_quiet=True)


def build_of(control: Control | None) -> str:
    """The program, or the planted build of a control."""
    return PROGRAM if control is None else control.app


def is_quiet(control: Control | None) -> bool:
    """Whether the fault is not done."""
    return control is not None and control.is_quiet


@dataclass(frozen=True)
class Outcome:
    """What one fault came to. Of a control nothing seen would mean that nothing was looked at."""

    name: str
    acknowledged: int  # saves or deeds that somebody was told are done
    found: int  # of these, afterwards in the database
    lost: int
    duplicated: int
    seconds: float | None  # the longest until something was acknowledged again; None where nothing was waited for
    done: str  # what was done, and how often
    false_conflicts: int = 0  # told of a conflict that there was not
    wrong: tuple[str, ...] = ()  # anything else that must not be: a trail that is not whole, an answer nobody expects
    control: Control | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all that was acknowledged is there once, as it was told, and nothing else is wrong."""
        harmed = self.lost + self.duplicated + self.false_conflicts
        return not harmed and not self.wrong and 0 < self.acknowledged == self.found

    @property
    def is_good(self) -> bool:
        """Whether the program kept everything; of a control, whether the harness saw what the fault did to it."""
        if self.control is None or is_quiet(self.control):
            return self.is_whole
        seen = {
            FoundBy.LOSS: self.lost,
            FoundBy.DOUBLE: self.duplicated,
            FoundBy.FALSE_CONFLICT: self.false_conflicts,
        }
        return seen[self.control.found_by] > 0
