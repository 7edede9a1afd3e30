"""What an issue shows, withholds and proves: worked by hand."""

import copy
import json
from dataclasses import replace

import pytest

from casereader.disclosure import (
    Attack,
    DisclosureError,
    Finding,
    IssueContent,
    Knowledge,
    Policy,
    Row,
    Shown,
    Why,
    findings_of,
    verify_proof,
    withheld,
)
from casereader.disclosure.knowledge import adds_up
from sampling.digest import canonical_json
from tests.casereader.disclosure.linked import PARTNERSHIP, PROGRAMME, finding, on_the_scale, publish
from tests.casereader.rollup import golden


def _found(issue: IssueContent, ending: str) -> tuple[int | None, int | None]:
    return next((low, high) for cell, low, high, _ in issue.proof["found"] if cell.partition(" @ ")[0].endswith(ending))


def _why(issue: IssueContent, at: int = 0) -> dict[str, Why]:
    return {reason.part: reason.why for reason in issue.figures[at].reasons}


def test_one_partnership_shows_a_word_the_words_beside_it_and_the_records_read() -> None:
    figure = publish(finding(60, 44, read=75), policy=PARTNERSHIP).figures[0]

    assert (figure.records.number, figure.share.words, figure.share.also) == (60, ("the majority",), ("most",))
    assert (figure.share.number, figure.share.percent, figure.scale) == (None, None, ())


def test_one_partnership_shows_nothing_of_a_group_and_no_division_over_the_scale() -> None:
    whole = on_the_scale((20, 20, 20, 20, 20, 20))
    groups = [on_the_scale((10,) * 6, domain="stratum", level=name) for name in "ab"]
    issue = publish(whole, *groups, policy=PARTNERSHIP)

    assert [figure.share.shown for figure in issue.figures] == [Shown.WORD, Shown.WITHHELD, Shown.WITHHELD]
    assert {figure.scale for figure in issue.figures} == {()}
    assert _why(issue, 1) == {"share": Why.POLICY}


def test_a_word_that_would_tell_of_few_children_becomes_a_range() -> None:
    # 53 of 60: "most" leaves 6 to 15 others, of whom there are 7; with "almost all" and "all" it is 0 to 15.
    issue = publish(finding(60, 53, read=75), policy=PARTNERSHIP)

    assert (issue.figures[0].share.shown, issue.figures[0].share.words) == (Shown.RANGE, ("most", "almost all", "all"))
    assert _found(issue, "rest") == (0, 15)


def test_where_nothing_is_small_the_range_is_said_to_be_for_the_others_sake() -> None:
    assert _why(publish(finding(60, 47, read=75), policy=PARTNERSHIP)) == {"share": Why.ALIKE}
    assert _why(publish(finding(20, 10, read=20), policy=PARTNERSHIP))["share"] is Why.FEW_FOR_WORDS


@pytest.mark.parametrize(("k", "words"), [(60, ("most", "almost all", "all")), (0, ("none", "few", "less than half"))])
def test_all_or_none_is_never_printed_because_it_tells_of_every_child(k: int, words: tuple[str, ...]) -> None:
    issue = publish(finding(60, k, read=75), policy=PARTNERSHIP)

    assert issue.figures[0].share.words == words
    assert _why(issue) == {"share": Why.ALL_OR_NONE}


def test_a_programme_shows_rounded_counts_and_percentages() -> None:
    figure = publish(on_the_scale((42, 118, 203, 97, 58, 22))).figures[0]

    assert (figure.records.number, figure.share.number, figure.share.percent) == (540, 365, 68)
    assert figure.scale == (("6", 40), ("5", 120), ("4", 205), ("3", 95), ("2", 60), ("1", 20))
    assert sum(count or 0 for _, count in figure.scale) == 540  # by chance: rounded counts need not add up


def test_a_second_number_is_withheld_so_that_the_first_cannot_be_subtracted() -> None:
    # k 105 (103–107) less 60 (58–62) less 45 (43–47) leaves 0 to 6: with level 4 withheld it is 0 to 49.
    issue = publish(on_the_scale((3, 58, 46, 38, 30, 12)))

    assert dict(issue.figures[0].scale) == {"6": None, "5": 60, "4": None, "3": 40, "2": 30, "1": 10}
    assert _why(issue) == {"6": Why.FEW, "4": Why.SUBTRACTION}
    assert _found(issue, "=6") == (0, 49)


