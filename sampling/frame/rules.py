"""What a list must look like beyond its references: which strata it may hold, which columns are ages and dates."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sampling.errors import FrameError


@dataclass(frozen=True, slots=True, init=False)
class FrameRules:
    """The strata a list may hold, its columns of ages and dates, and the further columns that are expected.

    `strata` of None allows any value, otherwise it bounds the first strata column. `columns` of None expects
    any further column; otherwise each one not named is kept and warned of.
    """

    strata: tuple[str, ...] | None
    ages: tuple[str, ...]
    dates: tuple[str, ...]
    columns: tuple[str, ...] | None

    def __init__(
        self,
        strata: Iterable[str] | None = None,
        ages: Iterable[str] = ("age",),
        dates: Iterable[str] = ("start",),
        columns: Iterable[str] | None = None,
    ) -> None:
        object.__setattr__(self, "strata", None if strata is None else _names("strata", strata))
        object.__setattr__(self, "ages", _names("ages", ages))
        object.__setattr__(self, "dates", _names("dates", dates))
        object.__setattr__(self, "columns", None if columns is None else _names("columns", columns))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> FrameRules:
        """Rules from a mapping of the same names, such as a certificate's plan; FrameError for an unknown name."""
        known = [field.name for field in fields(cls)]
        unknown = [name for name in mapping if name not in known]
        if unknown:
            raise FrameError(
                f"The rules hold {', '.join(map(repr, unknown))}, which is not known; use {', '.join(known)}."
            )
        return cls(**mapping)

    @classmethod
    def from_toml(cls, path: str | Path) -> FrameRules:
        """Rules from a TOML file with any of `strata`, `ages`, `dates`, `columns`: lists of names. FrameError else."""
        name = Path(path).name
        try:
            with Path(path).open("rb") as file:
                mapping = tomllib.load(file)
        except OSError:
            raise FrameError(f"The file of rules {name} cannot be opened. Check its name and place.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise FrameError(f"The file of rules {name} is not sound TOML: {error}.") from None
        return cls.from_mapping(mapping)

    def as_mapping(self) -> dict[str, list[str] | None]:
        """The rules as plain lists, as a certificate's plan holds them; `from_mapping` reads them back."""
        return {
            "strata": None if self.strata is None else list(self.strata),
            "ages": list(self.ages),
            "dates": list(self.dates),
            "columns": None if self.columns is None else list(self.columns),
        }


def _names(word: str, names: Iterable[str]) -> tuple[str, ...]:
    listed = None if isinstance(names, str | Mapping) or not isinstance(names, Iterable) else tuple(names)
    if listed is None or any(not isinstance(name, str) or not name.strip() for name in listed):
        raise FrameError(f"The rule {word} must be a list of names, such as {word} = ['one', 'two'].")
    return listed
