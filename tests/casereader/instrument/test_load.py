"""Reading instrument files: what comes with the program, and what a bad file is told."""

import hashlib
import json

import pytest
import tomli_w

from casereader.instrument import InstrumentError, load, load_all, loads
from tests.casereader.instrument.files import FOLDER, SHORT, changed, short


def test_the_instruments_of_the_folder_are_found_by_their_id() -> None:
    assert {"CRR-1", "CRR-P", "services-1"} <= set(load_all(FOLDER))


def test_the_digest_is_of_what_a_file_says_and_not_of_its_layout() -> None:
    written = {"id": "S", "version": "1.0", "title": "T", "unit": "case"}
    scale = {"id": "six_or_none", "kind": "pick", "choices": [{"value": "a", "label": "A", "y": 1}]}
    question = {"id": "Q1", "label": "Q", "text": "Q?", "scale": "six_or_none"}
    written |= {"opening": [{"question": "Q1", "label": "Q"}], "scales": [scale]}
    written |= {"sections": [{"id": "S", "title": "S", "questions": [question]}]}
    canonical = json.dumps(written, sort_keys=True, separators=(",", ":")).encode()
    text = tomli_w.dumps(written)
    commented = "# A comment.\n" + text.replace('unit = "case"', "unit   =   'case'\nexample = false")

    assert loads(text.encode(), name="s.toml").digest == hashlib.sha256(canonical).hexdigest()
    assert loads(commented.encode(), name="s.toml").digest == hashlib.sha256(canonical).hexdigest()
    assert loads(text.replace('"Q?"', '"Q!"').encode(), name="s.toml").digest != hashlib.sha256(canonical).hexdigest()


def test_a_part_of_a_question_without_an_id_of_its_own_has_the_question_as_key() -> None:
    assert short().parts == ("C1", "C9", "H1.present", "H1.seen", "H2", "H2.said")


def test_a_part_takes_what_it_leaves_out_from_its_question() -> None:
    assert not short().part("H2.said").required


def test_two_answers_are_offered_only_where_there_are_grounds_for_them() -> None:
    instrument = short()

    assert instrument.part("C9").by_value.keys() == {*"654321", "cannot_be_evaluated"}
    assert "not_applicable" in instrument.part("H1.seen").by_value


@pytest.mark.parametrize(
    ("old", "new", "section", "question", "says", "remedy"),
    [
        ('scale = "six"\nqi', 'scale = "sixx"\nqi', "C", "C9", "no scale “sixx”", "[[scales]]"),
        ('qi = "5.2"', 'qi = "7.7"', "C", "C9", "no quality indicator “7.7”", "[[quality_indicators]]"),
        ('["new", "silent"]\nnot', '["old"]\nnot', "C", "C1", "no ground “old”", "[[grounds]]"),
        ("'C1 != \"no\"'", "'C1 != \"nope\"'", "H", None, "C1 with “nope”", "that C1 offers"),
        ("'C1 != \"no\"'", "'C7 = \"no\"'", "H", None, "“C7”", "key of a part"),
        ("'C1 != \"no\"'", "'C1 == \"no\"'", "H", None, "cannot be read", "docs/instruments.md"),
        ("'stratum = \"b\"'", "'stratum = \"z\"'", "C", "C1", "stratum with “z”", "[[strata]]"),
        ("'stratum = \"b\"'", "'C9 = \"4\"'", "C", "C1", "more than the stratum", "only stratum"),
        ("'.present = \"yes\"'", "'.seen = \"yes\"'", "H", "H1", "turns on itself", "circle"),
        ('headline = "C9"', 'headline = "H1"', "C", None, "not a question of it", "one of its questions"),
        ('part_set = "theme"', 'part_set = "themes"', "H", "H1", "no part set", "[[part_sets]]"),
        ('part_set = "theme"', 'part_set = "theme"\nscale = "six"', "H", "H1", "exactly one of", "Keep one"),
        ('text = "Poverty"', 'txt = "Poverty"', "H", "H1", "“txt” is not a field", "spelling"),
        ('text = "Poverty"', "", "H", "H1", "“text” is missing", "Add it"),
        ('layout = "grid"', 'layout = "gird"', "H", None, "'gird'", "'list' or 'grid'"),
        ('id = "H2"', 'id = "C9"', None, None, "question “C9” is there 2 times", "its own"),
        ('id = "said"', 'id = "said.it"', "H", "H2", "not of the right form", "match"),
        ("y = 1, y_reversed = 0 }", "y = 2 }", None, None, "choices yes, y", "0 or 1"),
        ('question = "C9"', 'question = "C5"', None, None, "opening row “C5”", "Name a question"),
        ('question = "C9"', 'question = "H2"', None, None, "no answer that counts", "a y"),
        ('version = "1.0"', 'version = "one"', None, None, "“version”", "match"),
        ("maximum = 50", "", None, None, "no number between its bounds", "minimum and maximum"),
        ("longest = 100", "", None, None, "how long a text may be", "Set longest"),
        ('records = ["health"]', 'records = ["army"]', None, None, "“army”", "[[agencies]]"),
        ('also = ["FIRST"]', 'also = ["B"]', None, None, "stratum name “b”", "its own"),
        ('unit = "case"', "unit = ", None, None, "not sound TOML", "line"),
        ('when = \'C1 = "no" and C9 = "6"\'', "", None, None, "exactly one of when and rating", "Keep one"),
        ('when = \'C1 = "no" and C9 = "6"\'', 'rating = "C9"', None, None, "with nothing", "high or low"),
    ],
)
def test_a_bad_file_is_told_where_what_and_how_to_mend_it(
    old: str, new: str, section: str | None, question: str | None, says: str, remedy: str
) -> None:
    with pytest.raises(InstrumentError) as refused:
        short((old, new))

    matching = [one for one in refused.value.faults if says in one.says]
    assert len(matching) == 1, str(refused.value)
    assert (matching[0].file, matching[0].section, matching[0].question) == ("short.toml", section, question)
    assert remedy in matching[0].remedy


