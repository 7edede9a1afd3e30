"""Changes to a list before it is fixed: one value corrected or one row left out, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlmodel import Session, col, func, select

from casereader import audit
from casereader.errors import AbsentError, RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, Case, Inspection, ListChange, PartnershipReturn, SamplingFrame
from casereader.returns import frames
from casereader.returns.columns import OURS, coded_choices, codes_of
from sampling.frame.cells import Cells, Column, as_text
from sampling.frame.findings import Findings
from sampling.frame.own_codes import is_no_code
from sampling.frame.references import check_references, reference_keys
from sampling.returned.personal import identifies_a_child
from sampling.returned.rows import folded

LONGEST_REASON, LONGEST_VALUE = 500, 100
LEAVE_OUT = "leave out"
CHANGEABLE = ("case_ref", "group", "age_band", "legal_basis", "living", "deprivation", "family_group")
IDENTIFIES = "looks as if it identifies a child. Give a reference or a code only."


def of_frame(session: Session, *, frame: SamplingFrame) -> Sequence[tuple[ListChange, str]]:
    """Every change to a list, in order, with the name of who made it."""
    query = select(ListChange, Account.name).join(Account, col(Account.id) == ListChange.made_by_id)
    return session.exec(query.where(ListChange.frame_id == frame.id).order_by(col(ListChange.id))).all()


def of_return(session: Session, *, returned: PartnershipReturn) -> Sequence[tuple[ListChange, str]]:
    """What was corrected and left out in a return that is open, in order, with the name of who did it."""
    query = select(ListChange, Account.name).join(Account, col(Account.id) == ListChange.made_by_id)
    of_it = query.where(ListChange.return_id == returned.id, col(ListChange.frame_id).is_(None))
    return session.exec(of_it.order_by(col(ListChange.id))).all()


def for_certificate(session: Session, *, frame: SamplingFrame) -> list[dict[str, Any]]:
    """The changes as a certificate states them; nobody's name is among them."""
    return [
        {
            "tab": change.tab,
            "row": change.row,
            "case_ref": change.case_ref,
            "column": change.list_column,
            "before": change.before,
            "after": change.after,
            "reason": change.reason,
            "made_at": change.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for change, _ in of_frame(session, frame=frame)
    ]


def checked_reason(reason: str, *, where: str = "") -> tuple[str, list[str]]:
    """A reason in one line, and what is wrong with it."""
    text = " ".join(reason.split())
    if not text:
        return text, [f"{where}Say why. The reason stands on the certificate."]
    if len(text) > LONGEST_REASON:
        return text, [f"{where}The reason has {len(text):,} characters. Say it in {LONGEST_REASON} at most."]
    return text, [f"{where}The reason {IDENTIFIES}"] if identifies_a_child(text) else []


def change(
    session: Session,
    *,
    inspection: Inspection,
    instrument: Instrument,
    case_ref: str,
    what: str,
    value: str,
    reason: str,
    by: Account,
    at: datetime,
) -> ListChange:
    """Correct one value of a case, or leave the case out, while the list is not fixed.

    Raises AbsentError where no list is open, RefusedError with every reason why it cannot be changed so.
    """
    frame = frames.not_fixed(session, inspection=inspection)
    if frame is None:
        raise AbsentError("There is no list to change yet.")
    case = session.exec(select(Case).where(Case.frame_id == frame.id, Case.case_ref == case_ref.strip())).first()
    text, faults = checked_reason(reason)
    if case is None:
        faults.insert(0, f"No case of the list has the reference “{case_ref.strip()[:60]}”.")
    if what not in (LEAVE_OUT, *CHANGEABLE):
        faults.insert(0, "Say what is to be changed.")
    if faults or case is None:
        raise RefusedError(*faults)
    made = ListChange(
        frame_id=frame.id,
        tab=case.tab,
        row=case.row or _place(session, case),
        case_ref=case.case_ref,
        reason=text,
        made_at=at,
        made_by_id=by.id or 0,
    )
    if what == LEAVE_OUT:
        if frame.n_cases == 1:
            raise RefusedError("This is the only case of the list: it cannot be left out.")
        made.is_exclusion = True
        session.delete(case)
        frame.n_cases -= 1
    else:
        made.list_column, made.before = what, getattr(case, what) or ""
        made.after = _new_value(session, frame, case, what, value, instrument)
        setattr(case, what, made.after or None)
        session.add(case)
    session.add(made)
    session.flush()
    _count_again(session, frame)
    _record(session, made, inspection=inspection, by=by, at=at)
    return made


def correct(
    session: Session,
    *,
    inspection: Inspection,
    instrument: Instrument,
    case_ref: str,
    values: Mapping[str, str],
    reason: str,
    by: Account,
    at: datetime,
) -> list[ListChange]:
    """Correct each value of a case that differs from what is given, all for one reason; refused with every fault.

    Raises RefusedError with them, and where nothing differs.
    """
    case = found(session, inspection=inspection, case_ref=case_ref)
    differ = [
        name
        for name in sorted(CHANGEABLE, key=lambda one: one == "case_ref")  # last: the others go by the old reference
        if name in values and " ".join(values[name].split()) != (getattr(case, name) or "")
    ]
    if not differ:
        raise RefusedError("Nothing differs from what the list says: change a value, or leave the case out.")
    made, faults = [], []
    for name in differ:
        try:
            made.append(
                change(
                    session,
                    inspection=inspection,
                    instrument=instrument,
                    case_ref=case_ref,
                    what=name,
                    value=values[name],
                    reason=reason,
                    by=by,
                    at=at,
                )
            )
        except RefusedError as error:
            faults += [fault for fault in error.reasons if fault not in faults]
    if faults:
        raise RefusedError(*faults)
    return made


def found(session: Session, *, inspection: Inspection, case_ref: str) -> Case:
    """The case of the list that is not fixed yet; RefusedError where it has no such reference.

    AbsentError where no list is open.
    """
    frame = frames.not_fixed(session, inspection=inspection)
    if frame is None:
        raise AbsentError("There is no list to change yet.")
    case = session.exec(select(Case).where(Case.frame_id == frame.id, Case.case_ref == case_ref.strip())).first()
    if case is None:
        raise RefusedError(f"No case of the list has the reference “{case_ref.strip()[:60]}”.")
    return case


def choices_of(session: Session, *, case: Case, instrument: Instrument, name: str) -> list[tuple[str, str]]:
    """The values that a column of the case's list may take, each with its words; none where it is free text."""
    known = coded_choices(instrument, name)
    if name == "group":
        frame = session.get_one(SamplingFrame, case.frame_id)
        groups = list(dict(frames.counts(session, frame=frame)))
        return known if set(groups) <= {code for code, _ in known} else [(group, group) for group in groups]
    now = getattr(case, name)
    return [*known, (now, now)] if known and now and now not in dict(known) else known


def _new_value(
    session: Session, frame: SamplingFrame, case: Case, what: str, value: str, instrument: Instrument
) -> str:
    text = " ".join(value.split())
    label = OURS[what].label.lower()
    if len(text) > LONGEST_VALUE:
        raise RefusedError(f"The {label} has {len(text)} characters. Give {LONGEST_VALUE} at most.")
    if tells_of_a_child(what, text):
        raise RefusedError(f"The new {label} {IDENTIFIES}")
    if what == "case_ref":
        _check_reference(session, frame, case, text)
    known = codes_of(instrument, what)
    if what == "group":
        groups = dict(frames.counts(session, frame=frame))
        known = {
            **{folded(group): group for group in groups},
            **(known if groups.keys() <= set(known.values()) else {}),
        }
        if not text:
            raise RefusedError("Every case needs a group.")
        if known.get(folded(text), text) in case.other_groups:
            case.other_groups = [group for group in case.other_groups if group != known[folded(text)]]
    if known and text:
        if folded(text) not in known:
            codes = ", ".join(code for code, _ in coded_choices(instrument, what)) or ", ".join(sorted(known.values()))
            raise RefusedError(f"“{text[:60]}” is none of the {OURS[what].values}. Give one of {codes}.")
        text = known[folded(text)]
    if text == (getattr(case, what) or ""):
        raise RefusedError(f"The {label} is “{text[:60]}” already." if text else f"The {label} is blank already.")
    return text


def tells_of_a_child(column: str | None, text: str) -> bool:
    """Whether a new value of a column of ours identifies a child; where codes were made up a name or a date does."""
    return identifies_a_child(text) or (column in frames.OWN_CODES and is_no_code(text))


def _check_reference(session: Session, frame: SamplingFrame, case: Case, text: str) -> None:
    """The same rules as for the references of a file."""
    findings = Findings()
    column = Column("case_ref", as_text([text]), name="case_ref")
    check_references(Cells([column], np.array([1])), column, findings)
    if findings.faults:
        raise RefusedError(*(fault.says for fault in findings.faults))
    others = session.exec(select(Case.case_ref).where(Case.frame_id == frame.id, Case.id != case.id)).all()
    (key,) = reference_keys(as_text([text])).to_pylist()
    if key in set(reference_keys(as_text(list(others))).to_pylist()):
        raise RefusedError(f"Another case of the list has the reference “{text}” already.")


def _place(session: Session, case: Case) -> int:
    """The row of a case of a list that came before rows were kept: header first, in the order of the list."""
    query = select(func.count()).where(Case.frame_id == case.frame_id, col(Case.id) <= case.id)
    return session.exec(query).one() + 1


def _count_again(session: Session, frame: SamplingFrame) -> None:
    """The columns that can serve as strata follow from the values of all cases."""
    names = ("group", *frames.KEPT, "attributes")
    query = select(*(getattr(Case, name) for name in names)).where(Case.frame_id == frame.id)
    rows = [dict(zip(names, row, strict=True)) for row in session.execute(query)]
    frame.columns = frames.columns_for_strata(rows)
    session.add(frame)
    session.flush()


def _record(session: Session, made: ListChange, *, inspection: Inspection, by: Account, at: datetime) -> None:
    audit.record(
        session,
        "list changed",
        by=by,
        at=at,
        kind="list change",
        object_id=made.public_id,
        inspection_id=inspection.id,
        body={"column": made.list_column, "row": made.row, "excluded": made.is_exclusion},
    )
