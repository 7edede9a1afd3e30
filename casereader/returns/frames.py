"""A partnership's list: checked, received, counted, and never changed once it is committed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import String, cast, insert
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from casereader import audit
from casereader.errors import ConflictError
from casereader.instrument import Instrument
from casereader.models import Account, Case, Inspection, SamplingFrame, metadata
from casereader.vocabulary import FrameState
from sampling.check import CheckedList, check_apart, check_here
from sampling.errors import Fault, FrameError

KEPT = ("age_band", "legal_basis", "living", "deprivation", "family_group")
OWN_CODES = ("family_group",)  # the sender made them up: neither names nor dates
ALSO_READ = ("locality", "service", "subtype", "sector")
AGE_BANDS = ((4, "0-4"), (11, "5-11"), (15, "12-15"), (17, "16-17"))
MOST_LEVELS = 40  # a column with more different values than this cannot serve as strata
COLUMN_WORDS = {
    "group": "Group on the list",
    "age_band": "Age band",
    "legal_basis": "Legal basis",
    "living": "Living arrangement",
    "deprivation": "Deprivation fifth",
    "family_group": "Family group",
    "locality": "Locality",
    "service": "Service",
    "subtype": "Subtype",
    "sector": "Sector",
}


@dataclass(frozen=True)
class Source:
    """The file a list came in; it is read once and not kept."""

    path: Path
    filename: str
    id_column: str = "case_ref"
    group_column: str = "stratum"
    sheet: str | None = None
    own_groups: bool = False  # the list's groups are not those of the instrument


def check(source: Source, *, instrument: Instrument, today: date, apart: bool = True) -> CheckedList:
    """Read the list in a limited child process; raises FrameError with every fault.

    Only a list that this program made itself is read in this process (`apart=False`), by the same rules.
    """
    if source.filename.casefold().endswith(".parquet"):
        raise FrameError(
            "Send the list as a CSV or Excel (.xlsx) file: a Parquet file is read on the command line only."
        )
    known = [] if source.own_groups else list(group_codes(instrument))
    columns = [name for name in (*KEPT, *ALSO_READ) if name != source.group_column]
    read = check_apart if apart else check_here
    checked = read(
        source.path,
        filename=source.filename,
        id=source.id_column,
        strata=(source.group_column,),
        known_strata=known or None,
        columns=columns,
        own_codes=OWN_CODES,
        today=today,
        sheet=source.sheet,
    )
    return checked if source.own_groups else _warn_by_code(checked, source=source, instrument=instrument)


def _warn_by_code(checked: CheckedList, *, source: Source, instrument: Instrument) -> CheckedList:
    """Say of each group if it has no case, or one; the reader, which knows spellings only, says it of each spelling."""
    codes = {key.casefold(): code for key, code in group_codes(instrument).items()}
    place = checked.columns.index(source.group_column)
    counts = Counter(codes.get((row[place] or "").casefold()) for row in checked.rows)
    kept = [fault for fault in checked.warnings if fault.row is not None or fault.column != source.group_column]
    few = few_in_groups(counts, instrument=instrument, column=source.group_column)
    return replace(checked, warnings=[*kept, *few])


def few_in_groups(counts: Mapping[Any, int], *, instrument: Instrument, column: str) -> list[Fault]:
    """A warning for each group of the instrument that has no case, or one."""
    says = {
        0: "No case is in group {}. Check that none were left out.",
        1: "Only one case is in group {}: it gives no margin of error, and whoever knows the list knows which it is.",
    }
    return [
        Fault(None, column, stratum.code, says[n].format(stratum.code))
        for stratum in instrument.strata
        if (n := counts.get(stratum.code, 0)) in says
    ]


def receive(
    session: Session,
    *,
    inspection: Inspection,
    instrument: Instrument,
    checked: CheckedList,
    source: Source,
    file_bytes: int,
    by: Account,
    at: datetime,
) -> SamplingFrame:
    """Keep a checked list as the inspection's frame; an earlier one is superseded, a committed one never is."""
    return keep(
        session,
        inspection=inspection,
        rows=_case_rows(checked, instrument=instrument, source=source),
        warnings=[asdict(warning) for warning in checked.warnings],
        file_sha256=checked.file_sha256,
        file_bytes=file_bytes,
        by=by,
        at=at,
    )


def keep(
    session: Session,
    *,
    inspection: Inspection,
    rows: Sequence[dict[str, Any]],
    warnings: Sequence[dict[str, Any]],
    file_sha256: str,
    file_bytes: int,
    by: Account,
    at: datetime,
) -> SamplingFrame:
    """Keep these rows, each as the columns of `Case`, as the inspection's frame in place of an earlier one."""
    now = not_fixed(session, inspection=inspection)
    if now is not None:
        now.state = FrameState.SUPERSEDED
        session.add(now)
        session.flush()
    frame = SamplingFrame(
        inspection_id=inspection.id or 0,
        version=(_last_version(session, inspection) or 0) + 1,
        file_sha256=file_sha256,
        file_bytes=file_bytes,
        n_cases=len(rows),
        warnings=list(warnings),
        columns=columns_for_strata(rows),
        received_at=at,
        received_by_id=by.id or 0,
    )
    session.add(frame)
    session.flush()
    table = metadata.tables["frame_case"]  # not by the mapper, which would look at each row
    session.execute(insert(table), [{"frame_id": frame.id, **row} for row in rows])
    audit.record(
        session,
        "list received",
        by=by,
        at=at,
        kind="frame",
        object_id=frame.public_id,
        inspection_id=inspection.id,
        body={"n_cases": len(rows), "file_sha256": frame.file_sha256, "entered_for": "partnership"},
    )
    return frame


