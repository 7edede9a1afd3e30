"""Charts as files: one way for every page, open to whoever sees the page, with what the page says around them."""

import struct
import xml.etree.ElementTree as ET
import zlib

import pytest
from flask import Flask

from casereader.charts.standing_alone import standing_alone
from casereader.charts.svg import drawing
from casereader.db import transaction
from casereader.exports import pictures
from casereader.vocabulary import BANNERS, DataKind
from tests import worked
from tests.cast import Cast, SignIn
from tests.worked import People

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def read(app: Flask, cast: Cast) -> Cast:
    """The cast, their inspection worked through, said to be a demonstration."""
    with transaction(app.extensions["casereader_engine"]) as session:
        worked.build(session, cast.place, People(cast.reviewer, cast.second_reviewer, cast.local_reviewer, cast.lead))
        cast.place.programme.data_kind = DataKind.DEMO
        session.add(cast.place.programme)
    return cast


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height, as the picture's head says."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_each_chart_of_a_page_is_had_as_svg_and_as_png_of_twice_its_size(read: Cast, sign_in: SignIn) -> None:
    client = sign_in(read.moderator)
    path = f"/inspections/{read.place.inspection.public_id}/roll-up"

    links = [link for link in client.page(path).links if "chart=opening-chart" in link]
    drawn, picture = (client.get(link) for link in links)

    root = ET.fromstring(drawn.data)  # noqa: S314 - our own
    said = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert (drawn.mimetype, picture.mimetype) == ("image/svg+xml", "image/png")
    assert "Share good or better, with 90% intervals" in said
    assert BANNERS[DataKind.DEMO].split()[0] in said
    assert "6 of 11" in said
    assert size_of(picture.data) == (2 * int(float(root.get("width", "0"))), 2 * int(float(root.get("height", "0"))))
    assert "share-good-or-better-with-90-intervals.svg" in drawn.headers["Content-Disposition"]
    assert client.get(links[0]).data == drawn.data
    assert client.get(links[1]).data == picture.data


def test_a_chart_is_open_to_whom_its_page_is(read: Cast, sign_in: SignIn) -> None:
    path = f"/inspections/{read.place.inspection.public_id}/roll-up?chart=opening-chart&as=svg"

    refused = sign_in(read.reviewer).get(path)

    assert (refused.status_code, refused.mimetype) == (403, "text/html")
    assert b"<svg" not in refused.data


def test_a_chart_that_the_page_has_not_is_not_found(read: Cast, sign_in: SignIn) -> None:
    path = f"/inspections/{read.place.inspection.public_id}/roll-up"

    assert sign_in(read.lead).get(f"{path}?chart=elsewhere&as=png").status_code == 404


def test_what_the_page_was_asked_goes_with_the_chart(read: Cast, sign_in: SignIn) -> None:
    page = sign_in(read.lead).page(f"/inspections/{read.place.inspection.public_id}/roll-up/groups?by=age_band")

    links = [link for link in page.links if "as=svg" in link]
    assert links
    assert all("by=age_band" in link for link in links)


def test_the_words_of_a_chart_show_in_its_picture_whatever_fonts_a_machine_has() -> None:
    empty = drawing(name="one", width=300, height=20, title="Words", finding="None", parts=[])
    svg = standing_alone(str(empty), caption="MMMMMMMMMM")
    bare = svg.replace("MMMMMMMMMM", "")

    assert _ink(pictures.png(svg)) > _ink(pictures.png(bare)) + 500


def _ink(png: bytes) -> int:
    """How many bytes of the picture are not those of plain paper, filters and all."""
    at, packed = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    return sum(byte not in (0, 255) for byte in zlib.decompress(packed))
