"""What will be withheld and why, in sentences: for whoever decides to publish, before anything is frozen.

It tells of small numbers, and is never published itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from casereader.disclosure.figures import Figure, Reason, Why
from casereader.disclosure.forms import Shown, range_of
from casereader.disclosure.issues import IssueContent
from casereader.disclosure.items import RECORDS, SCALE, SHARE
from casereader.disclosure.policy import Policy

_WHAT = {RECORDS: "The number of records", SHARE: "How many of them count", SCALE: "The division over the scale"}


@dataclass(frozen=True, slots=True)
class Withheld:
    """One part of a finding that shows less than it might: what, what stands instead, and why."""

    finding: str
    what: str
    instead: str
    why: str


def withheld(issue: IssueContent, policy: Policy) -> list[Withheld]:
    """Every part of a finding that is withheld or shows less, in the order of the figures."""
    return [
        Withheld(
            finding=figure.id,
            what=_WHAT.get(reason.part, f"How many have “{reason.part}”"),
            instead=_instead(figure, reason),
            why=_why(reason, figure, policy.rules_for(figure.inspection)),
        )
        for figure in issue.figures
        for reason in figure.reasons
    ]


def _instead(figure: Figure, reason: Reason) -> str:
    if figure.as_in and reason.why is not Why.STANDS:
        return f"the figure of issue {figure.as_in} stands"
    if reason.part == RECORDS and figure.records.shown is Shown.AT_LEAST:
        return f"“at least {figure.records.number}”"
    if reason.part == SHARE and figure.share.shown is Shown.WORD:
        return f"“{figure.share.words[0]}”"
    if reason.part == SHARE and figure.share.shown is Shown.RANGE:
        return f"“{range_of(figure.share.words)}”"
    return "nothing"


def _why(reason: Reason, figure: Figure, policy: Policy) -> str:
    small = f"fewer than {policy.threshold} records"
    said = {
        Why.POLICY: f"Under the rules for {policy.name} only the whole sample is shown.",
        Why.FEW_RECORDS: f"It rests on {small}.",
        Why.FEW_FOR_SCALE: f"There are fewer than {policy.threshold} records for each answer of the scale.",
        Why.FEW: f"It is {small}.",
        Why.FEW_OTHERS: f"It is all but {small}.",
        Why.ALL_OR_NONE: "It is all of them or none, which tells of every child in the group.",
        Why.FEW_FOR_WORDS: "There are too few records for words that cannot tell of few of them.",
        Why.ALIKE: "Near none and near all every share reads alike, so that few cannot be told from none.",
        Why.FEW_OUTSIDE: f"All but {small} that were read have an answer.",
        Why.SUBTRACTION: "With it, a number that is withheld could be worked out from the figures around it.",
        Why.EARLIER: "With it, a number that is withheld could be worked out from an earlier issue.",
        Why.CARRIED: f"Something in it changed by {small} since issue {figure.as_in}: the difference would show them.",
        Why.STANDS: f"It stands as in issue {figure.as_in}, where no more of it was shown.",
    }[reason.why]
    return f"{said} Protected: {reason.protects[0]}{_more(len(reason.protects))}." if reason.protects else said


def _more(n: int) -> str:
    return f" and {n - 1} more" if n > 1 else ""
