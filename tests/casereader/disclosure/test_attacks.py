"""The attack on figures small enough to be worked by hand, and against trying every number."""

from itertools import product

import pytest
import scipy.optimize  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from casereader.disclosure import Attack, DisclosureError, Knowledge, Row
from casereader.disclosure.knowledge import adds_up, lies


def test_one_hidden_number_of_a_table_with_its_total_is_found() -> None:
    # 60 = 20 + 37 + hidden: 3.
    known = Knowledge((adds_up("n", "abc"), lies("n", 60, 60), lies("a", 20, 20), lies("b", 37, 37)))

    assert Attack(known).interval("c") == (3, 3)


def test_rounding_leaves_a_hidden_number_as_wide_as_the_roundings_together() -> None:
    # 58–62 less 18–22 less 33–37: from 58 − 22 − 37 = −1, so 0, to 62 − 18 − 33 = 11.
    known = Knowledge((adds_up("n", "abc"), lies("n", 58, 62), lies("a", 18, 22), lies("b", 33, 37)))

    assert Attack(known).interval("c") == (0, 11)


def test_two_hidden_numbers_in_two_rows_and_columns_protect_each_other() -> None:
    # Rows a b | 10 and c d | 12, columns 9 and 13: one number fixes all, and a can be 0 to 9.
    known = Knowledge(
        (
            Row((("a", 1.0), ("b", 1.0)), 10, 10),
            Row((("c", 1.0), ("d", 1.0)), 12, 12),
            Row((("a", 1.0), ("c", 1.0)), 9, 9),
            Row((("b", 1.0), ("d", 1.0)), 13, 13),
        )
    )
    attack = Attack(known)

    assert [attack.interval(cell) for cell in "abcd"] == [(0, 9), (1, 10), (0, 9), (3, 12)]


def test_many_numbers_that_add_up_to_a_known_one_are_found_in_few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [f"p{at}" for at in range(64)]
    runs: list[object] = []
    solve = scipy.optimize.milp
    monkeypatch.setattr(scipy.optimize, "milp", lambda *given, **more: runs.append(given) or solve(*given, **more))

    found = Attack(Knowledge((adds_up("n", parts), lies("n", 288, 288), *(lies(one, 0, 9) for one in parts))), parts)

    assert {found.interval(one) for one in parts} == {(0, 9)}
    assert len(runs) < 20


def test_a_word_of_a_known_number_of_records_is_a_range_of_counts() -> None:
    # "Most" of 40: from three quarters, 30, to nine tenths, 36.
    known = Knowledge(
        (
            lies("n", 40, 40),
            Row((("k", 4.0), ("n", -3.0)), 0, None),
            Row((("k", 10.0), ("n", -9.0)), None, 0),
            adds_up("n", ("k", "rest")),
        )
    )
    attack = Attack(known)

    assert attack.interval("k") == (30, 36)
    assert attack.interval("rest") == (4, 10)


def test_what_nothing_limits_has_no_greatest_value() -> None:
    known = Knowledge((lies("a", 3, 7), adds_up("b", ("a", "c"))))

    assert Attack(known).interval("c") == (0, None)


def test_a_difference_between_issues_may_be_below_zero() -> None:
    known = Knowledge(
        (lies("old", 58, 62), lies("new", 53, 57), adds_up("new", ("old", "change"))), frozenset({"change"})
    )

    assert Attack(known).interval("change") == (-9, -1)


def test_knowledge_that_contradicts_itself_is_refused() -> None:
    known = Knowledge((lies("a", 3, 7), lies("b", 9, 9), adds_up("a", "bc")))

    with pytest.raises(DisclosureError, match="contradicts itself"):
        Attack(known).interval("c")


def test_knowledge_reads_what_it_wrote() -> None:
    known = Knowledge((Row((("k", 10.0), ("n", -9.0)), None, 0.0), lies("a", 3, 7)), frozenset({"d"}))

    assert Knowledge.of(known.record()) == known


statements = st.lists(
    st.tuples(st.lists(st.sampled_from([-2, -1, 1, 3]), min_size=3, max_size=3), st.integers(0, 4)),
    min_size=1,
    max_size=4,
)


@given(truth=st.tuples(*[st.integers(0, 6)] * 3), told=statements)
def test_the_attack_finds_just_what_trying_every_number_finds(truth: tuple[int, ...], told: list) -> None:
    rows = [lies(name, 0, 6) for name in "abc"]
    for factors, slack in told:
        total = sum(factor * value for factor, value in zip(factors, truth, strict=True))
        rows.append(Row(tuple(zip("abc", map(float, factors), strict=True)), total - slack, total + 1))
    known = Knowledge(tuple(rows))
    tried = [
        values
        for values in product(range(7), repeat=3)
        if all(row.holds(dict(zip("abc", values, strict=True))) for row in rows)
    ]
    attack = Attack(known)

    for at, name in enumerate("abc"):
        seen = [values[at] for values in tried]
        assert attack.interval(name) == (min(seen), max(seen))
