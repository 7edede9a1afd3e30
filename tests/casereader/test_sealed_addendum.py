"""The sealed addendum: with the certificate it is enough to repeat the assignment, by code that shares none of ours."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from sqlmodel import Session, select

from casereader import assignments, availability, conflicts, draws
from casereader.availability import Given
from casereader.errors import RefusedError
from casereader.instrument import Instrument
from casereader.models import Case, DrawRecord, Reading, SampleCase
from casereader.vocabulary import ReadingKind, SampleRole
from tests import sampled
from tests.cast import Cast

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def sha(seed: str, purpose: str, text: str) -> str:
    return hashlib.sha256(f"{seed}|{purpose}|{text}".encode()).hexdigest()


def repeat(certificate: Mapping[str, Any], sealed: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Who reads what by the rule as docs/verify-a-draw.md states it, from the two papers alone."""
    seed, readers = certificate["seed"], {one["key"]: one for one in sealed["readers"]}
    strata = {case["case_ref"]: case["stratum"] for case in certificate["cases"] if case["role"] == "main"}
    order = sorted(readers, key=lambda key: (sha(seed, "reader", key), key))
    total = sum(one["capacity"] for one in readers.values())
    exact = {key: Fraction(len(strata) * readers[key]["capacity"], total) for key in order}
    room = {key: math.floor(exact[key]) for key in order}
    rest = sorted(order, key=lambda key: (room[key] - exact[key], order.index(key)))
    for key in rest[: len(strata) - sum(room.values())]:
        room[key] += 1
    kin = {ref: tuple(family) for family in sealed["families"] for ref in family}
    bundles = {kin.get(ref, (ref,)) for ref in strata}
    may = {
        bundle: [
            key
            for key in order
            if not set(bundle) & {*readers[key]["barred"], *readers.get(readers[key]["pair"], readers[key])["barred"]}
        ]
        for bundle in bundles
    }
    first: dict[str, str] = {}
    for bundle in sorted(bundles, key=lambda b: (len(may[b]), -len(b), min(sha(seed, "assign", ref) for ref in b))):

        def behind(key: str, bundle: tuple[str, ...] = bundle) -> Fraction:
            found = Fraction(0)
            for ref in bundle:
                part = Fraction(list(strata.values()).count(strata[ref]) * readers[key]["capacity"], total)
                found += part - sum(strata[had] == strata[ref] and who == key for had, who in first.items())
            return found

        best = max(
            may[bundle],
            key=lambda key: (min(room[key] - len(bundle), 0), behind(key), room[key], -order.index(key)),
        )
        room[best] -= len(bundle)
        first.update(dict.fromkeys(bundle, best))
    second: dict[str, str] = {}
    for ref in sorted(strata, key=lambda ref: sha(seed, "second", ref)):
        if len(second) == math.ceil(Fraction(sealed["share"]) * len(strata)):
            break
        pairs = {readers[first[one]]["pair"] for one in kin.get(ref, (ref,))}
        able = [
            key
            for key in order
            if readers[key]["inspects"] and readers[key]["pair"] not in pairs and ref not in readers[key]["barred"]
        ]
        if able:
            n = {key: list(second.values()).count(key) + 1 for key in able}
            second[ref] = min(able, key=lambda key: (Fraction(n[key], readers[key]["capacity"]), order.index(key)))
    return first, second


@pytest.fixture
def assigned(session: Session, people: Cast, instrument: Instrument) -> DrawRecord:
    """A sample with two families and a conflict, dealt to readers of unlike capacity."""
    record = sampled.draw(session, people, instrument)
    main = [case for drawn, case in draws.sampled(session, draw_record=record) if drawn.role is SampleRole.MAIN]
    for case, family in zip(main, ["f1", "f1", "f1", "f2", "f2"], strict=False):
        case.family_group = family
    inspection = people.place.inspection
    capacities = ((people.reviewer, "4"), (people.second_reviewer, "6"), (people.local_reviewer, "2"))
    given = [Given(account, [], per_day, reads=True) for account, per_day in capacities]
    availability.set_days(session, inspection=inspection, given=given, by=people.coordinator, at=sampled.AT)
    conflicts.declare(
        session,
        inspection=inspection,
        account=people.reviewer,
        case_ref=main[7].case_ref,
        with_all=False,
        reason="Kin.",
        by=people.coordinator,
        at=sampled.AT,
    )
    assignments.assign(
        session,
        inspection=inspection,
        instrument=(instrument.id, instrument.version),
        by=people.coordinator,
        at=sampled.AT,
    )
    return record


def given(session: Session, kind: ReadingKind) -> dict[str, int]:
    query = (
        select(Case.case_ref, Reading.reviewer_id)
        .join(SampleCase, SampleCase.case_id == Case.id)  # type: ignore[arg-type]
        .join(Reading, Reading.sample_case_id == SampleCase.id)  # type: ignore[arg-type]
        .where(Reading.kind == kind)
    )
    return dict(session.exec(query).all())


def test_the_assignment_is_repeated_from_the_seed_by_independent_code(
    session: Session, people: Cast, assigned: DrawRecord
) -> None:
    sealed = json.loads(assigned.addendum or "")
    first, second = repeat(json.loads(assigned.certificate), sealed)
    keys = {one.email: one.id for one in (people.reviewer, people.second_reviewer, people.local_reviewer)}

    assert (first, second) == (sealed["first"], sealed["second"])
    assert {ref: keys[reader] for ref, reader in first.items()} == given(session, ReadingKind.FIRST)
    assert {ref: keys[reader] for ref, reader in second.items()} == given(session, ReadingKind.SECOND)
    assert len(second) == 2
    assert assigned.addendum_sha256 == hashlib.sha256((assigned.addendum or "").encode()).hexdigest()


def test_what_comes_to_the_sample_later_is_dealt_around_what_is_given_and_sealed_with_the_digest_before(
    session: Session, people: Cast, instrument: Instrument, assigned: DrawRecord
) -> None:
    before, first = assigned.addendum_sha256, given(session, ReadingKind.FIRST)
    late = [drawn for drawn, _ in draws.sampled(session, draw_record=assigned) if drawn.role is SampleRole.RESERVE][:4]
    for drawn in late:
        drawn.role = SampleRole.MAIN  # as an extension of the draw leaves them
    session.flush()

    n = assignments.assign_added(
        session,
        inspection=people.place.inspection,
        instrument=(instrument.id, instrument.version),
        reason="The sample was extended",
        by=people.coordinator,
        at=sampled.AT,
    )

    now = given(session, ReadingKind.FIRST)
    assert n == 4
    assert {ref: now[ref] for ref in first} == first
    assert json.loads(assigned.addendum or "")["added"][0]["before"] == before != assigned.addendum_sha256


def test_the_deed_is_refused_where_it_would_not_be_what_was_shown(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    sampled.draw(session, people, instrument)
    readers = [people.reviewer, people.second_reviewer]
    deed = {
        "inspection": people.place.inspection,
        "instrument": (instrument.id, instrument.version),
        "by": people.coordinator,
        "at": sampled.AT,
    }
    shown = assignments.propose(session, inspection=people.place.inspection, at=sampled.AT, chosen=readers)

    with pytest.raises(RefusedError, match="changed since it was shown"):
        assignments.assign(session, chosen=[people.reviewer], as_shown=shown.digest, **deed)
    assert assignments.assign(session, chosen=readers, as_shown=shown.digest, **deed) == 20
