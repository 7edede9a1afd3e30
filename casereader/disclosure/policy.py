"""What an issue may show at all, and the sizes behind its protection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from casereader.disclosure.errors import DisclosureError
from casereader.words import WORDING, Wording

LEAST_THRESHOLD = 5


class Shows(StrEnum):
    """Whether figures go out as words and the number of records alone, or as rounded counts and percentages."""

    WORDS = "words"
    COUNTS = "counts"


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of an issue.

    A number of records under `threshold` is small, none included; every count is rounded to `base`. Percentages need
    `least_n_for_percent` records. `whole_only` leaves out every group but the whole sample, and the division over the
    scale. A range of more than `most_words` words says too little to be printed.
    """

    name: str
    shows: Shows
    whole_only: bool
    threshold: int = 10
    base: int = 5
    least_n_for_percent: int = 20
    most_words: int = 3
    wording: Wording = WORDING

    def __post_init__(self) -> None:
        if self.threshold < LEAST_THRESHOLD:
            raise DisclosureError(f"The threshold is {self.threshold}; it may not be under {LEAST_THRESHOLD}.")
        if not 2 <= self.base <= self.threshold:
            raise DisclosureError(f"Counts are rounded to {self.base}; it must be from 2 to the threshold.")


PARTNERSHIP = Policy("one partnership", Shows.WORDS, whole_only=True)
PROGRAMME = Policy("programme and above", Shows.COUNTS, whole_only=False)
