"""What somebody sees after a wave: a lead its figures, whoever may agree to an ending how many questions are settled.

Both only once they have said that they look, since they cannot unsee it, and it fixes what was seen (`looks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from casereader.after_waves import ending
from casereader.after_waves.after_wave import AfterWave, look
from casereader.errors import ConflictError
from casereader.in_waves import looking, looks
from casereader.models import Account, Ending
from casereader.programmes.inspections import Place


@dataclass(frozen=True)
class Sight:
    """Where somebody stands: `n_mine` readings of theirs keep all of it from them; `to_look` is the wave to look at.

    `asked` is the ending that was asked for or agreed to, and `is_pending` that it waits for a second person.
    """

    asked: Ending | None
    is_held_back: bool
    is_pending: bool
    n_mine: int
    shows: bool  # the figures
    tells: bool  # how many questions were settled, and the reason
    to_look: int = 0  # 0 where there is nothing that they have not said they look at


def sight(session: Session, *, place: Place, seen: AfterWave | None, by: Account, is_lead: bool) -> Sight:
    """What this person sees of an inspection, of which `seen` is known."""
    key = place.inspection.id or 0
    looked = looking.looked(session, [key]).get(key)
    is_held_back = bool(looked and looked.is_held_back)
    asked = ending.of_draw(session, draw_record=seen.record) if seen else None
    is_pending = asked is not None and asked.confirmed_at is None and is_held_back
    n_mine = ending.n_to_hand_in(session, inspection=place.inspection, by=by)
    shows = is_lead and not n_mine
    tells = is_pending and not n_mine and not (seen and seen.is_corrected)
    if seen and is_held_back and (shows or tells):
        wave = seen.n_shown if is_lead or asked is None else min(asked.wave, seen.n_shown)
        if wave and not looks.has_seen(session, draw_record=seen.record, wave=wave, by=by):
            return Sight(asked, is_held_back, is_pending, n_mine, shows=False, tells=False, to_look=wave)
    return Sight(asked, is_held_back, is_pending, n_mine, shows, tells)


def say_that_i_look(
    session: Session, *, place: Place, seen: AfterWave | None, wave: int, by: Account, is_lead: bool, at: datetime
) -> None:
    """Write down that this person looks at what they may see after `wave`; nothing where they may see it already.

    ConflictError where that is another wave by now, or a record of it is open again; RefusedError while the inspection
    is away.
    """
    if not (to_look := sight(session, place=place, seen=seen, by=by, is_lead=is_lead).to_look):
        return
    if to_look != wave:
        raise ConflictError(
            f"There is wave {to_look} to look at by now: nothing is written down yet. See the page again."
        )
    look(session, place=place, wave=wave, by=by, at=at)
