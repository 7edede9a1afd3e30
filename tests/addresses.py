"""One address for every kind of page and every kind of thing it can be about, from the demonstration's rows."""

import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from flask import Flask
from sqlmodel import Session, col, select
from werkzeug.routing import Rule

from casereader.db import snapshot
from casereader.models import (
    Account,
    Action,
    Challenge,
    Concern,
    ConflictOfInterest,
    DrawExtension,
    DrawRecord,
    EarlierFigure,
    Inspection,
    Issue,
    Job,
    Membership,
    Programme,
    Query,
    Reading,
    ReadingWorkbook,
    Replacement,
    SampleCase,
    SignIn,
    Unlock,
    WorkbookReturn,
)
from casereader.stages import stages
from casereader.vocabulary import Role, SampleRole
from casereader.web.evaluation.report import DOCUMENT
from tests.demonstration import ACCOUNTS

UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA"
FEW = 3
NEVER_ASKED_ABOUT = "A6"  # a question that no query of the demonstration is about
EMAILS = [f"{name}@demo.example" for name in ACCOUNTS]


@dataclass(frozen=True)
class Address:
    """Where a page is, and whose it is: of an inspection, of a reader, or of nothing that exists."""

    endpoint: str
    path: str
    inspection_id: int | None = None
    reader_id: int | None = None
    is_unknown: bool = False


@dataclass(frozen=True)
class _Thing:
    """What the variable parts of an address stand for."""

    values: dict[str, str]
    inspection_id: int | None = None
    reader_id: int | None = None
    is_unknown: bool = False


