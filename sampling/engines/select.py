"""The sample and the frame digest by way of an engine: what `sampling.draw` gives, without the list in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from hashlib import sha256

import pandas as pd

from sampling.draw import Taken, sample_of
from sampling.engines.port import CHANGED, NO_BOUND, Candidate, Engine, Values, bound
from sampling.errors import FrameError
from sampling.plan import Plan

LINES_AT_ONCE = 1_500_000
_MOST_PARTS = 16


def sample_by(
    engine: Engine,
    plan: Plan,
    seed: str,
    counts: Mapping[str, int],
    labels: Mapping[Values, str],
    written: Mapping[Values, Values],
) -> pd.DataFrame:
    """The rows of sample.csv, selected by tickets; FrameError where the list was changed meanwhile.

    `counts` has every label, sorted by bytes, with its N; `labels` and `written` give, for the values of a case as the
    list has them, its label and how they are written in the sample.
    """
    n = {label: min(plan.sizes.get(label, 0), population) for label, population in counts.items()}
    whole = {label: n[label] + min(plan.reserves.get(label, 0), counts[label] - n[label]) for label in counts}
    kept = _kept(engine, seed, {label: bound(whole[label], counts[label]) for label in counts if whole[label]}, labels)
    short = [label for label in counts if len(kept.get(label, ())) < whole[label]]
    if short:
        kept |= _kept(engine, seed, dict.fromkeys(short, NO_BOUND), labels)
    rows: list[Candidate] = []
    taken = {}
    for label, population in counts.items():
        ranked = sorted(kept.get(label, ()), key=lambda case: (case.ticket, case.case_ref))[: whole[label]]
        if len(ranked) < whole[label]:
            raise FrameError(CHANGED)
        taken[label] = Taken(
            [*range(len(rows), len(rows) + len(ranked))], n[label], [Fraction(n[label], population)] * n[label]
        )
        rows += ranked
    columns = [*([plan.within] if plan.within else []), *plan.strata]
    table = pd.DataFrame([written[case.values] for case in rows], columns=columns, dtype=object)
    return sample_of(table, [case.case_ref for case in rows], counts, plan, seed, taken)


def digest_by(
    engine: Engine, cases: Mapping[Values, int], labels: Mapping[Values, str], *, at_once: int = LINES_AT_ONCE
) -> str:
    """The frame digest; `cases` counts each combination of values. About so many lines are sorted at once.

    Raises FrameError where the list was changed meanwhile.
    """
    digest, found = sha256(), 0
    for part in _parts(cases, labels, max(at_once, sum(cases.values()) // _MOST_PARTS)):
        for piece in engine.lines(part):
            digest.update(piece)
            found += piece.count(b"\n")
    if found != sum(cases.values()):
        raise FrameError(CHANGED)
    return digest.hexdigest()


def _kept(
    engine: Engine, seed: str, bounds: Mapping[str, str], labels: Mapping[Values, str]
) -> dict[str, list[Candidate]]:
    kept: dict[str, list[Candidate]] = {}
    given = {values: bounds[label] for values, label in labels.items() if label in bounds}
    for case in engine.below(seed, given) if given else ():
        kept.setdefault(labels[case.values], []).append(case)
    return kept


def _parts(cases: Mapping[Values, int], labels: Mapping[Values, str], most: int) -> Iterator[dict[Values, str]]:
    """Whole strata in the order of their labels, so many at a time that their lines can be sorted in memory."""
    part: dict[Values, str] = {}
    held = 0
    in_order = sorted(labels, key=lambda values: labels[values].encode())
    for place, values in enumerate(in_order):
        part[values] = labels[values]
        held += cases[values]
        is_last = place + 1 == len(in_order)
        if is_last or (held + cases[in_order[place + 1]] > most and labels[in_order[place + 1]] != labels[values]):
            yield part
            part, held = {}, 0
