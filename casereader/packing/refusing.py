"""What a packed file is held against before anything is written: what travels, who made it, and whose turn it is."""

from __future__ import annotations

import hmac

from sqlmodel import Session, col, select

from casereader import data_kinds, dated
from casereader.errors import ErasedError, RefusedError
from casereader.instrument import Library
from casereader.models import AuditEvent, Inspection, OfflineWeek, PackedFile, Programme, metadata
from casereader.packing import carrying
from casereader.packing.content import NOT_OURS, Content, Head, proof_of
from casereader.packing.gathering import PASSING, Row, Rows, leads_to, packed, travelling
from casereader.packing.parts import Rule
from casereader.packing.placing import as_stored
from casereader.packing.weeks import newest
from casereader.vocabulary import DataKind, Side

STILL_HOLDS = (
    "This laptop holds {name} of an earlier offline week, and the office has not taken over all that was written here."
    " Pack it here with --last, unpack that at the office, pack there again, and unpack that file here."
)
TAKEN_ELSEWHERE = (
    "The office took over {name} of another laptop whose trail began as this one’s: one of the two was set up from a"
    " backup of the other, as where a laptop was lost and turned up again. What was written on this one since is not"
    " taken over. Bring it as workbooks or paper, wipe this laptop, set it up anew, and unpack the file there."
)
OTHER_OFFICE = (
    "This laptop has served another office, and its trail, which goes into each file, tells of that office’s people."
    " Wipe the laptop, set it up anew, and unpack the file there."
)
UNPROVEN = "Whoever made this file does not hold {name}: it was sealed for you, but not packed by the other side."
ANOTHER_WEEK = (
    "{name} is in another offline week here, which began on {begun}. Open its page “Offline week”, go on"
    " without that laptop, then unpack this file."
)


def refuse_of_another_make(content: Content, *, instruments: Library, schema: str) -> None:
    """Both sides run the same version, with the same instrument."""
    head = content.head
    if head.schema != schema:
        raise RefusedError(
            f"It was packed by {head.software}, whose database is of version {head.schema}; here it is version"
            f" {schema}. Bring both sides to the same version of casereader, then pack it again."
        )
    if any(len(content.rows[table]) != 1 for table in ("programme", "partnership", "inspection")):
        raise RefusedError(NOT_OURS)
    published = next(iter(content.rows["published_instrument"].values()), None)
    programme = next(iter(content.rows["programme"].values())).values
    found = instruments.find(programme["instrument_id"], programme["instrument_version"])
    if found is None or (published is not None and found.digest != head.instrument_digest):
        raise RefusedError(
            f"The instrument {programme['instrument_id']} {programme['instrument_version']} is not installed here"
            " as it is there. Put the same file among the instruments, then unpack again."
        )


def refuse_odd(content: Content) -> None:
    """A file holds what travels and nothing else, by its own names, and every name in it leads to one of its rows."""
    if content.head.inspection not in content.rows["inspection"]:
        raise RefusedError(NOT_OURS)
    for named in content.rows.values():
        for row in named.values():
            try:
                whole = _is_whole(row, content.rows)
            except (ValueError, TypeError, AttributeError, LookupError) as error:
                raise RefusedError(NOT_OURS) from error
            if not whole:
                raise RefusedError(NOT_OURS)


def _is_whole(row: Row, rows: Rows) -> bool:
    table, part, links = metadata.tables[row.table], packed(row.table), leads_to(row.table)
    if part is None or row.values.keys() != travelling(row.table):
        return False
    if not row.passing.keys() <= set(PASSING.get(row.table, ())):
        return False
    called = "/".join(str(row.values[name]) for name in part.by)
    if row.name != called and not row.name.startswith(f"{called}#"):
        return False
    if row.reading is not None and row.reading not in rows["reading"]:
        return False
    for name, value in [*row.values.items(), *row.passing.items()]:
        if value is not None and name not in links:
            as_stored(table, name, value)
        elif value is not None and value not in rows[links[name]]:
            return False
    return True


def refuse_of_elsewhere(
    session: Session, content: Content, week: OfflineWeek | None, inspection: Inspection | None
) -> None:
    """A file is for the other side of its own week, and made by whoever holds the inspection."""
    head, me = content.head, carrying.first_of(session)
    if me == (head.office if head.side is Side.OFFICE else head.laptop):
        raise RefusedError("This file was packed here: it is for the other side.")
    if inspection is not None and inspection.erased_at is not None:
        raise ErasedError(f"The content of {head.name} was erased here.")
    if head.side is Side.LAPTOP:
        _refuse_strange_laptop(session, head, me, week, inspection)
    elif inspection is None:
        _refuse_new_here(session, content)
    elif not _is_guest(session, inspection, head):
        raise RefusedError(f"{head.name} is held here already, and did not come from that office.")
    elif week is None:
        _refuse_while_held(session, head, inspection)
    key = inspection.digest_key if inspection is not None else content.key
    if not hmac.compare_digest(proof_of(content.digest, key=key or ""), content.proof):
        raise RefusedError(UNPROVEN.format(name=head.name))


