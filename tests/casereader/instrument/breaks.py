"""Every way to break an instrument: each function breaks sound tables and returns what must be told of it.

None where an instrument has no such thing to break.
"""

import copy
import tomllib
from collections.abc import Callable
from typing import Any

from tests.casereader.instrument.files import SHIPPED

Tables = dict[str, Any]
Break = Callable[[Tables], str | None]

PLAIN = {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in SHIPPED}


def parts_of(tables: Tables) -> dict[str, tuple[Tables, Tables]]:
    """Questions of one part with a scale of choices, by id, with their section."""
    scales = {scale["id"] for scale in tables["scales"] if scale.get("choices")}
    return {
        question["id"]: (section, question)
        for section in tables["sections"]
        for question in section["questions"]
        if question.get("scale") in scales and "rules" not in question
    }


def a_part(tables: Tables) -> tuple[Tables, Tables] | None:
    """The last question of one part, with its section; None in an instrument that has only questions of several."""
    found = parts_of(tables)
    return next(reversed(found.values())) if found else None


def where(section: Tables, question: Tables | None = None) -> str:
    return f", section {section['id']}" + (f", question {question['id']}" if question else "")


def _nth(tables: Tables) -> str:
    return f", contradiction {len(tables['contradictions'])}"


def no_title(tables: Tables) -> str:
    del tables["title"]
    return ": “title” is missing. Add it."


def a_field_that_is_none(tables: Tables) -> str:
    tables["colour"] = "green"
    return ": “colour” is not a field here. Check its spelling, or take it out."


def a_version_in_words(tables: Tables) -> str:
    tables["version"] = "one"
    return (
        ": “version” is 'one', which is not of the right form. "
        r"It must match ^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$."
    )


def a_unit_that_is_none(tables: Tables) -> str:
    tables["unit"] = "child"
    return ": “unit” is 'child'. Use one of 'case' or 'partnership'."


def nothing_to_open_with(tables: Tables) -> str:
    tables["opening"] = []
    return ": “opening” has nothing in it. Add at least one."


def a_number_for_words(tables: Tables) -> str:
    tables["title"] = 5
    return ": “title” is 5, which is not a text in quotes. Mend the value."


def words_for_a_flag(tables: Tables) -> str:
    tables["sections"][0]["evidence"] = "yes"
    return f"{where(tables['sections'][0])}: “evidence” is 'yes', which is not true or false. Mend the value."


def words_for_a_number(tables: Tables) -> str:
    tables["evidence"] = {"shortest": "twenty"}
    return ": “evidence, shortest” is 'twenty', which is not a whole number. Mend the value."


def too_small_a_number(tables: Tables) -> str:
    tables["evidence"] = {"shortest": 0}
    return ": “evidence, shortest” is 0. Use a whole number of at least 1."


def too_great_a_number(tables: Tables) -> str:
    tables["evidence"] = {"longest": 20_001}
    return ": “evidence, longest” is 20001. Use a whole number of at most 20,000."


def one_for_a_list(tables: Tables) -> str:
    tables["sources"] = "health"
    return ": “sources” is 'health', which is not a list. Mend the value."


def words_for_a_table(tables: Tables) -> str:
    tables["scales"][0] = "six"
    return ": “scales number 1” is 'six', which is not a table. Mend the value."


def a_blank_title(tables: Tables) -> str:
    tables["sections"][0]["title"] = "  "
    return f"{where(tables['sections'][0])}: “title” is blank. Write something, or take the line out."


def too_long_a_title(tables: Tables) -> str:
    tables["sections"][0]["title"] = "x" * 5_001
    return f"{where(tables['sections'][0])}: “title” is longer than 5,000 characters. Shorten it."


def a_control_character(tables: Tables) -> str:
    section = tables["sections"][0]
    section["questions"][0]["text"] = "What\x07?"
    return f"{where(section, section['questions'][0])}: “text” holds a character that cannot be shown. Delete it."


def a_line_break_in_a_value(tables: Tables) -> str:
    scale = next(one for one in tables["scales"] if one.get("choices"))
    scale["choices"][0]["value"] = "a\nb"
    return f": “scales {scale['id']}, choices a\nb, value” holds a line break. Delete it."


def a_section_without_questions(tables: Tables) -> str:
    tables["sections"].append({"id": "Z9", "title": "Nothing", "questions": []})
    return ", section Z9: “questions” has nothing in it. Add at least one."


