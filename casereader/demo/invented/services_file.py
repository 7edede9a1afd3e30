"""The published evaluations of registered services: read from their file, one list and one set of answers per area."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from casereader.drawing.choices import Choices
from casereader.readings.reading_file import COLUMNS
from casereader.vocabulary import ReadingKind

FILE = "services-2025.csv"
PUBLISHED_ON = date(2025, 2, 28)
OUTSIDE = "outside Scotland"
LIST_COLUMNS = ("case_ref", "service", "subtype", "sector", "deprivation")
CHOICES = Choices(
    strata=("group",), confidence="0.9", margin="0.1", method="proportional", minimum=2, reserve="0", second_share="0"
)
"""By type of service, 90% within 10 points; two of each type where there are two, so that its spread can be seen."""
PUBLIC_VALUE = "28 02 2025"
PUBLIC_VALUE_SOURCE = (
    "The day of the published file. A real draw uses a value that falls due after list and plan are fixed; this one is "
    "stated beforehand, so that everybody who repeats the draw gets the same sample."
)


@dataclass(frozen=True)
class Service:
    """One registered service: its row of the file."""

    case_ref: str
    area: str
    service: str
    subtype: str
    sector: str
    deprivation_fifth: str
    last_inspected: date | None
    evaluations: dict[str, str]


def services_in(path: Path, questions: Sequence[str]) -> list[Service]:
    """Every service of the file inside Scotland, evaluated or not; `questions` are the columns of evaluations."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_service(row, questions) for row in csv.DictReader(file) if row["partnership"] != OUTSIDE]


def by_area(services: Sequence[Service]) -> dict[str, list[Service]]:
    """The services of each area, by its name."""
    found: dict[str, list[Service]] = {}
    for one in sorted(services, key=lambda service: service.area):
        found.setdefault(one.area, []).append(one)
    return found


def list_of(services: Sequence[Service]) -> bytes:
    """The list that an area would send: CSV with the type of service as its groups."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LIST_COLUMNS)
    for one in services:
        writer.writerow([one.case_ref, one.service, one.subtype, one.sector, one.deprivation_fifth])
    return text.getvalue().encode()


def readings_of(services: Sequence[Service], *, questions: Sequence[str], reader: str) -> bytes:
    """The evaluations as a file of readings; a service never evaluated is a reading without an answer."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in services:
        read_on = one.last_inspected or PUBLISHED_ON
        given = [question for question in questions if one.evaluations[question]] or questions[:1]
        for question in given:
            answer = one.evaluations[question]
            writer.writerow([one.case_ref, ReadingKind.FIRST, reader, question, answer, "", "", read_on.isoformat()])
    return text.getvalue().encode()


def salt_of(area: str) -> str:
    """The salt of an area's commitment, which follows from its name so that the draw can be repeated."""
    return hashlib.sha256(f"{FILE}|{area}".encode()).hexdigest()


def _service(row: dict[str, str], questions: Sequence[str]) -> Service:
    decile, inspected = row["deprivation_decile"], row["last_inspected"]
    return Service(
        case_ref=row["case_ref"],
        area=row["partnership"],
        service=row["service"],
        subtype=row["subtype"],
        sector=row["sector"],
        deprivation_fifth=str((int(decile) + 1) // 2) if decile else "",
        last_inspected=date.fromisoformat(inspected) if inspected else None,
        evaluations={question: row.get(question, "") for question in questions},
    )
