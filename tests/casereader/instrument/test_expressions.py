"""The language of conditions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casereader.instrument.expressions import All, Comparison, Expression, ExpressionError, Not, Some, decide, parse

names = st.sampled_from(["A3", "H4.present", "A3.living", "stratum", "J3.1", "order", "inside", "notable"])
values = st.lists(st.text(min_size=0, max_size=8), min_size=1, max_size=3, unique=True).map(tuple)
comparison = st.builds(Comparison, names, values, st.booleans())


def _canonical_not(of: Expression) -> Expression:
    return Comparison(of.name, of.values, not of.differs) if isinstance(of, Comparison) else Not(of)


expressions: st.SearchStrategy[Expression] = st.recursive(
    comparison,
    lambda inner: st.one_of(
        inner.map(_canonical_not),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Some),
    ),
    max_leaves=8,
)


@given(expressions)
def test_what_is_printed_reads_back_as_the_same(expression: Expression) -> None:
    assert parse(str(expression)) == expression


@given(expressions, st.dictionaries(names, st.text(max_size=3)), st.sampled_from(["a", "b"]))
def test_not_turns_every_decision_round(expression: Expression, answers: dict[str, str], stratum: str) -> None:
    assert decide(Not(expression), answers, stratum) is not decide(expression, answers, stratum)


@given(expressions, st.dictionaries(names, st.text(max_size=3)), st.text(max_size=3))
def test_what_is_decided_without_the_stratum_holds_for_every_stratum(
    expression: Expression, answers: dict[str, str], stratum: str
) -> None:
    without = decide(expression, answers, None)

    assert without is None or without is decide(expression, answers, stratum)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        parse(text)
    except ExpressionError as refused:
        assert str(refused)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('A3 = "CSO at home"', True),
        ('A3 != "CSO at home"', False),
        ('A3 in ("none", "CSO at home")', True),
        ('not A3 in ("none", "CSO at home")', False),
        ('not (A3 = "CSO at home")', False),
        ('B1 = "yes"', False),
        ('B1 != "yes"', True),
        ('stratum in ("a", "b")', True),
        ('stratum != "a"', False),
        # and binds more tightly than or
        ('A3 = "CSO at home" or B1 = "yes" and B1 = "no"', True),
        ('(A3 = "CSO at home" or B1 = "yes") and B1 = "no"', False),
        ('not B1 = "yes" and A3 = "CSO at home"', True),
    ],
)
def test_conditions_hold_as_written(text: str, holds: bool) -> None:
    assert decide(parse(text), {"A3": "CSO at home"}, "a") is holds


def test_a_name_that_begins_with_a_dot_belongs_to_the_question() -> None:
    assert parse('.present = "yes"', question="H4") == Comparison("H4.present", ("yes",))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "was expected at the end"),
        ("A3", "one of =, != or in"),
        ('A3 = "x', "is not understood"),
        ("A3 = yes", "must stand in double quotes"),
        ('A3 == "yes"', "must stand in double quotes"),
        ('A3 = "yes" A4 = "no"', "“A4” was not expected here"),
        ('(A3 = "yes"', "“)” was expected, at the end"),
        ('A3 in "yes"', "“(” was expected, not"),
        ("A3 in ()", "must stand in double quotes"),
        ('and = "yes"', "“and” stands where"),
        ('.present = "yes"', "outside a question"),
        ('__import__("os") = "x"', "is not understood"),
        ('A3 > "4"', "is not understood"),
        ("not " * 50 + 'A3 = "x"', "stand inside each other"),
        ("(" * 50 + 'A3 = "x"' + ")" * 50, "stand inside each other"),
        ('A3 = "' + "x" * 3000 + '"', "longer than"),
    ],
)
def test_a_condition_that_cannot_be_read_says_why(text: str, why: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text)

    assert why in str(refused.value)


def test_a_stratum_that_is_not_known_leaves_open_only_what_turns_on_it() -> None:
    on_stratum = parse('stratum = "a"')
    with_answer = parse('stratum = "a" or A3 = "x"')
    both = parse('stratum = "a" and A3 = "x"')

    assert decide(on_stratum, {}, None) is None
    assert decide(with_answer, {"A3": "x"}, None) is True
    assert decide(both, {"A3": "y"}, None) is False
    assert decide(parse('not stratum = "a"'), {}, None) is None
