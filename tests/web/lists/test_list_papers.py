"""What a partnership is sent before it makes its list: an empty workbook that we read back, and a guide of one page."""

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from casereader.exports import list_template
from casereader.instrument import load_all
from casereader.returns import frames
from casereader.returns.frames import Source
from tests.cast import BEGAN, Cast, SignIn
from tests.web.client import page_of

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


CRR_1 = load_all(Path("data/instruments"))["CRR-1"]


@ON_SQLITE
def test_the_empty_workbook_says_what_each_cell_takes_and_is_read_back_as_it_is(
    cast: Cast, sign_in: SignIn, tmp_path: Path
) -> None:
    path = f"/inspections/{cast.place.inspection.public_id}/list/template.xlsx"
    book = load_workbook(BytesIO(sign_in(cast.coordinator).get(path).data))
    sheet = book[list_template.LIST]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert rules["B2"].formula1 == '"a,b,c,d,e"'
    assert (rules["C2"].formula1, rules["C2"].formula2) == ("0", "17")
    assert rules["D2"].formula1.strip('"').split(",") == ["none", "CSO at home", "CSO away", "s.25", "CPO in period"]
    columns = list_template.columns_of(CRR_1)
    for number in range(1, 13):
        words = [
            f"{number:05}",
            "ab"[number % 2],
            number,
            *(one.choices[-1] if one.choices else "" for one in columns[3:]),
        ]
        for place, value in enumerate(words, start=1):
            sheet.cell(number + 1, place).value = value or None
    book.save(tmp_path / "filled.xlsx")

    checked = frames.check(
        Source(tmp_path / "filled.xlsx", "filled.xlsx"), instrument=CRR_1, today=date(2026, 6, 1), apart=False
    )

    assert checked.rows[0][:3] == ["00001", "b", "1"], "references keep their zeros"
    assert len(checked.rows) == 12


def test_the_same_workbook_is_made_twice() -> None:
    made = [BytesIO(), BytesIO()]
    for one in made:
        list_template.write(one, CRR_1, title="Glen", banner="", at=BEGAN)

    assert made[0].getvalue() == made[1].getvalue()


@ON_SQLITE
def test_the_guide_names_every_group_and_column_and_leads_to_the_workbook(cast: Cast, sign_in: SignIn) -> None:
    path = f"/inspections/{cast.place.inspection.public_id}/list/guide"

    page = page_of(sign_in(cast.lead).get(path))

    assert "Compulsory supervision order, living at home" in page.text
    assert all(name in page.text for name in ("case_ref", "legal_basis", "family_group", "pseudonymise"))
    assert path.replace("guide", "template.xlsx") in page.links
    assert sign_in(cast.reviewer).get(path).status_code == 403