def not_fixed(session: Session, *, inspection: Inspection) -> SamplingFrame | None:
    """The inspection's list, if there is one; ConflictError once it is fixed."""
    now = current(session, inspection=inspection)
    if now is not None and now.state is FrameState.COMMITTED:
        raise ConflictError("The list is fixed already, and does not change any more.")
    return now


def current(session: Session, *, inspection: Inspection) -> SamplingFrame | None:
    """The inspection's list as it stands, if there is one."""
    query = select(SamplingFrame).where(
        SamplingFrame.inspection_id == inspection.id, SamplingFrame.state != FrameState.SUPERSEDED
    )
    return session.exec(query).first()


def cases(session: Session, *, frame: SamplingFrame) -> Sequence[Case]:
    """Every case of the frame, in the order of the list."""
    return session.exec(select(Case).where(Case.frame_id == frame.id).order_by(col(Case.id))).all()


class Listed(NamedTuple):
    """What a plan looks at of a case: read without the table's class, which takes seconds on a long list."""

    case_ref: str
    group: str
    age_band: str | None
    legal_basis: str | None
    living: str | None
    deprivation: str | None
    family_group: str | None
    attributes: dict[str, str]


OnList = Case | Listed


def listed(session: Session, *, frame: SamplingFrame) -> list[Listed]:
    """Every case of the frame as a plan looks at it, in the order of the list."""
    columns = [getattr(Case, name) for name in Listed._fields]
    query = sql_select(*columns).where(col(Case.frame_id) == frame.id).order_by(col(Case.id))
    return [Listed(*row) for row in session.execute(query)]


def ends(session: Session, *, frame: SamplingFrame, n: int) -> tuple[list[str], list[str]]:
    """The first and the last `n` references as read: the sender sees that nothing was turned round."""
    query = select(Case.case_ref).where(Case.frame_id == frame.id)
    first = session.exec(query.order_by(col(Case.id)).limit(n)).all()
    last = session.exec(query.order_by(col(Case.id).desc()).limit(n)).all()
    return list(first), list(reversed(last))


def counts(session: Session, *, frame: SamplingFrame) -> list[tuple[str, int]]:
    """Cases per group of the list, by group."""
    query = select(Case.group, func.count()).where(Case.frame_id == frame.id).group_by(Case.group)
    return sorted((group, n) for group, n in session.exec(query).all())


def in_several_groups(session: Session, *, frame: SamplingFrame) -> int:
    """How many children of the list are in more than one group."""
    some = func.length(cast(col(Case.other_groups), String)) > len("[]")
    return session.exec(select(func.count()).where(Case.frame_id == frame.id, some)).one()


def value_of(case: OnList, column: str) -> str | None:
    """A case's value in a column that may serve as strata or domain."""
    if column in COLUMN_WORDS and (column == "group" or column in KEPT):
        value: str | None = getattr(case, column)
        return value
    return case.attributes.get(column)


def _last_version(session: Session, inspection: Inspection) -> int | None:
    query = select(func.max(SamplingFrame.version)).where(SamplingFrame.inspection_id == inspection.id)
    return session.exec(query).one()


def _case_rows(checked: CheckedList, *, instrument: Instrument, source: Source) -> list[dict[str, object]]:
    codes = {} if source.own_groups else {key.casefold(): code for key, code in group_codes(instrument).items()}
    found = []
    for values in checked.rows:
        row = dict(zip(checked.columns, values, strict=True))
        group = row[source.group_column] or ""
        kept: dict[str, object] = {name: row.get(name) or None for name in KEPT if name != source.group_column}
        kept["age_band"] = kept.get("age_band") or age_band_of(row.get("age"))
        found.append(
            {
                "case_ref": row[source.id_column],
                "group": codes.get(group.casefold(), group),
                **kept,
                "attributes": {name: row[name] for name in ALSO_READ if row.get(name)},
            }
        )
    return found


def group_codes(instrument: Instrument) -> dict[str, str]:
    """Every spelling of a group of the instrument, with the group's code: all codes first, as a list names them."""
    codes = {stratum.code: stratum.code for stratum in instrument.strata}
    also = {spelling: stratum.code for stratum in instrument.strata for spelling in stratum.also}
    return codes | also | {stratum.label: stratum.code for stratum in instrument.strata}


def age_band_of(age: str | None) -> str | None:
    """The band of an age in whole years."""
    if not age:
        return None
    return next((band for oldest, band in AGE_BANDS if int(age) <= oldest), "18 and over")


def columns_for_strata(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Columns without a blank and with few enough values to draw within."""
    usable = ["group"]
    for name in (*KEPT, *ALSO_READ):
        values = {row.get(name) for row in rows} if name in KEPT else {row["attributes"].get(name) for row in rows}
        if None not in values and 1 < len(values) <= MOST_LEVELS:
            usable.append(name)
    return usable
