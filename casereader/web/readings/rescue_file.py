"""A rescue file as static/js/rescue.js writes it: opened, or told in plain words why not.

The file is JSON: {"casereader": "rescue file", "format": 1, "key": id, "says": words, "sealed": base64url}. All of it
is bound to what is sealed, so that no part can be changed. Sealed is JSON too: whose answers, when, and the answers as
autosave sends them. Anybody may seal a file, as anybody may send a form: what is in it is checked like one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from casereader.readings import PUBLIC_ID, Change, Opened
from casereader.sealing import SealingKeys, UnknownKeyError
from casereader.web import strict_json
from casereader.web.readings.autosave import FIELDS, HIGHEST_VERSION, changes_in

LARGEST = 2 * 1024 * 1024  # bytes: a whole reading has about 100 000
WHAT, FORMAT = "rescue file", 1
OF_FILE = frozenset({"casereader", "format", "key", "says", "sealed"})
OF_SEALED = frozenset({"reading", "account", "instrument", "instrument_version", "saved_at", "version", "answers"})
KEY_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)

NOTHING_TAKEN = "Nothing was taken from it."
NOT_ONE = (
    f"This is not a rescue file. {NOTHING_TAKEN} A rescue file is saved from the page of a reading, and its name "
    "begins with casereader-rescue."
)
NOT_WHOLE = (
    f"This rescue file is not whole: its end is missing, or it was changed on the way. {NOTHING_TAKEN} "
    "Choose the file as it was saved, not a copy that was opened and saved again."
)
CHANGED = (
    "This rescue file was changed after it was saved, or damaged on the way, so nothing in it can be read. "
    "Choose the file as it was saved, not a copy that was opened and saved again."
)
OTHER_FORMAT = f"This rescue file is of another version of casereader, which this one cannot read. {NOTHING_TAKEN}"
UNREADABLE = f"What is in this rescue file is not what a page of a reading saves. {NOTHING_TAKEN}"


class RescueFileError(ValueError):
    """A file that cannot be brought in; the message is for whoever chose it."""


@dataclass(frozen=True)
class RescueFile:
    """What was sealed: the reading and the account by public id, and the changes; `faults` hold those of no shape."""

    reading: str
    account: str
    instrument: str
    instrument_version: str
    saved_at: datetime  # by the clock of the computer it was saved on
    version: int  # of the reading, as the page knew it
    changes: Mapping[str, Change]
    faults: Mapping[str, list[str]]
    source: str  # SHA-256 of what was sealed: the same file is known again


def offered(opened: Opened, *, account: str, keys: SealingKeys) -> dict[str, str]:
    """What the page of a reading needs to seal a rescue file; `account` is the public id of its reader."""
    return {
        "key": base64.urlsafe_b64encode(keys.public).decode().rstrip("="),
        "key-id": keys.id,
        "reading": opened.reading.public_id,
        "account": account,
        "instrument": opened.reading.instrument_id,
        "instrument-version": opened.reading.instrument_version,
        "largest": str(LARGEST),
    }


def read(content: bytes, keys: SealingKeys) -> RescueFile:
    """The rescue file in `content`; RescueFileError where it is none, or none of ours, or no longer what was sealed."""
    if len(content) > LARGEST:
        raise RescueFileError(f"This file is larger than the {LARGEST // 1024 // 1024} MB that a rescue file may have.")
    try:
        outer = strict_json.read(content)
    except strict_json.UnreadableError as error:
        raise RescueFileError(NOT_WHOLE if b'"casereader"' in content[:100] else NOT_ONE) from error
    if outer.get("casereader") != WHAT:
        raise RescueFileError(NOT_ONE)
    if isinstance(outer.get("format"), bool) or outer.get("format") != FORMAT:
        raise RescueFileError(OTHER_FORMAT)
    texts = [outer.get(name) for name in ("key", "says", "sealed")]
    if outer.keys() != OF_FILE or not all(isinstance(text, str) for text in texts):
        raise RescueFileError(CHANGED)
    key, says, sealed = (str(text) for text in texts)
    if not KEY_ID.fullmatch(key):
        raise RescueFileError(CHANGED)
    try:
        closed = _bytes_of(sealed)
        plain = keys.open(closed, key_id=key, bound_to=_bound_to(key, says))
    except UnknownKeyError as error:
        raise RescueFileError(
            "This rescue file was sealed for another casereader, or with a key that this one no longer keeps. Bring it "
            f"in where the answers were written, or give the administrator the number of the key: {key}."
        ) from error
    except ValueError as error:
        raise RescueFileError(CHANGED) from error
    return _inner(plain, hashlib.sha256(closed).hexdigest())


def _inner(plain: bytes, source: str) -> RescueFile:
    try:
        inner = strict_json.read(plain)
        if inner.keys() != OF_SEALED:
            raise RescueFileError(UNREADABLE)
        texts = [_text(inner, name) for name in ("reading", "account", "instrument", "instrument_version")]
        reading, account, instrument, instrument_version = texts
        version, answers = inner["version"], inner["answers"]
        is_whole = isinstance(version, int) and not isinstance(version, bool) and 1 <= version <= HIGHEST_VERSION
        if not (is_whole and isinstance(answers, dict) and len(answers) <= FIELDS and PUBLIC_ID.fullmatch(reading)):
            raise RescueFileError(UNREADABLE)
        saved_at = _moment(_text(inner, "saved_at"))
    except strict_json.UnreadableError as error:
        raise RescueFileError(UNREADABLE) from error
    changes, faults = changes_in(answers)
    return RescueFile(reading, account, instrument, instrument_version, saved_at, version, changes, faults, source)


def _bound_to(key: str, says: str) -> bytes:
    return "\n".join((f"casereader {WHAT}", str(FORMAT), key, says)).encode()


def _bytes_of(text: str) -> bytes:
    found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(found).decode().rstrip("=") != text:
        raise binascii.Error("bits left over")
    return found


def _text(inner: Mapping[str, Any], name: str) -> str:
    found = inner[name]
    if not isinstance(found, str) or len(found) > 40 or not found.isprintable():
        raise RescueFileError(UNREADABLE)
    return found


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text) if MOMENT.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise RescueFileError(UNREADABLE)
    return found.astimezone(UTC)
