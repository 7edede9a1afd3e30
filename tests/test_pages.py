"""Every page of the demonstration that a person is led to: sound HTML, and no link that leads nowhere.

The client checks the soundness of each page it is given. The links are followed on PostgreSQL, the lead's in
slow runs; on SQLite every address is asked for in `tests/security`, so that every page is made on both.
"""

from collections import deque
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from casereader.vocabulary import BANNERS, DataKind
from tests.demonstration import EVERYBODY, NOBODY, Demonstration
from tests.web.client import links_of, page_of

SHOWN = {200, 303}
INVENTED = BANNERS[DataKind.DEMO]


@pytest.mark.parametrize("demonstration", ["postgresql"], indirect=True)
@pytest.mark.parametrize(  # the lead is led to what the coordinator is, bar a page or two, and each takes long
    "who", [pytest.param(who, marks=pytest.mark.slow) if who == "lead" else who for who in EVERYBODY]
)
def test_every_link_that_a_person_is_shown_leads_to_a_page_that_says_its_data_are_invented(
    demonstration: Demonstration, who: str
) -> None:
    client = demonstration.browser_of(who)
    adapter = demonstration.app.url_map.bind("127.0.0.1")
    followed: set[str] = set()
    waiting = deque([("/sign-in" if who == NOBODY else "/", "the start")])
    seen, broken = {waiting[0][0]}, []
    while waiting:
        path, found_on = waiting.popleft()
        response = client.get(path)
        if response.status_code not in SHOWN:
            broken.append(f"{path} (on {found_on}): {response.status_code}")
        elif _is_page(response) and INVENTED not in page_of(response).text:
            broken.append(f"{path} does not say that its data are invented")
        for link in links_of(response):
            parts = urlsplit(link)
            if path == "/sign-in-methods/passkey" and parts.hostname == "localhost" and parts.path == "/":
                continue  # this site, by the name for which browsers make passkeys
            assert not parts.netloc, f"{path} leads off this site: {link}"
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if not parts.path.startswith("/") or target in seen:
                continue
            endpoint, _ = adapter.match(parts.path)
            if endpoint not in followed:  # one page of each kind; of the others the doors are tried
                followed.add(endpoint)
                seen.add(target)
                waiting.append((target, path))

    assert not broken, "\n".join(broken)
    assert followed or who in (NOBODY, "outsider")


def _is_page(response: TestResponse) -> bool:
    return response.mimetype == "text/html" and response.status_code == 200
