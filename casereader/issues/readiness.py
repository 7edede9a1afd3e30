"""Whether the findings of an inspection are final, so that they can be published."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from casereader import challenges, evaluations
from casereader.figures import double_readings
from casereader.instrument import Instrument
from casereader.issues.evaluated import changed_since_final
from casereader.issues.scope import Scope, narrowed
from casereader.models import Inspection, Partnership, Programme
from casereader.programmes.inspections import Place
from casereader.stages import stages
from casereader.stages.stages import UNLOCKING, Standing

FEWEST = 3  # inspections in a programme's issue: of two, either has the other's figures by subtraction


def why_not(session: Session, *, scope: Scope, instrument: Instrument) -> list[str]:
    """What keeps an issue from being prepared, in sentences; none where it can be."""
    if erased := why_erased(session, scope=scope):
        return erased
    if scope.place is not None:
        return why_not_final(session, place=scope.place, instrument=instrument)
    ready = final_of(session, scope=scope, instrument=instrument).places
    if len(ready) < FEWEST:
        return [
            f"The reading is complete and the evaluation final in {len(ready)} inspections of this programme. "
            f"There must be {FEWEST} at least: of fewer, one of them could work out another's figures."
        ]
    return []


def why_erased(session: Session, *, scope: Scope) -> list[str]:
    """What erased content of the programme keeps an issue from; none where there is none."""
    query = (
        select(Inspection, Programme, Partnership)
        .join(Programme, col(Programme.id) == Inspection.programme_id)
        .join(Partnership, col(Partnership.id) == Inspection.partnership_id)
        .where(Inspection.programme_id == scope.programme.id, col(Inspection.erased_at).is_not(None))
        .order_by(Partnership.name)
    )
    erased = [Place(*row).name for row in session.exec(query)]
    if not erased:
        return []
    return [
        f"The content of {'; '.join(erased)} was erased. What was withheld of it can no longer be protected, so "
        "nothing more of this programme can be published."
    ]


def final_of(session: Session, *, scope: Scope, instrument: Instrument) -> Scope:
    """The scope with only those inspections whose findings are final."""
    if scope.place is not None:
        return scope
    return narrowed(scope, final_among(session, scope.places, instrument))


def final_among(session: Session, places: Sequence[Place], instrument: Instrument) -> list[Place]:
    """Those of these inspections whose findings are final."""
    why_not = _why_not_final(session, places, instrument) if places else {}
    return [place for place in places if not why_not[place.path]]


def named(scope: Scope, paths: Sequence[str]) -> Scope:
    """The scope with only the inspections of these names."""
    return narrowed(scope, [place for place in scope.places if place.path in paths])


def why_not_final(session: Session, *, place: Place, instrument: Instrument) -> list[str]:
    """What is still to come in an inspection before its findings are final, in sentences."""
    return _why_not_final(session, [place], instrument)[place.path]


def _why_not_final(session: Session, places: Sequence[Place], instrument: Instrument) -> dict[str, list[str]]:
    """The same of several inspections, by `Place.path`."""
    ids = [place.inspection.id or 0 for place in places]
    standings, over = stages.standings(session, ids), double_readings.over(session, ids)
    evaluated, n_open = evaluations.with_final(session, ids), challenges.n_open(session, ids)
    found = {
        place.path: _to_come(
            standings[key], _without(place, instrument, evaluated[key]), n_open[key], is_over=key in over
        )
        for key, place in zip(ids, places, strict=True)
    }
    final = [place for place in places if not found[place.path]]
    for path, changed in changed_since_final(session, final, instrument).items():
        if changed:
            found[path].append(
                f"The figures of {', '.join(changed)} are not those on which the final evaluation rests: a reading was "
                "changed after it. On the page Evaluation, look at the figures again and write the final one anew."
            )
    return found


def _to_come(standing: Standing, missing: Sequence[str], n_open: int, *, is_over: bool) -> list[str]:
    if not standing.n_readings:
        return ["Nothing is read yet."]
    found = []
    if not is_over:
        found.append(
            "Reading is not complete: a record waits to be read, a reading to be handed in, or a sample in waves of "
            "which cases were stopped to be ended by two people."
        )
    elif standing.n_to_sign_off:
        found.append(_counted(standing.n_to_sign_off, "reading is not signed off", "readings are not signed off"))
    if standing.n_to_confirm:
        found.append(
            _counted(
                standing.n_to_confirm,
                "case is said to be ineligible, and nobody has confirmed it",
                "cases are said to be ineligible, and nobody has confirmed it",
            )
        )
    if n := len(standing.agreed):
        found.append(_counted(n, "settled case waits for a moderator", "settled cases wait for a moderator"))
    if any(ask.what == UNLOCKING for ask in standing.asks):
        found.append("Somebody asks that a signed-off reading be opened again: decide that first.")
    if missing:
        found.append(f"There is no final evaluation yet of {', '.join(missing)}.")
    if n := n_open:
        found.append(
            _counted(
                n, "challenge of the partnership is not answered", "challenges of the partnership are not answered"
            )
        )
    return found


def _without(place: Place, instrument: Instrument, final: Collection[str]) -> list[str]:
    return [one.value for one in evaluations.indicators(place, instrument) if one.value not in final]


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}."
