"""The sealed addendum: with the certificate it is enough to repeat the assignment, by code that shares none of ours."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from sqlmodel import Session, select

from casereader import assignments
from casereader.after_the_draw import extending, replacements
from casereader.assignments import availability
from casereader.assignments.availability import Given
from casereader.drawing import draws
from casereader.drawing.choices import Choices
from casereader.drawing.wave_rule import Rule
from casereader.errors import RefusedError
from casereader.instrument import Instrument
from casereader.models import Account, Case, DrawRecord, Reading, SampleCase
from casereader.people import conflicts
from casereader.vocabulary import INELIGIBLE_REASONS, ReadingKind, SampleRole
from tests import sampled
from tests.cast import Cast

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def sha(seed: str, purpose: str, text: str) -> str:
    return hashlib.sha256(f"{seed}|{purpose}|{text}".encode()).hexdigest()


def repeat(certificate: Mapping[str, Any], sealed: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Who reads what by the rule as docs/verify-a-draw.md states it, from the two papers alone."""
    held = sealed.get("held", {"first": {}, "second": {}})
    waves: dict[str, int] = sealed.get("waves", {})
    seed, readers = certificate["seed"], {one["key"]: one for one in sealed["readers"]}
    pair = {**sealed.get("idle", {}), **{key: one["pair"] for key, one in readers.items()}}
    strata = {case["case_ref"]: case["stratum"] for case in certificate["cases"] if case["role"] == "main"}
    if "held" in sealed:
        to_read = held["first"].keys() | sealed["first"].keys()
        strata = {case["case_ref"]: case["stratum"] for case in certificate["cases"] if case["case_ref"] in to_read}
    shared = [stratum for ref, stratum in strata.items() if held["first"].get(ref, next(iter(readers))) in readers]
    order = sorted(readers, key=lambda key: (sha(seed, "reader", key), key))
    total = sum(one["capacity"] for one in readers.values())
    exact = {key: Fraction(len(shared) * readers[key]["capacity"], total) for key in order}
    room = {key: math.floor(exact[key]) for key in order}
    rest = sorted(order, key=lambda key: (room[key] - exact[key], order.index(key)))
    for key in rest[: len(shared) - sum(room.values())]:
        room[key] += 1
    for key in order:
        room[key] -= list(held["first"].values()).count(key)
    kin = {ref: tuple(family) for family in sealed["families"] for ref in family}
    bundles = {tuple(one for one in kin.get(ref, (ref,)) if one not in held["first"]) for ref in strata} - {()}

    def able(bundle: tuple[str, ...]) -> list[str]:
        family = {one for ref in bundle for one in kin.get(ref, (ref,))}
        blind = {pair.get(held["second"][ref], held["second"][ref]) for ref in family if ref in held["second"]}
        found = [
            key
            for key in order
            if readers[key]["pair"] not in blind
            and not set(bundle) & {*readers[key]["barred"], *readers.get(readers[key]["pair"], readers[key])["barred"]}
        ]
        return [key for key in found if key in {held["first"].get(ref) for ref in family}] or found

    may = {bundle: able(bundle) for bundle in bundles}
    first: dict[str, str] = dict(held["first"])
    for bundle in sorted(bundles, key=lambda b: (len(may[b]), -len(b), min(sha(seed, "assign", ref) for ref in b))):

        def behind(key: str, bundle: tuple[str, ...] = bundle) -> Fraction:
            found = Fraction(0)
            for ref in bundle:
                part = Fraction(shared.count(strata[ref]) * readers[key]["capacity"], total)
                found += part - sum(strata[had] == strata[ref] and who == key for had, who in first.items())
            return found

        def behind_in_waves(key: str, bundle: tuple[str, ...] = bundle) -> Fraction:
            found = Fraction(0)
            for ref in bundle if waves else ():
                n_shared = sum(
                    waves[one] == waves[ref] and held["first"].get(one, order[0]) in readers for one in strata
                )
                had = sum(waves.get(one) == waves[ref] and who == key for one, who in first.items())
                found += Fraction(n_shared * readers[key]["capacity"], total) - had
            return found

        def wish(key: str, bundle: tuple[str, ...] = bundle) -> tuple[int, Fraction, Fraction, int, int]:
            left = min(room[key] - len(bundle), 0)
            return left, behind_in_waves(key), behind(key), room[key], -order.index(key)

        best = max(may[bundle], key=wish)
        room[best] -= len(bundle)
        first.update(dict.fromkeys(bundle, best))
    second: dict[str, str] = dict(held["second"])
    for ref in sorted(first.keys() - held["first"].keys(), key=lambda ref: sha(seed, "second", ref)):
        if len(second) >= math.ceil(Fraction(sealed["share"]) * len(strata)):
            break
        pairs = {pair.get(first[one], first[one]) for one in kin.get(ref, (ref,))}
        others = [
            key
            for key in order
            if readers[key]["inspects"] and readers[key]["pair"] not in pairs and ref not in readers[key]["barred"]
        ]
        if others:
            n = {key: list(second.values()).count(key) + 1 for key in others}
            second[ref] = min(others, key=lambda key: (Fraction(n[key], readers[key]["capacity"]), order.index(key)))
    new = [ref for ref in first if ref not in held["first"]], [ref for ref in second if ref not in held["second"]]
    return {ref: first[ref] for ref in new[0]}, {ref: second[ref] for ref in new[1]}


