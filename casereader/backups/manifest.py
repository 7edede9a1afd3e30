"""What a backup says of itself: which installation, schema and moment it is of, the head of its trail, its digests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from casereader.backups.digests import Digest
from casereader.errors import RefusedError

FORMAT = "casereader backup/1"
NO_BACKUP = "This file is no backup of casereader: what is in it does not say so."


@dataclass(frozen=True)
class Manifest:
    """What stands in `manifest.json`, the first file of a backup."""

    made_at: datetime
    program: str  # the version that made it
    kind: str  # of database: sqlite, postgresql
    schema: str
    installation: str  # the public name of its secret key
    events: int
    head: str
    tables: Mapping[str, Digest]

    def as_json(self) -> bytes:
        """As it is written."""
        said = {**asdict(self), "format": FORMAT, "made_at": self.made_at.astimezone(UTC).isoformat()}
        return json.dumps(said, indent=1, sort_keys=True).encode() + b"\n"


def manifest_of(data: bytes) -> Manifest:
    """The manifest that was written so. RefusedError where it is none, or of a kind made after this version."""
    try:
        said: dict[str, Any] = json.loads(data)
        written = said.pop("format")
        if written != FORMAT and str(written).startswith("casereader backup/"):
            raise RefusedError("A newer version of casereader made this backup: restore it with that one.")
        if written != FORMAT:
            raise RefusedError(NO_BACKUP)
        tables = {str(name): Digest(int(one["rows"]), str(one["sha256"])) for name, one in said.pop("tables").items()}
        return Manifest(**{**said, "made_at": datetime.fromisoformat(said["made_at"])}, tables=tables)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RefusedError(NO_BACKUP) from error