def a_scale_that_is_not_there(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None:
        return None
    found[1]["scale"] = "hundred"
    return f"{where(*found)}: there is no scale “hundred”. Use an id of [[scales]]."


def a_part_set_that_is_not_there(tables: Tables) -> str | None:
    for section in tables["sections"]:
        for question in section["questions"]:
            if "part_set" in question:
                question["part_set"] = "none"
                return f"{where(section, question)}: there is no part set “none”. Use an id of [[part_sets]]."
    return None


def a_scale_and_parts_at_once(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None:
        return None
    found[1]["parts"] = [{"label": "One", "scale": found[1]["scale"]}]
    return f"{where(*found)}: it has not exactly one of scale, parts and part_set. Keep one of the three."


def an_indicator_that_is_not_there(tables: Tables) -> str:
    section = tables["sections"][0]
    section["questions"][0]["qi"] = "7.7"
    return (
        f"{where(section, section['questions'][0])}: there is no quality indicator “7.7”. "
        "Add it to [[quality_indicators]]."
    )


def a_ground_that_is_not_there(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None:
        return None
    found[1]["not_applicable"] = ["full_moon"]
    return f"{where(*found)}: there is no ground “full_moon”. Add it to [[grounds]]."


def grounds_for_an_answer_the_scale_lacks(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None or not tables.get("grounds"):
        return None
    scale = {"id": "bare", "kind": "pick", "choices": [{"value": "a", "label": "A", "y": 1}]}
    tables["scales"].append(scale)
    section, question = found
    question |= {"scale": "bare", "cannot_be_evaluated": [tables["grounds"][0]["value"]]}
    question.pop("not_applicable", None)
    return (
        f"{where(section, question)}: it has grounds for cannot_be_evaluated, which scale bare lacks. "
        "Add it to the scale."
    )


def a_refusal_of_what_is_not_offered(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None or not tables.get("strata"):
        return None
    found[1]["not_applicable"] = []
    found[1]["not_applicable_refused"] = f'stratum = "{tables["strata"][0]["code"]}"'
    return f"{where(*found)}: it refuses “not applicable”, but nobody is offered it. Give it grounds."


def a_refusal_of_cannot_be_evaluated_that_is_not_offered(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None or not tables.get("strata"):
        return None
    found[1]["cannot_be_evaluated"] = []
    found[1]["cannot_be_evaluated_refused"] = f'stratum = "{tables["strata"][0]["code"]}"'
    return f"{where(*found)}: it refuses “cannot be evaluated”, but nobody is offered it. Give it grounds."


def a_refusal_by_another_answer(tables: Tables) -> str | None:
    for key, (section, question) in parts_of(tables).items():
        if question.get("not_applicable"):
            question["not_applicable_refused"] = f'{key} = "{_offered(tables, question)[0]}"'
            return (
                f"{where(section, question)}: it refuses “not applicable” by more than the stratum. "
                "Compare only stratum there."
            )
    return None


def a_condition_that_cannot_be_read(tables: Tables) -> str:
    section = tables["sections"][-1]
    section["shown"] = "A1 is yes"
    return (
        f"{where(section)}: the condition “A1 is yes” cannot be read: after “A1” one of =, != or in was expected. "
        "See docs/instruments.md."
    )


def a_condition_on_a_question_that_is_not_there(tables: Tables) -> str:
    section = tables["sections"][-1]
    section["shown"] = 'Z99 = "yes"'
    return f"{where(section)}: a condition names “Z99”, which is not there. Use the key of a part."


def a_condition_on_an_answer_that_is_not_offered(tables: Tables) -> str | None:
    if len(found := parts_of(tables)) < 2:
        return None
    key, (section, last) = next(iter(found)), list(found.values())[-1]
    last["shown"] = f'{key} = "maybe"'
    return f"{where(section, last)}: a condition compares {key} with “maybe”. Use an answer that {key} offers."


def a_condition_on_a_stratum_that_is_not_there(tables: Tables) -> str:
    section = tables["sections"][-1]
    section["shown"] = 'stratum = "z"'
    return f"{where(section)}: a condition compares stratum with “z”. Use a code of [[strata]]."


def a_condition_that_turns_on_itself(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None:
        return None
    section, question = found
    question["shown"] = f'{question["id"]} = "{_offered(tables, question)[0]}"'
    key = question["id"]
    return f"{where(section, question)}: whether it is asked turns on itself: {key} → {key}. Break the circle."


def a_headline_of_another_section(tables: Tables) -> str:
    section = tables["sections"][0]
    section["headline"] = "Z99"
    return f"{where(section)}: its headline “Z99” is not a question of it. Name one of its questions."


def a_headline_that_does_not_count(tables: Tables) -> str | None:
    if tables["unit"] != "case" or (found := a_part(tables)) is None:
        return None
    tables["scales"].append({"id": "bare", "kind": "pick", "choices": [{"value": "a", "label": "A"}]})
    section, question = found
    for field in ("not_applicable", "cannot_be_evaluated", "reversed"):
        question.pop(field, None)
    question["scale"] = "bare"
    section["headline"] = question["id"]
    says = f"its headline “{question['id']}” has no answer that counts"
    return f"{where(section)}: {says}. Give the choices of its scale a y."


def an_opening_row_of_nothing(tables: Tables) -> str:
    tables["opening"][0]["question"] = "Z99"
    return ": the opening row “Z99” is not a question. Name a question whose key has no dot."


def a_question_twice(tables: Tables) -> str:
    section = tables["sections"][0]
    section["questions"].append(copy.deepcopy(section["questions"][0]))
    return f": the question “{section['questions'][0]['id']}” is there 2 times. Give each its own."


def a_key_twice(tables: Tables) -> str:
    scale = tables["scales"][0]["id"]
    parts = [{"id": "one", "label": "One", "scale": scale}, {"id": "one", "label": "Other", "scale": scale}]
    tables["sections"][0]["questions"].append({"id": "Z9", "label": "Z", "text": "Z?", "parts": parts})
    return ": the key “Z9.one” is there 2 times. Give each its own."


def too_long_a_key(tables: Tables) -> str:
    parts = [{"id": "b" * 20, "label": "One", "scale": tables["scales"][0]["id"]}]
    question = {"id": "A" * 20, "label": "Z", "text": "Z?", "parts": parts}
    tables["sections"][0]["questions"].append(question)
    key = f"{'A' * 20}.{'b' * 20}"
    return (
        f"{where(tables['sections'][0], question)}: its key {key} has 41 characters; at most 40 are kept. "
        "Shorten the ids."
    )


def _twice(name: str, what: str, field: str = "value") -> Break:
    def twice(tables: Tables) -> str | None:
        if not tables.get(name):
            return None
        tables[name].append(copy.deepcopy(tables[name][0]))
        return f": the {what} “{tables[name][0][field]}” is there 2 times. Give each its own."

    twice.__name__ = f"a_{what.replace(' ', '_')}_twice"
    return twice


def a_stratum_name_twice(tables: Tables) -> str | None:
    if not tables.get("strata"):
        return None
    tables["strata"][1]["also"] = [tables["strata"][0]["code"].upper()]
    return f": the stratum name “{tables['strata'][0]['code'].casefold()}” is there 2 times. Give each its own."


def records_of_no_agency(tables: Tables) -> str | None:
    if not tables.get("strata"):
        return None
    tables["strata"][0]["records"] = ["army"]
    code = tables["strata"][0]["code"]
    return f": stratum {code} expects records of “army”, which is not an agency. Use a value of [[agencies]]."


def an_answer_twice(tables: Tables) -> str:
    scale = next(one for one in tables["scales"] if one.get("choices"))
    scale["choices"].append(copy.deepcopy(scale["choices"][0]))
    value = scale["choices"][0]["value"]
    return f": the answer of scale {scale['id']} “{value}” is there 2 times. Give each its own."


def _scale(says: str, **fields: Any) -> Break:
    def scale(tables: Tables) -> str:
        tables["scales"].append({"id": "own", **fields})
        return f": {says}"

    scale.__name__ = f"a_scale_{fields['kind']}_{len(says)}"
    return scale


A_B = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]
SIX = [{"value": point, "label": point, "says": point, "y": int(point > "3")} for point in "654321"]


def a_contradiction_of_both_forms(tables: Tables) -> str | None:
    found = parts_of(tables)
    if not found:
        return None
    key = next(iter(found))
    tables.setdefault("contradictions", []).append(
        {"says": "Both at once.", "when": f'{key} != "{_offered(tables, found[key][1])[0]}"', "rating": key}
    )
    says = "the contradiction “Both at once.…” has not exactly one of when and rating"
    return f"{_nth(tables)}: {says}. Keep one of the two."


def a_rating_compared_with_nothing(tables: Tables) -> str | None:
    if not (found := parts_of(tables)):
        return None
    tables.setdefault("contradictions", []).append({"says": "Alone.", "rating": next(iter(found))})
    says = "the contradiction “Alone.…” compares its rating with nothing"
    return f"{_nth(tables)}: {says}. Give it answers, and high or low."


def a_contradiction_about_nothing(tables: Tables) -> str:
    tables.setdefault("contradictions", []).append({"says": "Nowhere.", "keys": ["Z99"], "when": 'Z99 = "a"'})
    return f"{_nth(tables)}: the contradiction “Nowhere.…” names “Z99”, which is not there. Use the key of a part."


def a_contradiction_that_points_nowhere(tables: Tables) -> str | None:
    if not tables.get("strata"):
        return None
    when = f'stratum = "{tables["strata"][0]["code"]}"'
    tables.setdefault("contradictions", []).append({"says": "Where?", "when": when})
    return f"{_nth(tables)}: the contradiction “Where?…” points to no answer. Give it keys."


def a_contradiction_by_a_rating_that_is_not_offered(tables: Tables) -> str | None:
    if len(found := parts_of(tables)) < 2:
        return None
    key, other = list(found)[:2]
    row = {"says": "High.", "rating": key, "answers": [other], "high": ["11"]}
    tables.setdefault("contradictions", []).append(row)
    says = "the contradiction “High.…” has the rating “11”"
    return f"{_nth(tables)}: {says}. Use an answer that {key} offers."


def filled_from_strata_it_does_not_offer(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None:
        return None
    found[1]["filled_from"] = "stratum"
    return (
        f"{where(*found)}: its answers are not the codes of the strata. Give its scale a choice for each of [[strata]]."
    )


def filled_from_an_agency_that_is_none(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None:
        return None
    found[1]["filled_from"] = "agency"
    key = found[1]["id"]
    return f"{where(*found)}: its part {key} is not an agency. Name the part by a value of [[agencies]]."


def bands_that_do_not_begin_at_0(tables: Tables) -> str:
    tables["bands"] = [{"at_least": 10, "label": "Low"}]
    return ": the lowest band does not begin at 0. Begin with at_least = 0."


def bands_out_of_order(tables: Tables) -> str:
    tables["bands"] = [{"at_least": at, "label": f"From {at}"} for at in (0, 60, 60)]
    return ": the band “From 60” begins at 60, not above the band before it. List the bands from the lowest up."


def standards_without_bands(tables: Tables) -> str:
    tables["bands"] = []
    key = tables["opening"][0]["question"]
    tables["standards"] = [{"id": "one", "label": "One", "questions": [key]}]
    return ": there are standards, but no bands to put them in. Add [[bands]]."


def a_standard_on_nothing(tables: Tables) -> str:
    tables["bands"] = [{"at_least": 0, "label": "All"}]
    tables["standards"] = [{"id": "one", "label": "One", "questions": ["Z99"]}]
    return ": standard one names “Z99”, which is not there. Use the key of a part."


def a_standard_on_what_does_not_count(tables: Tables) -> str:
    tables["scales"].append({"id": "bare", "kind": "pick", "choices": A_B})
    tables["sections"][0]["questions"].append({"id": "Z9", "label": "Z", "text": "Z?", "scale": "bare"})
    tables["bands"] = [{"at_least": 0, "label": "All"}]
    tables["standards"] = [{"id": "one", "label": "One", "questions": ["Z9"]}]
    return ": standard one rests on Z9, which has no answer that counts. Give the choices of its scale a y."


def a_mapping_to_nothing(tables: Tables) -> str:
    tables["mapping"] = [{"version": "0.1", "was": "A1", "now": "Z99", "relation": "same"}]
    return ": the mapping names “Z99”, which is not there. Use the key of a part."


def a_mapping_from_a_later_version(tables: Tables) -> str:
    key = tables["opening"][0]["question"]
    tables["mapping"] = [{"version": "1.0", "was": key, "now": key, "relation": "same"}]
    return ": the mapping is from version 1.0, which is not an earlier whole version. Map from a version before 1.0."


def a_mapping_twice(tables: Tables) -> str:
    key = tables["opening"][0]["question"]
    rows = [{"version": "0.1", "was": was, "now": key, "relation": "same"} for was in ("A1", "A2")]
    tables["mapping"] = rows
    return f": the mapping to “{key} of 0.1” is there 2 times. Give each its own."


def a_relation_that_is_none(tables: Tables) -> str:
    key = tables["opening"][0]["question"]
    tables["mapping"] = [{"version": "0.1", "was": key, "now": key, "relation": "alike"}]
    return ": “mapping number 1, relation” is 'alike'. Use one of 'same' or 'changed'."


def a_rule_that_gives_what_the_scale_lacks(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None:
        return None
    scale, key = found[1]["scale"], found[1]["id"]
    rule = {"gives": "eleven", "when": f'{key} = "{_offered(tables, found[1])[0]}"'}
    question = {"id": "Z9", "label": "Z", "text": "Z?", "scale": scale, "rules": [rule]}
    tables["sections"][0]["questions"].append(question)
    return (
        f"{where(tables['sections'][0], question)}: a rule gives “eleven”, which scale {scale} lacks. "
        "Use one of its choices."
    )


def an_override_of_nothing(tables: Tables) -> str | None:
    if (found := a_part(tables)) is None:
        return None
    found[1]["override"] = True
    return f"{where(*found)}: it has an override, but no rules to override. Give it rules, or take it out."


def a_figure_that_cannot_be_read(tables: Tables) -> str:
    tables.setdefault("derived", []).append({"id": "own", "label": "Own", "counts": "A1 or", "among": "A1"})
    return (
        ", figure own: the condition “A1 or” cannot be read: after “A1” one of =, != or in was expected. "
        "See docs/instruments.md."
    )


def a_figure_over_a_question_that_is_not_there(tables: Tables) -> str:
    tables.setdefault("derived", []).append({"id": "own", "label": "Own", "counts": 'Z99 = "a"', "among": 'Z99 = "b"'})
    return ", figure own: a condition names “Z99”, which is not there. Use the key of a part."


def a_contradiction_that_cannot_be_read(tables: Tables) -> str:
    tables.setdefault("contradictions", []).append({"says": "Unread.", "keys": ["A1"], "when": "A1 or"})
    return (
        f"{_nth(tables)}: the condition “A1 or” cannot be read: "
        "after “A1” one of =, != or in was expected. See docs/instruments.md."
    )


def a_part_of_a_set_with_no_scale(tables: Tables) -> str:
    part = {"id": "seen", "label": "Seen", "scale": "none"}
    tables.setdefault("part_sets", []).append({"id": "own", "parts": [part]})
    question = {"id": "Z9", "label": "Z", "text": "Z?", "part_set": "own"}
    tables["sections"][0]["questions"].append(question)
    where_it_is = where(tables["sections"][0], question)
    return f"{where_it_is}, part seen: there is no scale “none”. Use an id of [[scales]]."


def _offered(tables: Tables, question: Tables) -> list[str]:
    scale = next(scale for scale in tables["scales"] if scale["id"] == question["scale"])
    return [one["value"] for one in scale["choices"] if one["value"] not in ("not_applicable", "cannot_be_evaluated")]


MADE = [
    _twice("sources", "source"),
    _twice("agencies", "agency"),
    _twice("grounds", "ground"),
    _twice("quality_indicators", "quality indicator"),
    _twice("scales", "scale", "id"),
    _twice("part_sets", "part set", "id"),
    _twice("sections", "section", "id"),
    _twice("derived", "figure", "id"),
    _twice("standards", "standard", "id"),
    _scale("scale own of kind count has choices. Take them out.", kind="count", maximum=5, choices=A_B),
    _scale("scale own of kind pick has no choices. Add them.", kind="pick"),
    _scale("scale own has no number between its bounds. Set minimum and maximum.", kind="count"),
    _scale("scale own does not say how long a text may be. Set longest.", kind="text"),
    _scale(
        "scale own of kind ypn lacks yes or no. Give it choices with the values yes and no.", kind="ypn", choices=A_B
    ),
    _scale(
        "scale own of kind six has not the points 6, 5, 4, 3, 2, 1. List the six points, the best first.",
        kind="six",
        choices=SIX[:5],
    ),
    _scale(
        "point 3 of scale own has no descriptor. Say in `says` what it means.",
        kind="six",
        choices=[{**one, "says": "" if one["value"] == "3" else "Said."} for one in SIX],
    ),
]
HELPING = {"parts_of", "a_part", "where"}
WRITTEN = [
    one
    for name, one in list(globals().items())
    if getattr(one, "__module__", "") == __name__ and not name.startswith("_") and name not in HELPING
]
BREAKS: list[Break] = [*WRITTEN, *MADE]
