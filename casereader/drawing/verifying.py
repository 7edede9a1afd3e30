"""Checking a certificate that somebody brings, against the list they bring and against what was issued here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from sqlmodel import Session, col, select

from casereader import dated
from casereader.drawing import draws
from casereader.models import DrawExtension, DrawRecord, Inspection, SamplingPlan
from sampling.certificate import verify
from sampling.certificate_file import parse_certificate
from sampling.check import check_apart
from sampling.errors import CertificateError, SamplingError

MOST_BYTES = 5 * 1024 * 1024  # of a certificate; one of 10,000 cases has 2
MOST_SHOWN = 20
LONGEST_LINE = 160
AS_FIXED = (
    "Bring the list as it was fixed, not the file that the partnership sent: whoever runs the inspection finds it as a "
    "CSV file on the page of the sample."
)


@dataclass(frozen=True)
class Issued:
    """A certificate of the inspection, as it was issued."""

    digest: str
    text: str
    what: str  # in words: the sample, a longer one, or a voided draw


@dataclass(frozen=True)
class Verdict:
    """What checking came to: nothing differs, or what does; `issued` says which certificate of ours it is."""

    differences: tuple[str, ...] = ()
    n_differences: int = 0
    issued: str = ""
    has_list: bool = False

    @property
    def is_verified(self) -> bool:
        """Whether the certificate is one of this inspection's, and the list, where there is one, gives it again."""
        return not self.differences


@dataclass(frozen=True)
class Brought:
    """A list as a file, and what it is called."""

    path: Path
    filename: str


def issued(session: Session, *, inspection: Inspection) -> list[Issued]:
    """Every certificate of the inspection, that of the sample as it is now first."""
    found = []
    records = session.exec(
        select(DrawRecord)
        .where(DrawRecord.inspection_id == inspection.id)
        .order_by(col(DrawRecord.voided_at).is_not(None), col(DrawRecord.id).desc())
    ).all()
    for record in records:
        void = f", voided on {dated.day(record.voided_at)}" if record.voided_at is not None else ""
        longer = session.exec(
            select(DrawExtension)
            .where(DrawExtension.draw_id == record.id, col(DrawExtension.certificate).is_not(None))
            .order_by(col(DrawExtension.id).desc())
        ).all()
        found += [
            Issued(one.certificate_sha256 or "", one.certificate or "", f"the sample as it was extended{void}")
            for one in longer
        ]
        found.append(Issued(record.certificate_sha256, record.certificate, f"the sample as it was drawn{void}"))
    return found


def check(
    ours: Sequence[Issued], *, content: bytes, brought: Brought | None, shows_lines: bool, today: date
) -> Verdict:
    """Compare a certificate with `ours`, issued in the inspection, and draw it again from the list that was brought.

    `shows_lines`: whether the person may be told where it differs from what was issued, line by line; the seed and the
    sample must not be learnt that way.
    """
    if len(content) > MOST_BYTES:
        return _says(
            f"It does not match: a certificate has at most {MOST_BYTES // 1024 // 1024} MB, and this is longer."
        )
    if not content.strip():
        return _says("It does not match: the certificate is empty.")
    try:
        paper = parse_certificate(content, name="the file")
    except CertificateError as error:
        where = _first_line(content.decode("utf-8", "replace"), ours) if shows_lines else ""
        return _says(
            *(f"It does not match: {fault}." for fault in error.faults[:MOST_SHOWN]), *([where] if where else [])
        )
    found = []
    same = next((one for one in ours if one.digest == paper["digest"]), None)
    if same is None:
        found.append("It does not match: no certificate with this digest was issued in this inspection.")
    if (same is None or json.loads(same.text) != paper) and shows_lines:
        found.append(_first_line(_lines(paper), [same] if same is not None else ours))
    elif same is not None and json.loads(same.text) != paper:
        found.append("It does not match: something in it is another than in the certificate that was issued.")
    if brought is not None:
        found += _against_list(paper, brought, today)
    found = [each for each in found if each]
    return Verdict(
        tuple(found[:MOST_SHOWN]), len(found), same.what if same is not None else "", has_list=brought is not None
    )


def list_of(session: Session, *, inspection: Inspection) -> bytes | None:
    """The list that the active draw was drawn from, as it was fixed."""
    record = draws.current(session, inspection=inspection)
    if record is None:
        return None
    return draws.list_as_fixed(session, plan=session.get_one(SamplingPlan, record.plan_id)).encode()


def _against_list(paper: dict[str, object], brought: Brought, today: date) -> list[str]:
    plan = paper["plan"]
    assert isinstance(plan, dict)
    strata = [*([plan["within"]] if plan["within"] else []), *plan["strata"]]
    rules = plan["rules"] or {}
    try:
        checked = check_apart(
            brought.path,
            filename=brought.filename,
            id=plan["id"],
            strata=strata,
            known_strata=rules.get("strata"),
            columns=None,
            own_codes=(),  # it was drawn from as it is
            today=today,
            sheet=None,
        )
        table = pd.DataFrame(checked.rows, columns=checked.columns, dtype="str")
        return [f"It does not match: {difference}." for difference in verify(paper, table)]
    except SamplingError as error:
        told = [
            f"The list cannot be drawn from by this certificate: {str(fault).rstrip('.')}." for fault in error.faults
        ]
        return [*told, AS_FIXED]


def _lines(paper: object) -> str:
    return json.dumps(paper, ensure_ascii=False, indent=2, sort_keys=True)


def _first_line(text: str, ours: Sequence[Issued]) -> str:
    """Where a text first leaves the certificate it is nearest to: the line, and what stands there and here."""
    if not ours:
        return ""
    given = text.splitlines()
    places = {one: _agree(given, one.text.splitlines()) for one in ours}
    nearest = max(ours, key=lambda one: places[one])
    at, lines = places[nearest], nearest.text.splitlines()
    if at == len(lines) == len(given):
        return ""
    stands, should = (_shown(each[at]) if at < len(each) else "nothing" for each in (given, lines))
    return (
        f"Line {at + 1} is the first that differs from {nearest.what}: it has {stands}, and was issued with {should}."
    )


def _agree(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _shown(line: str) -> str:
    line = "".join(letter for letter in line.strip() if letter.isprintable())
    return f"“{line[:LONGEST_LINE]}{'…' if len(line) > LONGEST_LINE else ''}”"


def _says(*differences: str) -> Verdict:
    return Verdict(differences, len(differences))
