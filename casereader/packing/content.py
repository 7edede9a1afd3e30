"""What a packed file says before it is sealed, line by line: a head, rows, events of the laptop's trail, and an end."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import IO, Any

from casereader.errors import RefusedError
from casereader.models.columns import canonical
from casereader.packing.gathering import Row, Rows, tables
from casereader.vocabulary import Side

FORMAT = "casereader/packed/1"
NOT_OURS = "This is no packed inspection: it was sealed with this key, and holds something else."
CUT = "The packed inspection is not whole: its end is missing. Copy it again from where it was packed."


@dataclass(frozen=True)
class Head:
    """What a file says of itself."""

    schema: str  # of the database that it came from
    software: str
    week: str
    side: Side  # that packed it
    office: str
    laptop: str | None
    inspection: str  # its public name
    name: str
    data_kind: str
    instrument_digest: str
    number: int
    knows: int
    is_last: bool
    packed_at: str
    head: str  # of the trail of the side that packed it
    events: int  # how many it then had
    yours: Mapping[str, Any] = field(default_factory=dict)  # what the other side held when this one last took it over
    earlier: Mapping[str, Any] = field(default_factory=dict)  # of the office: what it took last of each week before


@dataclass(frozen=True)
class Content:
    """A packed file, read whole and found whole."""

    head: Head
    rows: Rows
    events: list[Mapping[str, Any]]
    digest: str
    proof: str  # that whoever packed it holds the inspection

    @property
    def key(self) -> str:
        """The key of the inspection that the file brings."""
        return _key_in(self.rows)


def lines(head: Head, rows: Rows, events: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The lines of a file."""
    hashed, n = hashlib.sha256(), 0
    for one in _said(head, rows, events):
        line = canonical(one).encode("utf-8", "surrogatepass") + b"\n"
        hashed.update(line)
        n += 1
        yield line
    digest = hashed.hexdigest()
    end = {"lines": n, "sha256": digest, "proof": proof_of(digest, key=_key_in(rows))}
    yield canonical({"end": end}).encode() + b"\n"


def proof_of(digest: str, *, key: str) -> str:
    """What only an installation that holds the inspection can say of a file: sealing one takes less than that."""
    return hmac.new(key.encode(), f"{FORMAT} {digest}".encode(), "sha256").hexdigest()


def _key_in(rows: Rows) -> str:
    return next((str(row.values.get("digest_key") or "") for row in rows["inspection"].values()), "")


def _said(head: Head, rows: Rows, events: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    yield {"format": FORMAT, "head": asdict(head)}
    for table in rows:
        for row in rows[table].values():
            yield {"row": [row.table, row.name, row.values, row.reading, row.passing]}
    for event in events:
        yield {"event": event}


def read(file: IO[bytes]) -> Content:
    """What a file says; RefusedError where it is none of ours, or not whole."""
    hashed, n, end = hashlib.sha256(), 0, None
    head: Head | None = None
    rows: Rows = {name: {} for name in tables()}
    events: list[Mapping[str, Any]] = []
    for line in file:
        try:
            said = json.loads(line)
            if head is None:
                head = _head(said)
            elif "end" in said:
                end = said["end"]
                break
            elif "event" in said:
                events.append(said["event"])
            else:
                table, name, values, reading, passing = said["row"]
                rows[table][name] = Row(table, name, values, reading=reading, passing=passing)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise RefusedError(NOT_OURS) from error
        hashed.update(line)
        n += 1
    if head is None:
        raise RefusedError(NOT_OURS)
    digest, proof = hashed.hexdigest(), end.get("proof") if isinstance(end, dict) else None
    if not isinstance(proof, str) or end != {"lines": n, "sha256": digest, "proof": proof} or file.read(1):
        raise RefusedError(CUT)
    return Content(head, rows, events, digest, proof)


def _head(said: Mapping[str, Any]) -> Head:
    if said.get("format") != FORMAT:
        raise RefusedError(NOT_OURS)
    known = {one.name for one in fields(Head)}
    values = {name: value for name, value in said["head"].items() if name in known}
    if not all(isinstance(values[name], int) for name in ("number", "knows", "events", "is_last")):
        raise RefusedError(NOT_OURS)
    return Head(**values | {"side": Side(values["side"])})
