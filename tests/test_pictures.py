"""The guides' pictures are all there and all shown, of pages that stand where they did and are headed as they were."""

import re
from html import unescape

import pytest

from tests.demonstration import Demonstration
from tests.pictures.shots import SHOTS, found
from tests.source import ROOT, files, named

FOLDER = ROOT / "docs" / "pictures"
AT_MOST = 600 * 1024  # bytes of all of them, which everybody clones
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
                (said,) = re.findall(r"<h1[^>]*>(.*?)</h1>", reply.text, flags=re.DOTALL) or [""]
                if reply.status_code != 200 or unescape(re.sub(r"<[^>]+>", "", said)).strip() != heading:
                    changed.append((shot.name, reply.status_code, said))

    assert changed == [], "read the guide that shows it, then make docs"
