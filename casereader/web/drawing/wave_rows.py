"""Waves as pages show them: the rule in words, what a plan gives each wave, and how far each has come. No rating."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from casereader.drawing.planning import Preview
from casereader.drawing.wave_rule import Rule, as_per_cent
from casereader.in_waves.waves import Wave
from casereader.instrument import Instrument
from casereader.vocabulary import CaseStatus
from casereader.web.evaluation.cells import counts_as, name_of
from casereader.words import WORDING
from sampling.waves import waves_of


def rule_in_words(rule: Rule | None, instrument: Instrument) -> list[dict[str, str]]:
    """The rule as a summary list: whoever confirms it need not be a statistician. Empty without waves."""
    if rule is None:
        return []
    of = "of any of the questions" if rule.split == "shared" else "of one question"
    return [
        {
            "key": "Read in waves",
            "value": f"{rule.n_waves}, each in proportion to the strata; waves 1 to any are a beginning of the ticket "
            "order, so that what is read by then is a random sample",
        },
        {
            "key": "Questions to settle",
            "value": "; ".join(named(instrument, key) for key in rule.questions),
        },
        {
            "key": "A question is settled",
            "value": f"When its interval holds none of {', '.join(map(as_per_cent, rule.thresholds))}: whatever the "
            "share is exactly, it then lies between the same two of these",
        },
        {
            "key": "Chance of an error",
            "value": f"{as_per_cent(rule.error_rate)} at most that an interval {of} ever leaves out the truth, however "
            "often it is looked at",
        },
        {
            "key": "Ending early",
            "value": f"A lead may ask for it once wave{' 1 is' if rule.minimum == 1 else f's 1 to {rule.minimum} are'} "
            "complete, and another person agrees; neither has a reading to hand in there",
        },
        {"key": "Largest sample", "value": f"{rule.maximum} records, if it is ever made longer"},
    ]


def headline(rule: Rule | None) -> str:
    """The rule in a line, for whoever confirms it; blank without waves."""
    if rule is None:
        return ""
    questions, cuts = ", ".join(rule.questions), ", ".join(map(as_per_cent, rule.thresholds))
    return (
        f"{rule.n_waves} waves, {questions} at the cut-offs {cuts}, an error rate of {as_per_cent(rule.error_rate)}, "
        f"and an end at the earliest after wave {rule.minimum}"
    )


def named(instrument: Instrument, key: str) -> str:
    """A question with the answers whose share is meant, such as good or better."""
    if not instrument.has(key):
        return key
    counts = counts_as(instrument.part(key))
    return f"{name_of(instrument, key)}: {counts}" if counts else name_of(instrument, key)


def of_plan(rule: Rule | None, shown: Preview) -> list[list[object]]:
    """A row for each wave: its number, its records, those up to and with it, and how many of each stratum."""
    if rule is None or rule.n_waves > shown.size:
        return []
    waves = waves_of(shown.plan.sizes, rule.n_waves)
    rows: list[list[object]] = []
    by_now = 0
    for number in range(1, rule.n_waves + 1):
        of = Counter(label for (label, _), wave in waves.items() if wave == number)
        by_now += of.total()
        rows.append([f"Wave {number}", of.total(), by_now, ", ".join(f"{label}: {n}" for label, n in of.items())])
    return rows


def few_of(rule: Rule | None, shown: Preview) -> str:
    """After which waves too few records are read for a share; blank where none."""
    by_now = [int(str(row[2])) for row in of_plan(rule, shown)]
    few = sum(n < WORDING.least_n for n in by_now)
    if rule is None or not few:
        return ""
    after = "wave 1" if few == 1 else f"waves 1 to {few}"
    mend = "Fewer waves would say more." if few < len(by_now) else "This sample is too small to read in waves."
    return (
        f"After {after} fewer than {WORDING.least_n} records are read: then the lead sees counts and what is settled, "
        f"but no share. {mend}"
    )


def faults_of(rule: Rule | None, shown: Preview) -> list[str]:
    """What keeps the rule from going with what the plan gives."""
    return rule.faults_of_size(shown.size, population=shown.population) if rule else []


def so_far(waves: Sequence[Wave]) -> list[list[object]]:
    """A row for each wave: its cases, how many are read, without a record and left, and whether it is complete."""
    rows: list[list[object]] = []
    for wave in waves:
        n_read = sum(case.is_decided and case.status is CaseStatus.READ for case in wave.cases)
        left = len(wave.cases) - wave.n_decided
        state = {"status": "complete", "kind": "done"} if wave.is_complete else _under_way(wave)
        rows.append([f"Wave {wave.number}", len(wave.cases), n_read, wave.n_decided - n_read, left, state])
    return rows


def _under_way(wave: Wave) -> dict[str, str]:
    begun = wave.n_decided > 0
    if all(case.status is CaseStatus.NOT_REACHED for case in wave.cases):
        return {"status": CaseStatus.NOT_REACHED.value, "kind": "not-started"}
    if wave.is_cut:
        return {"status": "stopped short", "kind": "not-started"}
    return {"status": "under way" if begun else "not begun", "kind": "in-progress" if begun else "not-started"}
