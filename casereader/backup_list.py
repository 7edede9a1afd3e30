"""The list of backups, which the trail keeps: each that was made here, and each that was removed by us.

Whoever erases an inspection must know every copy of it; a backup that was moved, copied or deleted by hand nobody told
us of, so it stays on the list until somebody says where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session, col, select

from casereader import audit
from casereader.models import AuditEvent

KIND = "backup"
ERASED = "content erased"  # as the deed is called that takes an inspection's content away
MADE, REMOVED, RESTORED = "backup made", "backup removed", "backup restored"


@dataclass(frozen=True)
class Backup:
    """A file with the whole database in it, as it was written."""

    sha256: str
    file: str  # where it was written to
    made_at: datetime
    is_sealed: bool

    @property
    def told(self) -> Mapping[str, str]:
        """What a receipt says of it."""
        sealed = "sealed" if self.is_sealed else "not sealed"
        return {"file": self.file, "made_at": f"{self.made_at:%Y-%m-%dT%H:%M:%SZ}", "sha256": self.sha256, "is": sealed}


def erased_since(session: Session, *, event: int) -> bool:
    """Whether an inspection was erased after an event; until the transaction ends none is, and its receipt lists us."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE inspection IN SHARE MODE"))
    query = select(AuditEvent.n).where(AuditEvent.action == ERASED, AuditEvent.n > event)
    return session.exec(query).first() is not None


def add(session: Session, backup: Backup, *, bytes_: int, sealed_to: tuple[str, ...], events: int, head: str) -> None:
    """Put a backup on the list, before its file has its name: none is there that the list does not know."""
    body = {
        "file": backup.file,
        "bytes": bytes_,
        "sealed": backup.is_sealed,
        "sealed_to": list(sealed_to),
        "events": events,
        "head": head,
    }
    audit.record(session, MADE, by=None, at=backup.made_at, kind=KIND, object_id=backup.sha256, body=body)


def remove(session: Session, backup: Backup, *, at: datetime) -> None:
    """Note that its file was removed."""
    audit.record(session, REMOVED, by=None, at=at, kind=KIND, object_id=backup.sha256, body={"file": backup.file})


def there(session: Session) -> list[Backup]:
    """Every backup that was made or restored here and not removed by us, oldest first."""
    query = (
        select(AuditEvent.action, AuditEvent.object_id, AuditEvent.at, AuditEvent.body)
        .where(AuditEvent.object_kind == KIND, col(AuditEvent.action).in_((MADE, REMOVED, RESTORED)))
        .order_by(col(AuditEvent.n))
    )
    found: dict[str, Backup] = {}
    for action, sha256, at, body in session.exec(query):
        if action == REMOVED:
            found.pop(sha256, None)
        else:  # the trail of a restored one ends before it was put on the list
            made_at = datetime.fromisoformat(body["made_at"]) if action == RESTORED else at
            found[sha256] = Backup(sha256, body["file"], made_at, body["sealed"])
    return list(found.values())


def beyond(session: Session, *, folder: Path, keep: int) -> list[Backup]:
    """The backups of ours that still lie in a folder, but for the newest `keep`."""
    ours = [one for one in there(session) if Path(one.file).parent == folder and Path(one.file).is_file()]
    return ours[: max(len(ours) - keep, 0)]


def noted_missing(session: Session, anchor: str) -> datetime | None:
    """When a restore noted that this head was not in the trail that it brought back, if one did."""
    query = select(AuditEvent.at, AuditEvent.body).where(AuditEvent.action == RESTORED).order_by(col(AuditEvent.n))
    return next((at for at, body in session.exec(query) if anchor in body.get("heads_missing", ())), None)
