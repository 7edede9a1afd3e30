"""Programmes: a round of inspections begun on one version of an instrument, and its text fixes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, func, select

from casereader import audit, data_kinds
from casereader.agreement import Threshold
from casereader.errors import AbsentError, ConflictError, RefusedError, present
from casereader.instrument import Instrument, Library, version_of
from casereader.instrument.model import Filler
from casereader.models import Account, Evaluation, Inspection, Programme
from casereader.naming import plain_name, slug_of
from casereader.programmes import publishing
from casereader.vocabulary import Coefficient, DataKind
from sampling.exact import decimal_text

_COMPARED: Mapping[Filler, str] = {
    "legal_basis": "Legal basis",
    "living": "Living arrangement",
    "age_band": "Age",
    "deprivation": "Deprivation fifth",
}


def begin(
    session: Session,
    *,
    name: str,
    instrument: Instrument,
    evaluated_qis: Sequence[str],
    by: Account | None,
    at: datetime,
    data_kind: DataKind | None = None,
) -> Programme:
    """Begin a programme on one version of an instrument; its data are of the installation's kind where none is given.

    Raises RefusedError where the name is taken, the instrument is an example, or has not all of `evaluated_qis`.
    """
    name = plain_name(name, "programme")
    if instrument.example:
        raise RefusedError(f"{instrument.id} is an example. Copy its file, make it yours, and begin on the copy.")
    known = [indicator.value for indicator in instrument.quality_indicators]
    unknown = [qi for qi in evaluated_qis if qi not in known]
    if unknown:
        raise RefusedError(f"{instrument.id} does not speak of {', '.join(unknown)}: choose from {', '.join(known)}.")
    slug = slug_of(name)
    taken = select(Programme.id).where((Programme.name == name) | (Programme.slug == slug))
    if session.exec(taken).first():
        raise RefusedError(f"There is a programme called {name} already: choose another name.")
    programme = Programme(
        name=name,
        slug=slug,
        instrument_id=instrument.id,
        instrument_version=instrument.version,
        evaluated_qis=list(evaluated_qis),
        data_kind=data_kind or _kind_of_a_new_one(session),
        created_at=at,
        created_by_id=by.id if by else None,
    )
    session.add(programme)
    publishing.publish(session, instrument=instrument, at=at)
    session.flush()
    body = {
        "instrument": instrument.id,
        "version": instrument.version,
        "digest": instrument.digest,
        "qis": list(evaluated_qis),
    }
    audit.record(session, "programme begun", by=by, at=at, kind="programme", object_id=programme.public_id, body=body)
    return programme


def _kind_of_a_new_one(session: Session) -> DataKind:
    """What a programme begun here holds: nothing in a demonstration is record reading."""
    return DataKind.DEMO if data_kinds.of_instance(session) is DataKind.DEMO else DataKind.RECORDS


def choose_indicators(
    session: Session,
    *,
    programme: Programme,
    instrument: Instrument,
    evaluated_qis: Sequence[str],
    by: Account,
    at: datetime,
) -> None:
    """Settle on which quality indicators an evaluation is written, as long as none is.

    Raises ConflictError after that, RefusedError with those that the instrument does not have.
    """
    if _is_evaluated(session, programme):
        raise ConflictError("An evaluation is written in this programme: its quality indicators stand.")
    known = [indicator.value for indicator in instrument.quality_indicators]
    unknown = [qi for qi in evaluated_qis if qi not in known]
    if unknown:
        raise RefusedError(f"{instrument.id} does not speak of {', '.join(unknown)}: choose from {', '.join(known)}.")
    chosen = [qi for qi in known if qi in evaluated_qis]
    if chosen == programme.evaluated_qis:
        return
    programme.evaluated_qis = chosen
    session.add(programme)
    session.flush()
    body = {"qis": programme.evaluated_qis}
    audit.record(session, "indicators chosen", by=by, at=at, kind="programme", object_id=programme.public_id, body=body)


def may_choose_indicators(session: Session, *, programme: Programme) -> bool:
    """Whether the quality indicators of a programme can still be changed: no evaluation is written yet."""
    return not _is_evaluated(session, programme)


def _is_evaluated(session: Session, programme: Programme) -> bool:
    of_it = select(Evaluation.id).join(Inspection, col(Inspection.id) == Evaluation.inspection_id)
    return session.exec(of_it.where(Inspection.programme_id == programme.id)).first() is not None


def n_partnerships(session: Session, *, programme: Programme) -> int:
    """How many partnerships the programme lists, whoever looks."""
    return session.exec(select(func.count()).where(Inspection.programme_id == programme.id)).one()


def begun_by(session: Session, *, account: Account) -> Sequence[Programme]:
    """The programmes that the account began, by name."""
    return session.exec(select(Programme).where(Programme.created_by_id == account.id).order_by(Programme.name)).all()


def begun(session: Session, *, public_id: str, account: Account) -> Programme:
    """The programme of that name if the account began it; AbsentError otherwise."""
    query = select(Programme).where(Programme.public_id == public_id, Programme.created_by_id == account.id)
    return present(session.exec(query).first())


def by_name(session: Session, *, name: str) -> Programme:
    """The programme called so (slug or name) on the command line.

    Raises AbsentError where there is none.
    """
    found = session.exec(select(Programme).where(Programme.slug == slug_of(name))).first()
    if found is None:
        raise AbsentError(f"There is no programme {name}: `inspection list --json` names them all.")
    return found


def text_fix(library: Library, programme: Programme) -> Instrument | None:
    """The newest text fix of a programme's instrument that it is not on yet; None where there is none."""
    mine = version_of(programme.instrument_version)
    later = [one for one in library.versions(programme.instrument_id) if version_of(one.version) > mine]
    fixes = [one for one in later if version_of(one.version)[0] == mine[0]]
    return fixes[-1] if fixes else None


