"""The forms in which a number may be shown, from the most exact to none, and what each of them tells.

What a form tells is a statement, true of the figures, that the attack is given. A word is about a weighted share and a
count is not: where both differ, the attacker is given the closest relation between them that is true.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from casereader.disclosure.findings import Finding
from casereader.disclosure.knowledge import Row, lies
from casereader.disclosure.policy import Policy, Shows
from casereader.disclosure.wording import ends, may_hold_few, touched_rows
from casereader.words import Wording, word_for, words_for

_FINEST = 10_000


class Shown(StrEnum):
    """How much of a figure is shown."""

    COUNT = "count"
    AT_LEAST = "at least"
    WORD = "word"
    RANGE = "range of words"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a figure: what is printed, and what that tells."""

    shown: Shown
    rows: tuple[Row, ...] = ()
    number: int | None = None
    percent: int | None = None
    words: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


WITHHELD = Form(Shown.WITHHELD)


def rounded(count: int, base: int) -> int:
    """The nearest multiple of the base, halves up.

    >>> [rounded(count, 5) for count in (12, 13, 17, 18)]
    [10, 15, 15, 20]
    """
    return base * ((2 * count + base) // (2 * base))


def counts_behind(number: int, base: int) -> tuple[int, int]:
    """The least and the greatest count that is rounded to a number.

    >>> counts_behind(15, 5)
    (13, 17)
    """
    return max(0, number - base // 2), number + (base - 1) // 2


def percent(share: float, n: int, policy: Policy) -> tuple[int, float, float] | None:
    """A share as printed, and the shares that are printed so; None for too few records.

    It is the share of the n records as a rounded count, in per cent of n rounded. A share that is not quite 0 or 1
    never prints as if it were.
    """
    base, records = policy.base, rounded(n, policy.base)
    if records < policy.least_n_for_percent:
        return None
    count = base * math.floor(share * n / base + 0.5 + 1e-9)
    low, high = (count - base / 2) / n, (count + base / 2) / n
    if 0 < share < 1:
        least, most = base, records - base
        count = min(max(count, least), most)
        low, high = (0.0 if count == least else low), (1.0 if count == most else high)
    printed = math.floor(100 * count / records + 0.5)
    return (min(max(printed, 1), 99) if 0 < share < 1 else printed), max(0.0, low), min(1.0, high)


def count_form(name: str, count: int, policy: Policy) -> Form:
    """A rounded count."""
    number = rounded(count, policy.base)
    return Form(Shown.COUNT, (lies(name, *map(float, counts_behind(number, policy.base))),), number=number)


def records_forms(finding: Finding, policy: Policy) -> tuple[Form, ...]:
    """The forms of the number of records a finding rests on."""
    name, forms = finding.cell("n"), []
    blank = None if finding.read is None else finding.read - finding.n
    # Were it rounded where nobody is missing, "at least" would tell that somebody is.
    if blank is None or blank >= policy.threshold:
        forms.append(count_form(name, finding.n, policy))
    elif finding.read is not None:
        # Twice as few for a partnership that knows its own of a few in all; of one partnership once is enough.
        for times in (1,) if finding.inspection else (1, 2):
            least = finding.read - times * policy.threshold
            if least >= policy.threshold:
                forms.append(Form(Shown.AT_LEAST, (lies(name, float(least), None),), number=least))
    return (*forms, WITHHELD) if finding.n >= policy.threshold else (WITHHELD,)


def records_behind(finding: Finding, policy: Policy) -> tuple[int, int]:
    """The least and the greatest number of records that the fullest form of it allows."""
    fullest = records_forms(finding, policy)[0]
    most = finding.n if finding.read is None else finding.read
    if fullest.shown is Shown.COUNT:
        low, high = counts_behind(fullest.number or 0, policy.base)
        return low, high if finding.read is None else min(high, most)
    return (fullest.number or min(policy.threshold, most)), most


def figure_forms(finding: Finding, policy: Policy) -> tuple[Form, ...]:
    """The forms of how many of the records count: rounded count and percentage, word, ranges of words, nothing."""
    small = min(finding.k, finding.n - finding.k) < policy.threshold
    forms = [] if small or policy.shows is Shows.WORDS else _counted(finding, policy)
    if finding.n >= max(policy.threshold, policy.wording.least_n):
        forms += _worded(finding, policy)
    return (*forms, WITHHELD)


def level_forms(finding: Finding, policy: Policy) -> dict[str, tuple[Form, ...]]:
    """The forms of how many records have each answer of the scale, by the number's name."""
    found: dict[str, tuple[Form, ...]] = {}
    for one in finding.levels:
        small = min(one.count, finding.n - one.count) < policy.threshold
        form = count_form(finding.cell(f"={one.value}"), one.count, policy)
        found[finding.cell(f"={one.value}")] = (WITHHELD,) if small else (form, WITHHELD)
    return found


def _counted(finding: Finding, policy: Policy) -> list[Form]:
    """Count, percentage and word, which is that of the number printed; with the words its interval touches, without."""
    name = finding.cell("k")
    count = count_form(name, finding.k, policy)
    records = rounded(finding.n, policy.base)
    shown = percent(finding.true_share, finding.n, policy)
    rows = list(count.rows)
    if shown is not None and finding.true_share != finding.k / finding.n:  # else it tells what the count does
        rows += share_rows(finding, *shown[1:])
    printed = shown[0] / 100 if shown else min(1.0, (count.number or 0) / records)
    word = word_for(printed, wording=policy.wording)
    also = tuple(one for one in _touched(finding, policy.wording) if one != word)
    told = touched_rows(
        finding,
        records_behind(finding, policy),
        policy.wording,
        counts=counts_behind(count.number or 0, policy.base),
    )
    alone = Form(Shown.COUNT, tuple(rows), count.number, shown[0] if shown else None, (word,))
    return [replace(alone, rows=(*rows, *told), also=also), alone]


def _worded(finding: Finding, policy: Policy) -> list[Form]:
    """The word, with the words its interval touches where that cannot tell of few; ranges from an end of the scheme.

    In the range at each end all counts read alike: the word alone would tell none, or all, or few from them.
    """
    wording, records = policy.wording, records_behind(finding, policy)
    found = ends(records, policy)
    if found is None:
        return []
    texts = [word.text for word in wording.words]
    own = texts.index(word_for(finding.true_share, wording=wording))
    forms = []
    if found.last_low < own < found.first_high:
        alone = Form(Shown.WORD, _band(finding, wording, own, own), words=(texts[own],))
        if not may_hold_few(own, records, policy):
            also = tuple(one for one in _touched(finding, wording) if one != texts[own])
            told = touched_rows(finding, records, wording)
            forms.append(replace(alone, rows=(*alone.rows, *told), also=also))
        forms.append(alone)
    if finding.true_share < 0.5:
        ranges = [(0, last) for last in range(max(own, found.last_low), policy.most_words)]
    else:
        shortest = min(own, found.first_high)
        ranges = [(first, len(texts) - 1) for first in range(shortest, len(texts) - policy.most_words - 1, -1)]
    forms += [
        Form(Shown.RANGE, _band(finding, wording, first, last), words=tuple(texts[first : last + 1]))
        for first, last in ranges
    ]
    return forms


def _touched(finding: Finding, wording: Wording) -> list[str]:
    return words_for(finding.lower, finding.upper, wording=wording)


def _band(finding: Finding, wording: Wording, first: int, last: int) -> tuple[Row, ...]:
    """What the words from one place to another tell of the share."""
    low, words = wording.words[first], wording.words
    above = words[last + 1] if last + 1 < len(words) else None
    return share_rows(
        finding,
        low.from_share,
        1.0 if above is None else above.from_share,
        open_low=not low.inclusive,
        open_high=above is not None and above.inclusive,
    )


def share_rows(
    finding: Finding, low: float, high: float, *, open_low: bool = False, open_high: bool = False
) -> tuple[Row, ...]:
    """What limits of the weighted share tell of the count: k lies between two parts of n.

    With weights that differ by at most a factor r, a share s allows any k/n from s/(s + r(1 − s)) to rs/(rs + 1 − s).
    r is the smallest for which that is true of the figures: the attacker gets the closest true relation.
    """
    part = finding.k / finding.n
    if part in (0, 1):
        ratio = 1.0
    else:
        odds = part / (1 - part)
        below = low / (1 - low) / odds if low < 1 else 1.0
        above = odds * (1 - high) / high if high > 0 else 1.0
        ratio = max(1.0, below, above)
    k, n = finding.cell("k"), finding.cell("n")
    truth = {k: finding.k, n: finding.n}
    rows = []
    for limit, is_low, is_open in ((low, True, open_low), (high, False, open_high)):
        if limit in (0.0, 1.0) and is_low == (limit == 0.0) and not is_open:
            continue  # every count is from none to all
        factor = limit / (limit + ratio * (1 - limit)) if is_low else ratio * limit / (ratio * limit + 1 - limit)
        # Whole factors, because a solver takes small fractions for nothing.
        exact = Fraction(limit).limit_denominator(_FINEST)
        if ratio > 1:
            exact = Fraction(math.floor(factor * _FINEST) if is_low else math.ceil(factor * _FINEST), _FINEST)
        terms = ((k, float(exact.denominator)), (n, -float(exact.numerator)))
        edge = float(is_open) if is_low else -float(is_open)
        row = Row(terms, edge, None) if is_low else Row(terms, None, edge)
        rows.append(row if row.holds(truth) else Row(terms, 0.0, None) if is_low else Row(terms, None, 0.0))
    return tuple(rows)


def range_of(words: Sequence[str]) -> str:
    """A range of words as it is printed.

    >>> range_of(["most", "all"])
    'most or all'
    >>> range_of(["the majority", "most", "all"])
    'from the majority to all'
    """
    first, last = words[0], words[-1]
    return f"{first} or {last}" if len(words) == 2 else f"from {first} to {last}"
