"""What is said of reading in waves wherever figures are told: the rule, what was settled, and which records count.

Plain sentences of plain values. Nothing here decides who may read them: what was settled tells of answers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from casereader import dated
from casereader.drawing.wave_rule import Rule, as_per_cent
from casereader.words import printed, read_out

SAYS_ALWAYS = (
    "Every interval here therefore holds at any time, however often somebody looked (“always-valid”). It is wider than "
    "one made for a sample whose size nobody could change."
)
SAYS_FIXED = (
    "It was read to its end, so its intervals are those of a sample of fixed size. They are somewhat too sure where "
    "most samples like it would have ended early."
)
GO_BY = "There, go by the wider limits that hold at any time: the lead sees them on the page “Waves”."
NOT_SAID_HERE = (
    "Which of these questions were settled is not said here: it could tell more of a question than its figure does."
)


def rule_says(rule: Rule) -> str:
    """When reading could end, as the plan stated it before the draw."""
    first = "any of them" if rule.minimum == 1 else f"wave {rule.minimum} or a later one"
    cut_offs = read_out([printed(float(text)) for text in rule.thresholds])
    return (
        f"By its plan the sample was read in {rule.n_waves} waves, and after {first} two people could end reading on "
        f"what was seen of {read_out(rule.questions)}, held against {cut_offs}."
    )


def chance_says(rule: Rule) -> str:
    """The error rate of the rule, where it is not set beside that of what is published."""
    one = "any of their intervals" if rule.split == "shared" else "the interval of a question"
    return f"The chance that {one} ever leaves out the truth was at most {as_per_cent(rule.error_rate)}."


def ended_says(rule: Rule, *, wave: int, at: datetime, ran_out: bool, by: Collection[str] = (), short: str = "") -> str:
    """That reading was ended, after which wave and when; `by` the two people, whose names are not told everywhere.

    `ran_out`: time ran out in that wave, and the two did no more than say so; `short` that it was before the least
    number of waves.
    """
    named = read_out(list(by)) or "two people"
    if ran_out:
        joined = f", and {short}. {named[:1].upper()}{named[1:]}" if short else f"; {named}"
        return f"Time ran out before all of the planned sample was read{joined} ended it on {dated.day(at)}."
    return f"Reading was ended after wave {wave} of {rule.n_waves}, on {dated.day(at)}, by {named}."


def settled_says(rule: Rule, kept: Sequence[Mapping[str, Any]]) -> str:
    """Which questions of the rule were settled when reading ended, from what the ending kept of them."""
    cuts = [float(text) for text in rule.thresholds]
    settled = [one for one in kept if one["settled"]]
    open_ = [one["question"] for one in kept if not one["settled"]]
    said = [f"{one['question']} was settled {where(float(one['lower']), float(one['upper']), cuts)}" for one in settled]
    if said:
        rest = f"; {read_out(open_)} {'was' if len(open_) == 1 else 'were'} not" if open_ else ""
        return f"When it ended, {read_out(said)}{rest}."
    return f"When it ended, {read_out(open_)} {'was' if len(open_) == 1 else 'were'} not settled." if open_ else ""


def where(lower: float, upper: float, cut_offs: Sequence[float]) -> str:
    """Between which cut-offs a settled share lies."""
    below = [cut for cut in cut_offs if cut < lower]
    above = [cut for cut in cut_offs if cut > upper]
    if lower == upper:
        return "since every record of the list was read"
    if not below:
        return f"below {printed(min(above))}"
    if not above:
        return f"above {printed(max(below))}"
    return f"between {printed(max(below))} and {printed(min(above))}"


def later_says(n: int) -> str:
    """That records of waves after the last complete one count too, and why; blank where there are none."""
    if not n:
        return ""
    was, they, it = ("was", "It is", "it counts") if n == 1 else ("were", "They are", "they count")
    return (
        f"{n} {'record' if n == 1 else 'records'} of later waves {was} handed in by then. {they} next in ticket order, "
        f"so {it} too, and what was read stays a random sample."
    )
