"""Numbers of the health service, which identify a child: known by their ten digits and the check digit they share.

CHI and NHS numbers both end in a modulus 11 check over the first nine digits with weights 10 to 2; a CHI number
begins with the date of birth as ddmmyy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from numpy.typing import NDArray

from sampling.frame.cells import Cells, Column, matches
from sampling.frame.findings import Findings

_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def check_reference_digits(
    cells: Cells, column: Column, text: Any, indexes: NDArray[np.intp], findings: Findings
) -> None:
    """Refuse those of these references, each of ten digits and perhaps blanks, that are valid CHI or NHS numbers."""
    digits = _digits(text, indexes)
    valid, birthday = _has_valid_check(digits), _begins_with_birthday(digits)
    findings.at(
        cells,
        column,
        indexes[valid],
        "The reference has the form and check digit of a CHI or NHS number, which identifies a child. "
        "Use a local reference in its place.",
        echo=False,
    )
    findings.at(
        cells,
        column,
        indexes[~valid & birthday],
        "The reference has the form of a CHI number (ten digits that begin with a date), though not its check "
        "digit. Make sure that it is a local reference.",
        warning=True,
        echo=False,
    )


def warn_of_lost_zeros(cells: Cells, column: Column, text: Any, indexes: NDArray[np.intp], findings: Findings) -> None:
    """Ask about those of these references, each of nine digits, that are CHI numbers with a 0 put before them."""
    digits = np.insert(_digits(text, indexes), 0, 0, axis=1)
    findings.at(
        cells,
        column,
        indexes[_has_valid_check(digits) & _begins_with_birthday(digits)],
        "The reference reads like a CHI number that lost its leading zero. Make sure that it is a local reference.",
        warning=True,
        echo=False,
    )


def check_further_column(column: Column, findings: Findings) -> None:
    """Refuse a further column most of whose values are CHI numbers, and ask about one that holds any."""
    at = _like_numbers(column.text)
    if not len(at):
        return
    digits = _digits(column.text, at)
    found = int((_has_valid_check(digits) & _begins_with_birthday(digits)).sum())
    if found * 2 > int(pc.sum(pc.greater(pc.binary_length(column.text), 0)).as_py()):
        findings.fault(
            f"The column {column.name} holds CHI numbers, which identify children. Delete the column and send the "
            "list again.",
            row=1,
            column=column.name,
        )
    elif found:
        findings.warn(
            f"The column {column.name} holds {found:,} numbers with the form and check digit of a CHI number. Make "
            "sure that they are none.",
            row=1,
            column=column.name,
        )


def holds_health_number(text: Any) -> bool:
    """Whether any of these texts is a valid CHI or NHS number, as no reference may be."""
    at = _like_numbers(text)
    return bool(len(at) and _has_valid_check(_digits(text, at)).any())


def _like_numbers(text: Any) -> NDArray[np.intp]:
    """The indexes of the texts that are ten digits, perhaps with blanks or dashes between."""
    at = matches(text, r"^\s*[0-9]{3,6}[ -]?[0-9]{3,4}[ -]?[0-9]{0,4}\s*$")
    ten: NDArray[np.intp] = at[np.asarray(pc.binary_length(_bare(text.take(pa.array(at))))) == 10]
    return ten


def _bare(text: Any) -> Any:
    return pc.replace_substring_regex(text, r"[\s-]", "")


def _digits(text: Any, indexes: NDArray[np.intp]) -> NDArray[np.int64]:
    """One row of digits for each of these texts, which all have the same number of digits."""
    if not len(indexes):
        return np.empty((0, 10), np.int64)
    joined = "".join(_bare(text.take(pa.array(indexes))).to_pylist()).encode("ascii")
    return np.frombuffer(joined, np.uint8).reshape(len(indexes), -1).astype(np.int64) - ord("0")


def _has_valid_check(digits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the last digit is the check of the others; a number beginning 00 is neither a CHI nor an NHS number."""
    rest = 11 - digits[:, :9] @ np.arange(10, 1, -1) % 11
    valid: NDArray[np.bool_] = (np.where(rest == 11, 0, rest) == digits[:, 9]) & (digits[:, :2].sum(axis=1) > 0)
    return valid


def _begins_with_birthday(digits: NDArray[np.int64]) -> NDArray[np.bool_]:
    day, month = digits[:, 0] * 10 + digits[:, 1], digits[:, 2] * 10 + digits[:, 3]
    dated: NDArray[np.bool_] = (month >= 1) & (month <= 12) & (day >= 1) & (day <= _DAYS[np.minimum(month, 12)])
    return dated
