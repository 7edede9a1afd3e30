"""Texts in the trail: a keyed digest in the event, the text itself under it in a table that erasure can empty.

A text of an inspection is digested under the inspection's own key. What belongs to none, as an account's name, is
digested under the key of the installation, which is made with the first such text and kept under a digest of noughts.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from casereader.models import Inspection, TextVersion
from casereader.models.columns import new_digest_key

OF_INSTALLATION = "0" * 64  # the digest under which its key is kept: SHA-256 gives it to no text
ERASED = "erased"
SHORT = 100  # of a text up to here the length is not told: it would tell which word of a list it is


def digest_of(key: str, text: str) -> str:
    """The digest by which the trail names a text."""
    return hmac.digest(bytes.fromhex(key), text.encode("utf-8", "surrogatepass"), "sha256").hex()


def seal_of(key: str, row: str) -> str:
    """The half of its digest by which the trail names a whole row."""
    return digest_of(key, row)[:32]


def told_length(text: str) -> int:
    """How long the trail says that a text is; nought of a short one."""
    return len(text) if len(text) > SHORT else 0


class Texts:
    """The texts that are named in the events of one transaction, until they are kept."""

    def __init__(self, session: Session, *, at: datetime) -> None:
        self._session, self._connection, self._at = session, session.connection(), at
        self._keys: dict[int | None, str | None] = {}
        self._kept: dict[tuple[int | None, str], str] = {}

    def name(self, text: str, *, inspection_id: int | None, is_kept: bool) -> Mapping[str, Any]:
        """What stands in the event in place of a text."""
        key = self._key(inspection_id)
        if key is None:
            return {"digest": ERASED, "length": told_length(text)}
        digest = digest_of(key, text)
        if is_kept:
            self._kept[inspection_id, digest] = text
        return {"digest": digest, "length": told_length(text)}

    def seal(self, row: str, *, inspection_id: int | None) -> str:
        """What stands in the event for a whole row."""
        key = self._key(inspection_id)
        return ERASED if key is None else seal_of(key, row)

    def keep(self) -> None:
        """Keep every text that was named, once."""
        fresh = {key: text for key, text in self._kept.items() if key[0] is not None or not self._is_kept(key[1])}
        if not fresh:
            return
        rows = [
            {"inspection_id": inspection_id, "digest": digest, "text": text, "kept_at": self._at}
            for (inspection_id, digest), text in fresh.items()
        ]
        self._connection.execute(_KEEP[self._connection.dialect.name], rows)

    def _key(self, inspection_id: int | None) -> str | None:
        if inspection_id not in self._keys:
            self._keys[inspection_id] = (
                self._key_of_installation()
                if inspection_id is None
                else self._session.get_one(Inspection, inspection_id).digest_key  # loaded by most deeds already
            )
        return self._keys[inspection_id]

    def _key_of_installation(self) -> str:
        found = key_of_installation(self._connection)
        if found is None:
            found = new_digest_key()
            row = {"inspection_id": None, "digest": OF_INSTALLATION, "text": found, "kept_at": self._at}
            self._connection.execute(_TABLE.insert(), row)
        return found

    def _is_kept(self, digest: str) -> bool:
        query = select(_TABLE.c.id).where(_TABLE.c.inspection_id.is_(None), _TABLE.c.digest == digest)
        return self._connection.execute(query).first() is not None


def key_of_installation(connection: Connection) -> str | None:
    """The key of texts that belong to no inspection, if there were any yet."""
    query = select(_TABLE.c.text).where(_TABLE.c.inspection_id.is_(None), _TABLE.c.digest == OF_INSTALLATION)
    found: str | None = connection.execute(query).scalar()
    return found


_TABLE: Any = TextVersion.__table__  # type: ignore[attr-defined]
_KEEP = {
    "postgresql": postgresql.insert(_TABLE).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(_TABLE).on_conflict_do_nothing(),
}
