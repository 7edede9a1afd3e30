"""Digests that anyone can work out again: of a list, and of anything written as canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any


def frame_lines(labels_and_refs: Iterable[tuple[str, str]]) -> bytes:
    """One line `stratum TAB case_ref LF` for each case, sorted by bytes: what a list is, whatever file it came in."""
    return b"".join(sorted(f"{label}\t{ref}\n".encode() for label, ref in labels_and_refs))


def frame_digest(labels_and_refs: Iterable[tuple[str, str]]) -> str:
    """The SHA-256 of `frame_lines`, in lower-case hexadecimal."""
    return sha256(frame_lines(labels_and_refs)).hexdigest()


def canonical_json(obj: Any) -> bytes:
    """The one way to write a value as JSON: UTF-8, keys sorted by code point, no blanks, no floats, no final newline.

    Raises TypeError for a float (write fractions as decimal text) and for a key that is not text.

    >>> canonical_json({"n": 3, "a": ["é", None]}).decode()
    '{"a":["é",null],"n":3}'
    """
    _refuse_floats(obj)
    text = json.dumps(obj, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def json_digest(obj: Any) -> str:
    """The SHA-256 of the canonical JSON, in lower-case hexadecimal."""
    return sha256(canonical_json(obj)).hexdigest()


def _refuse_floats(obj: Any) -> None:
    if isinstance(obj, float):
        raise TypeError(f"canonical JSON holds no floats; write {obj!r} as decimal text")
    if isinstance(obj, dict):
        for key, value in obj.items():
            if not isinstance(key, str):
                raise TypeError(f"canonical JSON has text for keys, not {key!r}")
            _refuse_floats(value)
    elif isinstance(obj, list | tuple):
        for value in obj:
            _refuse_floats(value)
