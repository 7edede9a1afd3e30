"""Rebuilding an issue from the data as they are now, and naming what is not as it was frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlmodel import Session, col, select

from casereader.disclosure import DisclosureError, Figure, Finding, Policy
from casereader.instrument import Instrument, Library
from casereader.instrument.versions import same_questions
from casereader.issues import freezing, gathering, listing
from casereader.issues.freezing import Met
from casereader.issues.saying import Reads, reads
from casereader.issues.scope import Scope, narrowed
from casereader.models import AuditEvent, Issue
from sampling.digest import json_digest
from sampling.version import SOFTWARE

NOTHING = Reads("no figure", "no figure")


@dataclass
class Comparison:
    """What differs, and what should be known beside it; nothing that differs is the same issue once more."""

    differences: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        """Whether the issue was rebuilt as it is."""
        return not self.differences


def compare(session: Session, *, scope: Scope, row: Issue, instrument: Instrument, library: Library) -> Comparison:
    """Rebuild an issue; `instrument` is the programme's of today, used only where the one of then is not installed."""
    found = Comparison()
    if _digest_when_issued(session, row) != json_digest(row.content):
        found.differences.append("What is stored is not what was issued: its SHA-256 in the audit trail is another.")
    if row.software != SOFTWARE:
        found.remarks.append(f"It was made by {row.software}, and rebuilt by {SOFTWARE}.")
    every = {place.path: place for place in listing.places_of(session, scope)}
    if lost := [path for path in freezing.paths_in(row) if path not in every]:
        found.differences.append(f"There is no inspection any more called {', '.join(lost)}.")
        return found
    if erased := [path for path in freezing.paths_in(row) if every[path].inspection.erased_at is not None]:
        found.differences.append(f"The content of {', '.join(erased)} was erased: it cannot be rebuilt.")
        return found
    of_then = narrowed(scope, [every[path] for path in freezing.paths_in(row)])
    then = library.find(row.instrument_id, row.instrument_version)
    using, keys = then or instrument, _keys(row, then, instrument, library, found)
    gathered = gathering.gather(session, scope=of_then, instrument=using, groups=freezing.is_divided(row))
    if gathered.data_digest != row.data_digest:
        found.differences.append(
            f"The data are not what they were: SHA-256 {gathered.data_digest}, and {row.data_digest} then."
        )
    for path, certificate in row.certificates.items():
        if gathered.certificates.get(path) != certificate:
            found.differences.append(f"{path} has another draw than then.")
    by_id = {one.public_id: one for one in listing.all_issued(session, scope=scope)}
    met = row.proof["met"]
    before = Met(
        [by_id[name] for name in met["earlier"]],
        *([every[path] for path in met[which]] for which in ("places", "whole")),
    )
    findings = _as_then(gathered.findings, keys)
    try:
        planned = freezing.plan(
            session,
            scope=of_then,
            number=row.number,
            findings=findings,
            ties=gathered.ties.called(keys),
            contributors=_as_then(gathered.contributors, keys),
            policy=Policy.of(row.policy),
            met=before,
            using=using,
        )
    except DisclosureError as error:
        found.differences.append(f"No issue can be made of the figures of today: {error}")
        return found
    _figures(freezing.content_of(row).figures, planned.figures, set(keys.values()), found)
    return found


def _keys(
    row: Issue, then: Instrument | None, now: Instrument, library: Library, found: Comparison
) -> Mapping[str, str]:
    """The questions to rebuild with, each with its key in the issue: where versions differ, those that ask the same."""
    if then is not None:
        return {key: key for key in then.parts}
    same = same_questions(library, id=row.instrument_id, earlier=row.instrument_version, later=now.version)
    same = same or ({key: key for key in now.parts} if _whole(now.version) == _whole(row.instrument_version) else {})
    found.remarks.append(
        f"Version {row.instrument_version} of {row.instrument_id} is not installed: rebuilt with {now.version}, "
        f"whose {len(same)} questions ask the same."
    )
    return same


def _whole(version: str) -> str:
    return version.partition(".")[0]


def _as_then(findings: Sequence[Finding], keys: Mapping[str, str]) -> list[Finding]:
    return [replace(one, question=keys[one.question]) for one in findings if one.question in keys]


def _figures(then: tuple[Figure, ...], now: tuple[Figure, ...], questions: set[str], found: Comparison) -> None:
    stored, made = ({one.id: one for one in figures} for figures in (then, now))
    left_out = [one.question for one in then if one.question not in questions]
    if left_out:
        found.differences.append(f"These could not be rebuilt: {', '.join(left_out)}.")
    for name in dict.fromkeys([*stored, *made]):
        one, other = stored.get(name), made.get(name)
        if one is not None and one.question not in questions:
            continue
        if one is None or other is None or one.published() != other.published():
            was, is_now = (reads(figure) if figure else NOTHING for figure in (one, other))
            question = (one or other or then[0]).question
            found.differences.append(
                f"{question}: published as “{was.share}” (records: {was.records}), "
                f"rebuilt as “{is_now.share}” (records: {is_now.records})."
            )


def _digest_when_issued(session: Session, row: Issue) -> str:
    query = select(AuditEvent).where(AuditEvent.action == "issue issued", col(AuditEvent.object_id) == row.public_id)
    event = session.exec(query).first()
    return str(event.body["content"]) if event else ""
