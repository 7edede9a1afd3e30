"""Reading a list nobody trusts yet, in a process with little memory and time: `python -m sampling.check`.

The parent calls `check_apart`; `sampling.apart` says how the two speak and what the child may use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypedDict, Unpack

from sampling.apart import ask_apart, serve
from sampling.errors import Fault, FrameError

TOO_MUCH = "The file needs more memory or time than a list of cases should. Send the list alone, without other sheets."


@dataclass(frozen=True)
class CheckedList:
    """A list that was read without a fault: its rows as text, its warnings, and the file's digest."""

    columns: list[str]
    rows: list[list[str | None]]
    warnings: list[Fault]
    file_sha256: str


class Asked(TypedDict):
    """How a list is to be read; each as in `read_frame`, and `known_strata` and `columns` as in `FrameRules`.

    `own_codes` are columns of codes that the sender made up: no names and no dates.
    """

    filename: str
    id: str
    strata: Sequence[str]
    known_strata: Sequence[str] | None
    columns: Sequence[str] | None
    own_codes: Sequence[str]
    today: date
    sheet: str | None


def check_here(path: Path, **asked: Unpack[Asked]) -> CheckedList:
    """Read a list that this program made itself, in this process; raises FrameError with every fault."""
    return _checked(answer(_request(path, asked)))


def check_apart(path: Path, **asked: Unpack[Asked]) -> CheckedList:
    """Read the list in a child process; raises FrameError with every fault, also when the child was stopped."""
    return _checked(ask_apart("sampling.check", _request(path, asked), too_much=TOO_MUCH))


def _request(path: Path, asked: Asked) -> dict[str, Any]:
    known, columns = asked["known_strata"], asked["columns"]
    return {
        "path": str(path),
        "filename": asked["filename"],
        "id": asked["id"],
        "strata": list(asked["strata"]),
        "known_strata": None if known is None else list(known),
        "columns": None if columns is None else list(columns),
        "own_codes": list(asked["own_codes"]),
        "today": asked["today"].isoformat(),
        "sheet": asked["sheet"],
    }


def _checked(reply: dict[str, Any]) -> CheckedList:
    if "faults" in reply:
        raise FrameError([Fault(**fault) for fault in reply["faults"]])
    warnings = [Fault(**fault) for fault in reply["warnings"]]
    return CheckedList(reply["columns"], reply["rows"], warnings, reply["file_sha256"])


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """What the child says of one request."""
    from sampling.frame import FrameRules, read_frame
    from sampling.frame.cells import Column, as_text
    from sampling.frame.own_codes import fault_in

    rules = FrameRules(strata=request["known_strata"], columns=request["columns"])
    try:
        frame = read_frame(
            Path(request["path"]),
            id=request["id"],
            strata=tuple(request["strata"]),
            rules=rules,
            filename=request["filename"],
            today=date.fromisoformat(request["today"]),
            sheet=request["sheet"],
        )
    except FrameError as error:
        return {"faults": [asdict(fault) for fault in error.faults]}
    table = frame.table.astype("string")
    held = [
        fault
        for name in request["own_codes"]
        if name in table.columns
        and (fault := fault_in(Column(name, as_text(table[name].fillna("").to_list())))) is not None
    ]
    if held:
        return {"faults": [asdict(fault) for fault in held]}
    return {
        "columns": list(table.columns),
        "rows": table.astype(object).where(table.notna(), None).to_numpy().tolist(),
        "warnings": [asdict(fault) for fault in frame.warnings],
        "file_sha256": frame.file_sha256,
    }


if __name__ == "__main__":
    serve(answer)