def addresses(app: Flask) -> list[Address]:
    """Every page that can be looked at, about one thing of each kind and one that is not there."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.endpoint != "static"]
    return [address for found in addresses_of(app, rules).values() for address in found]


def addresses_of(app: Flask, rules: Iterable[Rule], *, also: Collection[int] = ()) -> dict[str, list[Address]]:
    """The same of these rules only, by rule; `also`: inspections to be among them whatever their stage."""
    with snapshot(app.extensions["casereader_engine"]) as session:
        known = _Known(list(_inspections(session, also)), list(_readings(session, also)))
        return {
            rule.rule: [_address(app, rule, thing) for thing in _things(session, app, rule, known)] for rule in rules
        }


def _address(app: Flask, rule: Rule, thing: _Thing) -> Address:
    path = app.url_map.bind("127.0.0.1").build(rule.endpoint, thing.values)
    return Address(rule.endpoint, path, thing.inspection_id, thing.reader_id, thing.is_unknown)


@dataclass(frozen=True)
class _Known:
    """What most addresses are about, looked up once."""

    inspections: list[_Thing]
    readings: list[_Thing]


def _things(session: Session, app: Flask, rule: Rule, known: _Known) -> Iterator[_Thing]:
    if not rule.arguments:
        yield _Thing({})
        return
    kind = rule.rule.split("/")[1]
    match kind:
        case "set-password":
            yield _Thing({"token": UNKNOWN}, is_unknown=True)
            return
        case "practice":
            for name in (*app.extensions["casereader_practice"], UNKNOWN):
                values = {"case": name, "section": "C"} if "section" in rule.arguments else {"case": name}
                yield _Thing(values, is_unknown=name == UNKNOWN or not _is_practised(app, values))
            return
        case "help":
            yield from _documents(rule)
            return
        case "programmes":
            found = [_Thing({"public_id": programme.public_id}) for programme in session.exec(select(Programme))]
        case "accounts":
            found = [_Thing({"public_id": account.public_id}) for account in session.exec(select(Account).limit(1))]
        case "inspections":
            found = known.inspections
        case "readings":
            found = known.readings
        case "sign-ins":
            found = [_Thing({"public_id": entry.public_id}) for entry in session.exec(select(SignIn).limit(1))]
        case "sign-in-methods":
            found = []  # nobody of the demonstration has one
        case _:
            raise AssertionError(f"{rule.rule}: say here what this address stands for")
    for thing in (*found, _Thing({"public_id": UNKNOWN}, is_unknown=True)):
        yield from _filled(session, app, rule, thing, known)


def _documents(rule: Rule) -> Iterator[_Thing]:
    """A guide, or a picture of one, and one that is not there."""
    (argument,) = rule.arguments
    known = {"guide": "reviewer-guide", "picture": "three-steps.svg"}[argument]
    yield _Thing({argument: known})
    yield _Thing({argument: UNKNOWN}, is_unknown=True)


def _is_practised(app: Flask, values: dict[str, str]) -> bool:
    case = app.extensions["casereader_practice"][values["case"]]
    return values.get("section") in (None, *(section.id for section in case.instrument.sections))


def _inspections(session: Session, also: Collection[int]) -> Iterator[_Thing]:
    """One inspection at each stage, and those asked for."""
    every = {inspection.id or 0: inspection for inspection in session.exec(select(Inspection))}
    of_stage = {standing.stage: key for key, standing in stages.standings(session, list(every)).items()}
    for key in dict.fromkeys((*of_stage.values(), *also)):
        yield _Thing({"public_id": every[key].public_id}, inspection_id=key)


def _readings(session: Session, also: Collection[int]) -> Iterator[_Thing]:
    """One reading in each state of each reviewer who can sign in to the demonstration, and one of somebody else.

    Those of the inspections in `also` are apart from the others.
    """
    query = (
        select(Reading, col(DrawRecord.inspection_id))
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
    )
    known = set(session.exec(select(Account.id).where(col(Account.email).in_(EMAILS))))
    found = {}
    for reading, inspection_id in session.exec(query):
        whose = reading.reviewer_id if reading.reviewer_id in known else None
        found[(reading.state, whose, inspection_id in also)] = (reading, inspection_id)
    for reading, inspection_id in found.values():
        yield _Thing({"public_id": reading.public_id}, inspection_id=inspection_id, reader_id=reading.reviewer_id)


def _filled(session: Session, app: Flask, rule: Rule, thing: _Thing, known: _Known) -> Iterator[_Thing]:
    """The same thing with what else its address names; none where there is nothing of that kind."""
    names = sorted(rule.arguments - thing.values.keys())
    kinds = ["replacement" if name == "key" and "/replacements/" in rule.rule else name for name in names]
    choices = [[UNKNOWN] if thing.is_unknown else _values(session, app, kind, thing, known) for kind in kinds]
    for values in itertools.product(*choices):
        yield replace(thing, values=thing.values | dict(zip(names, values, strict=True)))


def _values(session: Session, app: Flask, name: str, thing: _Thing, known: _Known) -> list[str]:
    """A few things of the kind `name`, of the thing's inspection or reading."""
    match name:
        case "section":
            instrument = app.extensions["casereader_instruments"][_programme(session, thing).instrument_id]
            return [section.id for section in instrument.sections if section.headline][:1]
        case "qi":
            return _programme(session, thing).evaluated_qis[:1]
        case "workbook":
            query = select(ReadingWorkbook.public_id).where(ReadingWorkbook.inspection_id == thing.inspection_id)
            return list(session.exec(query.limit(FEW)))
        case "returned":
            back = select(WorkbookReturn.public_id).join(ReadingWorkbook)
            return list(session.exec(back.where(ReadingWorkbook.inspection_id == thing.inspection_id).limit(FEW)))
        case "reading":
            of_inspection = (each for each in known.readings if each.inspection_id == thing.inspection_id)
            return [each.values["public_id"] for each in itertools.islice(of_inspection, FEW)]
        case "case":
            drawn = select(SampleCase.public_id).join(DrawRecord).where(SampleCase.role == SampleRole.MAIN)
            return list(session.exec(drawn.where(DrawRecord.inspection_id == thing.inspection_id).limit(1)))
        case "draw":
            voided = select(DrawRecord.public_id).where(DrawRecord.inspection_id == thing.inspection_id)
            return list(session.exec(voided.where(col(DrawRecord.voided_at).is_not(None)).limit(FEW)))
        case "extension":
            longer = select(DrawExtension.public_id).join(DrawRecord, col(DrawRecord.id) == DrawExtension.draw_id)
            longer = longer.where(DrawRecord.inspection_id == thing.inspection_id)
            return list(session.exec(longer.where(col(DrawExtension.certificate).is_not(None)).limit(FEW)))
        case "unlock":
            asked = select(Unlock.public_id).join(Reading, col(Reading.id) == Unlock.reading_id)
            asked = asked.join(SampleCase, col(SampleCase.id) == Reading.sample_case_id).join(DrawRecord)
            return list(session.exec(asked.where(DrawRecord.inspection_id == thing.inspection_id).limit(FEW)))
        case "concern":
            return _concerns(session, thing)
        case "question":
            return ["C9"]
        case "issue":
            return _issues(session, thing)
        case "action":
            seen = select(Action.public_id).where(Action.inspection_id == thing.inspection_id)
            return list(session.exec(seen.order_by(col(Action.id)).limit(FEW)))
        case "challenge":
            raised = select(Challenge.public_id).where(Challenge.inspection_id == thing.inspection_id)
            return list(session.exec(raised.order_by(col(Challenge.id)).limit(FEW)))
        case "query":
            return _queries(session, thing)
        case "file":
            asked_for = select(Job.public_id).where(Job.inspection_id == thing.inspection_id)
            return list(session.exec(asked_for.where(Job.kind == DOCUMENT.job).limit(FEW)))
        case "work":
            return []  # it ends within minutes, and is its asker's alone
        case "key":
            return [NEVER_ASKED_ABOUT]
        case "replacement":
            proposed = select(Replacement.public_id).join(SampleCase, col(SampleCase.id) == Replacement.sample_case_id)
            return list(session.exec(proposed.join(DrawRecord).where(DrawRecord.inspection_id == thing.inspection_id)))
        case "conflict":
            declared = select(ConflictOfInterest.public_id).join(
                Inspection, col(Inspection.partnership_id) == ConflictOfInterest.partnership_id
            )
            return list(session.exec(declared.where(Inspection.id == thing.inspection_id).limit(1)))
        case "figure":
            earlier = select(EarlierFigure.public_id).where(EarlierFigure.inspection_id == thing.inspection_id)
            return list(session.exec(earlier.limit(1)))
        case "role":
            return [Role.LEAD.value]
        case "account":
            lead = select(Account.public_id).join(Membership, col(Membership.account_id) == Account.id)
            lead = lead.where(Membership.inspection_id == thing.inspection_id, Membership.role == Role.LEAD)
            return list(session.exec(lead))[:1]
        case _:
            raise AssertionError(f"say here what <{name}> stands for in an address")


