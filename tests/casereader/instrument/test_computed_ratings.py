"""Ratings that follow from answers, against truth tables worked by hand from the published rules."""

from itertools import product

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from casereader.instrument import (
    Answer,
    Instrument,
    InstrumentError,
    faults_of,
    missing,
    open_keys,
    ratings_of,
    section_states,
)
from casereader.scoring import ys
from tests.casereader.instrument.files import CFSR, given, short

# y: yes, n: no, -: not applicable; S: strength, A: area needing improvement, N: not applicable.
# Two questions. All yes, or one yes and the rest not applicable: strength. Any no: area needing improvement.
TWO = {
    "yy": "S", "yn": "A", "y-": "S",
    "ny": "A", "nn": "A", "n-": "A",
    "-y": "S", "-n": "A", "--": "N",
}  # fmt: skip
# Three questions by the same rule: of 27 combinations 19 hold a no, one is all not applicable, 7 are left.
THREE = {
    "yyy": "S", "yyn": "A", "yy-": "S", "yny": "A", "ynn": "A", "yn-": "A", "y-y": "S", "y-n": "A", "y--": "S",
    "nyy": "A", "nyn": "A", "ny-": "A", "nny": "A", "nnn": "A", "nn-": "A", "n-y": "A", "n-n": "A", "n--": "A",
    "-yy": "S", "-yn": "A", "-y-": "S", "-ny": "A", "-nn": "A", "-n-": "A", "--y": "S", "--n": "A", "---": "N",
}  # fmt: skip
# Item 3, its two halves apart: A to C bad with a no, D to F bad with a yes. Strength where neither half is bad.
BAD_WITH_NO = {
    "yyy": 0, "yyn": 1, "yy-": 0, "yny": 1, "ynn": 1, "yn-": 1, "y-y": 0, "y-n": 1, "y--": 0,
    "nyy": 1, "nyn": 1, "ny-": 1, "nny": 1, "nnn": 1, "nn-": 1, "n-y": 1, "n-n": 1, "n--": 1,
    "-yy": 0, "-yn": 1, "-y-": 0, "-ny": 1, "-nn": 1, "-n-": 1, "--y": 0, "--n": 1, "---": 0,
}  # fmt: skip
BAD_WITH_YES = {
    "yyy": 1, "yyn": 1, "yy-": 1, "yny": 1, "ynn": 1, "yn-": 1, "y-y": 1, "y-n": 1, "y--": 1,
    "nyy": 1, "nyn": 1, "ny-": 1, "nny": 1, "nnn": 0, "nn-": 0, "n-y": 1, "n-n": 0, "n--": 0,
    "-yy": 1, "-yn": 1, "-y-": 1, "-ny": 1, "-nn": 0, "-n-": 0, "--y": 1, "--n": 0, "---": 0,
}  # fmt: skip
# Outcomes. Safety 1 by item 1; safety 2 by items 2 and 3, of which item 3 is never not applicable.
SAFETY_1 = {"S": "substantially", "A": "not_achieved", "N": "not_applicable"}
SAFETY_2 = {
    "SS": "substantially", "SA": "partially",
    "AS": "partially", "AA": "not_achieved",
    "NS": "substantially", "NA": "not_achieved",
}  # fmt: skip

SAID = {"y": "yes", "n": "no", "-": "not_applicable"}
RATED = {"S": "strength", "A": "ani", "N": "not_applicable"}
QUESTIONS = {"item1": ("Q1A", "Q1B"), "item2": ("Q2A", "Q2B"), "item13": ("Q13A", "Q13B", "Q13C")}
ITEM_3 = ("Q3A", "Q3B", "Q3C", "Q3D", "Q3E", "Q3F")


def said(keys: tuple[str, ...], letters: str) -> dict[str, Answer]:
    """Answers to these questions, one letter each."""
    return {key: Answer(SAID[letter]) for key, letter in zip(keys, letters, strict=True)}


def computed(answers: dict[str, Answer], key: str) -> str | None:
    """The computed rating of a CFSR-style reading."""
    choice = ratings_of(CFSR, answers, stratum="in_home")[key].computed
    return choice.value if choice else None


