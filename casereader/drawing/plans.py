"""The plan of an inspection: fixed with its list by one person, confirmed by another, before any seed can exist."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader import audit
from casereader.drawing.choices import LONGEST_TEXT, Choices, IndependentCount
from casereader.drawing.planning import preview, settled, table_of
from casereader.errors import ConflictError, RefusedError
from casereader.models import Account, Inspection, Programme, SamplingFrame, SamplingPlan
from casereader.people import accounts
from casereader.programmes import inspections
from casereader.returns import frames
from casereader.returns.frames import OnList
from casereader.vocabulary import FrameState, Role
from sampling.commitment import commitment
from sampling.digest import frame_lines, json_digest
from sampling.labels import label_cases
from sampling.plan import Plan

LONGEST_REASON = 1000
DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Secrets:
    """The SHA-256 of a secret of each side, told before the public value falls due; blank where a side gives none."""

    partnership: str = ""
    inspectorate: str = ""

    def faults(self) -> list[str]:
        """What keeps them from being digests of secrets."""
        return [
            f"The digest of the {side}’s secret has 64 digits and letters from a to f, as sha256sum prints it."
            for side, text in (("partnership", self.partnership), ("inspectorate", self.inspectorate))
            if text and not DIGEST.fullmatch(text)
        ]


def current(session: Session, *, inspection: Inspection) -> SamplingPlan | None:
    """The inspection's plan as it stands, if there is one."""
    query = select(SamplingPlan).where(
        SamplingPlan.inspection_id == inspection.id, col(SamplingPlan.superseded_at).is_(None)
    )
    return session.exec(query).first()


def choices_of(plan: SamplingPlan | None) -> Choices:
    """The choices a plan was made from; the usual ones where there is none."""
    return Choices() if plan is None else Choices.from_json(plan.plan["choices"])


def sampling_plan(plan: SamplingPlan) -> Plan:
    """The plan as `sampling` draws by it."""
    return Plan.from_json(plan.plan["sampling"])


def fix(
    session: Session,
    *,
    inspection: Inspection,
    frame: SamplingFrame,
    choices: Choices,
    independent_counts: Sequence[IndependentCount],
    public_value_source: str,
    public_value_due_at: datetime | None,
    salt: str,
    by: Account,
    at: datetime,
    secrets: Secrets | None = None,
    with_share: Collection[str] = (),
) -> SamplingPlan:
    """Fix list and plan before any seed can exist: from here on neither changes, and the commitment binds both.

    `with_share` are the parts of the instrument that have a share: waves can settle no other. Raises ConflictError
    where they are fixed already, RefusedError with every reason why they cannot be.
    """
    plan = current(session, inspection=inspection)
    if plan is not None and plan.committed_at is not None:
        raise ConflictError("List and plan are fixed already.")
    cases = frames.listed(session, frame=frame)
    choices = settled(cases, choices=choices)
    shown = preview(cases, choices=choices)
    reasons = [fault for count in independent_counts for fault in count.faults()]
    reasons += _missing_groups(session, frame, independent_counts)
    if shown.empty:
        labels = ", ".join(shown.empty)
        reasons.append(
            f"These strata have cases but none to read: {labels}. Raise the minimum, or choose fewer strata."
        )
    if not 1 <= len(public_value_source.strip()) <= LONGEST_TEXT:
        reasons.append(f"Say where the public value will come from, in at most {LONGEST_TEXT} characters.")
    secrets = secrets or Secrets()
    reasons += secrets.faults()
    if public_value_due_at is not None and public_value_due_at <= at:
        reasons.append("The public value must fall due later than now, or it could be known already.")
    if choices.waves is not None:
        rule = choices.waves.for_size(shown.size)
        choices = replace(choices, waves=rule)
        reasons += [fault.says for fault in rule.faults(known=with_share, selection=choices.selection)]
        reasons += rule.faults_of_size(shown.size, population=shown.population)
    if reasons:
        raise RefusedError(*reasons)
    if plan is None:
        plan = SamplingPlan(inspection_id=inspection.id or 0, frame_id=frame.id or 0, plan={}, plan_sha256="")
    plan.public_value_source = " ".join(public_value_source.split())
    plan.public_value_due_at = public_value_due_at
    plan.partnership_secret_sha256 = secrets.partnership or None
    plan.inspectorate_secret_sha256 = secrets.inspectorate or None
    programme = session.get_one(Programme, inspection.programme_id)
    bound = bound_with(
        choices,
        instrument=(programme.instrument_id, programme.instrument_version),
        public_value_source=plan.public_value_source,
        public_value_due_at=public_value_due_at,
        independent_counts=independent_counts,
        secrets=secrets,
    )
    content = replace(shown.plan, bound=bound).as_json()
    plan.frame_id = frame.id or 0
    plan.plan = {"choices": choices.as_json(), "sampling": content}
    plan.plan_sha256 = json_digest(content)
    plan.independent_counts = {count.group: asdict(count) for count in independent_counts}
    plan.second_share = choices.second_share
    plan.salt = salt
    plan.commitment = commitment(frame_lines(_labelled(cases, choices)), salt)
    plan.committed_at, plan.committed_by_id = at, by.id
    plan.sent_back_by_id, plan.sent_back_reason = None, ""
    frame.state = FrameState.COMMITTED
    session.add_all([plan, frame])
    session.flush()
    due = public_value_due_at.isoformat() if public_value_due_at is not None else None
    body: dict[str, Any] = {"commitment": plan.commitment, "public_value_due_at": due}
    if secrets.partnership:
        body["entered_for"] = "partnership"
    _record(session, "list and plan fixed", plan=plan, by=by, at=at, body=body)
    return plan


