"""The rule of reading in waves: its faults all at once, in the plan's JSON only where there is one."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from pytest import approx

from casereader.drawing.choices import Choices
from casereader.drawing.wave_rule import Rule, Split, cut_offs

KNOWN = {"C9", "D11", "E7", "F9"}
RULE = Rule(n_waves=4, questions=("C9", "D11"), minimum=2, maximum=60)


def said(rule: Rule, *, selection: str = "tickets") -> str:
    return " ".join(fault.says for fault in rule.faults(known=KNOWN, selection=selection))


def test_a_sound_rule_has_no_faults() -> None:
    assert RULE.faults(known=KNOWN, selection="tickets") == []
    assert RULE.faults_of_size(40, population=100) == []


def test_every_fault_of_a_rule_is_told_at_once() -> None:
    wrong = Rule(
        n_waves=4,
        questions=("C9", "C9", "Z1"),
        thresholds=("0.5", "0.5", "1"),
        error_rate="0.6",
        split="none",  # type: ignore[arg-type]
        minimum=4,
        maximum=30,
    )

    faults = said(wrong, selection="systematic") + " ".join(wrong.faults_of_size(3, population=20))
    told = (
        *("by ticket alone", "C9 is named twice", "Z1 is no question", "not at 100%", "cut-off 50% is named twice"),
        *("error rate lies between", "each question has the error rate", "from 1 to 3 must be read"),
        *("3 records cannot be read in 4 waves", "30 does not"),
    )
    assert [one for one in told if one not in faults] == []


@pytest.mark.parametrize("n_waves", [1, 21])
def test_waves_are_2_to_20(n_waves: int) -> None:
    assert "from 2 to 20" in said(replace(RULE, n_waves=n_waves))


def test_a_rule_without_questions_or_cut_offs_is_refused() -> None:
    faults = said(replace(RULE, questions=(), thresholds=()))
    assert "choose the questions" in faults and "at least one cut-off" in faults


def test_the_usual_cut_offs_are_those_of_the_proportion_words() -> None:
    assert cut_offs() == ("0.15", "0.5", "0.75", "0.9")


def test_questions_share_the_error_rate_or_have_it_each() -> None:
    assert RULE.alpha == approx(0.1)
    assert replace(RULE, split="shared").alpha == approx(0.05)


@pytest.mark.parametrize(
    ("error_rate", "split", "says"),
    [
        ("0.1", "each", "10% for each question: its intervals are those that are published, 90% each"),
        ("0.2", "shared", "20%, shared by 2 questions: its intervals are those that are published, 90% each"),
        ("0.02", "shared", "2%, shared by 2 questions; .* shorter, so that one may leave out a cut-off that was not"),
        ("0.5", "each", "50% for each question; .* wider, so that a cut-off that was settled may lie within one"),
    ],
)
def test_a_rule_says_how_its_error_rate_goes_with_the_intervals_that_are_published(
    error_rate: str, split: Split, says: str
) -> None:
    assert re.search(says, replace(RULE, error_rate=error_rate, split=split).beside_published())


def test_without_a_largest_sample_it_is_the_one_that_is_drawn() -> None:
    assert replace(RULE, maximum=0).for_size(41).maximum == 41
    assert RULE.for_size(41).maximum == 60


def test_choices_name_waves_only_where_there_are_any_and_are_read_back_as_they_were() -> None:
    assert "waves" not in Choices().as_json()
    for choices in (Choices(size=20), Choices(size=20, waves=RULE)):
        assert Choices.from_json(choices.as_json()) == choices


def test_the_rule_that_stands_on_a_certificate_is_the_one_that_was_stated() -> None:
    assert Rule.from_bound(RULE.bound()) == RULE
    assert Rule.from_bound({"second_share": "0.1"}) is None
