"""The findings of an inspection or of a programme as they stand, what they rest on, and the digest of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlmodel import Session, col, select

from casereader import material
from casereader.disclosure import Finding, Ties, findings_of
from casereader.errors import ConflictError
from casereader.inspections import Place
from casereader.instrument import Instrument
from casereader.issues.scope import Scope
from casereader.issues.ties import ties_of
from casereader.material import Material
from casereader.models import DrawRecord
from casereader.rollup import ATTRIBUTES, WHOLE, roll_up
from casereader.vocabulary import CaseStatus
from sampling.digest import json_digest

TOGETHER = "programme"  # what the roll-up calls all inspections of a programme as one; a finding calls it ""
STRATUM = "stratum"
_NO_SCALES = pd.DataFrame(columns=["inspection", "question", "value", "y", "count"])


@dataclass(frozen=True)
class Gathered:
    """The findings, how many records were read by inspection, and what it all rests on.

    `ties` say how the findings hang together; `contributors` are those of each inspection of a programme.
    """

    findings: list[Finding]
    ties: Ties
    contributors: list[Finding]
    read: dict[str, int]
    data_digest: str
    data_time: datetime
    certificates: dict[str, str]


def gather(session: Session, *, scope: Scope, instrument: Instrument, groups: bool = True) -> Gathered:
    """The findings of a scope as they stand: of its inspection, or of all its inspections as one.

    With `groups` those of a programme are also of each group over all inspections, and of each of these, by the
    headline question of each section.
    """
    loaded = material.load(session, scope.places, instrument, only=None)
    if loaded.data_time is None:
        raise ConflictError(f"No sample of {scope.name} is drawn yet: there are no figures.")
    together = scope.place is None
    questions, scales = _rolled_up(loaded, instrument, together=together)
    findings = _whole(loaded, questions, scales, together=together)
    ties = ties_of(instrument, scales, findings)
    contributors = findings_in(loaded, instrument, together=False) if together else []
    if together and groups:
        found, of_each = divided(loaded, instrument)
        findings += found
        ties = Ties({**ties.counts, **of_each.counts}, (*ties.rows, *of_each.rows))
        contributors += _groups_of_each(loaded, instrument)
    return Gathered(
        findings=findings,
        ties=ties,
        contributors=contributors,
        read=records_read(loaded.cases),
        data_digest=data_digest(loaded),
        data_time=loaded.data_time,
        certificates=_certificates(session, scope.places),
    )


def findings_in(loaded: Material, instrument: Instrument, *, together: bool) -> list[Finding]:
    """The whole-sample findings of what was loaded; `together` those of all inspections as one, each in its strata."""
    return _whole(loaded, *_rolled_up(loaded, instrument, together=together), together=together)


def _rolled_up(loaded: Material, instrument: Instrument, *, together: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The figures of every question, and how its answers divide."""
    cases, answers = loaded.cases[list(_CASES)], loaded.answers
    if together:
        cases, answers = _joined(cases), _joined(answers)
    figures = roll_up(cases, answers, instrument)
    tables = figures.questions, figures.distributions
    return (tables[0].assign(inspection=""), tables[1].assign(inspection="")) if together else tables


def _whole(loaded: Material, questions: pd.DataFrame, scales: pd.DataFrame, *, together: bool) -> list[Finding]:
    read = records_read(loaded.cases)
    known = {("", WHOLE, ""): sum(read.values())} if together else {(path, WHOLE, ""): n for path, n in read.items()}
    return findings_of(questions[questions["domain"] == WHOLE], scales, read=known)


def digest_of(session: Session, *, scope: Scope, instrument: Instrument) -> str:
    """What `gather` would say the digest of the data is; the figures are not worked out."""
    return data_digest(material.load(session, scope.places, instrument, only=None))


def headlines(instrument: Instrument) -> set[str]:
    """The headline question of each section: those by which an issue divides its records."""
    return {part.key for one in instrument.sections if (asked := instrument.headline(one.id)) for part in asked.parts}


