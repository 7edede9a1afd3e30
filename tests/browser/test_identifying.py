"""The page sees the same signs of a child as the server, and sends the text nowhere."""

import json
from random import Random
from urllib.parse import urlsplit

from playwright.sync_api import Route

from casereader import identifying
from tests.browser.harness import Browsing
from tests.source import ROOT

SIGNS_IN = """async texts => {
  const {signsIn} = await import("/static/js/identifying.js");
  return texts.map(signsIn);
}"""
PIECES = (
    *(
        "Jack",
        "JACK",
        "jack",
        "Mrs ",
        "Mrs. O’Hara",
        "Miss",
        "known as ",
        "Wee",
        "Social Work",
        "Élodie",
        "É",
        " ",
        "\n",
    ),
    *(
        "\u200b",
        "\u202e",
        "\u00ad",
        "born ",
        "DOB ",
        "3 May 2014",
        "03/05/14",
        "3rd",
        "EH1 1AA",
        "eh11aa",
        "G1",
        "ſ",
        "K",
    ),
    *(
        "0101151237",
        "010115 1237",
        "943 476 5919",
        "1111111111",
        "０１０１１５",
        "1237",
        "4",
        "a@b.org",
        "@",
        ".",
        "’",
        "-",
    ),
    *("Harry", "Grace", " told ", "Hope", "’s mother", "Kowalski", " family", "the whole", "child ", "Amira Hussain"),
    *("07700 900123", "0131 496 0100", "+44 ", "AB 12 34 56 C", "ab123456c"),
    *("Protection Order", "2012-05-03", "D.O.B. ", "3.5.12", "May 3rd 2012", "03/05/2012", "3 May 2026", "and "),
)


def test_the_page_and_the_server_see_the_same_signs(browsing: Browsing) -> None:
    random = Random("signs")
    texts = ["".join(random.choices(PIECES, k=random.randint(1, 6))) for _ in range(1500)]
    page = browsing("http://127.0.0.1").page
    body = (
        f'<!DOCTYPE html><title>x</title><script type="application/json" data-signs>{identifying.signs_text()}</script>'
    )

    def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=ROOT / "casereader" / path.removeprefix("/"), content_type="text/javascript")
        else:
            route.fulfill(content_type="text/html; charset=utf-8", body=body)

    page.route("**/*", serve)
    page.goto("http://127.0.0.1/")

    seen = page.evaluate(SIGNS_IN, texts)

    expected = [identifying.signs_in(text) for text in texts]
    assert [pair for pair in zip(texts, seen, expected, strict=True) if pair[1] != pair[2]] == []
    assert {sign for signs in expected for sign in signs} == {one["sign"] for one in _signs()}


def _signs() -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(identifying.signs_text())["signs"]
    return found