@pytest.mark.parametrize("item", ["item1", "item2"])
def test_an_item_of_two_questions_is_rated_as_its_table_says_in_every_combination(item: str) -> None:
    assert len(TWO) == 3**2
    for letters, rating in TWO.items():
        assert computed(said(QUESTIONS[item], letters), item) == RATED[rating], letters


def test_item_13_is_rated_as_its_table_says_in_every_combination() -> None:
    assert len(THREE) == 3**3
    for letters, rating in THREE.items():
        assert computed(said(QUESTIONS["item13"], letters), "item13") == RATED[rating], letters


def test_item_3_of_mixed_polarity_is_rated_as_its_tables_say_in_every_combination_and_is_never_not_applicable() -> None:
    assert len(BAD_WITH_NO) == len(BAD_WITH_YES) == 3**3
    for (first, no_is_bad), (second, yes_is_bad) in product(BAD_WITH_NO.items(), BAD_WITH_YES.items()):
        rating = "ani" if no_is_bad or yes_is_bad else "strength"
        assert computed(said(ITEM_3, first + second), "item3") == rating, first + second
    assert CFSR.part("item3").by_value.keys() == {"strength", "ani"}
    assert CFSR.part("item3.override").by_value.keys() == {"strength", "ani"}


@pytest.mark.parametrize(("letters", "rating"), [("yy", "S"), ("ny", "A"), ("--", "N")])
def test_safety_1_goes_by_item_1(letters: str, rating: str) -> None:
    assert computed(said(QUESTIONS["item1"], letters), "safety1") == SAFETY_1[rating]


@pytest.mark.parametrize("ratings", SAFETY_2)
def test_safety_2_goes_by_items_2_and_3_in_every_combination(ratings: str) -> None:
    second = said(QUESTIONS["item2"], {"S": "y-", "A": "yn", "N": "--"}[ratings[0]])
    third = said(ITEM_3, {"S": "yy-nn-", "A": "yy-ny-"}[ratings[1]])

    assert computed(second | third, "safety2") == SAFETY_2[ratings]


@pytest.mark.parametrize("left_out", ITEM_3)
def test_a_rating_stays_open_until_every_answer_it_rests_on_is_given(left_out: str) -> None:
    answers = said(ITEM_3, "nnnyyy")
    del answers[left_out]

    assert computed(answers, "item3") is None
    assert computed(answers | said(QUESTIONS["item2"], "yy"), "safety2") is None
    assert computed(answers | {left_out: Answer("perhaps")}, "item3") is None, "a value that is not offered is none"


def test_the_rule_that_gives_a_rating_is_told() -> None:
    rated = ratings_of(CFSR, said(QUESTIONS["item1"], "yn"), stratum=None)

    assert rated["item1"].by is not None and str(rated["item1"].by.when) == 'Q1A = "no" or Q1B = "no"'
    assert rated["safety1"].by is not None and rated["safety1"].by.gives == "not_achieved"


def test_an_override_stands_beside_the_computed_rating_and_what_rests_on_it_goes_by_it() -> None:
    reason = "The report came in on the last day of the year and was looked into the next morning."
    answers = said(QUESTIONS["item1"], "yn") | {"item1.override": Answer("strength", reason)}

    rated = ratings_of(CFSR, answers, stratum="in_home")

    assert (rated["item1"].computed, rated["item1"].override) == (
        CFSR.part("item1").by_value["ani"],
        CFSR.part("item1.override").by_value["strength"],
    )
    assert rated["item1"].reason == reason
    assert rated["item1"].stands is not None and rated["item1"].stands.value == "strength"
    assert rated["safety1"].computed is not None and rated["safety1"].computed.value == "substantially"
    assert ys(CFSR, answers, stratum="in_home")["item1"] == 1.0
    assert ys(CFSR, answers, stratum="in_home")["safety1"] == 1.0


