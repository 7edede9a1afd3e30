"""Charts: sound XML, everything escaped, named and described in words, shapes where the figures say."""

import re
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from casereader.charts import Distribution, Segment, ShareRow, distribution_chart, share_chart
from casereader.charts.distribution import SIX_COLOURS
from casereader.charts.svg import drawing, text_width, wrapped
from casereader.words import per_cent

SVG = "{http://www.w3.org/2000/svg}"
LABELS = ("6 Excellent", "5 Very good", "4 Good", "3 Adequate", "2 Weak", "1 Unsatisfactory")
SIX = [Segment(label, label[0], colour) for label, colour in zip(LABELS, SIX_COLOURS, strict=True)]
HOSTILE = '<script>alert("1")</script> & \x00 "quoted"'
BARS = [
    Distribution("Assessment", (0.05, 0.22, 0.38, 0.20, 0.10, 0.05), 28, 0.65),
    Distribution("Review", (), 0),
    Distribution(HOSTILE, (0, 0, 1, 0, 0, 0), 9, 1.0),
]
LINES = [
    ShareRow("Assessment", 0.65, 0.5, 0.75, 18, 28, "the majority", lowest=0.6, highest=0.7),
    ShareRow("Review", None, None, None, 0, 0),
    ShareRow(HOSTILE, 1.0, 0.72, 1.0, 19, 19, flagged=True),
]


