"""The ways to draw 60 cases for each of 32 partnerships from a Parquet list, proportionally over 24 strata.

Each runs in a process of its own: `python -m bench.frame_methods NAME LIST` prints the seconds it took once its
libraries were loaded, the seconds of processor time, and the largest memory of the process in MB, each with what a
database or cluster used for it, and a sum of the sample where it is ours. All get the sizes from the same plan; nothing
is checked but where the name says so.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.elsewhere import Elsewhere, memory

SEED = "2026-06-01-4-8-15-16-23-42"
GROUPS = ("partnership", "reason", "age_band")
COLUMNS: Mapping[str, Any] = {"strata": GROUPS[1:], "within": GROUPS[0]}
SIZE, MINIMUM, RESERVE = 60, 1, "50%"

ENGINES = ("DuckDB through Ibis", "PostgreSQL", "PostgreSQL through Ibis", "Spark", "Spark through Ibis")
FLOOR = "floor in PostgreSQL"
WHOLE = "checked, with the digest"
TABLES = (FLOOR, *ENGINES, *(f"{name}, {WHOLE}" for name in ENGINES))

Work = Callable[[Path], object]


def floor() -> Work:
    """Read the needed columns and count the strata."""
    import duckdb

    def work(path: Path) -> object:
        names = ", ".join(GROUPS)
        query = f"SELECT {names}, count(*), sum(strlen(case_ref)) FROM read_parquet('{path}') GROUP BY {names}"  # noqa: S608
        return duckdb.execute(query).fetchall()

    return work


def ours(engine: str) -> Work:
    """Count, plan and draw main cases and reserves; nothing checked."""
    from sampling.engines import in_batches, in_duckdb

    kind: Any = {"duckdb": in_duckdb.InDuckDB, "batches": in_batches.InBatches}[engine]

    return lambda path: drawn(kind(path, None, id="case_ref", groups=GROUPS))


def drawn(engine: Any) -> object:
    """Count, plan and draw by an engine."""
    from sampling.engines.select import sample_by

    *columns, cases = (column.to_pylist() for column in engine.distinct(GROUPS, 100_000).columns)
    labels = {values: " / ".join(values) for values in zip(*columns, strict=True)}
    counts = dict(sorted(zip(labels.values(), cases, strict=True), key=lambda pair: pair[0].encode()))
    sample = sample_by(engine, _plan(counts), SEED, counts, labels, {values: values for values in labels})
    engine.close()
    return sample


def checked(*, digest: bool) -> Work:
    """The same with every check of `read_frame`; with the frame digest, all that a certificate needs."""
    from sampling.engines import open_large

    def work(path: Path) -> object:
        with open_large(path, **COLUMNS, least=1) as large:
            if large is None:
                raise RuntimeError("the list of this bench is not beyond doubt")
            return _drawn_large(large, digest=digest)

    return work


def in_memory() -> Work:
    """`read_frame`, plan and draw, as for a short list."""
    from sampling import draw, plan_for, read_frame

    def work(path: Path) -> object:
        table = read_frame(path, **COLUMNS).table
        plan, _ = plan_for(table, **COLUMNS, size=SIZE, minimum=MINIMUM, reserve=RESERVE)
        return draw(table, plan, seed=SEED)

    return work


def pandas_sample() -> Work:
    """pandas: read, count, and `sample` in each group."""
    import pandas as pd

    def work(path: Path) -> object:
        table = pd.read_parquet(path, columns=["case_ref", *GROUPS])
        grouped = table.groupby(table[GROUPS[0]].str.cat(table[[*GROUPS[1:]]], sep=" / "), sort=False)
        sizes = _plan({str(label): count for label, count in grouped.size().items()}).sizes
        return pd.concat([group.sample(sizes[str(label)], random_state=1) for label, group in grouped])

    return work


def svy() -> Work:
    """svy: its own reading by Polars, and its stratified simple random sample."""
    package, polars = importlib.import_module("svy"), importlib.import_module("polars")

    def work(path: Path) -> object:
        table = polars.read_parquet(path, columns=["case_ref", *GROUPS])
        table = table.with_columns(polars.concat_str(list(GROUPS), separator=" / ").alias("stratum"))
        counts = dict(table.group_by("stratum").len().iter_rows())
        design = package.Design(stratum="stratum")
        return package.Sample(table, design).sampling.srs(dict(_plan(counts).sizes), rstate=1)

    return work


def samplics() -> Work:
    """samplics: its stratified simple random sample, from a list read by pandas."""
    import pandas as pd

    sampling, types = importlib.import_module("samplics.sampling"), importlib.import_module("samplics.utils.types")

    def work(path: Path) -> object:
        table = pd.read_parquet(path, columns=["case_ref", *GROUPS])
        stratum = table[GROUPS[0]] + " / " + table[GROUPS[1]] + " / " + table[GROUPS[2]]
        sizes = dict(_plan({str(label): count for label, count in stratum.value_counts().items()}).sizes)
        selection = sampling.SampleSelection(method=types.SelectMethod.srs_wor, strat=True, wr=False)
        units, strata = table["case_ref"].to_numpy(dtype=object), stratum.to_numpy(dtype=object)
        return selection.select(samp_unit=units, samp_size=sizes, stratum=strata)

    return work


def checked_table(engine: Any, path: Path) -> object:
    """The checks, the draw and the digest of a list that a database or cluster holds."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    from sampling.engines import check_table

    about = pq.read_metadata(path)
    large = check_table(engine, about.schema.names, about.num_rows, **COLUMNS)
    if large is None:
        raise RuntimeError("the list of this bench is not beyond doubt")
    return _drawn_large(large, digest=True)


