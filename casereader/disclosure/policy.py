"""What an issue may show at all, and the sizes behind its protection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from casereader.disclosure.errors import DisclosureError
from casereader.words import WORDING, Word, Wording

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
    most_words: int = 4
    wording: Wording = WORDING

    def __post_init__(self) -> None:
        if self.threshold < LEAST_THRESHOLD:
            raise DisclosureError(f"The threshold is {self.threshold}; it may not be under {LEAST_THRESHOLD}.")
        if not 2 <= self.base <= self.threshold:
            raise DisclosureError(f"Counts are rounded to {self.base}; it must be from 2 to the threshold.")

    def rules_for(self, inspection: str) -> Policy:
        """The rules for a finding: of one partnership, in whatever issue, there are words of the whole alone."""
        if not inspection or self.shows is Shows.WORDS:
            return self
        kept = ("threshold", "base", "least_n_for_percent", "most_words", "wording")
        return replace(PARTNERSHIP, **{name: getattr(self, name) for name in kept})

    def record(self) -> dict[str, Any]:
        """As canonical JSON holds it."""
        words = [[word.text, repr(word.from_share), word.inclusive] for word in self.wording.words]
        return {**asdict(self), "shows": self.shows.value, "wording": {"words": words, "least_n": self.wording.least_n}}

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Policy:
        """Read what `record` wrote; where the words are not in it, they are ours."""
        wording = WORDING
        if "wording" in record:
            words = tuple(Word(text, float(share), inclusive) for text, share, inclusive in record["wording"]["words"])
            wording = Wording(words, record["wording"]["least_n"])
        return cls(**{**record, "shows": Shows(record["shows"]), "wording": wording})


PARTNERSHIP = Policy("one partnership", Shows.WORDS, whole_only=True)
PROGRAMME = Policy("programme and above", Shows.COUNTS, whole_only=False)