def test_a_small_stratum_takes_another_with_it() -> None:
    # 60 = 25 + 27 + 8: the 8 would be 2 to 14 … the figures of all of them narrow it.
    whole = Finding("C9", 60, 30)
    strata = [
        Finding("C9", n, k, domain="stratum", level=level)
        for level, n, k in (("a", 25, 13), ("b", 27, 14), ("c", 8, 3))
    ]
    issue = publish(whole, *strata)

    small = issue.figures[3]
    assert (small.records.shown, small.share.shown) == (Shown.WITHHELD, Shown.WITHHELD)
    assert _why(issue, 3) == {"records": Why.FEW_RECORDS, "share": Why.FEW_RECORDS}
    for part in ("n", "k", "rest"):
        low, high = _found(issue, f"stratum · c # {part}")
        assert high is None or high - low >= 10


def test_of_a_stratum_that_is_known_to_be_small_an_issue_teaches_nothing() -> None:
    # Both sides know that 6 records of c were read: its k can be 0 to 6, and must stay so.
    whole = Finding("C9", 60, 31, read=60)
    strata = [
        Finding("C9", n, k, read=n, domain="stratum", level=level)
        for level, n, k in (("a", 27, 14), ("b", 27, 12), ("c", 6, 5))
    ]
    issue = publish(whole, *strata)

    assert _found(issue, "c # k") == _found(issue, "c # rest") == (0, 6)
    needs = {cell.partition(" @ ")[0]: need for cell, _, _, need in issue.proof["found"]}
    assert needs["C9 · programme · stratum · c # k"] == 6


