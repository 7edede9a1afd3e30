"""Mending a return before it is taken: values corrected and rows left out, each with a reason, several in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from casereader import audit
from casereader.errors import AbsentError, RefusedError
from casereader.models import Account, ListChange, PartnershipReturn
from casereader.returns.changes import IDENTIFIES, LONGEST_VALUE, checked_reason, tells_of_a_child
from casereader.returns.receiving import KEPT_FOR, changes_of


@dataclass(frozen=True)
class Mend:
    """One thing to mend: the new text of a column of ours in a row, or, without a column, the row left out."""

    tab: str | None
    row: int
    reason: str
    column: str | None = None
    before: str = ""
    after: str = ""
    to_blank: bool = False
    case_ref: str | None = None

    @property
    def where(self) -> str:
        """Where it is, as a message begins."""
        return f"{f'Tab {self.tab}, row' if self.tab else 'Row'} {self.row}: "

    def faults(self) -> list[str]:
        """What keeps it from being done."""
        _, found = checked_reason(self.reason, where=self.where)
        if len(self.after) > LONGEST_VALUE:
            found.append(f"{self.where}The new value has {len(self.after)} characters. Give {LONGEST_VALUE} at most.")
        if self.to_blank and self.after:
            found.append(f"{self.where}Give the right value, or make it blank, not both.")
        if tells_of_a_child(self.column, self.after):
            found.append(f"{self.where}The new value {IDENTIFIES}")
        return found


def mend(
    session: Session, *, returned: PartnershipReturn, mends: Sequence[Mend], by: Account, at: datetime
) -> list[ListChange]:
    """Note what is to be mended; the return is then checked again with it.

    Raises RefusedError with every fault of that, or where nothing is filled in.
    """
    if not mends:
        raise RefusedError(
            "Nothing is filled in: give a new value, or tick that the value is made blank or the row left out."
        )
    faults = [fault for one in mends for fault in one.faults()]
    if faults:
        raise RefusedError(*faults)
    out = {(one.tab, one.row) for one in mends if one.column is None}
    known = {(change.tab, change.row, change.list_column): change for change in changes_of(session, returned=returned)}
    made = []
    for one in mends:
        if one.column is not None and (one.tab, one.row) in out:
            continue  # a row that is left out has nothing to correct
        earlier = known.pop((one.tab, one.row, one.column), None)
        if earlier is not None:
            session.delete(earlier)
        reason, _ = checked_reason(one.reason)
        made.append(
            ListChange(
                return_id=returned.id,
                tab=one.tab,
                row=one.row,
                case_ref=one.case_ref,
                list_column=one.column,
                is_exclusion=one.column is None,
                before=one.before if earlier is None else earlier.before,
                after=one.after,
                reason=reason,
                made_at=at,
                made_by_id=by.id or 0,
            )
        )
    for (tab, row, column), change in known.items():
        if column is not None and (tab, row) in out:
            session.delete(change)
    session.add_all(made)
    returned.expires_at = at + KEPT_FOR
    session.add(returned)
    session.flush()
    body = {"corrected": sum(one.list_column is not None for one in made), "left_out": len(out)}
    audit.record(
        session,
        "return mended",
        by=by,
        at=at,
        kind="return",
        object_id=returned.public_id,
        inspection_id=returned.inspection_id,
        body=body,
    )
    return made


def take_back(session: Session, *, returned: PartnershipReturn, public_id: str, by: Account, at: datetime) -> None:
    """Undo one change to a return that is open; what was sent counts again.

    Raises AbsentError where there is none.
    """
    found = next((one for one in changes_of(session, returned=returned) if one.public_id == public_id), None)
    if found is None:
        raise AbsentError("There is no such change any more.")
    session.delete(found)
    returned.expires_at = at + KEPT_FOR
    session.add(returned)
    session.flush()
    audit.record(
        session,
        "change to a return taken back",
        by=by,
        at=at,
        kind="return",
        object_id=returned.public_id,
        inspection_id=returned.inspection_id,
        body={"column": found.list_column, "row": found.row},
    )