def test_an_override_needs_its_reason_and_a_rating_needs_no_answer() -> None:
    full = said(QUESTIONS["item1"], "yy") | said(QUESTIONS["item2"], "yy") | said(ITEM_3, "yyynnn")
    full |= said(QUESTIONS["item13"], "yyy") | given(A1="in_home")
    noted = {key: Answer(one.value, "Said on page 3." if one.value == "no" else "") for key, one in full.items()}

    assert missing(CFSR, noted, stratum="in_home") == []
    without = noted | {"item2.override": Answer("ani")}
    assert [(one.key, one.says) for one in missing(CFSR, without, stratum="in_home")] == [
        ("item2.override", "“Area needing improvement” needs a note.")
    ]
    assert [one.key for one in missing(CFSR, full, stratum="in_home")] == ["Q3D", "Q3E", "Q3F"], "every no needs a note"


def test_a_rating_is_not_taken_as_an_answer_and_nothing_given_for_it_counts() -> None:
    assert faults_of(CFSR, "item1", Answer("strength")) == [
        "This rating follows from other answers: change those, or give another rating with the reason."
    ]
    smuggled = given(item1="strength", safety1="substantially")
    assert computed(smuggled, "item1") is None
    assert ys(CFSR, smuggled, stratum=None)["item1"] is None
    assert faults_of(CFSR, "item3.override", Answer("not_applicable")) != []


def test_a_rating_whose_value_counts_is_1_for_the_best_0_for_others_and_blank_for_not_applicable() -> None:
    for key in ("item1", "item2", "item3", "item13"):
        assert {value: one.y for value, one in CFSR.part(key).by_value.items()}.items() >= {
            ("strength", 1),
            ("ani", 0),
        }
    assert {value: one.y for value, one in CFSR.part("safety2").by_value.items()} == {
        "substantially": 1,
        "partially": 0,
        "not_achieved": 0,
    }
    assert not CFSR.part("item1.override").has_y


def test_a_section_is_complete_without_its_ratings_and_not_applicable_where_all_its_answers_are() -> None:
    assert section_states(CFSR, {}, stratum=None)["S1"] == "not started"
    assert section_states(CFSR, said(QUESTIONS["item1"], "yy"), stratum=None)["S1"] == "complete"
    outside = said(QUESTIONS["item1"], "--") | {"Q1B": Answer("not_applicable", ground="no_report")}
    assert section_states(CFSR, outside, stratum=None)["S1"] == "not applicable"


def test_every_no_and_every_unwelcome_yes_needs_a_narrative() -> None:
    for key in CFSR.parts:
        part = CFSR.part(key)
        if part.scale.id == "yes_no_na":
            assert part.by_value["no"].need == "note", key
            assert part.by_value["yes"].need == ("note" if part.reversed else "none"), key


RULED = (
    'id = "H2"\nlabel = "Workers"\ntext = "How many?"\nrequired = false\n'
    'parts = [{ label = "Number", scale = "number" }, { id = "said", label = "In words", scale = "words" }]\n'
)


def computed_on(scale: str, gives: str, when: str) -> str:
    """The last question of the short instrument, computed by one rule."""
    rules = f"rules = [{{ gives = \"{gives}\", when = '{when}' }}]\n"
    return f'id = "H2"\nlabel = "R"\ntext = "R?"\nscale = "{scale}"\n{rules}'


def ruled(rules: str, more: str = "") -> Instrument:
    """The short instrument with its last question computed by these rules."""
    return short((RULED, f'id = "H2"\nlabel = "Rated"\ntext = "Rated?"\nscale = "ypn"\n{more}rules = [{rules}]\n'))


def test_a_rating_that_is_not_asked_is_not_given_and_one_that_rests_on_a_closed_question_passes_it_over() -> None:
    instrument = ruled("{ gives = 'yes', when = 'H1.seen = \"yes\"' }, { gives = 'no', when = 'H1.seen != \"yes\"' }")

    assert ratings_of(instrument, given(C1="no"), stratum="a") == {}
    rated = ratings_of(instrument, given(C1="yes", H1__present="no", H1__seen="yes"), stratum="a")["H2"]
    assert rated.computed is not None and rated.computed.value == "no"
    assert ratings_of(instrument, given(C1="yes", H1__present="yes"), stratum="a")["H2"].computed is None


