"""Questions that an instrument ties to each other are attacked together: themes, conditions, computed ratings."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import pytest

from casereader.disclosure import PARTNERSHIP, PROGRAMME, DisclosureError, Finding, Level, Policy, Ties, plan_issue
from casereader.disclosure.knowledge import lies
from casereader.instrument import Instrument
from casereader.instrument.load import load
from casereader.issues.ties import ties_of
from tests.casereader.disclosure.linked import SOFTWARE, Stranger
from tests.source import ROOT

THRESHOLD = 10
Given = Mapping[str, Mapping[str, int]]
Cell = tuple[str, str, str, str]


def told_of(given: Given) -> pd.DataFrame:
    """How answers divide, as the roll-up says it of a programme."""
    rows = [("", key, value, count) for key, counts in given.items() for value, count in counts.items()]
    return pd.DataFrame(rows, columns=["inspection", "question", "value", "count"])


def findings_from(instrument: Instrument, given: Given, *, read: int) -> list[Finding]:
    """The findings of these answers, with the interval of a simple sample, roughly."""
    found = []
    for key, counts in given.items():
        choices = instrument.part(key).choices
        levels = tuple(Level(one.value, counts.get(one.value, 0), one.y == 1) for one in choices if one.y is not None)
        n, k = sum(one.count for one in levels), sum(one.count for one in levels if one.counts)
        if n:
            half = 1.645 * max(k * (n - k) / n**3, 0.25 / n**2) ** 0.5
            lower, upper = max(0.0, k / n - half), min(1.0, k / n + half)
            found.append(Finding(key, n, k, k / n, lower, upper, levels=levels, read=read))
    return found


def attack(given: Given, instrument: Instrument, policy: Policy, *, tied: bool) -> Stranger:
    """Publish a theme, told of ties or not; the stranger knows that each later part is asked of yes and indicated."""
    read = sum(given["H6.present"].values())
    findings = findings_from(instrument, given, read=read)
    ties = ties_of(instrument, told_of(given), findings) if tied else None
    issue = plan_issue(findings, policy, name="1", software=SOFTWARE, ties=ties)
    assert issue.verify() == []
    stranger = Stranger()
    for one in findings:
        shown = one if policy is PROGRAMME else replace(one, levels=())
        stranger.read(issue, [shown], one.question)
    asked = ("", "", "", "asked")
    stranger.knows_sum(asked, at("H6.present", "k"), at("H6.present", "indicated"))
    stranger.knows_sum(at("H6.present", "rest"), at("H6.present", "indicated"), ("", "", "", "others"))
    for one in findings[1:]:
        stranger.knows_sum(asked, at(one.question, "n"))
    return stranger


def at(question: str, part: str) -> Cell:
    return question, "all", "", part


def few(stranger: Stranger, given: Given, instrument: Instrument, policy: Policy) -> list[tuple[Cell, int, int]]:
    """The small numbers that are found to within the threshold."""
    found = []
    for one in findings_from(instrument, given, read=sum(given["H6.present"].values())):
        parts = {"n": one.n, "k": one.k, "rest": one.n - one.k}
        if policy is PROGRAMME and one.n >= 10 * len(one.levels):
            parts |= {level.value: level.count for level in one.levels}
        for part, count in parts.items():
            low, high = stranger.finds(*at(one.question, part))
            if count < THRESHOLD and high - low < THRESHOLD:
                found.append((at(one.question, part), low, high))
    low, high = stranger.finds(*at("H6.present", "indicated"))
    if given["H6.present"]["indicated"] < THRESHOLD and high - low < THRESHOLD:
        found.append((at("H6.present", "indicated"), low, high))
    return found


def theme(yes: int, indicated: int, no: int, nothing: int, *good: int) -> dict[str, dict[str, int]]:
    """A theme and, for each later part, how many of the records that were asked it say yes."""
    asked = yes + indicated
    present = {"yes": yes, "no": no, "indicated": indicated, "not_indicated": nothing}
    parts = zip(("recognised", "assessed"), good, strict=False)
    return {"H6.present": present, **{f"H6.{part}": {"yes": k, "no": asked - k} for part, k in parts}}


@pytest.mark.parametrize(("yes", "indicated"), [(118, 1), (121, 3), (122, 6)])
def test_few_answers_that_open_a_theme_are_not_found_from_the_parts_behind_it(
    instrument: Instrument, yes: int, indicated: int
) -> None:
    given = theme(yes, indicated, 100, 300 - 100 - yes - indicated, 60)

    apart = attack(given, instrument, PROGRAMME, tied=False)
    together = attack(given, instrument, PROGRAMME, tied=True)
    assert few(apart, given, instrument, PROGRAMME)
    assert few(together, given, instrument, PROGRAMME) == []


@pytest.mark.parametrize("good", [(16, 24), (12, 13), (4, 20)])
def test_parts_asked_of_the_same_records_do_not_narrow_each_other(
    instrument: Instrument, good: tuple[int, int]
) -> None:
    given = theme(21, 4, 10, 25, *good)

    assert few(attack(given, instrument, PARTNERSHIP, tied=True), given, instrument, PARTNERSHIP) == []


def said(ties: Ties) -> list[str]:
    """Each statement as a line."""
    short = [
        " ".join(
            f"{'+' if factor > 0 else '-'}{name.replace(' · programme · all # ', ':')}" for name, factor in one.terms
        )
        for one in ties.rows
    ]
    ends = [f"{one.low:g} to " + ("any" if one.high is None else f"{one.high:g}") for one in ties.rows]
    return [f"{row} is {end}" for row, end in zip(short, ends, strict=True)]


def test_what_opens_a_part_is_read_from_the_instruments_conditions(instrument: Instrument) -> None:
    given = {
        "A2": {"0-4": 20, "12-15": 40},
        "E7": {"5": 30, "2": 15, "cannot_be_evaluated": 3, "not_applicable": 12},
        "E1": {"yes": 30, "no": 16, "not_applicable": 2},
        "E2": {"yes": 20, "no": 28},
        "H8.present": {"yes": 15, "indicated": 5, "no": 20},
        "H8.recognised": {"yes": 11, "no": 9},
        "J1": {"yes": 30, "in_part": 10, "no": 20},
        "J2": {"yes": 30, "no": 10},
    }
    ties = ties_of(instrument, told_of(given), findings_from(instrument, given, read=60))

    assert said(ties) == [
        "+E1:asked -E1:n -E1:outside is 0 to 0",
        "+E1:asked -E2:n is 0 to 0",
        "+E1:asked -E7:k -E7:rest -E7:=cannot_be_evaluated is 0 to 0",
        "+J2:asked -J2:n is 0 to 0",
        "+J1:rest -J1:=in_part -J1:rest beside in_part is 0 to 0",
        "+J2:asked -J1:k -J1:=in_part is 0 to 0",
        "+H8.recognised:asked -H8.recognised:n is 0 to 0",
        "+H8.present:rest -H8.present:=indicated -H8.present:rest beside indicated is 0 to 0",
        "+H8.recognised:asked -H8.present:k -H8.present:=indicated is 0 to 0",
    ]


def test_a_computed_rating_is_tied_to_the_answers_it_follows_from() -> None:
    instrument = load(ROOT / "data/instruments/cfsr-style.toml")
    given = {
        "Q1A": {"yes": 30, "no": 6, "not_applicable": 24},
        "Q1B": {"yes": 20, "no": 4, "not_applicable": 36},
        "item1": {"strength": 32, "ani": 8, "not_applicable": 20},
        "safety1": {"substantially": 32, "not_achieved": 8, "not_applicable": 20},
    }
    findings = findings_from(instrument, given, read=60)

    assert said(ties_of(instrument, told_of(given), findings)) == [
        "+item1:n -Q1A:k is 0 to any",
        "+item1:rest -Q1A:rest is 0 to any",
        "+item1:n -Q1B:k is 0 to any",
        "+item1:rest -Q1B:rest is 0 to any",
        "+safety1:k -item1:k is 0 to any",
        "+safety1:rest -item1:rest is 0 to any",
        "+item1:k -safety1:k is 0 to any",
        "+item1:rest -safety1:rest is 0 to any",
    ]
    given["safety1"] = {"substantially": 30, "not_achieved": 10, "not_applicable": 20}  # two were set by hand
    assert "+safety1:k -item1:k is 0 to any" not in said(
        ties_of(instrument, told_of(given), findings_from(instrument, given, read=60))
    )


def test_ties_of_other_figures_are_refused() -> None:
    finding = Finding("C9", 60, 30)
    wrong = Ties({finding.cell("n"): 61}, (lies(finding.cell("n"), 61.0, 61.0),))

    with pytest.raises(DisclosureError, match="not of these figures"):
        plan_issue([finding], PROGRAMME, name="1", software=SOFTWARE, ties=wrong)
