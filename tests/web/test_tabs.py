"""In a list of browser tabs each page says what it is and of what: no two inspections have pages that are called alike.

That a page names its record and its inspection is looked over on every page of every test (tests/web/page.py).
"""

from __future__ import annotations

import pytest
from flask import Flask

from casereader.db import transaction
from casereader.programmes import adding
from tests.cast import BEGAN, Cast, SignIn

PAGES = ("", "/list", "/people", "/dates", "/draw", "/progress", "/records", "/roll-up", "/evaluation", "/issues")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_same_page_of_two_inspections_is_called_by_each(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with transaction(app.extensions["casereader_engine"]) as session:
        other = adding.add_partnership(
            session,
            programme=cast.place.programme,
            name="Strath Elsewhere",
            period_from=cast.place.inspection.period_from,
            period_to=cast.place.inspection.period_to,
            lead=cast.lead,
            by=cast.coordinator,
            at=BEGAN,
        ).public_id
    client = sign_in(cast.lead)
    called: dict[str, str] = {}
    for page in PAGES:
        for public_id in (cast.place.inspection.public_id, other):
            path = f"/inspections/{public_id}{page}"
            title = client.page(path).title
            assert title not in called, f"{path} and {called[title]} are both called “{title}”"
            called[title] = path

    assert all("Glen Test" in title or "Strath Elsewhere" in title for title in called)
