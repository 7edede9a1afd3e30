"""What an estimate needs from the caller's table: checked, with every fault told at once.

One row per sampled case. The weight of a row is N of its stratum over the stratum's rows in the table; rows whose
answer is blank stay in that count, since they were drawn too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sampling.errors import DesignError, Fault
from sampling.estimation.poststratification import adjusted_weights
from sampling.estimation.variance import Codes, Floats, Strata, compress

Columns = str | Sequence[str] | None

_RESULT = ("n", "n_a", "n_b", "estimate", "se", "lower", "upper", "df", "deff", "effective_n")


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows of a table as numbers: stratum, domain, weight and answers of each row.

    `own_weight` is set where the rows of a stratum do not all weigh N/n; `post` and `post_population` are the
    post-strata and their known numbers, if any.
    """

    stratum: Codes
    strata: Strata
    domain: Codes
    labels: pd.DataFrame
    own_weight: Floats | None
    answers: dict[str, Floats]
    post: Codes | None = None
    post_population: Floats | None = None

    @property
    def domains(self) -> int:
        """How many domains there are."""
        return len(self.labels)

    @property
    def weight(self) -> Floats:
        """The weight of each row."""
        return self.strata.weight[self.stratum] if self.own_weight is None else self.own_weight


def columns(names: Columns) -> list[str]:
    """One name or several, as a list."""
    if names is None:
        return []
    return [names] if isinstance(names, str) else list(names)


def read_sample(
    table: pd.DataFrame,
    answers: Sequence[str],
    *,
    stratum: Columns,
    population: str | None,
    by: Columns,
    binary: bool = False,
    weight: str | None = None,
    post: Columns = None,
    post_population: str | None = None,
) -> Sample:
    """The checked table; raises `DesignError` with every fault.

    `weight` names a column of ready weights, for comparison with other programs that round theirs; `post` and
    `post_population` name post-strata and the known number of cases in each.
    """
    faults: list[Fault] = []
    by_names, stratum_names, post_names = columns(by), columns(stratum), columns(post)
    wanted = [*answers, *stratum_names, *by_names, *post_names]
    wanted += [name for name in (population, weight, post_population) if name is not None]
    for name in dict.fromkeys(wanted):
        if name not in table.columns:
            faults.append(Fault(None, name, None, "the table has no such column"))
    for name in by_names:
        if name in _RESULT:
            faults.append(Fault(None, name, None, "is also a column of the result; rename it before grouping by it"))
    if bool(post_names) != (post_population is not None):
        faults.append(Fault(None, None, None, "name the post-strata and their known numbers together, or neither"))
    if faults:
        raise DesignError(faults)

    numbers = {name: _answers(table[name], binary, faults) for name in dict.fromkeys(answers)}
    coded: dict[str, tuple[Codes, int]] = {}
    for name in dict.fromkeys([*stratum_names, *by_names, *post_names]):
        coded[name] = _codes(table[name], faults)
    if faults:
        raise DesignError(faults)

    rows = len(table)
    strata_of, strata_count = _joined([coded[name] for name in stratum_names], rows)
    size = np.bincount(strata_of, minlength=strata_count).astype(np.float64)
    cases = _known(table, population, strata_of, strata_count, "stratum", faults)
    if population is not None and not faults:
        _check_not_above(table, population, stratum_names, strata_of, size, cases, faults)
    domain, domain_count = _joined([coded[name] for name in by_names], rows)
    post_of, post_cases = None, None
    if post_names:
        post_of, post_count = _joined([coded[name] for name in post_names], rows)
        post_cases = _known(table, post_population, post_of, post_count, "post-stratum", faults)
    given = None if weight is None else _answers(table[weight], False, faults)
    if faults:
        raise DesignError(faults)

    if not by_names:
        domain_count = 1
    strata = Strata(size, cases)
    if post_of is not None and post_cases is not None:
        given = adjusted_weights(strata.weight[strata_of] if given is None else given, post_of, post_cases)
    return Sample(
        stratum=strata_of,
        strata=strata,
        domain=domain,
        labels=_labels(table, by_names, domain, domain_count),
        own_weight=given,
        answers=numbers,
        post=post_of,
        post_population=post_cases,
    )


