"""How a page says a difference of two shares, and why one whose interval leaves out none may still not hold."""

from __future__ import annotations

from casereader.charts.differences import DifferenceRow, in_points
from casereader.instrument import Instrument
from casereader.web.evaluation.cells import Row, name_of


def difference(row: Row) -> str:
    """The difference of a row, with its interval where there is one."""
    return in_points(row["difference"], row["lower"], row["upper"])


def shown_as(instrument: Instrument, row: Row, says: str, *, is_sure: bool) -> DifferenceRow:
    """A difference as the chart takes it."""
    return DifferenceRow(
        label=name_of(instrument, row["question"]),
        difference=row["difference"],
        lower=row["lower"],
        upper=row["upper"],
        is_sure=is_sure,
        says=says,
    )


def held_with_all(row: Row, verdict: str, *, is_sure: bool) -> dict[str, str] | str:
    """The verdict; where its interval alone would say more, the reason why it does not."""
    alone = row["lower"] is not None and (row["lower"] > 0 or row["upper"] < 0)
    if is_sure or not alone or row["compared"] < 2:
        return verdict
    hint = f"Alone it would count. Of {row['compared']} questions looked at together, one may come out so by chance."
    return {"text": verdict, "hint": hint}
