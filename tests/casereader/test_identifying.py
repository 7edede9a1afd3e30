"""Signs that a text may identify a child; ordinary evidence shows none."""

import pytest

from casereader.identifying import signs_in

NAMED = (
    "Charlotte told her aunt",
    "Harry was seen",
    "George and Archie were asked",
    "Logan said so",
    "Charlie came home",
    "the Kowalski family moved",
    "the Ó Briain household moved",
    "child Amira Hussain was",
    "her brother Zbigniew Nowak was",
    "Hope was placed",
    "the mother of Grace said so",
    "her daughter, April,",
    "Rose and Ivy lived",
    "Will’s mother rang",
    "MAX told the teacher",
)
BORN = (
    "born 2012-05-03",
    "D.O.B. 3.5.12",
    "d.o.b 03/05/12",
    "born May 3rd 2012",
    "born on the 3rd of May 2012",
    "birth date: May 3, 2012",
    "03/05/2012",
    "3.5.2012",
    "2012-05-03",
)
ORDINARY = """
Hope was low and grace was shown. May was quiet; in May and June the core group met, and April brought a change.
The whole family took part. Each family was offered support. The Polish family support worker visited. Birth family
time was reviewed. A Child Protection Planning Meeting followed; the child Protection Order lapsed. Grant funding ended.
Will the plan change? Mark the date. Frank discussion with Police Scotland, Education and Health. The plan was rated
Amber. Family Support and the Extended family were asked. Angus Council and Perth and Kinross Council shared what they
knew. The meeting of 03/05/2026 and that of 2026-05-17 are recorded; the order was made on 12 June 2025. Victoria
Hospital and the Roman Catholic school sent reports. Actions 1.2.3 and 4.5.06 are open. Foster family and Kinship family
views were sought. A Rose garden. The Lead Professional told Social Work; Children’s Hearing 24/25. Summer was
hard at home. A child in Secure Care was seen. Rob a shop; Sue for damages; Drew on research. Bill for the stay. In
Spring and Autumn attendance rose. Section 25 and Section 47 apply. Getting It Right For Every Child is named.
"""


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
        ("ring 07700 900123 first", ["a telephone number"]),
        ("ring 0131 496 0100 or", ["a telephone number"]),
        ("ring +44 7700 900123", ["a telephone number"]),
        ("his number ab 12 34 56 c", ["a National Insurance number"]),
        ("Jack said so", ["a name"]),
        ("JACK said so", ["a name"]),
        ("J\u200back’s mother", ["a name"]),
        ("Ｅｉｌｉｄｈ was seen", ["a name"]),
        ("Mrs O’Hara visited", ["a name"]),
        ("Dr. Ó Briain wrote", ["a name"]),
        ("known as Wee Man", ["a name"]),
        *((f"Then {text} that week.", ["a name"]) for text in NAMED),
        *((f"The child, {text}, was seen.", ["a date of birth"]) for text in BORN),
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
        *(line for line in ORDINARY.replace("\n", " ").split(".")),
        ORDINARY,
    ],
)
def test_ordinary_evidence_shows_no_sign(text: str) -> None:
    assert signs_in(text) == []


@pytest.mark.parametrize("run", ["a.", "a@a-", "12-", "0 ", "Aa ", "child ", "+44 "])
def test_a_long_text_of_one_run_is_read_in_no_more_time_than_another(run: str) -> None:
    signs_in(run * (50_000 // len(run)))  # where a sign began anew at every place, the longest note took minutes
