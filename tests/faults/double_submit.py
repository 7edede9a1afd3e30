"""Forms sent twice at the same moment, from the list of cases to the signed-off reading: each deed is done once.

The control is a server that does not know a matter of concern again when it is raised a second time in the same words;
sent once, it has it once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import Flask
from sqlmodel import select

from casereader import audit
from casereader.db import snapshot, transaction
from casereader.models import AuditEvent, Inspection
from tests import sampled
from tests.cast import gather
from tests.faults.forms import Person, account_of, signed_in
from tests.faults.ground import KINDS, Ground
from tests.faults.outcome import Control, FoundBy, Outcome, build_of, is_quiet
from tests.reading import complete, full_answers, given_to, save
from tests.throwaway import app_of

ROUNDS, ROUNDS_QUICK, TIMES = 5, 1, 2
CONTROL = Control("the same form is not known again", FoundBy.DOUBLE, "planted_same_form_again")
CONCERN = {
    "told_whom": "somebody else",
    "told_name": "Their team leader",
    "told_how": "in person",
    "told_when": "today at 10.40",
    "kind": "immediate risk",
    "seen": "Bruises in three entries.",
    "needed": "A check today.",
}
DONE = (200, 302, 303)
REFUSED = (409, 422)


def with_a_list(app: Flask) -> None:
    """The cast, whose partnership has sent its list."""
    with transaction(app.extensions["casereader_engine"]) as session:
        instrument = app.extensions["casereader_instruments"]["CRR-1"]
        sampled.receive(session, gather(session, instrument=instrument), instrument)


def run(ground: Ground) -> Iterator[Outcome]:
    """The whole way of an inspection so many times on each database, and once on a planted server."""
    rounds = ROUNDS_QUICK if ground.quick else ROUNDS
    for kind in KINDS:
        yield pressed_twice(ground, kind, rounds)
    for control in (CONTROL, CONTROL.quiet):
        yield pressed_twice(ground, KINDS[0], 1, control)


@dataclass
class Pressed:
    """What was pressed in one round: how the server answered, and what the trail holds of it."""

    app: Flask
    port: int
    times: int = TIMES
    deeds: list[str] = field(default_factory=list)  # acknowledged, as the trail calls them
    wrong: list[str] = field(default_factory=list)
    n_refused: int = 0

    def person(self, name: str) -> Person:
        """One of the cast, signed in anew."""
        return signed_in(self.app, name, self.port)

    def press(
        self,
        deed: str,
        who: Person,
        path: str,
        action: str,
        values: dict[str, str] | None = None,
        *,
        button: str | None = None,
    ) -> None:
        """Send a form so many times; what was answered as done counts, and a second time may be refused."""
        answers = who.send(path, action, values or {}, button=button, times=self.times)
        if any(answer in DONE for answer in answers):
            self.deeds.append(deed)
        self.n_refused += sum(answer in REFUSED for answer in answers)
        if odd := [answer for answer in answers if answer not in (*DONE, *REFUSED)]:
            self.wrong.append(f"“{deed}” was answered with {odd}")
        if not any(answer in DONE for answer in answers):
            raise RuntimeError(f"“{deed}” at {action} was answered with {answers}")


def pressed_twice(ground: Ground, kind: str, rounds: int, control: Control | None = None) -> Outcome:
    """What so many rounds came to."""
    acknowledged, found, twice, refused, wrong = 0, 0, 0, 0, list[str]()
    times_sent = 1 if is_quiet(control) else TIMES
    for _ in range(rounds):
        place = ground.fresh(kind, with_a_list)
        inside = app_of(place.settings)
        with ground.served(place, build_of(control)) as server:
            pressed = Pressed(inside, server.port, times_sent)
            _whole_way(pressed)
        with snapshot(inside.extensions["casereader_engine"]) as session:
            times = Counter(session.exec(select(AuditEvent.action)).all())
            wrong += [*pressed.wrong, *audit.verify(session), *audit.compare(session)]
        inside.extensions["casereader_engine"].dispose()
        meant = Counter(pressed.deeds)
        acknowledged += meant.total()
        found += sum(min(times[deed], n) for deed, n in meant.items())
        twice += sum(max(0, times[deed] - n) for deed, n in meant.items())
        refused += pressed.n_refused
        wrong += [
            f"“{deed}” is in the trail {times[deed]} times, not {n}" for deed, n in meant.items() if times[deed] != n
        ]
    how_often = "twice at once" if times_sent > 1 else "once"
    done = f"{acknowledged} forms sent {how_often}; {refused} answers said that it was done already"
    return Outcome(
        f"forms sent twice, {kind}",
        acknowledged,
        found,
        acknowledged - found,
        twice,
        None,
        done,
        wrong=tuple(dict.fromkeys(wrong)),
        control=control,
    )


def _whole_way(pressed: Pressed) -> None:
    with snapshot(pressed.app.extensions["casereader_engine"]) as session:
        home = f"/inspections/{session.exec(select(Inspection)).one().public_id}"
        reader_id = account_of(session, "ruaridh").public_id
    coordinator, lead, moderator, reader = map(pressed.person, ("catriona", "leslie", "morag", "ruaridh"))
    plan, draw, assign = f"{home}/plan", f"{home}/draw", f"{home}/assign"
    shown = f"{plan}?" + "&".join(f"{key}={value}" for key, value in sampled.PLAN_TYPED.items())
    agreed = {"no_source": "y", "public_value_source": "Dice in front of both sides"}
    pressed.press("list and plan fixed", coordinator, shown, plan, agreed, button="fix")
    pressed.press("list and plan confirmed", lead, plan, f"{plan}/confirm")
    pressed.press("sample drawn", coordinator, draw, draw, {"public_value": "4 8 15"})
    pressed.press("reading days set", coordinator, assign, f"{assign}/days", {f"reads-{reader_id}": "y"})
    pressed.press("cases assigned", coordinator, assign, assign)
    first, second, third = _readings(pressed)
    pressed.press("reading started", reader, f"/readings/{first}", f"/readings/{first}/start")
    _answer(pressed, first)
    pressed.press(
        "reading submitted", reader, f"/readings/{first}/check", f"/readings/{first}/submit", {"declared": "y"}
    )
    pressed.press("concern raised", reader, f"/readings/{second}/concern", f"/readings/{second}/concern", CONCERN)
    concern = next(link for link in lead.page(f"{home}/concerns").links if link.startswith(f"{home}/concerns/"))
    told = {"to": "with the partnership", "done": "Rang them."}
    closing = {"to": "closed", "done": "Answered.", "partnership_ref": "SW-77"}
    pressed.press("concern received", lead, concern, f"{concern}/received")
    pressed.press("concern with the partnership", lead, concern, f"{concern}/steps", told)
    pressed.press("concern closed", lead, concern, f"{concern}/steps", closing)
    seen = f"{home}/moderation/{first}"
    pressed.press("query asked", moderator, f"{seen}/ask/C9", f"{seen}/ask/C9", {"text": "Which entries?"})
    pressed.press(
        "reading reopened", reader, f"/readings/{first}/reopen", f"/readings/{first}/reopen", {"reason": "One more."}
    )
    _complete(pressed, third)
    pressed.deeds.append("reading submitted")
    seen = f"{home}/moderation/{third}"
    pressed.press("reading signed off", moderator, seen, f"{seen}/sign-off")


def _readings(pressed: Pressed) -> list[str]:
    with snapshot(pressed.app.extensions["casereader_engine"]) as session:
        given = given_to(session, account_of(session, "ruaridh"))
        return [one.reading.public_id for one in given[:3]]


def _answer(pressed: Pressed, public_id: str) -> None:
    with transaction(pressed.app.extensions["casereader_engine"]) as session:
        account = account_of(session, "ruaridh")
        instrument = pressed.app.extensions["casereader_instruments"]["CRR-1"]
        opened = next(one for one in given_to(session, account) if one.reading.public_id == public_id)
        answers = full_answers(instrument, opened)
        changes = {
            key: {"value": one.value, "note": one.note, "sources": one.sources, "ground": one.ground}
            for key, one in answers.items()
        }
        save(session, opened, instrument, changes, by=account, at=datetime.now(UTC))


def _complete(pressed: Pressed, public_id: str) -> None:
    with transaction(pressed.app.extensions["casereader_engine"]) as session:
        account = account_of(session, "ruaridh")
        opened = next(one for one in given_to(session, account) if one.reading.public_id == public_id)
        instrument = pressed.app.extensions["casereader_instruments"]["CRR-1"]
        complete(session, opened, instrument, by=account, at=datetime.now(UTC))
