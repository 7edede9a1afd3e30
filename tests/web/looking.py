"""Somebody who says on the page *Waves* that they look at what is seen after a wave."""

from __future__ import annotations

from tests.web.client import PageClient
from tests.web.page import Page


def look(client: PageClient, inspection: str) -> Page:
    """The page once they have said so, of the inspection at this address."""
    said = client.submit(f"{inspection}/waves", action=f"{inspection}/waves/look")
    assert said.status_code == 303
    return client.page(f"{inspection}/waves")
