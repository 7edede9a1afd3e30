"""The findings of an inspection or of a programme as they stand, what they rest on, and the digest of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlmodel import Session, col, select

from casereader.disclosure import Finding, Ties, findings_of
from casereader.errors import ConflictError
from casereader.in_waves import looking
from casereader.instrument import Instrument
from casereader.issues import loading
from casereader.issues.loading import Loaded
from casereader.issues.scope import Scope
from casereader.issues.ties import ties_of
from casereader.models import DrawRecord
from casereader.programmes.inspections import Place
from casereader.rollup import ALWAYS_VALID, ATTRIBUTES, DOMAINS, PLANNED, WHOLE, RollUp, only_keys, roll_up
from casereader.vocabulary import CaseStatus

TOGETHER = "programme"  # what the roll-up calls all inspections of a programme as one; a finding calls it ""
STRATUM = "stratum"
_NO_SCALES = pd.DataFrame(columns=["inspection", "question", "value", "y", "count"])


@dataclass(frozen=True)
class Gathered:
    """The findings, how many records were read by inspection, and what it all rests on.

    `always_valid` holds the inspections whose limits hold at any time, `might_have_ended` what is told of
    those in waves: how reading ended, and by which rule it could. `ties` say how the findings hang together;
    `contributors` are those of each inspection of a programme; `digests` are of what each inspection by itself holds.
    """

    findings: list[Finding]
    ties: Ties
    contributors: list[Finding]
    read: dict[str, int]
    always_valid: frozenset[str]
    might_have_ended: dict[str, str]
    data_digest: str
    digests: Mapping[str, str]
    data_time: datetime
    certificates: dict[str, str]


def gather(
    session: Session,
    *,
    scope: Scope,
    instrument: Instrument,
    groups: bool = True,
    tell: Callable[[float], None] | None = None,
) -> Gathered:
    """The findings of a scope as they stand: of its inspection, or of all its inspections as one.

    With `groups` those of a programme are also of each group over all inspections, and of each of these, by the
    headline question of each section. `tell` hears which share of the answers is loaded. Raises ConflictError before
    any sample is drawn.
    """
    loaded = loading.load(session, scope.places, instrument, tell=tell)
    if loaded.data_time is None:
        raise ConflictError(f"No sample of {scope.name} is drawn yet: there are no figures.")
    together = scope.place is None
    figures = _rolled_up(loaded, instrument, together=together)
    findings = _whole(loaded, figures, together=together)
    ties = ties_of(instrument, _named(figures.distributions, together), findings)
    contributors: list[Finding] = []
    if together:
        of_each = _rolled_up(loaded, instrument, together=False)
        contributors = _whole(loaded, of_each, together=False)
        if groups:
            asked = headlines(instrument)
            told = [one for one in contributors if one.question in asked]
            findings += divided(loaded, instrument, told)
            more = ties_of(instrument, of_each.distributions, told)
            ties = Ties({**ties.counts, **more.counts}, (*ties.rows, *more.rows))
            contributors += _groups_of_each(loaded, instrument)
    return Gathered(
        findings=findings,
        ties=ties,
        contributors=contributors,
        read=records_read(loaded.cases),
        always_valid=_always_valid(loaded),
        might_have_ended=_might_have_ended(session, scope.places),
        data_digest=loaded.data_digest,
        digests=loaded.digests,
        data_time=loaded.data_time,
        certificates=_certificates(session, scope.places),
    )


def findings_in(loaded: Loaded, instrument: Instrument, *, together: bool) -> list[Finding]:
    """The whole-sample findings of what was loaded; `together` those of all inspections as one, each in its strata."""
    return _whole(loaded, _rolled_up(loaded, instrument, together=together), together=together)


def _rolled_up(loaded: Loaded, instrument: Instrument, *, together: bool) -> RollUp:
    """The figures of every question over the whole sample, and how its answers divide."""
    cases = loaded.cases[_columns(loaded)]
    cases = _joined(cases) if together else cases
    return roll_up(cases, loaded.marks, instrument, domains=(WHOLE,))


def _whole(loaded: Loaded, figures: RollUp, *, together: bool) -> list[Finding]:
    read = records_read(loaded.cases)
    known = {("", WHOLE, ""): sum(read.values())} if together else {(path, WHOLE, ""): n for path, n in read.items()}
    return findings_of(_named(figures.questions, together), _named(figures.distributions, together), read=known)


def _named(table: pd.DataFrame, together: bool) -> pd.DataFrame:
    return table.assign(inspection="") if together else table


def headlines(instrument: Instrument) -> set[str]:
    """The headline question of each section: those by which an issue divides its records."""
    return {part.key for one in instrument.sections if (asked := instrument.headline(one.id)) for part in asked.parts}


def divided(loaded: Loaded, instrument: Instrument, of_each: Sequence[Finding]) -> list[Finding]:
    """Of each headline question the groups over all inspections together, and each inspection, as `of_each` has it.

    Each record keeps the weight of its own inspection's stratum. How many records of each stratum were drawn stands in
    certificates, which strangers verify: an attacker is taken to know how many were read. A group or an inspection in
    which nobody has an answer is there too, with none: left out, it would tell just that.
    """
    marks = only_keys(loaded.marks, headlines(instrument))
    cases = _joined(loaded.cases[[*_columns(loaded), *ATTRIBUTES]])
    # A stratum of all inspections goes in as an attribute: the column of strata holds those of each inspection.
    by_stratum = cases.drop(columns=list(ATTRIBUTES)).assign(**{ATTRIBUTES[0]: loaded.cases[STRATUM]})
    strata = roll_up(by_stratum, marks, instrument, domains=ATTRIBUTES[:1]).questions.assign(domain=STRATUM)
    others = roll_up(cases, marks, instrument, domains=ATTRIBUTES).questions
    read = loaded.cases[loaded.cases["status"] == CaseStatus.READ]
    known = {("", STRATUM, str(level)): int(n) for level, n in read[STRATUM].value_counts().items()}
    found = findings_of(pd.concat([strata, others]).assign(inspection=""), _NO_SCALES, read=known)
    found += of_each
    levels = [("", by, str(level)) for by in (STRATUM, *ATTRIBUTES) for level in sorted(set(read[by].dropna()) - {""})]
    held = {(path, WHOLE, ""): n for path, n in records_read(loaded.cases).items()}
    every = [(question, *place) for question in dict.fromkeys(one.question for one in found) for place in levels]
    every += [(question, *place) for question in dict.fromkeys(one.question for one in found) for place in held]
    by_place = {(one.question, one.inspection, one.domain, one.level): one for one in found}
    known |= held
    return [by_place.get(key) or _of_none(*key, read=known.get(key[1:])) for key in every]


def _groups_of_each(loaded: Loaded, instrument: Instrument) -> list[Finding]:
    """The groups of each inspection by itself, which it knows and nobody publishes."""
    marks = only_keys(loaded.marks, headlines(instrument))
    groups = [one for one in DOMAINS if one != WHOLE]
    return findings_of(roll_up(loaded.cases, marks, instrument, domains=groups).questions, _NO_SCALES)


def _of_none(question: str, inspection: str, domain: str, level: str, *, read: int | None) -> Finding:
    return Finding(question, 0, 0, inspection=inspection, domain=domain, level=level, read=read)


def records_read(cases: pd.DataFrame) -> dict[str, int]:
    """How many records were read, by inspection."""
    counted = Counter(cases.loc[cases["status"] == CaseStatus.READ, "inspection"])
    return {str(path): counted[path] for path in sorted(set(cases["inspection"]))}


def around(
    session: Session, *, scope: Scope, places: Collection[Place], whole: Sequence[Place], instrument: Instrument
) -> list[Finding]:
    """The findings of `places`, and of `whole` together, that earlier issues tell of and that those of a scope meet."""
    found: list[Finding] = []
    if places:
        found += findings_in(loading.load(session, list(places), instrument), instrument, together=False)
    if whole and scope.place is not None:
        found += findings_in(loading.load(session, whole, instrument), instrument, together=True)
    return found


_CASES = ("inspection", "case_ref", "stratum", "population", "status")


def _always_valid(loaded: Loaded) -> frozenset[str]:
    """The inspections whose limits hold at any time."""
    watched = loaded.cases[loaded.cases[ALWAYS_VALID]] if ALWAYS_VALID in loaded.cases else loaded.cases[:0]
    return frozenset(watched["inspection"])


def _might_have_ended(session: Session, places: Sequence[Place]) -> dict[str, str]:
    """How reading ended, and by which rule it could, of those in waves."""
    looked = looking.looked(session, [place.inspection.id or 0 for place in places])
    said = {place.path: looked[key].says_in_issue() for place in places if (key := place.inspection.id or 0) in looked}
    return {path: rule for path, rule in said.items() if rule}


def _columns(loaded: Loaded) -> list[str]:
    """What makes a figure whole, without the groups; all inspections as one have limits as the most watched of them."""
    return [name for name in (*_CASES, ALWAYS_VALID, PLANNED) if name in loaded.cases]


def _joined(cases: pd.DataFrame) -> pd.DataFrame:
    """All inspections as one: a case named with its inspection, a stratum still one of its inspection's own."""
    return cases.assign(
        case_ref=cases["inspection"] + "/" + cases["case_ref"],
        stratum=cases["inspection"] + " / " + cases["stratum"],
        inspection=TOGETHER,
    )


def _certificates(session: Session, places: Sequence[Place]) -> dict[str, str]:
    paths = {place.inspection.id: place.path for place in places}
    query = select(DrawRecord.inspection_id, DrawRecord.certificate_sha256).where(
        col(DrawRecord.inspection_id).in_(list(paths)), col(DrawRecord.voided_at).is_(None)
    )
    return {paths[key]: certificate for key, certificate in session.exec(query)}
