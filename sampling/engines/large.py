"""A long list in a CSV or Parquet file, drawn from where it lies, once it is beyond doubt that it may be.

Nothing here is laxer than `read_frame`: its checks are made on the different values of each column, and references are
looked at one by one. Where any doubt is left, however small, or anything would be warned of in a row, the answer is
None, and the list is to be read by `read_frame`, which names what is wrong or takes it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import pandas as pd

from sampling.draw import Draw, size_faults
from sampling.engines.columns import Known, look_at_columns
from sampling.engines.files import LargeFile, look_at_file
from sampling.engines.in_batches import InBatches
from sampling.engines.port import Engine
from sampling.engines.select import digest_by, sample_by
from sampling.errors import Fault, FrameError, PlanError
from sampling.frame.findings import Findings
from sampling.frame.headers import Asked
from sampling.frame.rules import FrameRules
from sampling.plan import Plan, column_faults
from sampling.tickets import seed_faults

MANY = 100_000  # rows from which on a list is drawn from in this way

EngineName = Literal["duckdb", "batches"]


@dataclass(eq=False)
class LargeList:
    """A long list that may be drawn from, checked as `read_frame` checks, and never in memory as a whole."""

    engine: Engine
    known: Known
    warnings: list[Fault]
    file_sha256: str | None
    id: str
    strata: tuple[str, ...]
    within: str | None
    rules: FrameRules | None

    @property
    def counts(self) -> Mapping[str, int]:
        """How many cases each stratum has, by label, sorted by bytes."""
        return self.known.counts

    @property
    def counts_by_group(self) -> Mapping[str, Mapping[str, int]]:
        """The same for each `within` value by itself."""
        return self.known.counts_by_group

    def draw(self, plan: Plan, *, seed: str) -> Draw:
        """Draw by tickets, as `sampling.draw.draw` does from a list in memory; raises PlanError likewise."""
        return Draw(self.sample(plan, seed=seed), plan, seed, self.counts, self.frame_digest)

    def sample(self, plan: Plan, *, seed: str) -> pd.DataFrame:
        """The rows of sample.csv alone, without the frame digest; raises PlanError as `draw` does."""
        faults = seed_faults(seed) + column_faults(plan.strata, plan.within, plan.id)
        faults += size_faults(plan, self.counts)
        if plan.selection != "tickets" or plan.start:
            faults.append(Fault(None, "selection", plan.selection, "cannot be made without the whole list in memory"))
        if faults:
            raise PlanError(faults)
        return sample_by(self.engine, plan, seed, self.counts, self.known.labels, self.known.written)

    @cached_property
    def frame_digest(self) -> str:
        """The frame digest, for which every line of the list is sorted."""
        return digest_by(self.engine, self.known.cases, self.known.labels)


@contextmanager
def open_large(
    path: str | Path,
    *,
    id: str = "case_ref",
    strata: Sequence[str] = ("stratum",),
    within: str | None = None,
    rules: FrameRules | None = None,
    today: datetime.date | None = None,
    least: int = MANY,
    engine: EngineName | None = None,
) -> Iterator[LargeList | None]:
    """A list of at least so many rows that may be drawn from where it lies, or None: then `read_frame` is to read it.

    `engine` is DuckDB where it is installed, else hashlib over batches.
    """
    opened: Engine | None = None
    try:
        file = look_at_file(Path(path), Asked.of(id, strata, within), least)
        if file is not None:
            opened = _open(engine or ("duckdb" if find_spec("duckdb") else "batches"), Path(path), file)
    except (FrameError, OSError):
        file = None
    if file is None or opened is None:
        yield None
        return
    try:
        yield check_large(opened, file, rules=rules, today=today)
    finally:
        opened.close()


def check_table(
    engine: Engine,
    headers: Sequence[str],
    rows: int,
    *,
    id: str = "case_ref",
    strata: Sequence[str] = ("stratum",),
    within: str | None = None,
    rules: FrameRules | None = None,
    today: datetime.date | None = None,
) -> LargeList | None:
    """A list in a database or cluster, by its engine, all its columns and its number of rows; None as in `open_large`.

    Such a list is no file, so that its certificate has no `file_sha256`.
    """
    file = LargeFile(Asked.of(id, strata, within), headers, rows, None, frozenset(), None)
    return check_large(engine, file, rules=rules, today=today)


def check_large(
    engine: Engine, file: LargeFile, *, rules: FrameRules | None = None, today: datetime.date | None = None
) -> LargeList | None:
    """The list that an engine holds, or None where it is not beyond doubt that it may be drawn from."""
    findings = Findings()
    day = today or datetime.datetime.now().astimezone().date()
    try:
        known = look_at_columns(engine, file, rules or FrameRules(), day, findings)
        if known is None or not engine.has_sound_references():
            return None
    except (FrameError, PlanError):
        return None
    asked = file.asked
    return LargeList(engine, known, findings.warnings, file.sha256, asked.id, asked.strata, asked.within, rules)


def _open(name: EngineName, path: Path, file: LargeFile) -> Engine:
    if name == "batches":
        return InBatches(path, file.csv_headers, id=file.id, groups=file.groups)
    from sampling.engines.in_duckdb import InDuckDB  # only where it is installed

    return InDuckDB(path, file.csv_headers, id=file.id, groups=file.groups)