def take_text_fix(
    session: Session, *, programme: Programme, instrument: Instrument, by: Account | None, at: datetime
) -> Programme:
    """Go on with a text fix: readings given out from now on begin with it, all others keep the version they have.

    Raises RefusedError where the instrument is another, or no newer text fix.
    """
    mine, new = version_of(programme.instrument_version), version_of(instrument.version)
    if instrument.id != programme.instrument_id or new[0] != mine[0]:
        raise RefusedError("A programme keeps its instrument: only a text fix of the same whole version can be taken.")
    if new <= mine:
        raise RefusedError(f"The programme is on version {programme.instrument_version} already.")
    publishing.publish(session, instrument=instrument, at=at)
    body = {"instrument": instrument.id, "from": programme.instrument_version, "to": instrument.version}
    programme.instrument_version = instrument.version
    session.add(programme)
    session.flush()
    audit.record(session, "text fix taken", by=by, at=at, kind="programme", object_id=programme.public_id, body=body)
    return programme


def stratum_order(programme: Programme, instrument: Instrument) -> list[str]:
    """The groups of the instrument by code, first the one in which a child in several groups is drawn."""
    codes = [stratum.code for stratum in instrument.strata]
    chosen = [code for code in programme.stratum_order if code in codes]
    return chosen + [code for code in codes if code not in chosen]


def choose_stratum_order(
    session: Session,
    *,
    programme: Programme,
    instrument: Instrument,
    places: Mapping[str, str],
    by: Account,
    at: datetime,
) -> None:
    """Settle the order; `places` gives each group's place as somebody typed it, every whole number from 1 once.

    Raises RefusedError otherwise.
    """
    codes = [stratum.code for stratum in instrument.strata]
    typed = [places.get(code, "") for code in codes]
    if sorted(typed) != sorted(str(n) for n in range(1, len(codes) + 1)):
        raise RefusedError(
            f"Give each group a place of its own, from 1 to {len(codes)}: 1 is the group that comes first."
        )
    order = sorted(codes, key=lambda code: int(places[code]))
    if order == programme.stratum_order:
        return
    programme.stratum_order = order
    session.add(programme)
    session.flush()
    body = {"order": programme.stratum_order}
    audit.record(
        session, "order of groups chosen", by=by, at=at, kind="programme", object_id=programme.public_id, body=body
    )


def comparison_groups(instrument: Instrument) -> dict[str, tuple[str, str, str]]:
    """The groups that can be set against their peers: name in a form → column of the list, its value, and its words."""
    found = {f"group:{one.code}": ("group", one.code, f"Group {one.code}: {one.label}") for one in instrument.strata}
    for filler, words in _COMPARED.items():
        for part in instrument.filled_from(filler)[:1]:
            for choice in part.choices:
                found[f"{filler}:{choice.value}"] = (filler, choice.value, f"{words}: {choice.label}")
    return found


def choose_comparison(
    session: Session, *, programme: Programme, instrument: Instrument, name: str, by: Account, at: datetime
) -> None:
    """Settle which group the programme reports against its peers; a blank name settles none.

    Raises RefusedError for a name that is not offered.
    """
    known = comparison_groups(instrument)
    if name and name not in known:
        raise RefusedError("Choose one of the groups offered, or none.")
    comparison = {"column": known[name][0], "values": [known[name][1]]} if name else None
    if comparison == programme.comparison:
        return
    programme.comparison = comparison
    session.add(programme)
    session.flush()
    body = {"comparison": name or None}
    audit.record(session, "comparison chosen", by=by, at=at, kind="programme", object_id=programme.public_id, body=body)


def agreement_threshold(programme: Programme) -> Threshold:
    """The agreement below which a question of the programme needs work."""
    return Threshold(
        programme.agreement_coefficient.value, float(programme.least_coefficient), float(programme.least_agreement)
    )


def choose_threshold(
    session: Session,
    *,
    programme: Programme,
    coefficient: Coefficient,
    least_coefficient: Decimal,
    least_per_cent: Decimal,
    by: Account,
    at: datetime,
) -> None:
    """Settle below which coefficient, and which per cent of exact agreement, a question needs work.

    Raises RefusedError with every number that cannot be.
    """
    reasons = []
    if not (least_coefficient.is_finite() and 0 <= least_coefficient <= 1):
        reasons.append("The least coefficient lies between 0 and 1, such as 0.75.")
    if not (least_per_cent.is_finite() and 0 <= least_per_cent <= 100):
        reasons.append("The least exact agreement lies between 0 and 100 per cent, such as 95.")
    if reasons:
        raise RefusedError(*reasons)
    settled = (coefficient, decimal_text(round(least_coefficient, 4)), decimal_text(round(least_per_cent / 100, 4)))
    if settled == (programme.agreement_coefficient, programme.least_coefficient, programme.least_agreement):
        return
    programme.agreement_coefficient, programme.least_coefficient, programme.least_agreement = settled
    session.add(programme)
    session.flush()
    body = {
        "coefficient": coefficient,
        "least_coefficient": programme.least_coefficient,
        "least_agreement": programme.least_agreement,
    }
    audit.record(
        session, "agreement threshold chosen", by=by, at=at, kind="programme", object_id=programme.public_id, body=body
    )
