"""What a browser asks for on our pages, and of whom."""

from urllib.parse import urlsplit

from flask import Flask

from tests.browser.harness import Browsing
from tests.browser.server import served
from tests.cast import PASSWORD, Cast


def test_t50_a_browser_on_our_pages_asks_nobody_but_us(app: Flask, browsing: Browsing, cast: Cast) -> None:
    with served(app, browsing) as address:
        somebody = browsing(address)
        asked: list[str] = []
        somebody.page.on("request", lambda request: asked.append(request.url))

        somebody.sign_in(cast.reviewer.email, PASSWORD)
        for path in ("/readings", "/sign-ins"):
            somebody.visit(path)
        somebody.context.close()

    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(address).netloc}
    assert any(url.endswith(".js") for url in asked) and any(url.endswith(".css") for url in asked)