def _drawn_large(large: Any, *, digest: bool) -> object:
    from sampling.plan import plan_from_counts

    plan, _ = plan_from_counts(large.counts_by_group, **COLUMNS, size=SIZE, minimum=MINIMUM, reserve=RESERVE)
    return large.draw(plan, seed=SEED) if digest else large.sample(plan, seed=SEED)


def of_table(name: str, path: Path) -> tuple[Work, int | None]:
    """A method on a table, by its name, and the first process of what holds the table."""
    from bench.frame_tables import prepared

    engine, _, rest = name.partition(", ")
    opened, root = prepared(engine, path.parent, GROUPS)
    if engine == FLOOR:
        return opened, root
    return (lambda path: checked_table(opened(path), path) if rest else drawn(opened(path))), root


METHODS: Mapping[str, Callable[[], Work]] = {
    "floor": floor,
    "ours": lambda: ours("duckdb"),
    "ours, checked": lambda: checked(digest=False),
    "ours, checked, with the digest": lambda: checked(digest=True),
    "ours without DuckDB": lambda: ours("batches"),
    "ours in memory, checked, with the digest": in_memory,
    "pandas groupby.sample": pandas_sample,
    "svy": svy,
    "samplics": samplics,
}


def _plan(counts: Mapping[str, int]) -> Any:
    from sampling.plan import plan_from_counts

    groups: dict[str, dict[str, int]] = {}
    for label, population in counts.items():
        groups.setdefault(label.split(" / ")[0], {})[label] = population
    plan, _ = plan_from_counts(groups, **COLUMNS, size=SIZE, minimum=MINIMUM, reserve=RESERVE)
    return plan


def _sum(made: Any) -> str | None:
    """What tells one sample of ours from another."""
    sample: Any = made if hasattr(made, "columns") else getattr(made, "sample", None)
    is_ours = "ticket" in getattr(sample, "columns", ())
    return sha256(sample.to_csv(index=False).encode()).hexdigest()[:12] if is_ours else None


def main(name: str, path: str) -> None:
    """Run one method once and print what it took."""
    try:
        work, root = of_table(name, Path(path)) if name in TABLES else (METHODS[name](), None)
    except ModuleNotFoundError:
        print(json.dumps(None))
        return
    elsewhere = None if root is None else Elsewhere(root)
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    made = work(Path(path))
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    processor, megabytes = (0.0, 0.0) if elsewhere is None else elsewhere.ended()
    processor += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    megabytes += memory("VmHWM")
    took = {"seconds": seconds, "processor": processor, "megabytes": megabytes}
    print(json.dumps({"took": took, "sample": _sum(made), "digest": getattr(made, "frame_digest", None)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
