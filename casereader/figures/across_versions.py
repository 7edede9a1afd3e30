"""What a reading says in the questions of a programme, where it was begun on another version of the instrument.

It is read by its own version, skip logic and computed ratings too, and counts where both ask the same question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from casereader.instrument import Instrument, Library, same_questions
from casereader.instrument.alike import Alike, deciding
from casereader.readings import stratum_of


@dataclass(frozen=True, slots=True)
class Version:
    """The instrument and its version that a reading was begun on."""

    id: str
    version: str


@dataclass(frozen=True)
class Questions:
    """The version that a reading was made on, and which of its questions are which of the programme's."""

    instrument: Instrument
    same: Mapping[str, str]

    @classmethod
    def of(
        cls, made_on: Version, asked: Instrument, library: Library, *, only: Collection[str] | None = None
    ) -> Questions | None:
        """`only` these of the programme's, or all; None where the version is not installed, or another instrument's."""
        instrument = library.find(made_on.id, made_on.version)
        if instrument is None or made_on.id != asked.id:
            return None
        same = same_questions(library, id=asked.id, earlier=made_on.version, later=asked.version)
        return cls(instrument, {now: was for now, was in same.items() if only is None or now in only})

    def values(self, given: Mapping[str, str], *, group: str, label: str) -> dict[str, str | None]:
        """What counts of a reading, by the programme's keys: not what skip logic closed, and ratings as computed.

        `group` and `label` are the case's on the list and the sampled case's stratum.
        """
        found = self._alike.values(given, stratum=stratum_of(self.instrument, group=group, label=label))
        return {now: found.get(was) for now, was in self.same.items()}

    @cached_property
    def _alike(self) -> Alike:
        return Alike(self.instrument, list(self.same.values()))


def needed(questions: Iterable[Questions | None], only: Collection[str] | None) -> set[str] | None:
    """The parts, by the versions' own keys, that `only` and the skip logic before them look at; None for all."""
    if only is None:
        return None
    found: set[str] = set()
    for one in questions:
        if one is not None:
            mine = [was for now, was in one.same.items() if now in only]
            found |= {*mine, *deciding(one.instrument, mine)}
    return found
