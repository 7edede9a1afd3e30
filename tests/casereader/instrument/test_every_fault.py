"""Every kind of fault in every instrument that comes with the program, by its whole message: file, place and remedy."""

import copy
import re
from pathlib import Path

import pytest
import tomli_w

from casereader.instrument import InstrumentError, loads
from casereader.instrument.assemble import assemble
from tests.casereader.instrument.breaks import BREAKS, PLAIN, Break


@pytest.mark.parametrize("break_it", BREAKS, ids=lambda one: one.__name__)
def test_a_fault_in_any_shipped_instrument_is_told_with_its_file_its_place_and_the_remedy(break_it: Break) -> None:
    held = 0
    for name, sound in PLAIN.items():
        tables = copy.deepcopy(sound)
        if (says := break_it(tables)) is None:
            continue
        held += 1
        with pytest.raises(InstrumentError) as refused:
            assemble(tables, name=name)

        assert f"{name}{says}" in [str(fault) for fault in refused.value.faults]
    assert held, "no shipped instrument has what this fault needs"


def test_faults_of_wording_and_of_substance_are_told_at_once() -> None:
    tables = copy.deepcopy(PLAIN["services-1.toml"])
    tables["sections"][0]["title"] = ""
    tables["sections"][0]["colour"] = "green"
    tables["sections"][0]["questions"][0]["scale"] = "ten"
    tables["sections"][0]["questions"][1]["guidance"] = 5
    tables["sections"][0]["questions"][2]["not_applicable"] = [1, 2]
    tables["opening"][2]["question"] = "none"

    with pytest.raises(InstrumentError) as refused:
        loads(tomli_w.dumps(tables).encode(), name="s.toml")

    assert sorted(map(str, refused.value.faults)) == [
        "s.toml, section service, question planning: “guidance” is 5, which is not a text in quotes. Mend the value.",
        *(
            f"s.toml, section service, question play_learning: “not_applicable number {n}” is {n}, "
            "which is not a text in quotes. Mend the value."
            for n in (1, 2)
        ),
        "s.toml, section service, question wellbeing: there is no scale “ten”. Use an id of [[scales]].",
        "s.toml, section service: “colour” is not a field here. Check its spelling, or take it out.",
        "s.toml, section service: “title” is blank. Write something, or take the line out.",
        "s.toml: the opening row “none” is not a question. Name a question whose key has no dot.",
        "s.toml: the opening row “wellbeing” is not a question. Name a question whose key has no dot.",
    ]


def test_a_headline_of_no_question_is_told_once() -> None:
    tables = copy.deepcopy(PLAIN["services-1.toml"])
    tables["sections"][0]["headline"] = "none"

    with pytest.raises(InstrumentError) as refused:
        assemble(tables, name="s.toml")

    assert [str(fault) for fault in refused.value.faults] == [
        f"s.toml, section {tables['sections'][0]['id']}: its headline “none” is not a question of it. "
        "Name one of its questions."
    ]


def test_every_message_of_the_checks_is_held_here_or_with_the_computed_ratings() -> None:
    folder = Path(__file__).resolve().parents[3] / "casereader" / "instrument"
    rooms = ("build.py", "checks.py", "conditions.py", "contradictions.py")
    source = "\n".join((folder / room).read_text(encoding="utf-8") for room in rooms)
    remedies = set(re.findall(r'"([A-Z][^"]*\.)", \*?(?:\w|")|"([A-Z][^"{]*\.)"\)', source))
    here = (Path(__file__).parent / "breaks.py").read_text(encoding="utf-8")
    computed = (Path(__file__).parent / "test_computed_ratings.py").read_text(encoding="utf-8")

    told = {one or other for one, other in remedies if "{" not in (one or other)}
    assert len(told) > 25
    elsewhere = {"Take out its required = false.", "Use a scale that lists its answers.", "Take one of the two out."}
    assert {remedy for remedy in told - elsewhere if remedy not in here} == set()
    assert "may be left blank" in computed and "without choices" in computed and "it is computed, and so" in computed