def test_large_numbers_of_which_nothing_is_told_are_no_hindrance() -> None:
    groups = [Finding("C9", n, n // 2, domain="stratum", level=level) for level, n in (("a", 5000), ("b", 4), ("c", 5))]
    issue = publish(Finding("C9", 5009, 2504), *groups, policy=PROGRAMME)

    assert issue.verify() == []
    assert Attack(Knowledge((adds_up("n", "ab"),)), solution={"n": 9000, "a": 8000, "b": 1000}).interval("n") == (
        0,
        None,
    )


def test_a_question_that_nobody_answered_is_withheld() -> None:
    issue = publish(Finding("C9", 0, 0))

    assert issue.figures[0].is_withheld
    assert _why(issue) == {"records": Why.FEW_RECORDS, "share": Why.FEW_RECORDS}


def test_groups_that_hold_more_than_the_whole_are_refused() -> None:
    with pytest.raises(DisclosureError, match="hold more"):
        publish(Finding("C9", 60, 30), Finding("C9", 61, 30, domain="stratum", level="a"))


def test_children_left_over_by_the_groups_are_protected_too() -> None:
    # Four children without a known age: 100 less 48 less 48.
    ages = [Finding("C9", 48, 24, domain="age_band", level=level) for level in ("0-4", "5-11")]
    issue = publish(Finding("C9", 100, 50), *ages)

    low, high = _found(issue, "n of other age_band")
    assert high is None or high - low >= 10
    assert Why.SUBTRACTION in {why for at in range(3) for why in _why(issue, at).values()}


def test_a_partnership_cannot_be_subtracted_from_the_programme() -> None:
    programme = Finding("C9", 300, 200)
    partnerships = [
        Finding("C9", n, k, inspection=name) for name, n, k in (("a", 150, 101), ("b", 146, 97), ("c", 4, 2))
    ]
    issue = publish(programme, *partnerships)

    low, high = _found(issue, "c · all # n")
    assert high is None or high - low >= 10


def test_a_partnership_cannot_subtract_itself_from_the_programme_and_find_few_of_another() -> None:
    # 58 and 24 records: "about 60" of 82 less its own 40 would give the first that 18 of the other's are good, 6 not.
    whole = finding(82, 58, read=82)
    parts = [replace(finding(58, 40), inspection="a"), replace(finding(24, 18), inspection="b")]

    def others(issue: IssueContent) -> tuple[int | None, int | None]:
        name = "C9 · programme · all # rest @ 1"
        own = Row(((name, 1.0), ("others", -1.0)), 18.0, 18.0)  # what the first knows: 18 of its own are not good
        known = Knowledge.of(issue.proof["knowledge"])
        return Attack(Knowledge((*known.rows, own), known.signed)).interval("others")

    low, high = others(publish(whole))
    assert low is not None and high is not None and high - low < 10
    low, high = others(publish(whole, contributors=parts))
    assert low is not None and high is not None and high - low >= 10


def test_a_partnership_cannot_find_few_of_another_that_is_told_of_by_name() -> None:
    # Of 60 each 40, 2 and 46 are good: "about 90" less its own 40, less "most to all" of the third, leaves 0 to 7.
    parts = [replace(finding(60, k, read=60), inspection=name) for name, k in (("a", 40), ("b", 2), ("c", 46))]
    issue = publish(finding(180, 88, read=180), *parts, contributors=parts)
    own = {one["who"]: one for one in issue.proof["insiders"]}

    assert own.keys() == {"a", "b", "c"}
    low, high = next(one[1:3] for one in own["a"]["found"] if one[0] == "C9 · b · all # k @ 1")
    assert low is not None and high is not None and high - low >= 10
    assert issue.verify() == []
    own["a"]["found"][0][2] = 1000
    assert issue.verify()[0].startswith("Known to a: ")


def test_the_same_figures_again_stand_as_they_were() -> None:
    first = publish(finding(60, 41))
    second = publish(finding(60, 41), name="2", earlier=[first])

    assert second.figures[0].as_in == "1"
    assert replace(second.figures[0], as_in="") == first.figures[0]
    assert second.figures[0].reasons == ()


@pytest.mark.parametrize(
    "other", [{"threshold": 8}, {"base": 4}, {"least_n_for_percent": 30}, {"most_words": 2}, {"whole_only": True}]
)
def test_a_figure_stands_only_under_the_same_rules_whatever_they_are_called(other: dict[str, int]) -> None:
    first = publish(finding(60, 41), policy=replace(PROGRAMME, **other))
    again = replace(PROGRAMME, **other, name="renamed")

    assert publish(finding(60, 41), name="2", earlier=[first]).figures[0].as_in == ""
    assert publish(finding(60, 41), name="2", earlier=[first], policy=again).figures[0].as_in == ""
    assert publish(finding(60, 41), name="2", earlier=[first], policy=replace(PROGRAMME, **other)).figures[0].as_in


def test_of_one_partnership_a_programme_shows_words_alone_and_those_of_its_own_issue_stand() -> None:
    glen = finding(60, 41, inspection="glen")
    own = publish(glen, policy=PARTNERSHIP)
    programme, partnership = publish(finding(300, 190), glen, name="2", earlier=[own]).figures

    assert programme.share.number == 190
    assert (partnership.share.number, partnership.share.percent, partnership.as_in) == (None, None, "1")


def test_rules_read_what_they_wrote() -> None:
    rules = replace(PROGRAMME, threshold=7)

    assert Policy.of(json.loads(canonical_json(rules.record()))) == rules


def test_a_figure_that_changed_by_few_records_stands_as_it_was() -> None:
    # 41 of 60, then 43 of 62: printed 40 of 60 both times or not, the difference is two children.
    first = publish(finding(60, 41))
    second = publish(finding(62, 43), name="2", earlier=[first])

    assert (second.figures[0].as_in, second.figures[0].share.number) == ("1", 40)
    assert _why(second) == {"share": Why.CARRIED}
    assert second.verify() == []


@pytest.mark.parametrize("policy", [PARTNERSHIP, PROGRAMME])
def test_what_changed_by_none_to_nine_records_is_published_just_alike(policy: Policy) -> None:
    first = publish(finding(94, 41, read=94), policy=policy)
    again = [
        publish(finding(94, 41 + by, read=94), policy=policy, name="2", earlier=[first]).published()
        for by in range(-9, 10)
    ]

    assert again == again[:1] * 19
    assert again[0]["figures"][0]["as_in"] == "1"


def test_a_second_issue_does_not_name_the_questions_in_which_one_record_was_corrected() -> None:
    counts = {f"Q{at}": 3 * at for at in range(20)}
    turned = {"Q3", "Q4", "Q8", "Q11", "Q15", "Q18"}

    def asked(by: int) -> list[Finding]:
        return [
            replace(finding(59, k + by * (key in turned), read=59), question=key, share=(k + by * (key in turned)) / 59)
            for key, k in counts.items()
        ]

    first = publish(*asked(0), policy=PARTNERSHIP)
    second = publish(*asked(1), policy=PARTNERSHIP, name="2", earlier=[first])

    assert {figure.as_in for figure in second.figures} == {"1"}
    told = {figure.question for at, figure in enumerate(second.figures) if Why.CARRIED in _why(second, at).values()}
    assert told == turned  # told to those who decide, and published to nobody
    assert second.verify() == []


def test_what_was_withheld_and_stands_is_told_again_before_the_next_issue() -> None:
    first = publish(finding(6, 4), policy=PARTNERSHIP)
    second = publish(finding(6, 4), policy=PARTNERSHIP, name="2", earlier=[first])

    assert _why(second)["share"] is Why.STANDS
    told = [one for one in withheld(second, PARTNERSHIP) if one.what == "How many of them count"]
    assert [(one.instead, one.why) for one in told] == [
        ("nothing", "It stands as in issue 1, where no more of it was shown.")
    ]
    assert second.published()["figures"][0]["as_in"] == "1"


def test_under_other_rules_all_that_hardly_changed_stands_or_nothing() -> None:
    before, same = finding(94, 41, read=94), replace(finding(94, 60, read=94), question="D11")
    stricter = replace(PARTNERSHIP, threshold=12)
    first = publish(before, same, policy=PARTNERSHIP)

    def stand(*now: Finding) -> list[str]:
        return [one.as_in for one in publish(*now, policy=stricter, name="2", earlier=[first]).figures]

    assert stand(before, same) == ["", ""]
    assert stand(finding(94, 42, read=94), same) == ["1", "1"]


def test_a_figure_that_moved_little_twice_is_measured_from_where_it_was_made() -> None:
    first = publish(finding(94, 41, read=94), policy=PARTNERSHIP)
    second = publish(finding(94, 48, read=94), policy=PARTNERSHIP, name="2", earlier=[first])
    third = publish(finding(94, 55, read=94), policy=PARTNERSHIP, name="3", earlier=[first, second])

    assert [one.figures[0].as_in for one in (second, third)] == ["1", ""]
    assert third.verify() == []


def test_a_share_that_moved_because_its_weights_were_wrong_is_published_anew() -> None:
    first = publish(Finding("C9", 94, 41, share=0.4, read=94), policy=PARTNERSHIP)
    second = publish(Finding("C9", 94, 41, share=0.6, read=94), policy=PARTNERSHIP, name="2", earlier=[first])

    assert second.figures[0].as_in == ""


def test_a_figure_that_changed_by_many_is_published_anew() -> None:
    first = publish(finding(60, 41))
    second = publish(finding(120, 75), name="2", earlier=[first])

    assert (second.figures[0].as_in, second.figures[0].records.number) == ("", 120)


def test_no_figure_stands_that_is_far_from_what_is_true_now() -> None:
    # Numbers: 60, 120, then 63: near the first, and far from the second.
    first = publish(finding(60, 30))
    second = publish(finding(120, 60), name="2", earlier=[first])
    third = publish(finding(63, 31), name="3", earlier=[first, second])

    assert third.figures[0].as_in == "1"


def test_groups_told_later_do_not_uncover_what_was_withheld_before() -> None:
    # IssueContent 1 tells strata a and c of 60; issue 2 the other two, b of them small.
    whole = Finding("C9", 60, 30)
    a, b, c, d = (
        Finding("C9", n, k, domain="stratum", level=level)
        for level, n, k in (("a", 20, 10), ("b", 6, 3), ("c", 20, 10), ("d", 14, 7))
    )
    first = publish(whole, a, c)
    second = publish(whole, a, b, c, d, name="2", earlier=[first])

    low, high = _found(second, "stratum · b # n")
    assert high is None or high - low >= 10
    assert second.verify() == []


def test_a_name_is_used_once() -> None:
    first = publish(finding(60, 41))

    with pytest.raises(DisclosureError, match="already"):
        publish(finding(60, 41), earlier=[first])


def test_reasons_and_true_numbers_do_not_go_out() -> None:
    issue = publish(on_the_scale((3, 60, 40, 38, 30, 12)))
    out = canonical_json(issue.published()).decode()

    assert "183" not in out
    assert "reason" not in out
    assert "protects" not in out


def test_what_is_withheld_is_listed_with_the_reason_before_it_is_frozen() -> None:
    issue = publish(finding(60, 53, read=62), policy=PARTNERSHIP)

    assert [(one.finding, one.what, one.instead) for one in withheld(issue, PARTNERSHIP)] == [
        ("C9 · programme · all", "The number of records", "“at least 52”"),
        ("C9 · programme · all", "How many of them count", "“from most to all”"),
    ]
    assert withheld(issue, PARTNERSHIP)[1].why == ("It is all but fewer than 10 records.")


def test_every_reason_that_is_given_can_be_said() -> None:
    whole = on_the_scale((30, 25, 20, 15, 12, 3))
    strata = [
        on_the_scale((25, 20, 15, 8, 4, 1), domain="stratum", level="a"),
        on_the_scale((5, 5, 5, 7, 8, 2), domain="stratum", level="b"),
    ]
    issue = publish(whole, *strata)
    listed = withheld(issue, PROGRAMME)

    assert len(listed) == sum(len(figure.reasons) for figure in issue.figures) > 5
    assert all(one.why.endswith(".") and one.what and one.instead for one in listed)


def test_a_proof_can_be_run_again_from_what_was_stored() -> None:
    issue = publish(on_the_scale((3, 60, 40, 38, 30, 12)))
    stored = IssueContent.of(json.loads(canonical_json(issue.published())), json.loads(canonical_json(issue.kept())))

    assert (stored.published(), stored.kept()) == (issue.published(), issue.kept())
    assert stored.verify() == []
    assert issue.proof["threshold"] == 10
    assert issue.proof["software"] == "casereader (tests)"


def test_a_proof_that_was_changed_does_not_hold() -> None:
    issue = publish(on_the_scale((3, 60, 40, 38, 30, 12)))
    wider = copy.deepcopy(issue.proof)
    wider["found"][0][2] = 1000
    told = copy.deepcopy(issue.proof)
    cell = next(one for one in told["found"] if one[0].startswith("C9 · programme · all # =6"))[0]
    told["knowledge"]["rows"].append([[[cell, "1.0"]], "3.0", "3.0"])

    assert "the proof says" in verify_proof(wider, issue.published())[0]
    assert any("was promised" in fault for fault in verify_proof(told, issue.published()))
    assert verify_proof(issue.proof, {}) == ["What is published is not what the proof is of."]
    assert verify_proof({}, issue.published()) == ["This is no proof of ours."]


def test_a_roll_up_becomes_findings() -> None:
    rolled = golden.rolled_up()
    read = {("2026/Ashfield", "all", ""): 12}
    findings = findings_of(rolled.questions, rolled.distributions, read=read)
    whole = rolled.questions[rolled.questions["domain"] == "all"]

    assert len(findings) == len(rolled.questions)
    assert [one.k for one in findings if one.is_whole] == whole["k"].tolist()
    assert any(one.levels for one in findings)
    assert {one.read for one in findings if one.is_whole} == {12}
    assert publish(*findings, policy=PARTNERSHIP).verify() == []
    assert publish(*findings).verify() == []


def test_another_threshold_protects_more() -> None:
    wide = replace(PROGRAMME, threshold=20)
    issue = publish(on_the_scale((15, 60, 40, 38, 30, 25)), policy=wide)

    assert dict(issue.figures[0].scale)["6"] is None
    assert all(need is None or high is None or high - low >= need for _, low, high, need in issue.proof["found"])
    assert {need for *_, need in issue.proof["found"]} <= {None, 20}
