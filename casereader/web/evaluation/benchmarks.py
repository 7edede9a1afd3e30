"""The benchmark strip of a quality indicator, for the panel: a picture, and the same figures as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casereader.charts.benchmark import StripRow, benchmark_chart
from casereader.figures import change
from casereader.figures.benchmark import LEAST_OTHERS, Benchmark, benchmark
from casereader.instrument import Instrument
from casereader.programmes.inspections import Place
from casereader.web.evaluation.cells import Row, name_of, share
from casereader.web.evaluation.rounds import as_published, is_mine, name_of_round, source_of
from casereader.web.installed import instruments
from casereader.web.request_session import db
from casereader.words import WORDING, printed

COLUMNS = ["Question", "This partnership", "Other partnerships, unnamed", "Earlier rounds", "Published earlier"]


def gather(place: Place, instrument: Instrument, keys: Sequence[str]) -> Benchmark:
    """What stands beside the figures of these questions, as far as the person may see it."""
    earlier = [one for one in change.earlier_rounds(db(), place=place) if is_mine(one)]
    return benchmark(db(), place=place, instrument=instrument, earlier=earlier, library=instruments(), keys=keys)


def strip(instrument: Instrument, keys: Sequence[str], whole: Mapping[str, Row], found: Benchmark) -> dict[str, Any]:
    """The picture and its table as the page takes them."""
    shown = [key for key in keys if key in whole and whole[key]["n"] >= WORDING.least_n]
    return {
        "chart": benchmark_chart(
            "benchmark",
            "This partnership beside the others and beside earlier figures",
            [_strip_row(instrument, key, whole[key], found) for key in shown],
        )
        if shown
        else "",
        "columns": COLUMNS,
        "rows": [_row(instrument, key, whole[key], found) for key in shown],
        "n_others": found.n_others,
        "least_others": LEAST_OTHERS,
        "least_n": WORDING.least_n,
    }


def others(shares: Sequence[float]) -> str:
    """The shares of others as one text, from the lowest on."""
    return ", ".join(map(printed, shares))


def _strip_row(instrument: Instrument, key: str, row: Row, found: Benchmark) -> StripRow:
    return StripRow(
        label=name_of(instrument, key),
        share=row["share"],
        lower=row["lower"],
        upper=row["upper"],
        others=tuple(found.others.get(key, ())),
        rounds=tuple(one.shares[key] for one in found.rounds if key in one.shares),
        published=tuple(float(one.share) for one in found.published.get(key, ())),
    )


def _row(instrument: Instrument, key: str, row: Row, found: Benchmark) -> list[object]:
    shares = found.others.get(key, ())
    rounds = [f"{printed(one.shares[key])} ({name_of_round(one.place)})" for one in found.rounds if key in one.shares]
    published = [f"{as_published(one)} ({source_of(one)}; {one.comparability})" for one in found.published.get(key, ())]
    return [
        name_of(instrument, key),
        share(row),
        {"text": others(shares), "hint": f"{len(shares)} partnerships"} if shares else "too few",
        "; ".join(rounds) or "none",
        "; ".join(published) or "none",
    ]
