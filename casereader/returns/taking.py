"""A return that is without a fault becomes the list, as it was mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session

from casereader.instrument import Instrument
from casereader.models import Account, PartnershipReturn, SamplingFrame
from casereader.programmes.inspections import Place
from casereader.returns import frames
from casereader.returns.frames import ALSO_READ, KEPT
from casereader.returns.mapping import Mapped
from casereader.returns.receiving import changes_of, forget
from casereader.vocabulary import ReturnState
from sampling.frame.headers import header_key

_ALSO_READ = {header_key(name): name for name in ALSO_READ}


def take(
    session: Session,
    *,
    returned: PartnershipReturn,
    place: Place,
    instrument: Instrument,
    rows: Sequence[dict[str, Any]],
    warnings: Sequence[Sequence[Any]],
    by: Account,
    at: datetime,
) -> SamplingFrame:
    """Keep the list that was made of a return as the inspection's frame; nothing else of the return is kept."""
    mapped = Mapped.of(returned.mapping)
    notes = [dict(zip(("tab", "row", "column", "value", "says"), one, strict=True)) for one in warnings]
    if instrument.strata and not mapped.own_groups:
        few = frames.few_in_groups(Counter(row["group"] for row in rows), instrument=instrument, column="group")
        notes += [{"tab": None, **asdict(fault)} for fault in few]
    frame = frames.keep(
        session,
        inspection=place.inspection,
        rows=rows,
        warnings=notes,
        file_sha256=returned.file_sha256,
        file_bytes=returned.file_bytes,
        by=by,
        at=at,
    )
    for change in changes_of(session, returned=returned):
        change.frame_id = frame.id
        session.add(change)
    returned.state, returned.ended_at = ReturnState.TAKEN, at
    forget(session, returned=returned)
    return frame


def case_rows(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """The list as the reader of files hands it over, a row to a case, with the columns of `Case`."""
    blank = [None] * len(columns["case_ref"])
    ages = columns.get("age", blank)
    rows = []
    for place, case_ref in enumerate(columns["case_ref"]):
        row: dict[str, Any] = {name: columns.get(name, blank)[place] for name in KEPT}
        age = ages[place]
        row["age_band"] = row["age_band"] or frames.age_band_of(None if age is None else str(age))
        kept = columns["kept"][place]
        row |= {
            "case_ref": case_ref,
            "tab": columns["tab"][place],
            "row": columns["row"][place],
            "group": columns["group"][place],
            "other_groups": columns["other_groups"][place],
            "attributes": {_ALSO_READ.get(header_key(name), name): value for name, value in kept.items()},
        }
        rows.append(row)
    return rows
