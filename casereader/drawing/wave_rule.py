"""What is stated before the draw about reading in waves: which questions, which cut-offs, what error, how far.

Plain values and their faults. The rule is bound with the plan, so that nobody can set it once figures were seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any, Literal, NamedTuple, get_args

from casereader.words import WORDING, Wording
from sampling.exact import decimal_text, exact

Split = Literal["each", "shared"]
SPLITS: dict[Split, str] = {
    "each": "Each question on its own",
    "shared": "Shared by all questions",
}
PUBLISHED = "0.1"  # the error rate of each interval that is published
MOST_WAVES = 20
SUGGESTED = ("0.5", "0.75")  # the majority, most: what the plan's page begins with, since each more costs records
MOST_QUESTIONS = 20
ONLY_TICKETS = (
    "Waves go with cases selected by ticket alone: only then are the first tickets of each stratum a random sample."
)


def cut_offs(wording: Wording = WORDING) -> tuple[str, ...]:
    """The shares at which one proportion word gives way to another, lowest first, as decimal text."""
    return tuple(decimal_text(share) for share in sorted({word.from_share for word in wording.words}) if 0 < share < 1)


class Fault(NamedTuple):
    """What is wrong with a rule, and with which of its fields; `selection` is the plan's."""

    field: str
    says: str


@dataclass(frozen=True)
class Rule:
    """How a sample is read in waves, and when reading may end early. Shares are decimal text, as in the plan.

    `error_rate` is the chance that an interval ever leaves out the truth, however often it is looked at: of each
    question (`split` each), or of any of them (shared). Ending may be asked for after `minimum` waves. A longer sample
    has at most `maximum` records; 0 stands, until list and plan are fixed, for as many as are drawn.
    """

    n_waves: int
    questions: tuple[str, ...] = ()
    thresholds: tuple[str, ...] = cut_offs()
    error_rate: str = "0.1"
    split: Split = "each"
    minimum: int = 1
    maximum: int = 0

    @property
    def alpha(self) -> float:
        """The error rate of one question."""
        return float(exact(self.error_rate) / (len(self.questions) if self.split == "shared" else 1))

    def beside_published(self) -> str:
        """How the error rate that it is held to goes with that of each interval that is published."""
        shared = self.split == "shared" and len(self.questions) > 1
        of = f", shared by {len(self.questions)} questions" if shared else " for each question"
        held = f"The rule of the waves is held to an error rate of {as_per_cent(self.error_rate)}{of}"
        rate = exact(self.error_rate) / (len(self.questions) if shared else 1)
        if rate == exact(PUBLISHED):
            return f"{held}: its intervals are those that are published, 90% each."
        which = (
            "shorter, so that one may leave out a cut-off that was not settled"
            if rate < exact(PUBLISHED)
            else "wider, so that a cut-off that was settled may lie within one"
        )
        return f"{held}; what is published has intervals of 90% each, which are {which}."

    def for_size(self, size: int) -> Rule:
        """The same for a plan that draws so many records: without a largest sample, it grows no further."""
        return replace(self, maximum=self.maximum or size)

    def as_json(self) -> dict[str, Any]:
        """The rule as a plan keeps it among its choices."""
        return {name: list(kept) if isinstance(kept, tuple) else kept for name, kept in asdict(self).items()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Rule:
        """The rule that `as_json` wrote."""
        read: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in kept.items()}
        return cls(**read)

    def bound(self) -> dict[str, str | list[str] | None]:
        """The rule as it is bound with the plan: it stands on the certificate."""
        return {
            "waves": str(self.n_waves),
            "wave_questions": list(self.questions),
            "wave_thresholds": list(self.thresholds),
            "wave_error_rate": self.error_rate,
            "wave_error_split": self.split,
            "wave_minimum": str(self.minimum),
            "wave_maximum": str(self.maximum),
        }

    @classmethod
    def from_bound(cls, bound: Mapping[str, Any]) -> Rule | None:
        """The rule that `bound` wrote, as a certificate holds it; None where the sample was drawn without waves."""
        if "waves" not in bound:
            return None
        return cls(
            n_waves=int(bound["waves"]),
            questions=tuple(bound["wave_questions"]),
            thresholds=tuple(bound["wave_thresholds"]),
            error_rate=bound["wave_error_rate"],
            split=bound["wave_error_split"],
            minimum=int(bound["wave_minimum"]),
            maximum=int(bound["wave_maximum"]),
        )

    def faults(self, *, known: Collection[str], selection: str) -> list[Fault]:
        """What is wrong with the rule, whatever the sample's size; `known` are the parts that have a share."""
        found = [] if selection == "tickets" else [Fault("selection", ONLY_TICKETS)]
        if not 2 <= self.n_waves <= MOST_WAVES:
            says = f"Waves: give a number from 2 to {MOST_WAVES}, or leave it blank to read without waves."
            found.append(Fault("n_waves", says))
        if not 1 <= len(self.questions) <= MOST_QUESTIONS:
            says = f"Waves: choose the questions that they are to settle, from 1 to {MOST_QUESTIONS}."
            found.append(Fault("questions", says))
        for key in self.questions:
            if key not in known:
                found.append(Fault("questions", f"Waves: {key} is no question with a share."))
        found += [Fault("questions", f"Waves: {key} is named twice.") for key in _twice(self.questions)]
        if not self.thresholds:
            found.append(Fault("thresholds", "Waves: give at least one cut-off, such as 50."))
        for text in self.thresholds:
            if not 0 < exact(text) < 1:
                says = f"Waves: a cut-off lies above 0% and below 100%, not at {as_per_cent(text)}."
                found.append(Fault("thresholds", says))
        for text in _twice(self.thresholds):
            found.append(Fault("thresholds", f"Waves: the cut-off {as_per_cent(text)} is named twice."))
        if not Fraction(1, 1000) <= exact(self.error_rate) <= Fraction(1, 2):
            found.append(Fault("error_rate", "Waves: the error rate lies between 0.1% and 50%."))
        if self.split not in get_args(Split):
            says = "Waves: say whether each question has the error rate on its own or all share it."
            found.append(Fault("split", says))
        if self.n_waves >= 2 and not 1 <= self.minimum < self.n_waves:
            says = (
                f"Waves: of {self.n_waves} waves, from 1 to {self.n_waves - 1} must be read before ending may be asked."
            )
            found.append(Fault("minimum", says))
        return found

    def faults_of_size(self, size: int, *, population: int) -> list[str]:
        """What is wrong with the rule for a sample of so many records from a list of so many cases."""
        found = []
        if self.n_waves > size:
            found.append(f"Waves: {size} records cannot be read in {self.n_waves} waves. Plan fewer waves.")
        if self.maximum and not size <= self.maximum <= population:
            found.append(
                f"Waves: the largest sample lies between {size} records, which are drawn, and {population}, which are "
                f"on the list; {self.maximum} does not."
            )
        return found


def _twice(texts: Collection[str]) -> list[str]:
    return [text for text, n in Counter(texts).items() if n > 1]


def as_per_cent(share: str) -> str:
    """A share in decimal text as people read it."""
    return f"{decimal_text(exact(share) * 100)}%"
