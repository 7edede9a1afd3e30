"""Versions of an instrument: what a text fix may change, and which questions two versions have in common."""

import re
from pathlib import Path

import pytest

from casereader.instrument import InstrumentError, Library, load_all, loads, same_questions
from casereader.instrument.load import reads
from casereader.instrument.versions import beyond_wording
from tests.casereader.instrument.files import CRR_1, FOLDER, SHORT, changed

CRR = (FOLDER / "crr-1.toml").read_text(encoding="utf-8")


def version(number: str, *changes: tuple[str, str], more: str = "") -> str:
    """The short instrument under another number, with each (old, new) replaced once and something added."""
    return changed(('version = "1.0"', f'version = "{number}"'), *changes) + more


def mapped(earlier: str, *pairs: tuple[str, str], relation: str = "same") -> str:
    """Mapping rows from an earlier version: (was, now)."""
    return "".join(
        f'\n[[mapping]]\nversion = "{earlier}"\nwas = "{was}"\nnow = "{now}"\nrelation = "{relation}"\n'
        for was, now in pairs
    )


def library(*files: str) -> Library:
    """These files as installed."""
    return Library(loads(text.encode(), name="short.toml") for text in files)


def folder_of(folder: Path, *files: str) -> Path:
    for number, text in enumerate(files):
        (folder / f"{number}.toml").write_text(text, encoding="utf-8")
    return folder


def test_an_id_stands_for_its_newest_version_and_every_version_can_be_found() -> None:
    found = library(version("1.10"), version("1.9"), version("2.0"), SHORT)

    assert found["SHORT-1"].version == "2.0"
    assert [one.version for one in found.versions("SHORT-1")] == ["1.0", "1.9", "1.10", "2.0"]
    assert found.find("SHORT-1", "1.9") is not None
    assert found.find("SHORT-1", "3.0") is None and found.find("OTHER", "1.0") is None


def test_a_text_fix_may_change_any_words(tmp_path: Path) -> None:
    fixed = CRR.replace('version = "1.0"', 'version = "1.1"')
    for field in ("title", "label", "text", "guidance", "good", "says", "intro", "reading_period", "declaration"):
        fixed = re.sub(rf'(\b{field} = ")([^"]+)"', r'\1\2, in other words"', fixed)

    found = load_all(folder_of(tmp_path, CRR, fixed))

    assert [one.version for one in found.versions("CRR-1")] == ["1.0", "1.1"]
    assert found["CRR-1"].question("C9").text == "How good is the assessment of risk and need?, in other words"
    assert found["CRR-1"].parts == CRR_1.parts


@pytest.mark.parametrize(
    ("old", "new", "section", "question", "where"),
    [
        ("maximum = 50", "maximum = 51", None, None, "scales, number 3, maximum"),
        ('value = "new"', 'value = "newer"', None, None, "grounds, number 1, value"),
        ("y = 1, y_reversed = 0 }", "y = 0, y_reversed = 0 }", None, None, "scales, number 2, choices, number 1, y"),
        ('layout = "grid"', "", "H", None, "layout"),
        ("evidence = true", "", "C", None, "evidence"),
        ('qi = "5.2"', "", "C", "C9", "qi"),
        ("not_applicable_refused = 'stratum = \"b\"'", "", "C", "C1", "not_applicable_refused"),
        ("shown = 'C1 != \"no\"'", "", "H", None, "shown"),
        ('id = "said"', 'id = "told"', "H", "H2", "parts, number 2, id"),
        ('also = ["FIRST"]', 'also = ["FIRST", "1ST"]', None, None, "strata, number 1, also"),
        ('when = \'C1 = "no" and C9 = "6"\'', "when = 'C1 = \"no\"'", None, None, "contradictions, number 1, when"),
    ],
)
def test_a_text_fix_that_changes_anything_else_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, section: str | None, question: str | None, where: str
) -> None:
    extra = (('["new", "silent"]\nnot', '["newer", "silent"]\nnot'),) if "newer" in new else ()
    text = version("1.1", (old, new), *extra)
    if extra:
        text = text.replace('"silent", "new"]', '"silent", "newer"]').replace(
            'not_applicable = ["new"]', 'not_applicable = ["newer"]'
        )

    with pytest.raises(InstrumentError) as refused:
        load_all(folder_of(tmp_path, SHORT, text))

    fault = refused.value.faults[0]
    assert (fault.file, fault.section, fault.question) == ("1.toml", section, question)
    assert fault.says == f"“{where}” is not as in version 1.0, and 1.1 may change wording only."
    assert fault.remedy == "Put it back, or call this version 2.0."


