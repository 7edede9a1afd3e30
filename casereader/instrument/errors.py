"""What is wrong with an instrument file, said so that its author can find and mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Place = tuple[int | str, ...]  # where in the file's tables: ("sections", 2, "questions", 0, "scale")


@dataclass(frozen=True, slots=True)
class InstrumentFault:
    """One thing wrong in an instrument file, with where it stands and what to do."""

    file: str
    section: str | None
    question: str | None
    says: str
    remedy: str
    place: Place = ()
    cell: str = ""  # in a workbook: “sheet survey, row 14, column relevant”
    within: str = ""  # what of it, or of the tables beside the sections: “part seen”, “contradiction 2”

    def __str__(self) -> str:
        where = self.file
        if self.cell:
            where += f", {self.cell}"
        elif self.section:
            where += f", section {self.section}" + (f", question {self.question}" if self.question else "")
        if self.within and not self.cell:
            where += f", {self.within}"
        return f"{where}: {self.says} {self.remedy}".rstrip()


class InstrumentError(Exception):
    """An instrument that cannot be used; `faults` holds everything wrong with it."""

    def __init__(self, faults: Sequence[InstrumentFault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class Faults:
    """Collects what is wrong with one file; `section`, `question`, `within` and `place` say where it stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.section: str | None = None
        self.question: str | None = None
        self.within = ""
        self.place: Place = ()
        self.found: list[InstrumentFault] = []

    def at(self, *place: int | str, section: str | None = None, question: str | None = None, within: str = "") -> None:
        """From here on, faults belong to this place of the tables, this section and question, and what is in them."""
        self.section, self.question, self.within, self.place = section, question, within, place

    def add(self, says: str, remedy: str, *field: int | str) -> None:
        """Note one fault and what to do about it; `field` leads on from where the reading stands."""
        place = (*self.place, *field)
        self.found.append(
            InstrumentFault(self.file, self.section, self.question, says, remedy, place, within=self.within)
        )

    def twice(self, what: str, named: Iterable[tuple[str, Place]]) -> None:
        """Note every name that is there more than once, at the last place it has."""
        places: dict[str, list[Place]] = {}
        for name, place in named:
            places.setdefault(name, []).append(place)
        for name, found in places.items():
            if len(found) > 1:
                self.add(f"the {what} “{name}” is there {len(found)} times.", "Give each its own.", *found[-1])