def divided(loaded: Material, instrument: Instrument) -> tuple[list[Finding], Ties]:
    """Of each headline question the groups over all inspections together, and each inspection with what ties it.

    Each record keeps the weight of its own inspection's stratum. How many records of each stratum were drawn stands in
    certificates, which strangers verify: an attacker is taken to know how many were read. A group or an inspection in
    which nobody has an answer is there too, with none: left out, it would tell just that.
    """
    answers, asked = _joined(loaded.answers), headlines(instrument)
    cases = _joined(loaded.cases[[*_CASES, *ATTRIBUTES]])
    # A stratum of all inspections goes in as an attribute: the column of strata holds those of each inspection.
    by_stratum = cases.drop(columns=list(ATTRIBUTES)).assign(**{ATTRIBUTES[0]: loaded.cases[STRATUM]})
    strata = roll_up(by_stratum, answers, instrument).questions
    strata = strata[strata["domain"] == ATTRIBUTES[0]].assign(domain=STRATUM)
    others = roll_up(cases, answers, instrument).questions
    tables = pd.concat([strata, others[others["domain"].isin(ATTRIBUTES)]]).assign(inspection="")
    read = loaded.cases[loaded.cases["status"] == CaseStatus.READ]
    known = {("", STRATUM, str(level)): int(n) for level, n in read[STRATUM].value_counts().items()}
    found = findings_of(tables[tables["question"].isin(asked)], _NO_SCALES, read=known)
    questions, scales = _rolled_up(loaded, instrument, together=False)
    of_each = [one for one in _whole(loaded, questions, scales, together=False) if one.question in asked]
    found += of_each
    levels = [("", by, str(level)) for by in (STRATUM, *ATTRIBUTES) for level in sorted(set(read[by].dropna()) - {""})]
    held = {(path, WHOLE, ""): n for path, n in records_read(loaded.cases).items()}
    every = [(question, *place) for question in dict.fromkeys(one.question for one in found) for place in levels]
    every += [(question, *place) for question in dict.fromkeys(one.question for one in found) for place in held]
    by_place = {(one.question, one.inspection, one.domain, one.level): one for one in found}
    every_one = [by_place.get(key) or _of_none(*key, read=(known | held).get(key[1:])) for key in every]
    return every_one, ties_of(instrument, scales, of_each)


def _groups_of_each(loaded: Material, instrument: Instrument) -> list[Finding]:
    """The groups of each inspection by itself, which it knows and nobody publishes."""
    questions = roll_up(loaded.cases, loaded.answers, instrument).questions
    of_groups = questions["question"].isin(headlines(instrument)) & (questions["domain"] != WHOLE)
    return findings_of(questions[of_groups], _NO_SCALES)


def _of_none(question: str, inspection: str, domain: str, level: str, *, read: int | None) -> Finding:
    return Finding(question, 0, 0, inspection=inspection, domain=domain, level=level, read=read)


def records_read(cases: pd.DataFrame) -> dict[str, int]:
    """How many records were read, by inspection."""
    counted = Counter(cases.loc[cases["status"] == CaseStatus.READ, "inspection"])
    return {str(path): counted[path] for path in sorted(set(cases["inspection"]))}


def data_digest(loaded: Material) -> str:
    """The SHA-256 of every sampled case, every answer that counts and every N, in an order of their own."""
    tables = (loaded.cases, loaded.answers, loaded.frame_counts)
    return json_digest([[list(table.columns), sorted(_rows(table), key=repr)] for table in tables])


def around(
    session: Session, *, scope: Scope, places: Collection[Place], whole: Sequence[Place], instrument: Instrument
) -> list[Finding]:
    """The findings of `places`, and of `whole` together, that earlier issues tell of and that those of a scope meet."""
    found: list[Finding] = []
    if places:
        found += findings_in(material.load(session, list(places), instrument, only=None), instrument, together=False)
    if whole and scope.place is not None:
        found += findings_in(material.load(session, whole, instrument, only=None), instrument, together=True)
    return found


_CASES = ("inspection", "case_ref", "stratum", "population", "status")


def _joined(table: pd.DataFrame) -> pd.DataFrame:
    """All inspections as one: a case named with its inspection, a stratum still one of its inspection's own."""
    made = table.assign(case_ref=table["inspection"] + "/" + table["case_ref"], inspection=TOGETHER)
    return made.assign(stratum=table["inspection"] + " / " + table["stratum"]) if "stratum" in table else made


def _rows(table: pd.DataFrame) -> list[list[Any]]:
    """Rows of texts and whole numbers; a blank is None."""
    columns = [[None if pd.isna(value) else _plain(value) for value in table[name].tolist()] for name in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else str(value)


def _certificates(session: Session, places: Sequence[Place]) -> dict[str, str]:
    paths = {place.inspection.id: place.path for place in places}
    query = select(DrawRecord.inspection_id, DrawRecord.certificate_sha256).where(
        col(DrawRecord.inspection_id).in_(list(paths)), col(DrawRecord.voided_at).is_(None)
    )
    return {paths[key]: certificate for key, certificate in session.exec(query)}
