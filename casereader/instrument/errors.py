"""What is wrong with an instrument file, said so that its author can find and mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstrumentFault:
    """One thing wrong in an instrument file, with where it stands and what to do."""

    file: str
    section: str | None
    question: str | None
    says: str
    remedy: str

    def __str__(self) -> str:
        where = self.file
        if self.section:
            where += f", section {self.section}"
        if self.question:
            where += f", question {self.question}"
        return f"{where}: {self.says} {self.remedy}"


class InstrumentError(Exception):
    """An instrument that cannot be used; `faults` holds everything wrong with it."""

    def __init__(self, faults: Sequence[InstrumentFault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Faults:
    """Collects what is wrong with one file; `section` and `question` say where the reading stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.section: str | None = None
        self.question: str | None = None
        self.found: list[InstrumentFault] = []

    def at(self, section: str | None = None, question: str | None = None) -> None:
        """From here on, faults belong to this section and question."""
        self.section, self.question = section, question

    def add(self, says: str, remedy: str) -> None:
        """Note one fault and what to do about it."""
        self.found.append(InstrumentFault(self.file, self.section, self.question, says, remedy))

    def twice(self, what: str, names: Iterable[str]) -> None:
        """Note every name that is there more than once."""
        for name, times in Counter(names).items():
            if times > 1:
                self.add(f"the {what} “{name}” is there {times} times.", "Give each its own.")