def test_skip_logic_may_turn_on_a_rating_and_opens_what_stands_before_it() -> None:
    instrument = ruled("{ gives = 'yes', when = 'C1 = \"yes\"' }, { gives = 'no', when = 'C1 != \"yes\"' }")
    asking = short(
        (RULED, computed_on("ypn", "yes", 'C9 = "6"')),
        ('text = "Poverty"\n', 'text = "Poverty"\nshown = \'H2 = "yes"\'\n'),
    )

    assert "H2" in open_keys(instrument, given(C1="yes"), stratum="a")
    assert "H1.present" in open_keys(asking, given(C1="yes", C9="6"), stratum="a")
    assert "H1.present" not in open_keys(asking, given(C1="yes", C9="4"), stratum="a")


def test_a_rule_that_turns_on_a_stratum_not_known_leaves_the_rating_open() -> None:
    instrument = ruled("{ gives = 'yes', when = 'stratum = \"a\"' }, { gives = 'no', when = 'stratum = \"b\"' }")

    assert [
        (found := ratings_of(instrument, {}, stratum=name)["H2"].computed) and found.value for name in ("a", "b", "z")
    ] == ["yes", "no", None]


@pytest.mark.parametrize(
    ("rules", "more", "says"),
    [
        ("{ gives = 'maybe', when = 'C1 = \"yes\"' }", "", "a rule gives “maybe”, which scale ypn lacks."),
        ("{ gives = 'yes', when = 'C7 = \"yes\"' }", "", "a condition names “C7”, which is not there."),
        ("{ gives = 'yes', when = 'C1 = \"so\"' }", "", "a condition compares C1 with “so”."),
        ("{ gives = 'yes', when = 'C1 is yes' }", "", "cannot be read"),
        ("{ gives = 'yes', when = 'H2 = \"yes\"' }", "", "it turns on itself: H2 → H2."),
        ("{ gives = 'yes', when = 'C1 = \"yes\"' }", "reversed = true\n", "it is computed, and so it has no reversed."),
        (
            "{ gives = 'yes', when = 'C1 = \"yes\"' }",
            'not_applicable = ["new"]\n',
            "it is computed, and so it has no not_applicable.",
        ),
        ("", "override = true\n", "it has an override, but no rules to override."),
    ],
)
def test_a_rule_that_cannot_work_is_refused_at_its_question(rules: str, more: str, says: str) -> None:
    with pytest.raises(InstrumentError) as refused:
        ruled(rules, more)

    (fault,) = (one for one in refused.value.faults if says in one.says)
    assert (fault.section, fault.question) == ("H", "H2")


def test_a_rule_cannot_rest_on_what_may_be_left_blank_nor_on_a_scale_without_choices() -> None:
    with pytest.raises(InstrumentError, match="a rule rests on C1, which may be left blank"):
        short(
            (RULED, computed_on("ypn", "yes", 'C1 = "yes"')),
            ('text = "Is there a current chronology?"', 'text = "Is there a current chronology?"\nrequired = false'),
        )
    with pytest.raises(InstrumentError, match="computed on a scale without choices"):
        short((RULED, computed_on("number", "1", 'C1 = "yes"')))


some = st.sampled_from(["yes", "no", "not_applicable", "strength", "ani", "perhaps", None])


@for_all(st.dictionaries(st.sampled_from(CFSR.parts), some), st.sampled_from(["in_home", "foster_1", "?", None]))
def test_whatever_was_answered_a_rating_is_one_that_the_part_offers(
    values: dict[str, str | None], stratum: str | None
) -> None:
    answers = {key: Answer(value) for key, value in values.items()}

    for key, rated in ratings_of(CFSR, answers, stratum=stratum).items():
        for choice in (rated.computed, rated.stands):
            assert choice is None or choice.value in CFSR.part(key).by_value
