"""The heat table as a picture: every shade has its figure in it, and nobody is named first or last."""

import re

from casereader.charts.heat import SHADES, HeatCell, HeatRow, heat_chart

SAYS = ("few or none", "less than half", "the majority", "most", "almost all or all")


def drawn(*rows: HeatRow) -> str:
    """These rows under two sections."""
    return heat_chart("sections", "Sections", ["Assessment", "Impact <on> the child"], rows, SAYS)


def test_each_cell_has_its_figure_and_interval_and_one_with_too_few_records_has_no_shade() -> None:
    found = drawn(
        HeatRow("Glen & Vale", (HeatCell("62%", "48% to 74%", 2, 0.62), HeatCell("too few", "4 records"))),
        HeatRow("Moor", (HeatCell("91%", "80% to 97%", 4, 0.91), HeatCell("40%", "30% to 51%", 1, 0.4))),
    )

    for text in ("62%", "48% to 74%", "too few", "4 records", "91%", "40%"):
        assert f">{text}</text>" in found
    cells = re.findall(r'<rect [^>]*width="112" height="44" fill="(#\w+)"[^>]*?(stroke-dasharray)?[^>]*/>', found)
    assert [fill for fill, _ in cells] == [SHADES[2], "#ffffff", SHADES[4], SHADES[1]]
    assert found.count("stroke-dasharray") == 1


def test_the_finding_says_how_far_shares_lie_apart_and_names_no_partnership() -> None:
    found = drawn(
        HeatRow("Glen", (HeatCell("62%", "", 2, 0.62), HeatCell("too few"))),
        HeatRow("Moor", (HeatCell("91%", "", 4, 0.91), HeatCell("40%", "", 1, 0.4))),
    )
    finding = re.search(r"<desc[^>]*>(.*?)</desc>", found)

    assert finding is not None
    assert finding[1] == "Of 2 partnerships. Assessment: 62% to 91% in 2; Impact &lt;on&gt; the child: one figure."
    assert "Glen" not in finding[1]
