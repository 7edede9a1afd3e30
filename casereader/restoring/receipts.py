"""Receipts of inspections that were erased: what `erase` printed, or the list that it keeps in the data folder."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casereader.errors import RefusedError

LIST = "erased-inspections"  # in the data folder
NO_RECEIPT = "{path} holds no receipt of an erasure: give what `erase` printed between its two braces."
NO_FILE = "{path} is no file: save the receipts in one, one after the other, and name that."
NEEDED = frozenset({"inspection", "rows", "references", "asked_by", "asked_at", "made_before"})


@dataclass(frozen=True)
class Receipt:
    """That an inspection was erased; `inspection` is its public id."""

    inspection: str
    body: Mapping[str, Any]


def receipts_in(path: Path) -> list[Receipt]:
    """The receipts in a file, one after the other. RefusedError where it holds anything else."""
    if not path.is_file():  # a pipe would keep whoever reads it waiting, and be empty the second time
        raise RefusedError(NO_FILE.format(path=path))
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"{path} cannot be read: {error}.") from error
    found, at, decoder = [], 0, json.JSONDecoder()
    try:
        while at < len(text):
            body, at = decoder.raw_decode(text, at)
            if not isinstance(body, dict) or not body.keys() >= NEEDED:
                raise RefusedError(NO_RECEIPT.format(path=path))
            found.append(Receipt(str(body["inspection"]), body))
            while at < len(text) and text[at].isspace():
                at += 1
    except json.JSONDecodeError as error:
        raise RefusedError(NO_RECEIPT.format(path=path)) from error
    if not found:
        raise RefusedError(NO_RECEIPT.format(path=path))
    return found


def keep(path: Path, body: Mapping[str, Any]) -> None:
    """Keep a receipt in the list beside the database, once, for the day on which an older backup is restored.

    The list is written anew beside its name, so that no power cut leaves half a receipt in it.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # whoever erases another inspection meanwhile waits
        known = receipts_in(path) if path.exists() else []
        if any(one.inspection == body["inspection"] for one in known):
            return
        lines = [*(one.body for one in known), body]
        new = path.with_name(f"{path.name}.new")
        with new.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        os.fsync(folder)
    finally:
        os.close(folder)
