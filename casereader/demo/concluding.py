"""After the reading week of one invented inspection: two readings settled, evaluations proposed, looked at, final."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import col, select

from casereader import evaluations
from casereader.demo.inspecting import Inspecting, Step
from casereader.demo.invented.chance import Chance
from casereader.demo.issuing import issued, prepared
from casereader.demo.settled import leave_asked, leave_to_settle
from casereader.figures import results
from casereader.models import Case, DrawRecord, Evaluation, Reading, SampleCase
from casereader.moderating import moderation, settling
from casereader.moderating.settlements import Chosen
from casereader.programmes import calendars
from casereader.readings import answers_of_many, stratum_of
from casereader.stages import stages
from casereader.vocabulary import EvaluationStage, ReadingKind, Stage

SETTLED_OF_READ = 0.5  # of the pairs that differ by much, where no evaluation is proposed yet
PANEL_CHANGES = 0.2
JUST_OUT = 24  # weeks since notification: its findings are an issue, the older ones only say on which day they came out
LOOKED_OVER = timedelta(hours=3)
JUST_READ = 10  # weeks since notification: something is still being settled
ENOUGH_FOR = {6: 0.97, 5: 0.85, 4: 0.62, 3: 0.42, 2: 0.2}  # invented: real teams never go by a share alone
REASONS = {
    EvaluationStage.PROPOSED: (
        "The records, the survey and the groups point the same way, and the range of the figures allows no other word.",
        "Records show real strengths; staff groups and the survey explain where they are less even.",
        "What the records show is borne out by the partnership's own audit, with the same gaps.",
    ),
    EvaluationStage.PANEL: (
        "The panel tested the evidence against other partnerships of a similar size and agrees.",
        "The panel looked at the records again where the figures and the groups differed.",
    ),
    EvaluationStage.FINAL: (
        "Final after the partnership's comments on factual accuracy; no figure changed.",
        "Final after the partnership's comments; wording was made clearer, and the rating stands.",
    ),
}


@dataclass
class Concluding:
    """What follows the readings of one inspection."""

    of: Inspecting
    _kept: dict[str, list[dict[str, Any]]] | None = field(default=None, init=False)

    def steps(self) -> list[Step]:
        """What is done, and when, as far as the inspection has come."""
        reach, weeks = self.of.invented.reach, self.of.weeks
        if reach.stage not in (Stage.MODERATING, Stage.EVALUATED, Stage.PUBLISHED):
            return []
        moments = {
            EvaluationStage.PROPOSED: weeks.proposed,
            EvaluationStage.PANEL: weeks.panel,
            EvaluationStage.FINAL: weeks.final,
        }
        order = list(EvaluationStage)
        so_far = order[: order.index(reach.evaluated) + 1] if reach.evaluated is not None else []
        found: list[Step] = [(weeks.settled, self.settle)]
        if reach.evaluated is None and reach.weeks == JUST_READ:
            found.append((weeks.settled + timedelta(hours=1), lambda at: leave_to_settle(self.of, at)))
            found.append((weeks.settled + timedelta(hours=4), lambda at: leave_asked(self.of, at)))
        found += [(moments[stage], self._evaluating(stage)) for stage in so_far]
        if reach.stage is Stage.EVALUATED:
            return [*found, *prepared(self.of, weeks.final + timedelta(hours=2))]
        if reach.stage is not Stage.PUBLISHED:
            return found
        if reach.weeks == JUST_OUT:
            return [*found, *prepared(self.of, weeks.published - LOOKED_OVER), *issued(self.of, weeks.published)]
        return [*found, (weeks.published, self.publish)]

    def publish(self, at: datetime) -> None:
        """Say that the report is out."""
        inspection = self.of.place.inspection
        calendars.record_publication(
            self.of.session,
            inspection=inspection,
            stage=stages.standing(self.of.session, inspection).stage,
            on=at.date(),
            by=self.of.people.lead,
            at=at,
        )

    def settle(self, at: datetime) -> None:
        """Settle the pairs of readings that differ by much."""
        chance = Chance(self.of.seed, "settled", self.of.invented.name)
        is_concluded = self.of.invented.reach.evaluated is not None
        for public_id, first, second, stratum in self._twice_read():
            found = answers_of_many(self.of.session, [first, second])
            differing = moderation.differences(self.of.instrument, found[first], found[second], stratum=stratum)
            if not any(one.disputed for one in differing):
                continue
            if is_concluded or chance.happens(SETTLED_OF_READ):
                chosen = {
                    one.part.key: Chosen("second" if one.part.scale.kind == "six" and chance.happens(0.5) else "first")
                    for one in differing
                }
                settling.settle(
                    self.of.session,
                    place=self.of.place,
                    public_id=public_id,
                    instrument=self.of.instrument,
                    chosen=chosen,
                    by=self.of.people.moderator,
                    at=at,
                )

    def _twice_read(self) -> list[tuple[str, int, int, str]]:
        """The second readings whose case has a first one too, both submitted: name, keys of both, stratum."""
        first = aliased(Reading)
        query = (
            select(Reading, first.id, Case.group, SampleCase.stratum)
            .join(SampleCase, col(SampleCase.id) == Reading.sample_case_id)
            .join(Case, col(Case.id) == SampleCase.case_id)
            .join(DrawRecord, col(DrawRecord.id) == SampleCase.draw_id)
            .join(first, col(first.sample_case_id) == col(Reading.sample_case_id))
            .where(
                DrawRecord.inspection_id == self.of.place.inspection.id,
                Reading.kind == ReadingKind.SECOND,
                col(Reading.submitted_at).is_not(None),
                first.kind == ReadingKind.FIRST,
                col(first.submitted_at).is_not(None),
            )
            .order_by(SampleCase.stratum, col(SampleCase.order))
        )
        return [
            (second.public_id, one or 0, second.id or 0, stratum_of(self.of.instrument, group=group, label=label))
            for second, one, group, label in self.of.session.exec(query)
        ]

    def _evaluating(self, stage: EvaluationStage) -> Callable[[datetime], None]:
        def evaluate(at: datetime) -> None:
            for qi, rows in self._figures().items():
                entries = evaluations.history(self.of.session, place=self.of.place)
                newest = next((entry.row for entry in entries if entry.row.qi == qi), None)
                chance = Chance(self.of.seed, self.of.invented.name, "evaluation", qi, stage)
                evaluations.write(
                    self.of.session,
                    place=self.of.place,
                    instrument=self.of.instrument,
                    qi=qi,
                    stage=stage,
                    rating=_rating(newest, stage, rows, chance),
                    reason=chance.pick(REASONS[stage]),
                    figures=rows,
                    after=newest.public_id if newest else "",
                    by=self.of.people.lead,
                    at=at,
                )

        return evaluate

    def _figures(self) -> dict[str, list[dict[str, Any]]]:
        """The figures of each evaluated indicator's questions, as an evaluation keeps them."""
        if self._kept is None:
            instrument = self.of.instrument
            chosen = [one.value for one in evaluations.indicators(self.of.place, instrument)]
            keys = [part.key for qi in chosen for question in instrument.mapped_to(qi) for part in question.parts]
            found = results.results_for(self.of.session, [self.of.place], instrument, only=keys)
            by_qi = found.figures.by_qi
            self._kept = {
                qi: results.plain_rows(by_qi[by_qi["qi"] == qi].drop(columns=["qi", "qi_label"])) for qi in chosen
            }
        return self._kept


def _rating(newest: Evaluation | None, stage: EvaluationStage, rows: list[dict[str, Any]], chance: Chance) -> int:
    if newest is None:
        shares = [row["share"] for row in rows if row["share"] is not None]
        share = sum(shares) / len(shares) + 0.08 * chance.normal() if shares else 0.5
        return next((rating for rating, enough in ENOUGH_FOR.items() if share >= enough), 1)
    if stage is EvaluationStage.PANEL and chance.happens(PANEL_CHANGES):
        return min(max(newest.rating + (1 if chance.happens(0.4) else -1), 1), 6)
    return newest.rating