def _answers(column: pd.Series, binary: bool, faults: list[Fault]) -> Floats:
    """Numbers with NaN where blank."""
    numbers: Floats
    if column.dtype.kind in "fiub" and isinstance(column.dtype, np.dtype):
        numbers = column.to_numpy(dtype=np.float64)
        unreadable = np.zeros(len(numbers), dtype=bool)
    else:
        coerced = pd.to_numeric(column, errors="coerce")
        numbers = coerced.to_numpy(dtype=np.float64, na_value=np.nan)
        unreadable = np.isnan(numbers) & column.notna().to_numpy(dtype=bool)
    wrong = unreadable | np.isinf(numbers)
    says = "is not a number; leave the answer blank where there is none"
    if binary:
        wrong |= (numbers != 0) & (numbers != 1) & ~np.isnan(numbers)
        says = "a share is of 1 and 0; leave the answer blank where there is none"
    _tell(column, wrong, says, faults)
    return numbers


def _codes(column: pd.Series, faults: list[Fault]) -> tuple[Codes, int]:
    """Each row's place among the column's values in order, and how many values there are."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu" and len(column):
        whole = column.to_numpy()
        if int(whole.max()) - int(whole.min()) <= 4 * len(whole):
            distinct, place = compress((whole - whole.min()).astype(np.int64, copy=False))
            return place, len(distinct)
    codes, values = pd.factorize(column, sort=True)
    blank = codes < 0
    if values.dtype.kind not in "fiubM":
        empty = np.array([isinstance(value, str) and not value.strip() for value in values], dtype=bool)
        if empty.any():
            blank |= empty[codes] & (codes >= 0)
    _tell(column, blank, "is blank; every row needs a value here", faults)
    return codes.astype(np.int64, copy=False), len(values)


def _joined(parts: list[tuple[Codes, int]], rows: int) -> tuple[Codes, int]:
    """Codes of the combinations of several columns that occur, in the order of the columns."""
    if not parts:
        return np.zeros(rows, dtype=np.int64), int(rows > 0)
    codes, count = parts[0]
    for more, more_count in parts[1:]:
        distinct, codes = compress(codes * more_count + more)
        count = len(distinct)
    return codes, count


def _known(table: pd.DataFrame, name: str | None, of_row: Codes, groups: int, what: str, faults: list[Fault]) -> Floats:
    """The number of cases of each group, from a column that repeats it on every row of the group."""
    if name is None:
        return np.full(groups, np.inf)
    column = table[name]
    before = len(faults)
    stated = _answers(column, False, faults)
    if len(faults) > before:
        return np.full(groups, np.nan)
    cases = np.zeros(groups)
    cases[of_row] = stated
    if (cases[of_row] == stated).all() and ((cases >= 1) & (cases == np.floor(cases))).all():
        return cases
    _tell(column, np.isnan(stated), f"is blank; every row needs the number of cases in its {what}", faults)
    not_whole = (stated < 1) | (~np.isnan(stated) & (stated != np.floor(stated)))
    _tell(column, not_whole, "is not a number of cases: a whole number from 1 up", faults)
    if len(faults) == before:
        differs = cases[of_row] != stated
        _tell(column, differs, f"differs within one {what}; it must be the same on all its rows", faults)
    return cases


def _check_not_above(
    table: pd.DataFrame,
    population: str,
    stratum: list[str],
    of_row: Codes,
    size: Floats,
    cases: Floats,
    faults: list[Fault],
) -> None:
    for place in np.flatnonzero(size > cases):
        first = int(np.argmax(of_row == place))
        label = " / ".join(str(table[name].iloc[first]) for name in stratum) or "the whole table"
        says = f"{label}: {int(size[place])} rows, but only {int(cases[place])} cases in the population"
        faults.append(Fault(None, population, str(int(cases[place])), says))


def _labels(table: pd.DataFrame, by: list[str], domain: Codes, count: int) -> pd.DataFrame:
    """The `by` columns of one row per domain, in order; any row of a domain has its values."""
    if not by:
        return pd.DataFrame(index=pd.RangeIndex(1))
    first = np.zeros(count, dtype=np.int64)
    first[domain] = np.arange(len(domain))
    return table[by].iloc[first].reset_index(drop=True)


def _tell(column: pd.Series, wrong: NDArray[np.bool_], says: str, faults: list[Fault]) -> None:
    """One fault for a column, with the first row that has it (the header counted as row 1) and how many do."""
    if not wrong.any():
        return
    first = int(np.argmax(wrong))
    (value,) = column.iloc[[first]].tolist()  # as Python's own: the message shows it
    more = int(wrong.sum()) - 1
    says = f"{value!r} {says}" if not pd.isna(value) and str(value).strip() else says
    if more:
        says += f" ({more} more such {'row' if more == 1 else 'rows'})"
    faults.append(Fault(first + 2, str(column.name), None if pd.isna(value) else str(value), says))
