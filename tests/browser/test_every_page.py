"""Every kind of page in a real browser: axe finds nothing, no word is cut off wide or narrow, the console is silent."""

from collections import deque
from urllib.parse import urlsplit

import pytest

from tests.browser.focus import UNSEEN
from tests.browser.harness import NARROW, WIDE, Browsing, Visitor
from tests.browser.server import served
from tests.demonstration import PASSWORD, Demonstration

ZOOMED = 640  # pixels: what a window of 1280 leaves at 200 %

# Between them they see every kind of page; each kind is looked over once.
PEOPLE = ("coordinator", "lead", "moderator", "reviewer-1", "local-reviewer", "administrator", "outsider")


@pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)
def test_every_kind_of_page_reads_well_wide_and_narrow(demonstration: Demonstration, browsing: Browsing) -> None:
    adapter = demonstration.app.url_map.bind("127.0.0.1")
    known: set[str] = set()
    with served(demonstration.app, browsing) as address:
        for who in PEOPLE:
            visitor = browsing(address)
            visitor.sign_in(f"{who}@demo.example", PASSWORD)
            waiting, seen = deque(["/"]), {"/"}
            while waiting:
                path = waiting.popleft()
                kind, _ = adapter.match(path)  # the sections of a reading have a test of their own
                if path != "/" and kind in known:
                    continue
                known.add(kind)
                visitor.visit(path)
                visitor.look_over(f"{kind}-{who}", widths=(WIDE, ZOOMED, NARROW))
                visitor.page.emulate_media(forced_colors="active")
                assert visitor.page.evaluate(UNSEEN, "body") == [], kind
                visitor.page.emulate_media(forced_colors="none")
                found = [link for link in _links(visitor) if link not in seen]
                seen.update(found)
                waiting.extend(found)
            visitor.context.close()

    assert len(known) > 40


def _links(visitor: Visitor) -> list[str]:
    """The pages of ours that this page leads to; files to take home are not pages."""
    hrefs: list[str] = visitor.page.eval_on_selector_all(
        "a[href]:not([download])", "links => links.map(link => link.getAttribute('href'))"
    )
    paths = [urlsplit(href).path for href in hrefs]
    return [path for path in paths if path.startswith("/") and "." not in path]