@pytest.fixture
def assigned(session: Session, people: Cast, instrument: Instrument) -> DrawRecord:
    """A sample with two families and a conflict, dealt to readers of unlike capacity."""
    return deal_out(session, people, instrument, sampled.CHOICES)


def deal_out(session: Session, people: Cast, instrument: Instrument, choices: Choices) -> DrawRecord:
    record = sampled.draw(session, people, instrument, choices=choices)
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


def test_in_waves_the_addendum_names_the_wave_of_each_case_and_is_repeated_too_after_a_longer_sample(
    session: Session, people: Cast, instrument: Instrument
) -> None:
    rule = Rule(n_waves=4, questions=("C9",), maximum=30)
    record = deal_out(session, people, instrument, dataclasses.replace(sampled.CHOICES, waves=rule))
    sealed = json.loads(record.addendum or "")
    assert sealed["schema"] == "casereader/addendum/4"
    assert Counter(sealed["waves"].values()) == {1: 5, 2: 5, 3: 5, 4: 5}
    assert repeat(json.loads(record.certificate), sealed) == (sealed["first"], sealed["second"])

    inspection, of = people.place.inspection, (instrument.id, instrument.version)
    by, at, why = people.coordinator, sampled.AT, "Time for more"
    extending.ask(session, inspection=inspection, sizes={"a": 6, "b": 10}, reason=why, by=by, at=at)
    longer = extending.agree(session, inspection=inspection, by=people.lead, at=at).extension
    assignments.assign_added(session, inspection=inspection, instrument=of, reason=why, by=by, at=at)
    (added,) = json.loads(record.addendum or "")["added"]
    assert Counter(added["waves"].values())[5] == len(added["first"]) == 4
    assert repeat(json.loads(longer.certificate or ""), added) == (added["first"], added["second"])


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
    (added,) = json.loads(assigned.addendum or "")["added"]
    assert added["before"] == before != assigned.addendum_sha256
    assert repeat(json.loads(assigned.certificate), added) == (added["first"], added["second"])
    keys = {one.email: one.id for one in (people.reviewer, people.second_reviewer, people.local_reviewer)}
    assert {ref: keys[reader] for ref, reader in added["first"].items()} == {
        ref: now[ref] for ref in now.keys() - first.keys()
    }


def test_a_reserve_that_was_called_on_is_sealed_with_its_reader_and_the_digest_before(
    session: Session, people: Cast, assigned: DrawRecord
) -> None:
    """Once it goes to the reader of the case it replaces, once a conflict hands it to the rule."""
    rows = draws.sampled(session, draw_record=assigned)
    digests, expected = [assigned.addendum_sha256], []
    for barred, stratum in ((False, "b"), (True, "c")):
        case, ref = next(
            (drawn, case.case_ref)
            for drawn, case in rows
            if drawn.stratum == stratum and drawn.role is SampleRole.MAIN and not case.family_group
        )
        reader = session.get_one(Account, given(session, ReadingKind.FIRST)[ref])
        reserve = next(c.case_ref for d, c in rows if d.stratum == stratum and d.role is SampleRole.RESERVE)
        if barred:
            conflicts.declare(
                session,
                inspection=people.place.inspection,
                account=reader,
                case_ref=reserve,
                with_all=False,
                reason="Kin.",
                by=people.coordinator,
                at=sampled.AT,
            )
        replace(session, people, case)
        digests.append(assigned.addendum_sha256)
        expected.append((ref, reserve, reader.email))

    sealed = json.loads(assigned.addendum or "")["replacements"]
    assert [(one["replaced"], one["reserve"], one["first_reader"]) for one in sealed] == expected
    assert [one["before"] for one in sealed] == digests[:2] and len(set(digests)) == 3
    assert {one["reason"] for one in sealed} == {INELIGIBLE_REASONS[0]}
    plain, ruled = sealed
    assert plain["reader"] == plain["first_reader"] and "dealt" not in plain
    assert ruled["reader"] != ruled["first_reader"]
    assert repeat(json.loads(assigned.certificate), ruled["dealt"])[0] == {ruled["reserve"]: ruled["reader"]}
    keys = {account.email: account.id for account in session.exec(select(Account))}
    now = given(session, ReadingKind.FIRST)
    assert [now[one["reserve"]] for one in sealed] == [keys[one["reader"]] for one in sealed]


def replace(session: Session, people: Cast, case: SampleCase) -> None:
    of = {"inspection": people.place.inspection, "at": sampled.AT}
    proposal = replacements.propose(
        session, public_id=case.public_id, reason=INELIGIBLE_REASONS[0], by=people.coordinator, **of
    )
    replacements.confirm(session, replacement=proposal, by=people.lead, **of)


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