def test_all_faults_of_a_file_are_told_at_once_with_their_places() -> None:
    with pytest.raises(InstrumentError) as refused:
        short(('scale = "six"\nqi', 'scale = "sixx"\nqi'), ('scale = "ypn"\nnot', 'scale = "yes"\nnot'))

    told = str(refused.value).splitlines()
    assert "short.toml, section C, question C1: there is no scale “yes”. Use an id of [[scales]]." in told
    assert "short.toml, section C, question C9: there is no scale “sixx”. Use an id of [[scales]]." in told


def test_the_faults_of_all_files_are_told_at_once(tmp_path) -> None:  # noqa: ANN001
    (tmp_path / "one.toml").write_text(changed(('version = "1.0"', "")), encoding="utf-8")
    (tmp_path / "two.toml").write_text(changed(('title = "A short reading"', "")), encoding="utf-8")

    with pytest.raises(InstrumentError) as refused:
        load_all(tmp_path)

    assert [one.file for one in refused.value.faults] == ["one.toml", "two.toml"]


def test_two_files_cannot_be_one_version(tmp_path) -> None:  # noqa: ANN001
    (tmp_path / "one.toml").write_text(SHORT, encoding="utf-8")
    (tmp_path / "two.toml").write_text(SHORT, encoding="utf-8")

    with pytest.raises(InstrumentError, match=r"two\.toml: another file, one\.toml, is also SHORT-1 1\.0"):
        load_all(tmp_path)


def test_an_empty_folder_or_an_absent_file_is_said_plainly(tmp_path) -> None:  # noqa: ANN001
    with pytest.raises(InstrumentError, match="no instrument file is here"):
        load_all(tmp_path)
    with pytest.raises(InstrumentError, match=r"gone\.toml: the file cannot be read"):
        load(tmp_path / "gone.toml")


def test_a_file_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(InstrumentError, match="not UTF-8"):
        loads(SHORT.encode("utf-16"), name="short.toml")


def test_a_part_filled_from_the_stratum_offers_every_stratum() -> None:
    with pytest.raises(InstrumentError, match="answers are not the codes of the strata"):
        short(('text = "Poverty"', 'text = "Poverty"\nfilled_from = "stratum"'))


def test_a_stratum_is_known_by_code_label_or_other_spelling_also_inside_a_longer_label() -> None:
    instrument = short()

    assert [instrument.stratum_code(name) for name in ("a", "first", "SECOND GROUP", "b / 12-15", "12-15 / FIRST")] == [
        "a",
        "a",
        "b",
        "b",
        "a",
    ]
    assert instrument.stratum_code("other") is None
    assert instrument.stratum_code(None) is None


def test_an_instrument_cannot_be_changed() -> None:
    instrument = short()

    with pytest.raises(AttributeError):
        instrument.title = "Another"  # type: ignore[misc]
    assert hash(instrument.part("C9")) == hash(instrument.part("C9"))
