"""Reading a certificate: strictly, because it may come from anybody.

Only whole numbers, nothing named twice, nothing missing and nothing unknown: what is verified is all that is there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn, get_args

from sampling.allocation import Method
from sampling.errors import CertificateError, Fault
from sampling.plan import Selection

SCHEMA = "casereader/certificate"
VERSION = 1

# What a certificate holds: a tuple lists what a value may be, {str: …} is a mapping of labels, […] a list.
_FIGURES = ({str: str}, None)
_COLUMNS = ([str], None)
_SHAPE: dict[str, Any] = {
    "schema": str,
    "version": int,
    "frame_digest": str,
    "file_sha256": (str, None),
    "id": str,
    "strata": [str],
    "within": (str, None),
    "seed": str,
    "plan": {
        "sizes": {str: int},
        "reserves": {str: int},
        "strata": [str],
        "within": (str, None),
        "id": str,
        "method": get_args(Method),
        "size": (int, None),
        "confidence": (str, None),
        "margin": (str, None),
        "minimum": (int, None),
        "maximum": (int, None),
        "power": (str, None),
        "sd": _FIGURES,
        "mean": _FIGURES,
        "take_all": [str],
        "reserve": str,
        "selection": get_args(Selection),
        "order_by": [str],
        "measure": (str, None),
        "start": {str: str},
        "rules": ({"strata": _COLUMNS, "ages": [str], "dates": [str], "columns": _COLUMNS}, None),
        "bound": {str: (str, [str], None)},
    },
    "strata_counts": [{"stratum": str, "population": int, "sample_size": int, "reserve": int}],
    "cases": [{"case_ref": str, "stratum": str, "role": ("main", "reserve"), "order": int, "ticket": str}],
    "created_at": str,
    "software": str,
    "digest": str,
    "list_changes": [
        {
            "tab": (str, None),
            "row": int,
            "case_ref": (str, None),
            "column": (str, None),
            "before": str,
            "after": str,
            "reason": str,
            "made_at": str,
        }
    ],
}
# What a certificate holds only where there is something to tell.
_MAY_BE_LEFT_OUT = {"plan.bound", "list_changes"}


def read_certificate(path: str | Path) -> dict[str, Any]:
    """A certificate from its file; raises CertificateError where it cannot be read as one."""
    name = Path(path).name
    try:
        content = Path(path).read_bytes()
    except OSError:
        raise CertificateError(f"the certificate {name} cannot be opened; check its name and place") from None
    return parse_certificate(content, name=name)


def parse_certificate(content: bytes, *, name: str) -> dict[str, Any]:
    """A certificate from what its file holds; raises CertificateError where it cannot be read as one."""
    try:
        read = json.loads(
            content.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float
        )
        json.dumps(read, ensure_ascii=False).encode()  # half a character cannot be written, so has no digest
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _NotWhole) else "it is damaged, or another kind of file"
        raise CertificateError(f"{name} cannot be read as a certificate: {reason}") from None
    return check_certificate(read)


def check_certificate(read: Any) -> dict[str, Any]:
    """The same value, once it has the shape of a certificate; raises CertificateError with all that is missing."""
    if not isinstance(read, dict) or read.get("schema") != SCHEMA:
        raise CertificateError("this is no certificate of a draw")
    if read.get("version") != VERSION:
        raise CertificateError(
            f"this certificate is of version {read.get('version')!r}, and version {VERSION} can be verified here"
        )
    misfits = _misfits(read, _SHAPE, "")
    if misfits:
        raise CertificateError([Fault(None, where, None, says) for where, says in misfits])
    return read


def _misfits(value: Any, shape: Any, where: str) -> list[tuple[str, str]]:
    if isinstance(shape, tuple):
        found = [_misfits(value, choice, where) for choice in shape]
        return [] if [] in found else found[0]
    if isinstance(shape, type):
        right = isinstance(value, shape) and not isinstance(value, bool)
        return [] if right else [(where, f"should be {'text' if shape is str else 'a whole number'}")]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [(where, "should be a list")]
        return [found for i, each in enumerate(value) for found in _misfits(each, shape[0], f"{where}[{i}]")]
    if not isinstance(shape, dict):
        return [] if value == shape else [(where, f"is {value!r}, which is not known")]
    if not isinstance(value, dict):
        return [(where, "should be a group of named values")]
    if str in shape:
        return [found for key, each in value.items() for found in _misfits(each, shape[str], f"{where}.{key}")]
    path = f"{where}." if where else ""
    missing = [(path + key, "is missing") for key in shape if key not in value and path + key not in _MAY_BE_LEFT_OUT]
    unknown = [(path + key, "is not known") for key in value if key not in shape]
    inside = [found for key in shape if key in value for found in _misfits(value[key], shape[key], path + key)]
    return missing + unknown + inside


class _NotWhole(ValueError):
    """A certificate that names something twice, or holds a number that is not whole."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise _NotWhole("it names the same thing twice")
    return dict(pairs)


def _no_float(text: str) -> NoReturn:
    raise _NotWhole(f"it holds the number {text[:20]}, where only whole numbers may stand")
