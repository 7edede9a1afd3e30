"""The sheet to sign after an erasure: what went, by whom, and what copies are still to be destroyed, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, select

from casereader import dated
from casereader.models import Account, AuditEvent
from casereader.programmes.inspections import Place

COUNTED = (
    ("readings", "reading"),
    ("answers", "answer"),
    ("queries", "query"),
    ("matters of concern", "concern"),
    ("actions", "action"),
)
TO_DESTROY = (
    "Backups, snapshots and copies of the database and its folder made before that moment",
    "Exports, workbooks, printed forms and certificates with references that were given out",
    "What the partnership sent, in mailboxes and on drives",
)
PACKED = "The packed files of its offline weeks, the reading room's laptop, its backups and its sticks"
OF_POSTGRESQL = (
    "PostgreSQL's archived log, replicas that lag behind and base backups from before",
    "The folders “made” and “returns” in the data folder of every other host of the service",
)
SIGNED = (
    "For the inspecting body (who asked for it)",
    "Who erased it",
    "Who destroyed the copies, if somebody else",
)
MOST_BACKUPS = 20
BLANK = "_" * 24


def lines(
    session: Session, *, place: Place, event: AuditEvent, copies: Sequence[str], is_postgresql: bool
) -> Iterator[str]:
    """The sheet, line by line; `is_postgresql` where it keeps a log of its own and several hosts may serve."""
    receipt = event.body
    rows: dict[str, int] = receipt["rows"]
    yield "RECORD OF ERASURE, to print, fill in and keep"
    yield ""
    yield f"Inspection:     {place.name}"
    yield f"Erased on:      {dated.moment(event.at)}"
    yield f"Asked for by:   {_name(session, receipt['asked_by'])}, on {_moment(receipt['asked_at'])}"
    yield f"Erased by:      {_who(session, event)}"
    yield f"Number in the audit trail: {event.n}"
    yield ""
    yield "What was erased, for good:"
    yield f"  {receipt['references']:>7,} cases on its lists, with their references"
    for words, table in COUNTED:
        yield f"  {rows.get(table, 0):>7,} {words}"
    yield f"  {sum(rows.values()):>7,} rows of the database in all, these among them"
    yield "What stays: the counts, who did what and when, the certificate without its cases, and what was published."
    yield ""
    yield "Copies that the program cannot reach. Write down where each was, or “none”:"
    given = len(receipt["given_out"])
    backups = _backups(receipt.get("backups", []))
    of_hosts = OF_POSTGRESQL if is_postgresql else ()
    packed = (PACKED,) if any("packed" in one["what"] for one in receipt["given_out"]) else ()
    for what in (*TO_DESTROY, *packed, *backups, *(f"The copy {copy}" for copy in copies), *of_hosts):
        yield f"  [ ] {what}"
        yield f"      where: {BLANK}  destroyed on: {BLANK}"
    yield f"  Files that the service gave out: {given:,}. When and to whom stands in the receipt."
    yield ""
    for who in SIGNED:
        yield f"{who}:"
        yield f"  name {BLANK}  signed {BLANK}  day {'_' * 12}"


def _backups(known: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Those that the program made, each of its own as long as they fit on a sheet."""
    if len(known) > MOST_BACKUPS:
        yield f"The {len(known):,} backups that stand in the receipt, and every copy of one"
        return
    for one in known:
        yield f"The backup {one['file']} of {_moment(one['made_at'])}, and every copy of it"


def _who(session: Session, event: AuditEvent) -> str:
    if event.actor_id is None:
        return "the restoring of a backup, in which it was there again"
    account = session.get(Account, event.actor_id)
    return account.name if account is not None else "nobody known"


def _name(session: Session, public_id: str) -> str:
    return session.exec(select(Account.name).where(Account.public_id == public_id)).one_or_none() or public_id


def _moment(written: str) -> str:
    return dated.moment(datetime.fromisoformat(written))
