"""Time and memory of a draw from long lists, beside reading them and beside other programs: `make bench-frames`.

The lists are made on the fly. Every method runs in a process of its own, by turns, and the least of three turns counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

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


def once(name: str, path: Path) -> Ran | None:
    """One run: what it took and the sample it drew; None where what it needs is not installed."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.frame_methods", name, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr.strip().splitlines()[-1:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return None if found is None else Ran(found["took"], found["sample"], found["digest"])


def compare(path: Path, rows: int, turns: int, names: Sequence[str]) -> bool:
    """Print a row of the table for every method, and whether all of ours drew the same sample and digest."""
    size = path.stat().st_size / 1e6
    print(f"\n{rows:,} rows, {size:,.1f} MB of Parquet; processors: {os.cpu_count()}, load: {os.getloadavg()[0]:.1f}\n")
    best: dict[str, Ran] = {}
    missing = []
    wanted = [name for name in names if rows <= MOST.get(name, rows)]
    samples, digests = set(), set()
    for _ in range(turns):
        for name in [name for name in wanted if name not in missing]:
            found = once(name, path)
            print(f"… {name}: {found}", file=sys.stderr, flush=True)
            if found is None:
                missing.append(name)
                continue
            samples.add(found.sample)
            digests.add(found.digest)
            kept = best.setdefault(name, found).took
            best[name] = found._replace(took={key: min(kept[key], found.took[key]) for key in kept})
    print("| | seconds | × floor | processor seconds | peak MB |")
    print("|---|---:|---:|---:|---:|")
    for name in names:
        if name in best:
            took = best[name].took
            ratio = took["seconds"] / best["floor"].took["seconds"]
            figures = f"{took['seconds']:.2f} | {ratio:.1f} | {took['processor']:.2f} | {took['megabytes']:.0f}"
            print(f"| {name} | {figures} |")
        else:
            print(f"| {name} | {'not installed' if name in missing else 'not run'} | | | |")
    of_ours, of_lists = sorted(filter(None, samples)), sorted(filter(None, digests))
    print(f"\nSample {' and '.join(of_ours)} by every way of ours, digest of the list {' and '.join(of_lists)[:12]}.")
    sys.stdout.flush()
    return len(of_ours) <= 1 and len(of_lists) <= 1


def main(arguments: Sequence[str]) -> int:
    """Make the lists, and compare on each; 1 where two ways of ours drew different samples."""
    parser = argparse.ArgumentParser(prog="python -m bench.frames", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS), help="lengths of the lists")
    parser.add_argument("--with-1e8", action="store_true", help="a list of 100,000,000 rows, too")
    parser.add_argument("--turns", type=int, default=TURNS, help="runs of each method, of which the least counts")
    parser.add_argument("--tables", action="store_true", help="PostgreSQL, Spark and Ibis beside the floor and DuckDB")
    parser.add_argument("--quick", action="store_true", help="one turn of 100,000 rows")
    given = parser.parse_args(arguments)
    lengths = [100_000] if given.quick else [*given.rows, *([100_000_000] if given.with_1e8 else [])]
    turns = 1 if given.quick else given.turns
    is_same = True
    for rows in lengths:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list.parquet"
            # In a process of its own, since a child's peak of memory is never less than its parent's was.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                apart.submit(make_list, path, rows).result()
            if given.tables:
                names = ("floor", "ours", f"ours, {WHOLE}", *TABLES)
                with loaded(path) as address:
                    os.environ[ADDRESS] = address
                    is_same &= compare(path, rows, turns, names)
            else:
                is_same &= compare(path, rows, turns, [*METHODS])
    if not is_same:
        print("Two ways of ours drew different samples from one list.", file=sys.stderr)
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