def test_a_question_added_left_out_or_moved_is_more_than_wording() -> None:
    before = reads(SHORT.encode(), name="a").tables
    added = '\n[[sections.questions]]\nid = "H3"\nlabel = "More"\ntext = "More?"\nscale = "ypn"\n'
    after = reads(changed(("\n[[contradictions]]", f"{added}\n[[contradictions]]")).encode(), name="b").tables

    assert beyond_wording(before, after) == [("sections", 1, "questions", 2)]
    assert beyond_wording(after, before) == [("sections", 1, "questions", 2)]
    assert beyond_wording(before, before) == []


def test_a_text_fix_is_compared_with_the_nearest_version_before_it(tmp_path: Path) -> None:
    more = version("1.2", ("maximum = 50", "maximum = 51"))

    with pytest.raises(InstrumentError, match=r"not as in version 1\.1, and 1\.2 may change wording only"):
        load_all(folder_of(tmp_path, SHORT, version("1.1"), more))


def test_every_question_is_the_same_under_one_whole_version() -> None:
    found = library(SHORT, version("1.1"))

    same = same_questions(found, id="SHORT-1", earlier="1.0", later="1.1")

    assert same == {key: key for key in found["SHORT-1"].parts}
    assert same == same_questions(found, id="SHORT-1", earlier="1.0", later="1.0")


def test_across_whole_versions_only_what_is_mapped_as_the_same_is_compared() -> None:
    second = version("2.0", more=mapped("1.0", ("C1", "C1"), ("H1.present", "H1.seen"))) + mapped(
        "1.0", ("C9", "C9"), relation="changed"
    )

    same = same_questions(library(SHORT, second), id="SHORT-1", earlier="1.0", later="2.0")

    assert same == {"C1": "C1", "H1.seen": "H1.present"}


def test_a_text_fix_on_either_side_changes_nothing_in_what_is_compared() -> None:
    second = version("2.0", more=mapped("1.0", ("C1", "C1")))
    fixed = version("2.1", more=mapped("1.0", ("C1", "C1")))
    found = library(SHORT, version("1.3"), second, fixed)

    for earlier in ("1.0", "1.3"):
        for later in ("2.0", "2.1"):
            assert same_questions(found, id="SHORT-1", earlier=earlier, later=later) == {"C1": "C1"}


def test_what_is_mapped_step_by_step_is_followed_through_the_versions_between() -> None:
    second = version("2.0", more=mapped("1.0", ("C1", "H1.seen"), ("C9", "C9")))
    third = version("3.0", more=mapped("2.0", ("H1.seen", "C1"), ("H1.present", "H1.present")))

    same = same_questions(library(SHORT, second, third), id="SHORT-1", earlier="1.0", later="3.0")

    assert same == {"C1": "C1"}
    assert same_questions(library(SHORT, third), id="SHORT-1", earlier="1.0", later="3.0") == {}


def test_a_direct_mapping_goes_before_the_way_through_the_versions_between() -> None:
    second = version("2.0", more=mapped("1.0", ("C1", "C1"), ("C9", "C9")))
    third = version("3.0", more=mapped("2.0", ("C1", "C1"), ("C9", "C9")) + mapped("1.0", ("C9", "C9")))

    same = same_questions(library(SHORT, second, third), id="SHORT-1", earlier="1.0", later="3.0")

    assert same == {"C9": "C9"}


def test_nothing_is_the_same_without_a_mapping_or_with_a_version_that_is_not_installed() -> None:
    found = library(SHORT, version("2.0"))

    assert same_questions(found, id="SHORT-1", earlier="1.0", later="2.0") == {}
    assert same_questions(found, id="SHORT-1", earlier="2.0", later="1.0") == {}
    assert same_questions(found, id="SHORT-1", earlier="0.1", later="2.0") == {}
    assert same_questions(found, id="OTHER", earlier="1.0", later="2.0") == {}


@pytest.mark.parametrize(
    ("pairs", "change", "says"),
    [
        ([("C7", "C1")], (), "the mapping names “C7”, which version 1.0 does not have."),
        ([("C9", "C1")], (), "they are answered on scales of different kinds"),
        ([("C1", "C1")], (('value = "in_part"', 'value = "partly"'),), "they offer different answers"),
        ([("C1", "C1")], (("y = 1, y_reversed = 0", "y = 0, y_reversed = 0"),), "their answers count differently"),
    ],
)
def test_a_question_mapped_as_the_same_that_is_not_is_refused(
    tmp_path: Path, pairs: list[tuple[str, str]], change: tuple[tuple[str, str], ...], says: str
) -> None:
    with pytest.raises(InstrumentError) as refused:
        load_all(folder_of(tmp_path, SHORT, version("2.0", *change, more=mapped("1.0", *pairs))))

    (fault,) = refused.value.faults
    assert fault.file == "1.toml" and says in fault.says
    assert fault.remedy == "Mend the key, or call the relation changed."
