"""The words on charts can be read: axe cannot see what is painted behind SVG text, so this works it out."""

from __future__ import annotations

import itertools
import re

import pytest

from casereader.charts.distribution import SIX_COLOURS, YPN_COLOURS, ink_on
from casereader.charts.heat import SHADES
from casereader.charts.svg import INK, MUTED, PAPER


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    found = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in found)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", sorted({*SIX_COLOURS, *YPN_COLOURS}))
def test_the_per_cent_in_a_segment_stands_out_from_its_colour(colour: str) -> None:
    assert re.fullmatch("#[0-9a-f]{6}", colour)
    assert contrast(ink_on(colour), colour) >= 4.5


@pytest.mark.parametrize("shade", SHADES)
def test_what_is_written_in_a_heat_table_stands_out_from_its_shade(shade: str) -> None:
    assert contrast(INK, shade) >= 4.5


def test_the_shades_of_a_heat_table_darken_step_by_step_in_grey_as_well() -> None:
    light = [luminance(shade) for shade in SHADES]

    assert all(lighter - darker > 0.1 for lighter, darker in itertools.pairwise(light))


def test_the_measure_of_contrast_is_right_at_both_ends() -> None:
    assert contrast("#000000", PAPER) == pytest.approx(21)
    assert contrast(PAPER, PAPER) == pytest.approx(1)
    assert contrast(INK, PAPER) >= 4.5
    assert contrast(MUTED, PAPER) >= 4.5
