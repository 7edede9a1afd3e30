"""What is seen after a wave: of each question that the plan names its share, and whether anything is left to settle.

It stands on the cases of the waves that are complete, those before them complete as well, and on no other: so it is the
same however the next wave is read. What was seen of a wave is fixed (`looks`): while a case of it is open again nothing
is shown, and no earlier wave stands in for it. Its limits hold at any time, at the error rate that the plan states.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlmodel import Session

from casereader.drawing import draws
from casereader.errors import ConflictError
from casereader.figures import material
from casereader.figures.material import Material
from casereader.figures.results import plain_rows
from casereader.in_waves import looks, waves
from casereader.in_waves.looking import n_complete
from casereader.in_waves.waves import Rule, Wave
from casereader.instrument import Instrument
from casereader.models import Account, DrawRecord
from casereader.programmes.inspections import Place
from casereader.readings import hold_draw
from casereader.rollup import ALWAYS_VALID, WHOLE, roll_up
from casereader.rollup.always_valid import Counted, counted_by_stratum
from casereader.vocabulary import CaseStatus
from casereader.words import also_words
from sampling.sequential import is_settled

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """A question of the rule: its row as in questions.csv, settled or not, the chance that one more wave settles it.

    `row` is None before any record has an answer; there is no `chance` where nothing is left to settle or to read.
    """

    key: str
    row: Row | None
    is_settled: bool
    chance: float | None


@dataclass(frozen=True)
class AfterWave:
    """An inspection after its last complete wave, `n_complete`; 0 before the first is.

    `n_seen` is the last wave of which anybody saw the figures.
    """

    record: DrawRecord
    rule: Rule
    waves: Sequence[Wave]
    n_complete: int
    asked: Sequence[Asked]
    n_seen: int = 0

    @property
    def is_corrected(self) -> bool:
        """Whether a case up to the last wave that was looked at is open again: no figure is shown meanwhile."""
        return self.n_complete < self.n_seen

    @property
    def n_shown(self) -> int:
        """The wave after which figures can be shown; 0 where none can."""
        return 0 if self.is_corrected else self.n_complete

    @property
    def open_again(self) -> list[str]:
        """The references of the cases that are to be corrected."""
        return [case.case_ref for wave in self.waves[: self.n_seen] for case in wave.cases if not case.is_decided]

    @property
    def next_wave(self) -> Wave | None:
        """The wave that is being read, if there is one: none of which a case was stopped."""
        following = self._following
        return following if following is not None and not following.is_cut else None

    @property
    def cut_wave(self) -> Wave | None:
        """The wave that cannot be read whole, since a case of it was stopped, if it is the next."""
        following = self._following
        return following if following is not None and following.is_cut else None

    @property
    def _following(self) -> Wave | None:
        return self.waves[self.n_complete] if self.n_complete < len(self.waves) else None

    @property
    def n_settled(self) -> int:
        """How many questions are settled."""
        return sum(one.is_settled for one in self.asked)

    @property
    def is_all_settled(self) -> bool:
        """Whether nothing is left that another wave could settle."""
        return self.n_settled == len(self.asked)


def after_wave(session: Session, *, place: Place, instrument: Instrument) -> AfterWave | None:
    """What is seen of an inspection after its last complete wave; None where it is not drawn, or has no waves."""
    record = draws.current(session, inspection=place.inspection)
    rule = waves.rule_of_draw(session, draw_record=record) if record is not None else None
    if record is None or rule is None:
        return None
    found = waves.of_inspection(session, inspection=place.inspection)
    complete, n_seen = n_complete(found), looks.last_wave(session, inspection=place.inspection)
    asked: list[Asked] = [Asked(key, None, False, None) for key in rule.questions]
    if complete and complete >= n_seen:
        loaded = material.load(session, [place], instrument, only=rule.questions)
        inside = {case.case_ref for wave in found[:complete] for case in wave.cases}
        asked, answered, counted = _counted(only_cases(loaded, inside), instrument, rule)
        if complete < len(found) and answered and not found[complete].is_cut:
            seed = record.certificate_sha256
            asked = _with_chances(asked, answered, counted, rule, found[complete], seed=seed)
    return AfterWave(record, rule, found, complete, asked, n_seen)


def look(session: Session, *, place: Place, wave: int, by: Account, at: datetime) -> None:
    """Write down that they see the figures after this wave, before they do: from then on it is fixed.

    ConflictError where the wave is not complete any more; RefusedError while the inspection is away.
    """
    record = hold_draw(session, inspection=place.inspection)
    if record is None or n_complete(waves.of_inspection(session, inspection=place.inspection)) < wave:
        raise ConflictError(f"A record of wave {wave} was opened again this moment: look at the page again.")
    looks.keep(session, draw_record=record, wave=wave, by=by, at=at)


def asked_of(loaded: Material, instrument: Instrument, rule: Rule) -> list[Asked]:
    """Each question of the rule with its row, settled or not: the share that is looked for is that of all of the list.

    So the limits leave room for what strata with no case decided yet may hold, which no share speaks of. They are those
    at the error rate of the rule, which need not be that of what is published.
    """
    return _counted(loaded, instrument, rule)[0]


def only_cases(loaded: Material, refs: set[str]) -> Material:
    """The material with every case outside these as one that is still to be read."""
    outside = ~loaded.cases["case_ref"].isin(refs)
    status = loaded.cases["status"].mask(outside, CaseStatus.WAITING.value)
    return replace(loaded, cases=loaded.cases.assign(status=status))


def thresholds_of(rule: Rule) -> list[float]:
    """The cut-offs as numbers."""
    return [float(text) for text in rule.thresholds]


def _counted(loaded: Material, instrument: Instrument, rule: Rule) -> tuple[list[Asked], list[str], Counted]:
    """Each question, those that some record answers, and what these are counted as."""
    cases = material.with_plan(loaded).assign(**{ALWAYS_VALID: True})
    figures = roll_up(cases, loaded.answers, instrument, frame_counts=loaded.frame_counts, domains=(WHOLE,))
    table = figures.questions
    whole = {row["question"]: row for row in plain_rows(table[table["domain"] == WHOLE])}
    answered = [key for key in rule.questions if key in whole]
    counted = counted_by_stratum(figures.design, figures.marks, answered)
    lower, upper = counted.limits(rule.alpha)
    settled = is_settled((lower, upper), thresholds_of(rule))
    asked = {
        key: Asked(key, _with_limits(whole[key], float(lower[at]), float(upper[at])), bool(settled[at]), None)
        for at, key in enumerate(answered)
    }
    return [asked.get(key, Asked(key, None, False, None)) for key in rule.questions], answered, counted


def _with_chances(
    asked: Sequence[Asked], answered: Sequence[str], counted: Counted, rule: Rule, more: Wave, *, seed: str
) -> list[Asked]:
    """The same with the chance that the next wave settles each question that is not."""
    chance = counted.chance_settled(
        Counter(case.stratum for case in more.cases),
        thresholds=thresholds_of(rule),
        alpha=rule.alpha,
        rng=np.random.default_rng([int(seed[:16], 16), more.number]),  # so that the page says the same once more
    )
    of_key = dict(zip(answered, chance, strict=True))
    return [one if one.is_settled else replace(one, chance=of_key.get(one.key)) for one in asked]


def _with_limits(row: Row, lower: float, upper: float) -> Row:
    return {
        **row,
        "lower": lower,
        "upper": upper,
        "also": also_words(row["share"], lower, upper) if row["word"] else "",
    }
