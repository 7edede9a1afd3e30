"""docs/instruments.md explains every field that an instrument file may hold, and its example works."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from casereader.instrument import loads, schema

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "instruments.md").read_text(encoding="utf-8")

EXPLAINED_UNDER = {
    "The file itself": schema.InstrumentTable,
    "Opening rows": schema.OpeningTable,
    "Evidence bounds": schema.EvidenceTable,
    "Sources, agencies, grounds, quality indicators": schema.ListedTable,
    "Strata": schema.StratumTable,
    "Scales": schema.ScaleTable,
    "Choices": schema.ChoiceTable,
    "Part sets": schema.PartSetTable,
    "Sections": schema.SectionTable,
    "Questions": schema.QuestionTable,
    "Rules": schema.RuleTable,
    "Parts": schema.PartTable,
    "Derived figures": schema.DerivedTable,
    "Bands of shares": schema.BandTable,
    "Standards": schema.StandardTable,
    "Mapping": schema.MappingTable,
    "Contradictions": schema.ContradictionTable,
}


@pytest.mark.parametrize("heading", EXPLAINED_UNDER)
def test_every_field_is_explained_under_its_heading_and_no_other(heading: str) -> None:
    chapter = re.split(r"^##+ ", GUIDE.split(f"\n### {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]

    assert re.findall(r"^\| `(\w+)` \|", chapter, flags=re.MULTILINE) == list(EXPLAINED_UNDER[heading].model_fields)


def test_every_table_of_the_schema_has_its_heading() -> None:
    tables = {
        one
        for one in vars(schema).values()
        if isinstance(one, type) and issubclass(one, BaseModel) and one.model_fields
    }

    assert tables == set(EXPLAINED_UNDER.values())


def test_every_field_of_the_schema_says_what_it_means() -> None:
    for table in EXPLAINED_UNDER.values():
        for name, field in table.model_fields.items():
            assert field.description, f"{table.__name__}.{name}"


def test_the_example_of_the_guide_is_an_instrument() -> None:
    example = GUIDE.split("```toml\n", 1)[1].split("```", 1)[0]

    assert loads(example.encode(), name="example.toml").parts == ("C1", "C9")
