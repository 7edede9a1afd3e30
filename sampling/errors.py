"""What can go wrong with a list, a plan or a draw, said as facts.

A `Fault` is one thing a person can find and mend; an error carries every fault at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong, or worth a warning: row as the sender counts (header = 1), column, value, remedy."""

    row: int | None
    column: str | None
    value: str | None
    says: str

    def __str__(self) -> str:
        parts = []
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column {self.column}")
        where = ", ".join(parts)
        return f"{where}: {self.says}" if where else self.says

    @property
    def sentence(self) -> str:
        """What it says alone, for a page whose fields have names of their own."""
        return f"{self.says[:1].upper()}{self.says[1:].removesuffix('.')}."


class SamplingError(Exception):
    """Base of every error that `sampling` raises; `faults` holds all of them, in order."""

    def __init__(self, faults: Sequence[Fault] | str) -> None:
        self.faults: list[Fault] = [Fault(None, None, None, faults)] if isinstance(faults, str) else list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class FrameError(SamplingError):
    """The list cannot be used as a sampling frame."""


class PlanError(SamplingError):
    """Sizes, bounds or options that cannot be met; says the arithmetic."""


class DesignError(SamplingError):
    """A table that does not carry what its estimate needs."""


class CertificateError(SamplingError):
    """A certificate that cannot be read."""
