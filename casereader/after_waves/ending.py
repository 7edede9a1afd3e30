"""Ending reading after a wave: asked for by a lead, who saw the figures, and agreed to by another person.

The rule was bound with the plan before the draw, and the limits hold however often somebody looks: so this may be
decided on what the figures say. The rest of the cases become not reached, the last tickets of each stratum, and what
was read stays a random sample. Where time ran out and one person stopped the rest, figures open by the same two, who
have seen no more than those of the waves that were read whole. Whoever still has a reading to hand in takes no part in
it. The deed keeps rule, figures and the certificate's digest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casereader import audit, readings
from casereader.after_the_draw import extending, stopping
from casereader.after_the_draw.stopping import Drawn
from casereader.after_the_draw.voiding import told_reason
from casereader.after_waves.after_wave import AfterWave, Asked, after_wave, asked_of
from casereader.drawing.unreached import TO_READ, WAS_ENDED
from casereader.errors import ConflictError, RefusedError
from casereader.figures import material
from casereader.in_waves import looking, looks
from casereader.instrument import Instrument
from casereader.models import Account, DrawRecord, Ending, Inspection, Membership
from casereader.programmes import two_people
from casereader.programmes.inspections import Place
from casereader.readings import hold_draw, hold_draw_with_cases
from casereader.vocabulary import CaseStatus, Role

PLACES = 6  # decimals of a share that is kept with the deed
KEPT = ("n", "k", "not_produced")
SHARES = ("share", "lower", "upper", "lowest", "highest")


@dataclass(frozen=True)
class Rest:
    """What ending now would do: the cases not to be read, and those that must be finished first.

    `to_finish`: a reading of it is handed in and does not count yet, or a later case of its stratum was read.
    """

    to_stop: Sequence[Drawn]
    to_finish: Sequence[Drawn]
    n_stopped: int = 0  # before

    @property
    def is_over(self) -> bool:
        """Whether time ran out: some cases are stopped, and no other is left. Then two people let the figures open."""
        return bool(self.n_stopped) and not self.to_stop and not self.to_finish


def of_draw(session: Session, *, draw_record: DrawRecord) -> Ending | None:
    """The ending that was asked for or agreed to, if there is one."""
    return session.exec(select(Ending).where(Ending.draw_id == draw_record.id)).first()


def rest_of(session: Session, *, inspection: Inspection) -> Rest:
    """What is left of the sample, by stratum and ticket order."""
    every = stopping.drawn(session, inspection=inspection)
    last = {case.stratum: case.place for case in every if _will_count(case)}
    waiting = [case for case in every if case.status is CaseStatus.WAITING]
    to_stop = [case for case in waiting if case.can_stop and case.place > last.get(case.stratum, 0)]
    stopped = sum(case.status is CaseStatus.NOT_REACHED for case in every)
    return Rest(to_stop, [case for case in waiting if case not in to_stop], stopped)


def n_to_hand_in(session: Session, *, inspection: Inspection, by: Account) -> int:
    """How many readings of the inspection somebody still has to hand in."""
    mine = readings.mine(session, account=by)
    return sum(one.is_open and one.place.inspection.id == inspection.id for one in mine)


def why_not_by(session: Session, *, inspection: Inspection, by: Account) -> str:
    """What keeps somebody from asking for an ending or agreeing to it: readings of their own; blank where nothing does.

    An ending tells what the records say, and whoever reads on would know it.
    """
    n = n_to_hand_in(session, inspection=inspection, by=by)
    if not n:
        return ""
    return (
        f"You still have {n} reading{'' if n == 1 else 's'} to hand in here. Whoever reads takes no part in ending the "
        f"reading: hand {'it' if n == 1 else 'them'} in first, have {'it' if n == 1 else 'them'} given to somebody "
        "else, or let another lead or coordinator do this."
    )


def why_not(seen: AfterWave | None, rest: Rest, *, flags: Sequence[str] = ()) -> list[str]:
    """What keeps reading from being ended, in sentences; none where it may be asked for."""
    if seen is None:
        return ["This sample is not read in waves: reading ends once all of it is read."]
    if seen.is_corrected:
        again = ", ".join(seen.open_again[:5])
        others = f" and {len(seen.open_again) - 5} more" if len(seen.open_again) > 5 else ""
        return [
            f"Wave {seen.n_seen}, whose figures were seen, is being corrected: {again}{others} must be decided again "
            "first. No earlier wave stands in for it."
        ]
    if rest.is_over:  # neither more nor other records will be read: it only remains to say so
        return []
    found = []
    if seen.n_complete < seen.rule.minimum:
        wanted = "wave 1 is" if seen.rule.minimum == 1 else f"waves 1 to {seen.rule.minimum} are"
        found.append(f"The plan says that {wanted} read before anybody may ask to end.")
    if not rest.to_stop:
        found.append("No case is left that would not be read.")
    if rest.to_finish:
        refs = ", ".join(case.case_ref for case in rest.to_finish[:5])
        more = f" and {len(rest.to_finish) - 5} more" if len(rest.to_finish) > 5 else ""
        found.append(
            f"Finish {refs}{more} first: handed in and not counting yet, or a later case of the stratum is read. Only "
            "then is what was read a random sample."
        )
    if flags:
        found.append("The cases that were not reached are not the last tickets: no interval of this sample holds.")
    return found


def before_least(seen: AfterWave | None, rest: Rest) -> str:
    """Where time ran out before the least number of waves: that it did, and what was seen; blank otherwise."""
    return looking.before_least(seen.rule, seen.n_complete, seen.n_seen) if seen is not None and rest.is_over else ""


def ask(session: Session, *, place: Place, instrument: Instrument, reason: str, by: Account, at: datetime) -> Ending:
    """Ask as a lead that reading end after the last complete wave; nothing changes before another person agrees.

    Whoever asks has looked: what is asked tells how many questions are settled, to the lead first. Raises ConflictError
    where it cannot be asked for, or is already; RefusedError while `by` has a reading to hand in.
    """
    hold_draw(session, inspection=place.inspection)
    _refuse_all_but_leads(session, place.inspection, by)
    stopping.refuse_ended(session, inspection=place.inspection)
    _refuse_readers(session, place.inspection, by)
    seen = _endable(session, place, instrument)
    if of_draw(session, draw_record=seen.record) is not None:
        raise ConflictError("Somebody has asked already that reading end.")
    ending = Ending(
        draw_id=seen.record.id or 0,
        wave=_wave_of(seen),
        rule=seen.rule.as_json(),
        figures=kept(seen.asked),
        certificate_sha256=json.loads(extending.latest_certificate(session, draw_record=seen.record))["digest"],
        reason=told_reason(reason),
        asked_at=at,
        asked_by_id=by.id or 0,
    )
    session.add(ending)
    session.flush()
    _record(session, "ending asked for", place.inspection, ending, by=by, at=at, **_counts(seen))
    if seen.n_complete:
        looks.keep(session, draw_record=seen.record, wave=seen.n_complete, by=by, at=at)
    return ending


def drop(session: Session, *, inspection: Inspection, by: Account, at: datetime) -> None:
    """Take back the asking, or turn it down: reading goes on.

    Raises ConflictError where nobody asks for it.
    """
    ending = _waiting(session, hold_draw(session, inspection=inspection))
    _record(session, "ending dropped", inspection, ending, by=by, at=at)
    session.delete(ending)
    session.flush()


def agree(session: Session, *, place: Place, instrument: Instrument, by: Account, at: datetime) -> Ending:
    """End reading as the second person: what is left is not reached.

    Raises ConflictError where nobody asks for it or the figures are others by now, RefusedError while `by` has a
    reading to hand in or is no second person.
    """
    ending = _waiting(session, hold_draw_with_cases(session, inspection=place.inspection))
    asker = session.get_one(Account, ending.asked_by_id)
    two_people.refuse_others(session, inspection=place.inspection, asker=asker, by=by, deed="asked that reading end")
    _refuse_readers(session, place.inspection, by)
    seen = _endable(session, place, instrument)
    if (_wave_of(seen), kept(seen.asked)) != (ending.wave, ending.figures):
        raise ConflictError("The figures are not those any more that this was asked on: turn it down and look again.")
    rest = rest_of(session, inspection=place.inspection)
    if rest.to_stop:
        stopping.stop(
            session,
            inspection=place.inspection,
            public_ids={case.public_id for case in rest.to_stop},
            reason=f"{WAS_ENDED} {ending.wave}",
            by=by,
            at=at,
        )
    loaded = material.load(session, [place], instrument, only=seen.rule.questions)
    ending.published = kept(asked_of(loaded, instrument, seen.rule))
    ending.n_stopped = len(rest.to_stop)
    ending.confirmed_at, ending.confirmed_by_id = at, by.id
    session.add(ending)
    session.flush()
    told = {"n_stopped": ending.n_stopped, **_counts(seen)}
    _record(session, "reading ended after a wave", place.inspection, ending, by=by, at=at, **told)
    return ending


def kept(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """What a deed keeps of each question; shares as decimal text, since they are digested."""
    return [
        {"question": one.key, "settled": one.is_settled}
        | ({name: one.row[name] for name in KEPT} if one.row else {})
        | ({name: _text(one.row[name]) for name in SHARES} if one.row else {})
        for one in asked
    ]


def _refuse_readers(session: Session, inspection: Inspection, by: Account) -> None:
    if why := why_not_by(session, inspection=inspection, by=by):
        raise RefusedError(why)


def _refuse_all_but_leads(session: Session, inspection: Inspection, by: Account) -> None:
    query = select(Membership.id).where(
        Membership.inspection_id == inspection.id, Membership.account_id == by.id, col(Membership.role) == Role.LEAD
    )
    if session.exec(query).first() is None:
        raise ConflictError(
            "Only a lead asks that reading end: the figures after a wave are the lead’s alone, and the asking tells "
            "how many questions are settled. You may agree to it as the second person."
        )


def _counts(seen: AfterWave) -> dict[str, int]:
    """How many waves were read whole, how many the plan named as the least, and the last that was looked at."""
    return {"complete": seen.n_complete, "least": seen.rule.minimum, "seen": seen.n_seen}


def _wave_of(seen: AfterWave) -> int:
    """The last complete wave, after which reading ends; where time ran out, the one in which it did."""
    return seen.n_complete + (seen.cut_wave is not None)


def _text(share: float | None) -> str | None:
    return None if share is None else f"{share:.{PLACES}f}"


def _will_count(case: Drawn) -> bool:
    """Whether a case is read, or will be whatever is decided: its reading is handed in."""
    return case.status in TO_READ and not case.can_stop


def _endable(session: Session, place: Place, instrument: Instrument) -> AfterWave:
    seen = after_wave(session, place=place, instrument=instrument)
    patterns = stopping.patterns(session, [place.inspection.id or 0])[place.inspection.id or 0]
    flags = [one.says() for one in patterns if not one.is_random]
    reasons = why_not(seen, rest_of(session, inspection=place.inspection), flags=flags)
    if reasons or seen is None:
        raise ConflictError(" ".join(reasons))
    return seen


def _waiting(session: Session, record: DrawRecord | None) -> Ending:
    ending = of_draw(session, draw_record=record) if record is not None else None
    if ending is None or ending.confirmed_at is not None:
        raise ConflictError("Nobody asks that reading end.")
    return ending


def _record(
    session: Session, action: str, inspection: Inspection, ending: Ending, *, by: Account, at: datetime, **body: object
) -> None:
    """Rule and figures are told as the row's texts: the trail holds their digests, and only a lead reads them."""
    audit.record(
        session,
        action,
        by=by,
        at=at,
        kind="ending",
        object_id=ending.public_id,
        inspection_id=inspection.id,
        body={
            "wave": ending.wave,
            "certificate": ending.certificate_sha256,
            "asked_by": ending.asked_by_id,
            "reason_length": len(ending.reason),
            **body,
        },
    )