def _parsed(chart: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(chart)  # noqa: S314 - our own drawing, which must parse


def _charts() -> list[Markup]:
    return [
        distribution_chart("ratings", HOSTILE, BARS, SIX),
        share_chart("shares", HOSTILE, LINES, reference=0.62, reference_label=HOSTILE),
    ]


@pytest.mark.parametrize("place", [0, 1])
def test_a_chart_is_sound_xml_with_every_text_escaped(place: int) -> None:
    chart = _charts()[place]

    root = _parsed(chart)

    assert "<script" not in chart
    assert isinstance(chart, Markup)
    said = [text for text in root.itertext() if "alert" in text]
    assert said
    assert all("\x00" not in text for text in root.itertext())


@pytest.mark.parametrize("place", [0, 1])
def test_a_chart_is_an_image_with_a_name_a_finding_and_a_size(place: int) -> None:
    root = _parsed(_charts()[place])
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")

    assert root.get("role") == "img"
    assert title is not None and desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert "65%" in (desc.text or "")
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


@pytest.mark.parametrize("place", [0, 1])
def test_a_chart_has_presentation_attributes_only(place: int) -> None:
    for element in _parsed(_charts()[place]).iter():
        assert not {"style", "class"} & set(element.keys())
        assert element.tag != f"{SVG}style"


def test_the_segments_of_a_bar_are_as_wide_as_their_shares() -> None:
    root = _parsed(distribution_chart("r", "t", BARS[:1], SIX))
    widths = [float(rect.get("width", 0)) for rect in root.iter(f"{SVG}rect") if rect.get("height") == "30"]

    # 460 px for the whole bar, 2 px of white after each segment.
    assert widths == pytest.approx([share * 460 - 2 for share in BARS[0].shares], abs=0.006)


def test_wide_segments_say_their_per_cent_and_narrow_ones_do_not() -> None:
    bar = Distribution("Assessment", (0.01, 0.49, 0.5, 0, 0, 0), 28, 1.0)
    root = _parsed(distribution_chart("r", "t", [bar], SIX))
    texts = [text.text for text in root.iter(f"{SVG}text")]

    assert "5 · 49%" in texts
    assert "4 · 50%" in texts
    assert "1%" not in texts
    assert "0%" not in texts


def test_a_bar_without_records_says_so_and_draws_no_shares() -> None:
    root = _parsed(distribution_chart("r", "t", BARS[1:2], SIX))

    assert "no records" in [text.text for text in root.iter(f"{SVG}text")]
    assert root.findtext(f"{SVG}desc") == "No record has an answer yet."


def test_the_dot_stands_at_the_share_and_nothing_is_drawn_under_ten_records() -> None:
    few = ShareRow("Few", 0.25, 0.1, 0.5, 1, 4)
    root = _parsed(share_chart("s", "t", [LINES[0], few]))
    (many,) = root.iter(f"{SVG}circle")
    left = 12 + text_width("Assessment") + 16

    assert float(many.get("cx", 0)) == pytest.approx(left + 0.65 * 420, abs=0.01)
    assert not list(root.iter(f"{SVG}rect"))[2:]
    assert "1 of 4: too few" in [text.text for text in root.iter(f"{SVG}text")]


def test_a_flagged_row_stands_out_by_shape_and_weight() -> None:
    root = _parsed(share_chart("s", "t", LINES))
    bold = [text.text for text in root.iter(f"{SVG}text") if text.get("font-weight") == "bold"]

    assert len(list(root.iter(f"{SVG}polygon"))) == 1
    assert "100% (72% to 100%) · 19 of 19" in bold


@pytest.mark.parametrize(
    ("share", "word", "also", "says"),
    [
        (0.9004, "almost all", "most", "almost all, possibly most, 90.04% (80% to 95%) · 20 of 22"),
        (0.7496, "the majority", "", "the majority, 74.96% (80% to 95%) · 20 of 22"),
        (0.4997, "less than half", "the majority", "less than half, possibly the majority, 49.97% (80% to 95%)"),
    ],
)
def test_a_chart_prints_a_share_as_its_table_does(share: float, word: str, also: str, says: str) -> None:
    root = _parsed(share_chart("s", "t", [ShareRow("Review", share, 0.8, 0.95, 20, 22, word, also)]))

    assert f"Review: {says}" in (root.findtext(f"{SVG}desc") or "")
    assert any((text.text or "").startswith(f"{share:.2%} (") for text in root.iter(f"{SVG}text"))


def test_many_rows_are_described_by_the_highest_and_the_lowest() -> None:
    rows = [ShareRow(f"Area {place}", place / 20, 0.0, 1.0, place, 20) for place in range(12)]
    rows.append(ShareRow("Few", 1.0, 0.3, 1.0, 3, 3))
    finding = _parsed(share_chart("s", "t", rows)).findtext(f"{SVG}desc") or ""

    assert finding.startswith("Highest: Area 11: 55%")
    assert "Lowest: Area 0: 0%" in finding


def test_text_stays_inside_the_drawing() -> None:
    for chart in _charts():
        root = _parsed(chart)
        for text in root.iter(f"{SVG}text"):
            at, wide = float(text.get("x", 0)), text_width(text.text or "", size=int(text.get("font-size", 14)))
            start = {"start": at, "middle": at - wide / 2, "end": at - wide}[text.get("text-anchor", "start")]
            assert start >= 0
            assert start + wide <= float(root.get("width", 0)) + 1


def test_long_labels_are_broken_and_cut_with_a_sign() -> None:
    assert wrapped("Dumfries and Galloway", width=200) == ["Dumfries and Galloway"]
    lines = wrapped("a very long name " * 9, width=120, most_lines=2)
    assert len(lines) == 2
    assert lines[1].endswith("…")


def test_a_per_cent_is_never_nought_or_a_hundred_unless_it_is() -> None:
    assert [per_cent(share) for share in (0, 0.001, 0.285, 0.5, 0.999, 1)] == [
        "0%",
        "<1%",
        "29%",
        "50%",
        ">99%",
        "100%",
    ]


def test_a_name_that_could_break_an_id_is_refused() -> None:
    with pytest.raises(ValueError, match="letters, digits and hyphens"):
        drawing(name="a b", width=1, height=1, title="t", finding="f", parts=[])


def test_shares_that_do_not_fit_the_scale_are_refused() -> None:
    with pytest.raises(ValueError, match="2 shares for 6 categories"):
        distribution_chart("r", "t", [Distribution("x", (0.5, 0.5), 2)], SIX)


def test_the_same_figures_draw_the_same_chart() -> None:
    assert _charts() == _charts()
    assert not re.search(r"\d\.\d{3,}", "".join(_charts()))


def test_under_ten_records_a_bar_gives_marks_and_counts_and_no_per_cent() -> None:
    scale = [Segment("Good", "4", "#9cc3e6"), Segment("Weak", "2", "#cf9445")]

    drawn = str(distribution_chart("few", "Few", [Distribution("C9", (0.75, 0.25), 9, 0.75)], scale))

    assert "%" not in drawn
    assert "9 records: too few for a share" in drawn
    assert ">4<" in drawn
