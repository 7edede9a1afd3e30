"""What is sealed of the assignment: all that it follows from, what it gave, and what came later."""

from __future__ import annotations

import json
from typing import Any

from sqlmodel import Session

from casereader.assignments.dealing import in_order
from casereader.assignments.proposing import Proposal
from casereader.drawing import draws
from casereader.models import DrawRecord, SamplingPlan
from casereader.vocabulary import SampleRole

SCHEMA, SCHEMA_IN_WAVES = "casereader/addendum/3", "casereader/addendum/4"


def seal_first(session: Session, proposal: Proposal) -> None:
    """Seal the assignment of the whole sample."""
    record = proposal.record
    schema = SCHEMA_IN_WAVES if proposal.waves else SCHEMA
    addendum = {"schema": schema, "certificate": record.certificate_sha256, "seed": record.seed}
    draws.seal(session, draw_record=record, addendum={**addendum, **as_dealt(session, proposal)})


def append(session: Session, draw_record: DrawRecord, key: str, entry: dict[str, Any]) -> None:
    """Seal the addendum again with one more entry, which names the digest that it had before."""
    addendum: dict[str, Any] = json.loads(draw_record.addendum or "{}")
    entry = {"before": draw_record.addendum_sha256, **entry}
    draws.seal(session, draw_record=draw_record, addendum={**addendum, key: [*addendum.get(key, []), entry]})


def as_dealt(session: Session, proposal: Proposal) -> dict[str, Any]:
    """All that the assignment follows from, and the assignment: enough to repeat it from the seed."""
    families: dict[str, list[str]] = {}
    for ref, (_, case) in sorted(proposal.cases.items()):
        if case.family_group:
            families.setdefault(case.family_group, []).append(ref)
    ordered = in_order([seat.as_reader() for seat in proposal.seats], seed=proposal.record.seed)
    new = (proposal.cases[ref][0].role for ref in proposal.dealt.first)
    share = session.get_one(SamplingPlan, proposal.record.plan_id).second_share
    waves = {"waves": dict(sorted(proposal.waves.items()))} if proposal.waves else {}
    return {
        **waves,
        "readers": [
            {
                "key": reader.key,
                "capacity": reader.capacity,
                "pair": reader.pair,
                "inspects": reader.inspects,
                "barred": sorted(reader.barred & proposal.cases.keys()),
            }
            for reader in ordered
        ],
        "families": sorted(refs for refs in families.values() if len(refs) > 1),
        "share": share if SampleRole.MAIN in new else "0",
        "first": dict(sorted(proposal.dealt.first.items())),
        "second": dict(sorted(proposal.dealt.second.items())),
    }


def as_dealt_around(session: Session, proposal: Proposal) -> dict[str, Any]:
    """The same for what came later, with what was held by then, and the pairs of those who read no more."""
    held = {"first": dict(sorted(proposal.held.first.items())), "second": dict(sorted(proposal.held.second.items()))}
    idle = {seat.account.email: seat.as_reader().pair for seat in proposal.others}
    return {**as_dealt(session, proposal), "held": held, "idle": idle}
