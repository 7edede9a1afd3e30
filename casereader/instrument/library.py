"""The instruments that are installed, in every version whose file is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from casereader.instrument.model import Instrument, Version, version_of

USUAL = "CRR-1"  # offered first


class Library(Mapping[str, Instrument]):
    """Instruments by id; an id stands for its newest version, `find` gives any."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._versions: dict[str, dict[Version, Instrument]] = {}
        for one in sorted(instruments, key=lambda each: (each.id, version_of(each.version))):
            self._versions.setdefault(one.id, {})[version_of(one.version)] = one

    def to_begin_with(self) -> list[Instrument]:
        """The newest version of each instrument that a programme can begin on, the usual one first."""
        found = [self[key] for key in self if self[key].unit == "case" and not self[key].example]
        return sorted(found, key=lambda one: one.id != USUAL)

    @property
    def own(self) -> Instrument | None:
        """The newest version of the instrument that is about partnerships, where one is installed."""
        return next((self[key] for key in self if self[key].unit == "partnership" and not self[key].example), None)

    def __getitem__(self, id: str) -> Instrument:
        return next(reversed(self._versions[id].values()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)

    def find(self, id: str, version: str) -> Instrument | None:
        """The instrument in one version; None where its file is not there."""
        return self._versions.get(id, {}).get(version_of(version))

    def versions(self, id: str) -> tuple[Instrument, ...]:
        """Every version of an instrument, the oldest first; none where it is not known."""
        return tuple(self._versions.get(id, {}).values())

    @property
    def all(self) -> tuple[Instrument, ...]:
        """Every instrument in every version, by id and version."""
        return tuple(one for versions in self._versions.values() for one in versions.values())
