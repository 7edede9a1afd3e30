"""What a fault did to what had been acknowledged, and whether that will do."""

from __future__ import annotations

from dataclasses import dataclass


class NotTriedError(Exception):
    """A fault cannot be tried here, for the reason it gives: what it needs is not there."""


@dataclass(frozen=True)
class Outcome:
    """What one fault came to. Of a control a safeguard was off: nothing lost would mean that nothing was looked at."""

    name: str
    acknowledged: int  # saves or deeds that somebody was told are done
    found: int  # of these, afterwards in the database
    lost: int
    duplicated: int
    seconds: float | None  # the longest until something was acknowledged again; None where nothing was waited for
    done: str  # what was done, and how often
    false_conflicts: int = 0  # told of a conflict that there was not
    wrong: tuple[str, ...] = ()  # anything else that must not be: a trail that is not whole, an answer nobody expects
    is_control: bool = False

    @property
    def n_harmed(self) -> int:
        """How much of what was acknowledged is not there once, as it was told."""
        return self.lost + self.duplicated + self.false_conflicts

    @property
    def is_good(self) -> bool:
        """Whether the program kept everything; of a control, whether the harness saw that it did not."""
        if self.is_control:
            return self.n_harmed > 0
        return not self.n_harmed and not self.wrong and 0 < self.acknowledged == self.found