def bound_with(
    choices: Choices,
    *,
    instrument: tuple[str, str],
    public_value_source: str,
    public_value_due_at: datetime | None,
    independent_counts: Sequence[IndependentCount],
    secrets: Secrets,
) -> dict[str, str | list[str] | None]:
    """What is fixed with the plan and stands in its digest, though the draw itself does not look at it."""
    return {
        **(choices.waves.bound() if choices.waves else {}),
        "second_share": choices.second_share,
        "comparison_column": choices.comparison_column or None,
        "comparison_values": list(choices.comparison_values),
        "comparison_least": str(choices.comparison_least),
        "instrument": instrument[0],
        "instrument_version": instrument[1],
        "public_value_source": public_value_source,
        "public_value_due_at": public_value_due_at.astimezone(UTC).isoformat() if public_value_due_at else None,
        "independent_counts": [count.in_words() for count in independent_counts],
        "partnership_secret_sha256": secrets.partnership or None,
        "inspectorate_secret_sha256": secrets.inspectorate or None,
    }


def take_back(session: Session, *, inspection: Inspection, by: Account, at: datetime) -> None:
    """Open list and plan again; possible until somebody has confirmed them.

    Raises ConflictError where they are not fixed, or are confirmed.
    """
    _open_again(session, inspection, action="list and plan taken back", by=by, at=at, body={})


def send_back(session: Session, *, inspection: Inspection, reason: str, by: Account, at: datetime) -> None:
    """Open list and plan again instead of confirming them, and say to whoever fixed them what is to be changed.

    Raises ConflictError where they are not fixed, or are confirmed; RefusedError without a word of what is to be
    changed.
    """
    reason = " ".join(reason.split())
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise RefusedError(f"Say what should be changed before you confirm, in at most {LONGEST_REASON:,} characters.")
    body = {"reason_length": len(reason)}
    plan = _open_again(session, inspection, action="list and plan sent back", by=by, at=at, body=body)
    plan.sent_back_by_id, plan.sent_back_reason = by.id, reason
    session.add(plan)
    session.flush()


def _open_again(
    session: Session, inspection: Inspection, *, action: str, by: Account, at: datetime, body: dict[str, Any]
) -> SamplingPlan:
    plan = _fixed(session, inspection)
    if plan.confirmed_at is not None:
        raise ConflictError("List and plan are confirmed, and do not change any more.")
    body = {**body, "commitment": plan.commitment}
    plan.committed_at = plan.committed_by_id = plan.commitment = plan.salt = None
    frame = session.get_one(SamplingFrame, plan.frame_id)
    frame.state = FrameState.CHECKED
    session.add_all([plan, frame])
    session.flush()
    _record(session, action, plan=plan, by=by, at=at, body=body)
    return plan


def confirmers(session: Session, *, inspection: Inspection, plan: SamplingPlan) -> list[Account]:
    """The leads who may confirm what somebody else fixed, by name."""
    leads = inspections.people(session, inspection=inspection, role=Role.LEAD)
    return [account for account, _ in leads if not _why_not_second(session, plan, account)]


def confirm(session: Session, *, inspection: Inspection, by: Account, at: datetime) -> SamplingPlan:
    """A second person's word that list and plan are right; the sample can be drawn only after it.

    Raises ConflictError where they are not fixed, or are confirmed; RefusedError where `by` cannot be the second
    person.
    """
    plan = _fixed(session, inspection)
    if plan.confirmed_at is not None:
        raise ConflictError("List and plan are confirmed already.")
    if why := _why_not_second(session, plan, by):
        raise RefusedError(why)
    plan.confirmed_at, plan.confirmed_by_id = at, by.id
    session.add(plan)
    session.flush()
    _record(session, "list and plan confirmed", plan=plan, by=by, at=at, body={"commitment": plan.commitment})
    return plan


def _why_not_second(session: Session, plan: SamplingPlan, account: Account) -> str:
    if plan.committed_by_id == account.id:
        return "You fixed this list and plan yourself: somebody else must confirm them."
    fixer = session.get(Account, plan.committed_by_id) if plan.committed_by_id is not None else None
    return accounts.as_two_people(session, fixer, account) if fixer is not None else ""


def _labelled(cases: Sequence[OnList], choices: Choices) -> list[tuple[str, str]]:
    """Stratum label and reference of each case: the lines of the frame digest."""
    within = choices.drawn_within
    found = label_cases(table_of(cases, columns=within, comparison=choices.comparison), within)
    return [(found.labels[code], case.case_ref) for code, case in zip(found.codes, cases, strict=True)]


def _missing_groups(session: Session, frame: SamplingFrame, given: Sequence[IndependentCount]) -> list[str]:
    known = {count.group for count in given}
    return [
        f"Group {group}: enter the count of another source, or tick that no source exists."
        for group, _ in frames.counts(session, frame=frame)
        if group not in known
    ]


def _fixed(session: Session, inspection: Inspection) -> SamplingPlan:
    plan = current(session, inspection=inspection)
    if plan is None or plan.committed_at is None:
        raise ConflictError("List and plan are not fixed yet.")
    return plan


def _record(
    session: Session, action: str, *, plan: SamplingPlan, by: Account, at: datetime, body: dict[str, Any]
) -> None:
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="plan",
        object_id=plan.public_id,
        inspection_id=plan.inspection_id,
        body={**body, "plan_sha256": plan.plan_sha256},
    )
