"""A stranger's attack on hundreds of random issues finds no small number; without secondary suppression it does."""

import random
from dataclasses import replace

import pytest

from casereader.disclosure import Attack, Finding, Knowledge
from casereader.disclosure.findings import link
from casereader.disclosure.forms import Shown
from casereader.disclosure.items import items_of
from tests.casereader.disclosure.linked import PARTNERSHIP, PROGRAMME, Stranger, linked, publish, small_cells

THRESHOLD = 10


def _random_tables(seed: int) -> list[Finding]:
    rng = random.Random(seed)
    sizes = [rng.randint(3, 45) for _ in range(rng.randint(2, 4))]
    return linked(rng, sizes=sizes, n_ages=rng.randint(2, 3), levels=6 if seed % 5 == 0 else 0)


def _not_found(findings: list[Finding], stranger: Stranger, threshold: int = THRESHOLD) -> None:
    for cell in small_cells(findings, threshold):
        low, high = stranger.finds("", *cell)
        assert high - low >= threshold, (cell, low, high)


@pytest.mark.parametrize("seed", [*range(0, 130, 10), 69])
def test_no_small_number_of_a_random_issue_is_found_to_within_the_threshold(seed: int) -> None:
    _check_one(seed)


@pytest.mark.parametrize(("threshold", "base"), [(5, 5), (20, 10)])
def test_nothing_is_found_to_within_another_threshold(threshold: int, base: int) -> None:
    findings = [replace(one, levels=()) for one in _random_tables(3)]
    issue = publish(*findings, policy=replace(PROGRAMME, threshold=threshold, base=base))
    stranger = Stranger(base)
    stranger.read(issue, findings)

    _not_found(findings, stranger, threshold)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 600))
def test_no_small_number_of_hundreds_of_random_issues_is_found(seed: int) -> None:
    _check_one(seed)


def _check_one(seed: int) -> None:
    findings = _random_tables(seed)
    policy = PARTNERSHIP if seed % 3 == 0 else PROGRAMME
    issue = publish(*findings, policy=policy)
    stranger = Stranger()
    stranger.read(issue, findings)

    _not_found(findings, stranger)
    assert issue.verify() == []


@pytest.mark.parametrize("seed", range(4))
def test_no_small_number_is_found_from_two_issues_of_the_same_records(seed: int) -> None:
    findings = _random_tables(seed)
    whole = [one for one in findings if one.is_whole]
    first = publish(*whole)
    second = publish(*findings, name="2", earlier=[first])
    stranger = Stranger()
    stranger.read(first, whole)
    stranger.read(second, findings)

    _not_found(findings, stranger)


@pytest.mark.parametrize("seed", range(1, 6))
def test_few_records_that_changed_between_two_issues_are_not_found(seed: int) -> None:
    rng = random.Random(seed)
    before = linked(rng, sizes=[rng.randint(15, 45) for _ in range(3)], n_ages=2)
    added = [rng.randint(0, 3) for _ in range(3)]
    strata = [
        replace(one, n=one.n + more, k=one.k + rng.randint(0, more))
        for one, more in zip(before[1:4], added, strict=True)
    ]
    after = [replace(before[0], n=sum(one.n for one in strata), k=sum(one.k for one in strata)), *strata]
    first = publish(*before[:4])
    second = publish(*after, name="2", earlier=[first])
    stranger = Stranger()
    stranger.read(first, before[:4])
    stranger.read(second, after, "new")

    for old, new in zip(before, after, strict=False):
        for part, change in (("n", new.n - old.n), ("k", new.k - old.k), ("rest", new.n - new.k - old.n + old.k)):
            if 0 < abs(change) < THRESHOLD:
                low, high = stranger.finds_change(old.domain, old.level, part)
                assert high - low >= THRESHOLD, (old.id, part, low, high)
    assert second.verify() == []


@pytest.mark.parametrize("seed", range(4))
def test_what_was_published_before_never_makes_more_be_shown(seed: int) -> None:
    findings = _random_tables(seed)
    part = random.Random(seed).sample(findings[1:], 2)
    alone = publish(*findings, name="2")
    first = publish(findings[0], *part)
    after = publish(*findings, name="2", earlier=[first])

    shown_before = {one.id for one in first.figures}
    for lone, later in zip(alone.figures, after.figures, strict=True):
        if later.id not in shown_before:  # whatever was published stays so
            assert _fullness(later.share.shown) <= _fullness(lone.share.shown)
            assert _fullness(later.records.shown) <= _fullness(lone.records.shown)


def _fullness(shown: Shown) -> int:
    return [Shown.WITHHELD, Shown.RANGE, Shown.WORD, Shown.AT_LEAST, Shown.COUNT].index(shown)


def test_with_primary_suppression_alone_the_attack_does_find_small_numbers() -> None:
    found = 0
    for seed in range(1, 20):
        findings = [replace(one, levels=()) for one in _random_tables(seed)]
        tables = link(findings, THRESHOLD)
        same = {cell: cell for cell in tables.counts}
        items = [item for one in findings for item in items_of(one, PROGRAMME, same)]
        known = Knowledge((*tables.relations, *(row for item in items for row in item.form.rows)))
        attack = Attack(known, tables.counts)
        for cell, count in tables.counts.items():
            low, high = attack.interval(cell)
            found += count < THRESHOLD and high is not None and high - low < THRESHOLD

    assert found > 15


@pytest.mark.parametrize("seed", range(2))
def test_the_same_findings_give_the_same_issue(seed: int) -> None:
    findings = _random_tables(seed)

    assert publish(*findings) == publish(*findings)