def _refuse_strange_laptop(
    session: Session, head: Head, me: str, week: OfflineWeek | None, inspection: Inspection | None
) -> None:
    if me != head.office or inspection is None or (week is not None and week.side is not Side.OFFICE):
        raise RefusedError(f"{head.name} was not packed here for a laptop: the file belongs to another installation.")
    if week is None:  # an office that was restored from a backup does not know of it
        query = select(OfflineWeek).where(
            OfflineWeek.inspection_id == inspection.id, col(OfflineWeek.ended_at).is_(None)
        )
        if (other := session.exec(query).first()) is not None:
            raise RefusedError(ANOTHER_WEEK.format(name=head.name, begun=dated.day(other.begun_at)))
    elif week.laptop not in (None, head.laptop):
        raise RefusedError(
            f"{head.name} is with another laptop, whose files were taken over before. Two laptops took the same"
            " file: bring what is on this one as workbooks or paper."
        )


def _is_guest(session: Session, inspection: Inspection, head: Head) -> bool:
    query = select(OfflineWeek.office).where(
        OfflineWeek.inspection_id == inspection.id, OfflineWeek.side == Side.LAPTOP
    )
    return set(session.exec(query)) == {head.office}


def _refuse_while_held(session: Session, head: Head, inspection: Inspection) -> None:
    """A new week overwrites what is here: only where the office has all of it, as this laptop's own trail knows it."""
    query = select(OfflineWeek).where(OfflineWeek.inspection_id == inspection.id).order_by(col(OfflineWeek.id).desc())
    former = session.exec(query.limit(1)).one()
    ours, took = newest(session, week=former, is_ours=True), head.earlier.get(former.public_id)
    is_whole = former.ended_at is not None and ours is not None and took is not None and took["number"] == ours.number
    if took is not None and session.exec(select(AuditEvent.n).where(AuditEvent.hash == took["head"])).first() is None:
        raise RefusedError(TAKEN_ELSEWHERE.format(name=head.name))
    if not is_whole:
        raise RefusedError(STILL_HOLDS.format(name=head.name))


def _refuse_new_here(session: Session, content: Content) -> None:
    """An office is no laptop, and invented data and real records never meet in one installation."""
    programme = next(iter(content.rows["programme"].values())).values
    if session.exec(select(Programme.id).limit(1)).first() is None:
        return
    guests = (
        select(Inspection.programme_id)
        .join(OfflineWeek, col(OfflineWeek.inspection_id) == Inspection.id)
        .where(OfflineWeek.side == Side.LAPTOP)
    )
    elsewhere = select(OfflineWeek.id).where(OfflineWeek.side == Side.LAPTOP, OfflineWeek.office != content.head.office)
    if session.exec(elsewhere.limit(1)).first() is not None:
        raise RefusedError(OTHER_OFFICE)
    if data_kinds.of_instance(session) is not DataKind(content.head.data_kind):
        raise RefusedError("What is here and what is packed are not of one kind: one of them is invented data.")
    if session.exec(select(Programme.id).where(col(Programme.id).not_in(guests)).limit(1)).first() is not None:
        raise RefusedError(
            "Programmes of its own are here, so this is an office and no reading room’s laptop: unpack the file on the"
            " laptop, where nothing else is."
        )
    query = select(Programme.id).where(
        Programme.slug == programme["slug"], Programme.public_id != programme["public_id"]
    )
    if session.exec(query).first() is not None:
        raise RefusedError(f"There is another programme called {programme['name']} here.")


def refuse_out_of_turn(session: Session, head: Head, week: OfflineWeek, last: PackedFile | None) -> None:
    """Each side takes the other's files in their order, and the laptop one that knows what was packed on it last."""
    if last is not None and head.number <= last.number:
        raise RefusedError(
            f"This is an older file: one that was packed later was taken over on {dated.moment(last.at)}."
            " Nothing was changed."
        )
    if week.side is Side.OFFICE:
        return
    ours = newest(session, week=week, is_ours=True)
    if ours is not None and head.knows < ours.number:
        raise RefusedError(
            "The office packed this before it took over what was packed here last. Unpack that at the office first,"
            " then pack there again."
        )
    if week.ended_at is not None:
        raise RefusedError("Its last file was packed here: the inspection went back to the office.")


def refuse_what_is_gone(content: Content, mine: Rows) -> None:
    """What the readings of a file belong to is here; it is not where the office was restored from before the draw."""
    of_the_office = ("sampling_frame", "draw", "draw_extension", "frame_case")
    assert all(part is not None and part.rule is Rule.OFFICE for part in map(packed, of_the_office))
    if any(content.rows[table].keys() - mine[table].keys() for table in of_the_office):
        raise RefusedError(
            f"The sample of {content.head.name} that was packed is not here: this database was restored from a backup"
            " that was made before it was drawn. Restore a later one, then unpack this file again."
        )
