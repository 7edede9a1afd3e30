"""What was not reached in a stratum, and whether what is read of it stays a random sample: in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casereader.vocabulary import CaseStatus

TIME_RAN_OUT = "Time ran out"
WAS_ENDED = "Reading was ended after wave"
TO_READ = (CaseStatus.READ, CaseStatus.WAITING)


@dataclass(frozen=True)
class Pattern:
    """What was not reached in one stratum: how many of how many cases, and the later ones that were kept all the same.

    `stopped` and `kept` are places in ticket order; nothing kept: the last tickets were stopped, as they should be.
    Of `n_without` of the cases there is no record to read: not produced, or ineligible.
    """

    stratum: str
    n_cases: int
    n_without: int
    stopped: tuple[int, ...]
    kept: tuple[int, ...]
    reasons: tuple[str, ...]

    @property
    def is_random(self) -> bool:
        """Whether what is read stays a random sample of the stratum."""
        return not self.kept

    def says(self) -> str:
        """The pattern in a sentence or two."""
        n = len(self.stopped)
        if self.is_random:
            n_to_read = self.n_cases - self.n_without
            which = f"the last {n} of {n_to_read} cases" if n < n_to_read else f"all {n} cases" if n > 1 else "the case"
            stays = "so what was read stays a random sample" if n < n_to_read else "so nothing of this stratum was read"
            apart = f" ({self.n_without} more not produced or ineligible)" if self.n_without else ""
            was = "was" if n == 1 else "were"
            return f"{self.stratum}: {which} in ticket order{apart} {was} not reached, {stays}."
        is_one, was_one = len(self.stopped) == 1, len(self.kept) == 1
        why = f" Reason given: {'; '.join(self.reasons)}." if self.reasons else ""
        return (
            f"{self.stratum}: not reached {'is' if is_one else 'are'} {_places(self.stopped)} of {self.n_cases} "
            f"in ticket order, while {_places(self.kept)} later {'was' if was_one else 'were'} kept. What was read "
            f"is no random sample of this stratum, and its figures may lean to one side.{why}"
        )


def why(reason: str | None) -> str:
    """Why a case was not reached, for its reader: no more than that time ran out, or that two people ended reading.

    >>> why("Reading was ended after wave 2"), why("The social worker is ill")
    ('two people ended reading after wave 2', 'time ran out')
    """
    if reason and reason.startswith(WAS_ENDED):
        return f"two people ended reading after wave{reason.removeprefix(WAS_ENDED)}"
    return TIME_RAN_OUT.lower()


def pattern_of(stratum: str, rows: Iterable[tuple[int, CaseStatus, str]]) -> Pattern | None:
    """The pattern of one stratum from each case's place, status and reason; None where nothing was stopped.

    A later case that was not produced or is ineligible was not read: it does not make what was read less random.
    """
    ordered = sorted(rows)
    stopped = tuple(order for order, status, _ in ordered if status is CaseStatus.NOT_REACHED)
    if not stopped:
        return None
    kept = tuple(order for order, status, _ in ordered if order > stopped[0] and status in TO_READ)
    n_without = sum(status not in (*TO_READ, CaseStatus.NOT_REACHED) for _, status, _ in ordered)
    given = (reason for _, status, reason in ordered if status is CaseStatus.NOT_REACHED)
    reasons = tuple(dict.fromkeys(reason for reason in given if reason and reason != TIME_RAN_OUT))
    return Pattern(stratum, len(ordered), n_without, stopped, kept, reasons)


def _places(orders: Sequence[int]) -> str:
    """Places in words: “3”, “3 and 5”, “3, 5 and 6”."""
    texts = [str(order) for order in orders]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
