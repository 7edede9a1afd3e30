"""Signs that a text may identify a child; ordinary evidence shows none."""

import pytest

from casereader.identifying import signs_in


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("CHI 0101151237", ["a health number"]),
        ("CHI 010115 1237", ["a health number"]),
        ("NHS 943 476 5919", ["a health number"]),
        ("０１０１１５１２３７", ["a health number"]),
        ("0\u200b101151237", ["a health number"]),
        ("lives at EH1 1AA", ["a postcode"]),
        ("born 3 May 2014", ["a date of birth"]),
        ("DOB 03/05/14", ["a date of birth"]),
        ("a.parent@example.org", ["an e-mail address"]),
        ("Jack said so", ["a name"]),
        ("JACK said so", ["a name"]),
        ("J\u200back’s mother", ["a name"]),
        ("Ｅｉｌｉｄｈ was seen", ["a name"]),
        ("Mrs O’Hara visited", ["a name"]),
        ("Dr. Ó Briain wrote", ["a name"]),
        ("known as Wee Man", ["a name"]),
        ("Jack, born 3rd May 2014, EH1 1AA", ["a postcode", "a date of birth", "a name"]),
        ("turned \u202eround", ["text whose direction is turned round"]),
    ],
)
def test_a_sign_is_seen_through_its_disguise(text: str, signs: list[str]) -> None:
    assert signs_in(text) == signs


@pytest.mark.parametrize("sign", ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e", "\u2064"])
def test_b16_no_sign_of_no_width_hides_a_name_wherever_it_stands(sign: str) -> None:
    for name in ("Jack", "JACK", "Ｊａｃｋ"):
        for place in range(len(name) + 1):
            assert "a name" in signs_in(f"The mother of {name[:place]}{sign}{name[place:]} said so."), (name, place)
    assert "a name" in signs_in(f"Then {sign.join('Eilidh')} was seen.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The record shows this in entries of 3 and 17 May 2026.",
        "See C9.",
        "Reviewed after 6 weeks, 12 weeks and 26 weeks; core group met 9 times.",
        "Ref 1111111111 and 9434765918.",
        "The reviewing officer asked at M4 and D11.",
        "Social Work and Police Scotland met in April; the Children's Reporter did not.",
        "Her grandmother gave hope and grace; she will mark it in the book.",
        "The jack of all trades; a jackdaw.",
    ],
)
def test_ordinary_evidence_shows_no_sign(text: str) -> None:
    assert signs_in(text) == []
