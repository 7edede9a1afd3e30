"""Stacked counts: every bar as long as its counts are of all, the number inside, the finding in words."""

from xml.etree import ElementTree

from casereader.charts import CountRow, Segment, counts_chart
from casereader.charts.distribution import YPN_COLOURS

SCALE = [
    Segment(name, "", colour)
    for name, colour in zip(("Strength", "Variable", "Area", "Not enough"), YPN_COLOURS, strict=True)
]
SVG = "{http://www.w3.org/2000/svg}"


def drawn(*rows: CountRow, of: int) -> ElementTree.Element:
    return ElementTree.fromstring(counts_chart("counts", "Partnerships", rows, SCALE, of=of))  # noqa: S314 - our own


def test_a_bar_is_divided_by_its_counts_and_shows_them() -> None:
    root = drawn(CountRow("Early help", (3, 1, 0, 4)), of=8)

    bars = [float(one.get("width", "0")) for one in root.iter(f"{SVG}rect") if one.get("height") == "28"]
    assert bars == [420 * 3 / 8 - 2, 420 * 1 / 8 - 2, 420 * 4 / 8 - 2]
    assert [one.text for one in root.iter(f"{SVG}text")][-3:] == ["3", "1", "4"]


def test_the_finding_tells_every_count_in_words() -> None:
    root = drawn(CountRow("Early help", (3, 1, 0, 4)), CountRow("Poverty", (0, 8, 0, 0)), of=8)

    found = root.find(f"{SVG}desc")
    assert found is not None
    assert found.text == (
        "Of 8 inspected. Early help: strength in 3, variable in 1, not enough in 4; Poverty: variable in 8."
    )
