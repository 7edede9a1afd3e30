"""Time and memory of a draw from long lists, beside reading them and beside other programs: `make bench-frames`.

The lists are made on the fly. Every method runs in a process of its own, by turns, and the least of three turns counts.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from bench import report
from bench.frame_methods import METHODS, TABLES, WHOLE
from bench.frame_tables import ADDRESS, loaded

ROWS = (100_000, 1_000_000, 10_000_000)
TURNS = 3
# Beyond these rows a method takes minutes or more memory than a desk machine has.
MOST = {
    "ours without DuckDB": 10_000_000,
    "ours in memory, checked, with the digest": 1_000_000,
    "pandas groupby.sample": 10_000_000,
    "svy": 10_000_000,
    "samplics": 100_000,
}
OF_FILES = ("duckdb", "pandas", "pyarrow", "svy", "samplics")  # packages whose versions belong to the figures
OF_TABLES = ("duckdb", "psycopg", "ibis-framework", "pyspark")
LONGEST = 900.0  # seconds of one run: what takes longer is said to
_CHUNK = 1_000_000
_AGES = ("pre-birth", "0-4", "5-11", "12-15", "16-17", "18-21")
_REASONS = ("CPR", "CPI", "VYP", "CARM")


class Ran(NamedTuple):
    """Seconds, processor seconds and megabytes of a run, the sum of its sample, and the digest of the list."""

    took: dict[str, float]
    sample: str | None
    digest: str | None


def make_list(path: Path, rows: int) -> None:
    """A list of so many cases in mixed order: 32 partnerships, four reasons in unequal parts, six age bands."""
    chance = np.random.default_rng(1)
    columns: dict[str, tuple[Sequence[str], Sequence[float] | None]] = {
        "partnership": ([f"P{number:02d}" for number in range(1, 33)], None),
        "reason": (_REASONS, (0.4, 0.3, 0.2, 0.1)),
        "age_band": (_AGES, None),
    }
    schema = pa.schema([(name, pa.string()) for name in ("case_ref", *columns)])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, rows, _CHUNK):
            places = np.arange(start, min(start + _CHUNK, rows))
            refs = pa.array([f"C{number:010d}" for number in (places * 387_420_489 % 1_000_000_007).tolist()])
            drawn = [
                pa.array(values).take(pa.array(chance.choice(len(values), len(places), p=parts)))
                for values, parts in columns.values()
            ]
            writer.write_table(pa.table([refs, *drawn], schema=schema))


def once(name: str, path: Path) -> Ran | str:
    """One run: what it took and the sample it drew, or why there is none."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "bench.frame_methods", name, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, faults = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # Spark's Java with it
            return f"broken off after {LONGEST / 60:.0f} minutes"
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        raise RuntimeError(f"{name} failed: {faults.strip().splitlines()[-1:]}")
    found = json.loads(said.splitlines()[-1])
    return "not installed" if found is None else Ran(found["took"], found["sample"], found["digest"])


def compare(path: Path, turns: int, names: Sequence[str], rows: int) -> tuple[list[str], bool]:
    """A row of the table for every method, and whether all of ours drew the same sample and digest."""
    best: dict[str, Ran] = {}
    missing = {name: "not run" for name in names if rows > MOST.get(name, rows)}
    samples, digests = set(), set()
    for _ in range(turns):
        for name in [name for name in names if name not in missing]:
            found = once(name, path)
            print(f"… {name}: {found}", file=sys.stderr, flush=True)
            if isinstance(found, str):
                missing[name] = found
                continue
            samples.add(found.sample)
            digests.add(found.digest)
            kept = best.setdefault(name, found).took
            best[name] = found._replace(took={key: min(kept[key], found.took[key]) for key in kept})
    lines = ["| | seconds | × floor | processor seconds | peak MB |", "|---|---:|---:|---:|---:|"]
    for name in names:
        if name in missing:
            lines.append(f"| {name} | {missing[name]} | | | |")
            continue
        took = best[name].took
        ratio = took["seconds"] / best["floor"].took["seconds"]
        figures = f"{took['seconds']:.2f} | {ratio:.1f} | {took['processor']:.2f} | {took['megabytes']:,.0f}"
        lines.append(f"| {name} | {figures} |")
    of_ours, of_lists = sorted(filter(None, samples)), sorted(filter(None, digests))
    short = " and ".join(each[:12] for each in of_lists)
    lines += ["", f"Sample {' and '.join(of_ours)} by every way of ours, digest of the list {short}."]
    return lines, len(of_ours) <= 1 and len(of_lists) <= 1


def measure(rows: int, turns: int, *, as_tables: bool) -> tuple[report.Table, bool]:
    """Make a list of so many rows, and compare on it."""
    taken = report.Circumstances.now(*(OF_TABLES if as_tables else OF_FILES))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as leaving:
        path = Path(folder) / "list.parquet"
        # In a process of its own, since a child's peak of memory is never less than its parent's was.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            apart.submit(make_list, path, rows).result()
        names = [*METHODS]
        if as_tables:
            os.environ[ADDRESS] = leaving.enter_context(loaded(path))
            names = ["floor", "ours", f"ours, {WHOLE}", *TABLES]
        size = path.stat().st_size / 1e6
        lines, is_same = compare(path, turns, names, rows)
    counted = "one turn" if turns == 1 else f"the least of {turns} turns"
    begins = [f"{size:,.1f} MB of Parquet; {counted}.", ""]
    return report.Table(f"{rows:,} rows{' as tables' if as_tables else ''}", taken, [*begins, *lines]), is_same


def main(arguments: Sequence[str]) -> int:
    """Make the lists, and compare on each; 1 where two ways of ours drew different samples."""
    parser = argparse.ArgumentParser(prog="python -m bench.frames", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS), help="lengths of the lists")
    parser.add_argument("--with-1e8", action="store_true", help="a list of 100,000,000 rows, too")
    parser.add_argument("--turns", type=int, default=TURNS, help="runs of each method, of which the least counts")
    parser.add_argument("--tables", action="store_true", help="PostgreSQL, Spark and Ibis beside the floor and DuckDB")
    parser.add_argument("--quick", action="store_true", help="one turn of 100,000 rows")
    report.may_be_asked(parser)
    given = parser.parse_args(arguments)
    if given.quick and given.report:
        parser.error(report.QUICK_IS_NOT_FOR_A_PAGE)
    lengths = [100_000] if given.quick else [*given.rows, *([100_000_000] if given.with_1e8 else [])]
    is_same = True
    for rows in lengths:
        table, is_well = measure(rows, 1 if given.quick else given.turns, as_tables=given.tables)
        print("\n".join(table.shown()), flush=True)
        is_same &= is_well
        if given.report:
            report.write(given.report, "bench-tables" if given.tables else "bench-frames", table)
    if not is_same:
        print("Two ways of ours drew different samples from one list.", file=sys.stderr)
    return 0 if is_same else 1


if __name__ == "__main__":
    report.end_what_was_started()
    sys.exit(main(sys.argv[1:]))
