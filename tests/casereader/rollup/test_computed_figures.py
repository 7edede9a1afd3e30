"""Computed ratings in the roll-up: as of one reading, with overrides in their place; and the bands of shares."""

import pandas as pd
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from casereader.instrument import Answer, Band
from casereader.rollup import RollUp, roll_up
from casereader.rollup.bands import band_for, standard_rows
from casereader.scoring import ys
from tests.casereader.instrument.files import BANDS, CFSR, short

ONE = "p/one"


def cases(n: int, stratum: str = "in_home") -> pd.DataFrame:
    """So many cases, all read, of a stratum of as many."""
    return pd.DataFrame(
        [(ONE, f"T{number:03}", stratum, n, "read") for number in range(n)],
        columns=["inspection", "case_ref", "stratum", "population", "status"],
    )


def rolled(readings: list[dict[str, str]]) -> RollUp:
    """The roll-up of these readings on the CFSR-style instrument."""
    rows = [(ONE, f"T{number:03}", key, value) for number, said in enumerate(readings) for key, value in said.items()]
    answers = pd.DataFrame(rows, columns=["inspection", "case_ref", "key", "value"])
    return roll_up(cases(len(readings)), answers, CFSR)


def figure(figures: RollUp, key: str) -> dict[str, object]:
    """The whole-sample row of a question."""
    table = figures.questions
    return table[(table["question"] == key) & (table["domain"] == "all")].to_dict("records")[0]


def test_ratings_roll_up_as_shares_with_overrides_in_their_place() -> None:
    strength = {"Q1A": "yes", "Q1B": "yes"}
    needing = {"Q1A": "yes", "Q1B": "no"}
    outside = {"Q1A": "not_applicable", "Q1B": "not_applicable"}
    overridden = needing | {"item1.override": "strength"}
    unfinished = {"Q1A": "no"}

    found = rolled([strength, strength, needing, outside, overridden, unfinished])

    # item 1: strength, strength, needing, (not applicable), strength by override, (open): 3 of 4
    item = figure(found, "item1")
    assert (item["n"], item["k"], item["not_applicable"], item["share"]) == (4, 3, 1, 0.75)
    outcome = figure(found, "safety1")
    assert (outcome["n"], outcome["k"], outcome["not_applicable"]) == (4, 3, 1)
    divided = found.distributions.set_index(["question", "value"])["count"]
    assert divided["item1.override"].to_dict() == {"strength": 1, "ani": 0, "not_applicable": 0}
    assert divided["safety1"].to_dict() == {"substantially": 3, "not_achieved": 1, "not_applicable": 1}
    assert "item1.override" not in set(found.questions["question"])


some = st.sampled_from(["yes", "no", "not_applicable", "strength", "ani", "substantially", "perhaps"])


@for_all(st.lists(st.dictionaries(st.sampled_from(CFSR.parts), some), min_size=1, max_size=4))
def test_a_reading_counts_in_the_roll_up_as_it_does_alone(readings: list[dict[str, str]]) -> None:
    ratings = [rating.key for rating in CFSR.ratings]
    alone = [ys(CFSR, {key: Answer(value) for key, value in said.items()}, stratum="in_home") for said in readings]

    table = rolled(readings).questions
    whole = table[table["domain"] == "all"].set_index("question")

    for key in ratings:
        given = [one[key] for one in alone if one[key] is not None]
        assert (int(whole["n"].get(key, 0)), int(whole["k"].get(key, 0))) == (len(given), int(sum(given)))


def test_a_closed_question_is_passed_over_in_the_roll_up_and_an_open_one_waited_for() -> None:
    old = short()
    at = old.section("H").questions[1]
    assert at.id == "H2"
    ruled = (
        'id = "H2"\nlabel = "Workers"\ntext = "How many?"\nrequired = false\n'
        'parts = [{ label = "Number", scale = "number" }, { id = "said", label = "In words", scale = "words" }]\n',
        'id = "H2"\nlabel = "R"\ntext = "R?"\nscale = "ypn"\n'
        "rules = [{ gives = 'yes', when = 'H1.seen != \"no\"' }, { gives = 'no', when = 'H1.seen = \"no\"' }]\n",
    )
    instrument = short(ruled)
    readings = [
        {"C1": "yes", "H1.present": "no"},  # H1.seen is closed: passed over, yes
        {"C1": "yes", "H1.present": "yes"},  # H1.seen is not answered: open
        {"C1": "yes", "H1.present": "yes", "H1.seen": "no"},  # no
        {"C1": "no", "H1.present": "yes", "H1.seen": "yes"},  # the rating itself is closed
    ]
    rows = [(ONE, f"T{at:03}", key, value) for at, said in enumerate(readings) for key, value in said.items()]
    answers = pd.DataFrame(rows, columns=["inspection", "case_ref", "key", "value"])

    found = figure(roll_up(cases(4, "a"), answers, instrument), "H2")

    assert (found["n"], found["k"]) == (2, 1)


@pytest.mark.parametrize(
    ("share", "band"),
    [
        (0.0, "Inadequate"),
        (0.4999, "Inadequate"),
        (0.5, "Requires improvement"),
        (0.6499, "Requires improvement"),
        (0.65, "Good"),
        (13 / 20 - 1e-15, "Good"),  # floating arithmetic never decides between bands
        (0.7999, "Good"),
        (0.8, "Outstanding"),
        (1.0, "Outstanding"),
    ],
)
def test_a_share_falls_in_the_band_whose_limit_it_reaches(share: float, band: str) -> None:
    assert band_for(share, BANDS.bands) == band
    assert [one for one in BANDS.bands if one.label == "Good"] == [Band(0.65, "Good")]


def test_a_standard_takes_the_band_of_its_lowest_question_and_none_where_one_has_too_few() -> None:
    shares = {"K1": (20, 0.9), "K2": (20, 0.7), "K3": (20, 0.55), "K4": (20, 0.85), "K5": (9, 0.1)}
    questions = pd.DataFrame(
        [(ONE, key, "all", n, share) for key, (n, share) in shares.items()],
        columns=["inspection", "question", "domain", "n", "share"],
    )

    rows = standard_rows(questions, BANDS, [ONE], least_n=10).to_dict("records")

    assert (rows[0]["standard"], rows[0]["band"], rows[0]["question"], rows[0]["share"]) == (
        "assessment",
        "Requires improvement",
        "K3",
        0.55,
    )
    assert (rows[1]["standard"], rows[1]["band"], rows[1]["question"]) == ("delivery", "", "")


def test_an_instrument_without_standards_has_no_bands() -> None:
    assert rolled([{"Q1A": "yes", "Q1B": "yes"}]).standards.empty
