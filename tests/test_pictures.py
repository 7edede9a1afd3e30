"""The guides' pictures are all there and all shown, of pages that stand where they did; the tour leads to them."""

import re

import pytest

from tests.demonstration import Demonstration
from tests.pictures.shots import SHOTS, found
from tests.source import ROOT, files, named
from tests.web.client import page_of
from tests.web.page import words

FOLDER = ROOT / "docs" / "pictures"
AT_MOST = 600 * 1024  # bytes of all of them, which everybody clones
TOUR = (  # of the README: who presses what, from the first page
    ("coordinator", "Plan the sample – Cairnlaw"),
    ("coordinator", "Inspections → Dalmarrow → certificate"),
    ("reviewer-1", "Go on with ARD-0151"),
    ("lead", "Inspections → Balquhane → Roll-up"),
)
SHOWN = {
    (path, alt, (path.parent / target).resolve())
    for path in files()
    if path.suffix == ".md"
    for alt, target in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", path.read_text(encoding="utf-8"))
}


def test_every_picture_is_shown_and_every_picture_that_is_shown_is_there() -> None:
    there = set(FOLDER.iterdir())

    assert there - {target for _, _, target in SHOWN} == set()
    assert [named(path) for path, _, target in SHOWN if not target.is_file()] == []
    assert sum(path.stat().st_size for path in there) < AT_MOST


def test_every_picture_is_told_in_words_too() -> None:
    assert [(named(path), alt) for path, alt, _ in SHOWN if len(alt.split()) < 5] == []


def test_every_picture_of_a_page_is_taken_by_make_docs_and_no_other() -> None:
    assert sorted(f"{shot.name}.webp" for shot in SHOTS) == sorted(path.name for path in FOLDER.glob("*.webp"))


@pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)
def test_the_pages_of_the_pictures_stand_where_they_did_with_the_same_headings(demonstration: Demonstration) -> None:
    changed = []
    for who in dict.fromkeys(shot.who for shot in SHOTS):
        client = demonstration.browser_of(who)
        for shot in SHOTS:
            if shot.who == who:
                path, heading = found(demonstration.app, shot)
                reply = client.get(path)
                page = page_of(reply)
                heads = [words(one) for one in page.root.iter() if one.tag in ("h1", "h2", "h3", "caption")]
                if reply.status_code != 200 or page.heading != heading or not _begins(heads, shot.begins):
                    changed.append((shot.name, reply.status_code, heads))

    assert changed == [], "read the guide that shows it, then make docs"


@pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)
def test_the_tour_of_the_readme_can_be_walked_as_it_is_told(demonstration: Demonstration) -> None:
    told = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Five minutes\n")[2].partition("\n## ")[0]
    browsers = {who: demonstration.browser_of(who) for who, _ in TOUR}
    for who, way in TOUR:
        assert f"*{way}*" in told and f"`{who}@demo.example`" in told
        page = browsers[who].page("/")
        for pressed in way.split(" → "):
            leads_to = [link.get("href", "") for link in page.root.iter("a") if words(link).startswith(pressed)]
            assert leads_to, f"{who} finds no “{pressed}” on “{page.heading}”"
            page = browsers[who].page(leads_to[0])

    (counted,) = re.findall(r"A count such as \*(\d+ of \d+)\*", told)
    assert counted in page.text


def _begins(heads: list[str], begins: str) -> bool:
    return any(head.startswith(begins) for head in heads)
