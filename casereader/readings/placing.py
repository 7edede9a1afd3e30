"""Whose a line of a file of readings is: the sampled case under its reference, and the account of its reader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session, col, select

from casereader.errors import RefusedError
from casereader.models import Account, Case, DrawRecord, SampleCase, SamplingFrame
from casereader.people.accounts import canonical_email
from casereader.places import COMMAND
from casereader.programmes.inspections import Place
from casereader.readings.counting import AT_ONCE
from casereader.readings.reading_file import Line
from casereader.vocabulary import FrameState

Found = tuple[SampleCase, Case, int]  # with the key of the inspection


def sampled_under(session: Session, places: Mapping[int, Place], refs: set[str]) -> dict[str, list[Found]]:
    """The drawn cases under each reference, in the active draws of these inspections; their rows are held."""
    found: dict[str, list[Found]] = defaultdict(list)
    for some in _in_parts(sorted(refs)):
        query = (
            select(SampleCase, Case, DrawRecord.inspection_id)
            .join(Case, col(Case.id) == SampleCase.case_id)
            .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
            .where(
                col(DrawRecord.inspection_id).in_(places),
                col(DrawRecord.voided_at).is_(None),
                col(Case.case_ref).in_(some),
            )
            .order_by(col(SampleCase.id))
            .with_for_update(of=SampleCase, key_share=True)
        )
        for drawn, case, inspection_id in session.exec(query):
            found[case.case_ref].append((drawn, case, inspection_id))
    return found


def faults_of_unknown(session: Session, lines: Sequence[Line], places: Mapping[int, Place]) -> list[str]:
    """What to say of cases that are in no sample: on a list but not drawn, or on no list at all."""
    listed: dict[str, int] = {}
    for some in _in_parts(sorted({line.case_ref for line in lines})):
        query = (
            select(Case.case_ref, SamplingFrame.inspection_id)
            .join(SamplingFrame, col(SamplingFrame.id) == Case.frame_id)
            .where(
                col(SamplingFrame.inspection_id).in_(places),
                SamplingFrame.state != FrameState.SUPERSEDED,
                col(Case.case_ref).in_(some),
            )
        )
        listed.update(dict(session.exec(query).all()))
    faults, told = [], set()
    for line in lines:
        if line.case_ref in told:
            continue
        told.add(line.case_ref)
        where = places.get(listed.get(line.case_ref, 0))
        says = (
            f"is on the list of {where.name}, but not in its sample. Leave it out: only drawn cases count."
            if where is not None
            else "is on no list here. Check the reference, and the inspection that is imported into."
        )
        faults.append(f"row {line.row}, column case_ref: “{line.case_ref[:60]}” {says}")
    return faults


def case_of(
    line: Line, cases: Mapping[str, Sequence[Found]], places: Mapping[int, Place], faults: list[str]
) -> Found | None:
    """The case of a line; None where there is none, or where it could be of several inspections."""
    found = cases.get(line.case_ref, ())
    if len(found) > 1:
        names = " and of ".join(sorted(places[key].path for _, _, key in found))
        faults.append(
            f"row {line.row}, column case_ref: “{line.case_ref}” is in the sample of {names}. "
            "Say which with --inspection PROGRAMME/PARTNERSHIP."
        )
        return None
    return found[0] if found else None


def readers_of(session: Session, lines: Sequence[Line], faults: list[str]) -> dict[str, Account]:
    """The accounts of the readers, by how the file names them."""
    named: dict[str, str] = {}
    first_row: dict[str, int] = {}
    for line in lines:
        first_row.setdefault(line.reader, line.row)
    for reader, row in first_row.items():
        try:
            named[reader] = canonical_email(reader)
        except RefusedError:
            faults.append(f"row {row}, column reader: “{reader[:60]}” is not an e-mail address. Give the reader's.")
    known = {
        account.email: account
        for some in _in_parts(sorted(set(named.values())))
        for account in session.exec(select(Account).where(col(Account.email).in_(some)))
    }
    for reader, email in named.items():
        if email not in known:
            faults.append(
                f"row {first_row[reader]}, column reader: there is no account for {email[:60]}. "
                f"Make one with `{COMMAND} account create`, or correct the address."
            )
    return {reader: known[email] for reader, email in named.items() if email in known}


def _in_parts(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
