"""What the seed of a draw follows from: the commitment, the public value, and what either side kept secret."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from casereader import audit, dated
from casereader.errors import ConflictError, RefusedError
from casereader.models import Account, SamplingPlan
from sampling.commitment import seed, value_faults

LONGEST_VALUE = 200
TRIED = "public value tried"
TIME_TO_TELL = timedelta(days=7)  # for a secret, once the public value is known


def canonical_value(text: str) -> str:
    """The public value as it is used: blanks at the ends gone, inner ones single; RefusedError if it cannot serve."""
    value = " ".join(text.split(" ")).strip()
    value = " ".join(value.split())
    if not 1 <= len(value) <= LONGEST_VALUE or not value.isascii() or not value.isprintable():
        raise RefusedError(
            f"Enter the public value in 1 to {LONGEST_VALUE} plain letters, digits and signs, like 4 8 15 16 23 42."
        )
    return value


@dataclass(frozen=True)
class Told:
    """What the seed is made of beside the plan: the public value, and the secret of each side that fixed one."""

    public_value: str
    partnership_secret: str = ""
    inspectorate_secret: str = ""


def told_for(plan: SamplingPlan, told: Told, *, at: datetime) -> Told:
    """The same as it will be used; RefusedError with every reason why it cannot serve.

    Raises ConflictError before list and plan are confirmed.
    """
    reasons: list[str] = []
    value = ""
    try:
        value = canonical_value(told.public_value)
    except RefusedError as error:
        reasons += error.reasons
    for side, secret, digest in (
        ("partnership", told.partnership_secret, plan.partnership_secret_sha256),
        ("inspectorate", told.inspectorate_secret, plan.inspectorate_secret_sha256),
    ):
        reasons += _secret_faults(side, secret, digest, since=_told_from(plan), at=at)
    if reasons:
        raise RefusedError(*reasons)
    return replace(told, public_value=value)


def _secret_faults(side: str, secret: str, digest: str | None, *, since: datetime, at: datetime) -> list[str]:
    """A secret must be the one whose digest was fixed; one not told in time is left out, which stands on record."""
    if digest is None:
        return [f"The {side} fixed no secret: leave the field blank."] if secret else []
    if not secret:
        until = since + TIME_TO_TELL
        if at >= until:
            return []
        return [
            f"The {side}’s secret is missing. Only if it is not told before {dated.moment(until)} may the sample "
            "be drawn without it."
        ]
    if value_faults(side, secret):
        return [f"The {side}’s secret has 1 to {LONGEST_VALUE} plain letters, digits and signs."]
    if hashlib.sha256(secret.encode()).hexdigest() != digest:
        return [f"This is not the {side}’s secret whose digest was fixed: its SHA-256 is another. Look for blanks."]
    return []


def _told_from(plan: SamplingPlan) -> datetime:
    """From when a side may tell its secret: list and plan are confirmed, and the public value is known."""
    moments = [moment for moment in (plan.confirmed_at, plan.public_value_due_at) if moment is not None]
    if not moments:
        raise ConflictError("List and plan are not confirmed yet.")
    return max(moments)


def seed_for(plan: SamplingPlan, told: Told) -> str:
    """The seed that follows from commitment, plan and what was told, in the form it is used; it is never typed."""
    if plan.commitment is None:
        raise ConflictError("List and plan are not fixed yet.")
    return seed(plan.commitment, plan.plan_sha256, told.public_value, told.partnership_secret, told.inspectorate_secret)


def try_value(session: Session, *, plan: SamplingPlan, told: Told, by: Account, at: datetime) -> str:
    """The seed that follows, before anything is drawn; that somebody saw it is kept, so that nobody tries unseen."""
    found = seed_for(plan, told)
    audit.record(session, TRIED, by=by, at=at, kind="plan", object_id=plan.public_id, inspection_id=plan.inspection_id)
    return found


def n_tries(session: Session, *, plan: SamplingPlan) -> int:
    """How often a seed was looked at before the sample was drawn, or has been by now."""
    return len(audit.deeds(session, TRIED, object_ids=[plan.public_id]))