def _concerns(session: Session, thing: _Thing) -> list[str]:
    """One matter of concern of the inspection, or of the reading, that its reviewer raised."""
    query = (
        select(Concern.public_id)
        .join(Reading, col(Reading.id) == Concern.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == thing.inspection_id)
    )
    if thing.reader_id is not None:
        query = query.where(Reading.public_id == thing.values["public_id"])
    return list(session.exec(query.limit(1)))


def _issues(session: Session, thing: _Thing) -> list[str]:
    """Every issue of the inspection, or of the programme; of the latter the demonstration has none."""
    if thing.inspection_id is not None:
        return list(session.exec(select(Issue.public_id).where(Issue.inspection_id == thing.inspection_id)))
    of_programme = select(Issue.public_id).join(Programme, col(Programme.id) == Issue.programme_id)
    return list(session.exec(of_programme.where(Programme.public_id == thing.values["public_id"])))


def _queries(session: Session, thing: _Thing) -> list[str]:
    """A few queries of the inspection, or one about the reading."""
    query = (
        select(Query.public_id)
        .join(Reading, col(Reading.id) == Query.reading_id)
        .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
        .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
        .where(DrawRecord.inspection_id == thing.inspection_id)
    )
    if thing.reader_id is not None:
        return list(session.exec(query.where(Reading.public_id == thing.values["public_id"]).limit(1)))
    return list(session.exec(query.limit(FEW)))


def _programme(session: Session, thing: _Thing) -> Programme:
    inspection = session.get_one(Inspection, thing.inspection_id)
    return session.get_one(Programme, inspection.programme_id)
