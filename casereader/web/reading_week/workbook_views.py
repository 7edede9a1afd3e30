"""Reading workbooks as their pages show them: counts, questions and times, never what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from sqlmodel import Session

from casereader import dated, workbooks
from casereader.models import Account, ReadingWorkbook, WorkbookReturn
from casereader.programmes.inspections import Place
from casereader.workbooks import ALL, NEW, NONE, CasePreview

CHOSEN = {
    NEW: "What is new was taken in; every answer the server had was kept",
    ALL: "Everything was taken in, over the server’s answers too",
    NONE: "Nothing was taken in",
}


def reader_choices(readers: Sequence[tuple[Account, int]]) -> list[dict[str, str]]:
    """Who can be given a workbook, each with how many readings are open."""
    return [
        {"value": account.public_id, "label": f"{account.name}, {_count(n, 'open reading')}"}
        for account, n in readers
        if n
    ]


def issued_rows(issued: Sequence[tuple[ReadingWorkbook, Account]], place: Place) -> list[list[object]]:
    """The workbooks given out, newest first, each with the link to its file."""
    key = place.inspection.public_id
    return [
        [
            reader.name,
            dated.moment(workbook.issued_at),
            len(workbook.cases),
            workbook.mark[:12],
            {
                "text": "Save the workbook",
                "href": url_for("workbooks.download", public_id=key, workbook=workbook.public_id),
                "hidden": f"of {reader.name}, {dated.moment(workbook.issued_at)}",
            },
        ]
        for workbook, reader in issued
    ]


def return_rows(session: Session, place: Place) -> list[list[object]]:
    """What came back, newest first."""
    rows: list[list[object]] = []
    for one in workbooks.returns_of(session, inspection=place.inspection):
        workbook = session.get_one(ReadingWorkbook, one.workbook_id)
        reader = session.get_one(Account, workbook.reader_id)
        is_taken = one.taken_at is not None
        rows.append(
            [
                reader.name,
                dated.moment(one.received_at),
                {"status": "taken in" if is_taken else "waits for you", "kind": "done" if is_taken else "attention"},
                {
                    "text": "See the receipts" if is_taken else "See what it would do",
                    "href": url_for("workbooks.look", public_id=place.inspection.public_id, returned=one.public_id),
                    "hidden": f"of {reader.name}, {dated.moment(one.received_at)}",
                },
            ]
        )
    return rows


def return_facts(session: Session, returned: WorkbookReturn, workbook: ReadingWorkbook) -> list[dict[str, object]]:
    """Whose workbook came back, when, and what file it was."""
    facts: list[dict[str, object]] = [
        {"key": "Reader", "value": session.get_one(Account, workbook.reader_id).name},
        {"key": "Issued", "value": dated.moment(workbook.issued_at)},
        {"key": "Came back", "value": dated.moment(returned.received_at)},
        {"key": "Mark of the workbook", "value": workbook.mark},
        {"key": "Digest of the file (SHA-256)", "value": returned.file_sha256},
    ]
    if returned.taken_at is not None:
        by = session.get_one(Account, returned.taken_by_id)
        facts.append({"key": "Taken in", "value": f"{dated.moment(returned.taken_at)}, by {by.name}"})
    return facts


def case_view(one: CasePreview, chosen: Mapping[str, str]) -> dict[str, Any]:
    """One case of a preview: what would be added, written over and left, and what there is to choose."""
    compared = one.compared
    given = chosen.get(one.reading, "" if one.must_choose else NEW)
    over = [f"{key} (saved {dated.moment(one.saved_at[key])})" for key in compared.both]
    n_new, n_over = len(compared.added), len(compared.over)
    new = f"Take in {_count(n_new, 'new answer')}"
    choices = [(NEW, f"{new}, and keep every answer the server has")] if n_new else []
    if n_over:
        over_words = f"rite over {_count(n_over, 'answer')} that the server has"
        choices.append((ALL, f"{new}, and w{over_words}" if n_new else f"W{over_words}"))
    choices.append((NONE, "Take in nothing of this case: everything stays as the server has it"))
    return {
        "reference": one.expected.reference,
        "closed": one.closed,
        "has_news": one.has_news,
        "must_choose": one.must_choose,
        "n_same": len(compared.same),
        "facts": _without_none(
            ("Would be added", compared.added),
            ("Changed in the workbook only, since it was issued", compared.changed),
            ("Changed in the workbook, and on the server too", over),
            ("Left: newer on the server, untouched in the workbook", compared.left),
            ("Equal on both sides", compared.same),
        ),
        "field": {
            "id": f"choice-{one.reading}",
            "name": f"choice-{one.reading}",
            "label": f"What becomes of {one.expected.reference}?",
            "choices": [{"value": value, "label": label, "selected": given == value} for value, label in choices],
        },
    }


def receipt_rows(returned: WorkbookReturn) -> list[dict[str, Any]]:
    """A receipt for each case, as its facts."""
    nothing = "There was nothing to do"
    return [
        {
            "reference": one["reference"],
            "facts": [
                {
                    "key": "What was done",
                    "value": f"Nothing was taken in. {one['closed']}"
                    if one["closed"]
                    else CHOSEN.get(one["choice"], nothing),
                },
                *_without_none(
                    ("Answers added", one["added"]),
                    ("Answers written over", one["over"]),
                    ("Kept as the server had them", one["kept"]),
                ),
                *([] if one["closed"] else [{"key": "Equal on both sides", "value": one["same"]}]),
                *_standing(one),
            ],
        }
        for one in returned.receipts
    ]


def _standing(receipt: Mapping[str, Any]) -> list[dict[str, object]]:
    """How the reading stood on the server once the workbook was taken in."""
    if receipt["missing"] is None:
        return [{"key": "How the reading stands", "value": "Not told here, for the reason above"}]
    return [
        {"key": "Still missing on the server before it can be submitted", "value": receipt["missing"]},
        {"key": "Version of the reading", "value": receipt["version"]},
        {"key": "Digest of its answers (SHA-256)", "value": receipt["digest"]},
    ]


def period_of(place: Place) -> str:
    """The reading period in words."""
    inspection = place.inspection
    return dated.period(inspection.period_from, inspection.period_to)


def _without_none(*facts: tuple[str, Sequence[str]]) -> list[dict[str, str]]:
    return [{"key": name, "value": _listed(keys)} for name, keys in facts if keys]


def _listed(keys: Sequence[str]) -> str:
    return f"{len(keys)}: {', '.join(keys)}"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
