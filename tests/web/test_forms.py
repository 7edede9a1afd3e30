"""What every form has in common: faults in our own words, and codes that people know."""

import re
from pathlib import Path

import pytest
import wtforms
from werkzeug.datastructures import MultiDict
from wtforms.validators import InputRequired, NumberRange

from casereader.instrument import load_all
from casereader.web.evaluation.cells import name_of
from casereader.web.forms.days import DayField
from casereader.web.forms.numbers import WholeField

ROOT = Path(__file__).resolve().parents[2]
FORMS = ROOT / "casereader" / "web" / "forms"
LIBRARY = load_all(ROOT / "data" / "instruments")


class Both(wtforms.Form):
    day = DayField("Day", [InputRequired("Enter a day.")])
    size = WholeField("Size", [InputRequired("Enter a number."), NumberRange(1, 20, "Enter 1 to 20.")])


@pytest.mark.parametrize(
    ("day", "size", "says"),
    [
        ("", "", {"day": ["Enter a day."], "size": ["Enter a number."]}),
        (
            "1 June",
            "many",
            {
                "day": ["“1 June” is no day: write it like 2026-06-01 or 01/06/2026."],
                "size": ["“many” is no whole number: write it in figures."],
            },
        ),
        ("01/06/2026", "21", {"size": ["Enter 1 to 20."]}),
        ("2026-06-01", "20", {}),
    ],
)
def test_what_is_no_day_or_number_is_told_once_and_in_our_words(
    day: str, size: str, says: dict[str, list[str]]
) -> None:
    form = Both(MultiDict({"day": day, "size": size}))

    assert form.validate() is not bool(says)
    assert {name: list(errors) for name, errors in form.errors.items()} == says


def test_no_form_leaves_a_number_or_a_day_to_the_words_of_the_library() -> None:
    raw = re.compile(r"\b(IntegerField|DecimalField|FloatField|DateField|DateTimeField)\(\s*\"")

    assert [one.name for one in sorted(FORMS.glob("*.py")) if raw.search(one.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("key", LIBRARY)
def test_no_name_of_a_question_shows_the_word_that_programs_know_its_part_by(key: str) -> None:
    names = [name_of(LIBRARY[key], part) for part in LIBRARY[key].parts]

    assert [name for name in names if re.match(r"\S*(\.[a-z]|_)", name)] == []
    assert len(set(names)) == len(names), "two parts cannot be told apart"
