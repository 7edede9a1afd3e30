"""What is typed, asked for and sent in odd places leaves nothing of itself in the log, nor in where one is led."""

from sqlmodel import select

from casereader.db import snapshot
from casereader.models import Account, Case
from tests.web.site import Site
from tests.web.test_logs import Kept, kept

__all__ = ["kept"]

WHO = ("reviewer", "coordinator", "lead", "moderator", "administrator", "nobody")
PLANTED = "Planted 7731"


def test_what_is_sent_by_anybody_to_any_form_is_in_no_line_of_the_log_and_in_no_address(site: Site, kept: Kept) -> None:
    with snapshot(site.app.extensions["casereader_engine"]) as session:
        references = sorted(session.exec(select(Case.case_ref)))
        people = {word for one in session.exec(select(Account)) for word in (one.email, one.name)}
    sent = {"C9": "5", "C9__note": PLANTED, "reason": PLANTED, "reference": references[0], "password": PLANTED}
    headers = {"User-Agent": PLANTED, "Referer": f"http://localhost/{PLANTED}"}
    led_to = []
    for who in WHO:
        token = site.browsers[who].csrf_token("/sign-in" if who == "nobody" else "/settings")
        data = {"csrf_token": token, **sent}
        for path in (
            f"/readings/{site.reading}/C",
            f"/inspections/{site.inspection}/about-a-case",
            f"/inspections/{site.inspection}/draw",
            "/conflicts",
            "/sign-in",
        ):
            led_to.append(site.ask(who, path, method="POST", data=data, headers=headers).location)
        answers = {"version": 1, "idempotency_key": "k" * 20, "answers": {"C9": {"value": "5", "note": PLANTED}}}
        site.ask(who, f"/readings/{site.reading}/answers", method="POST", json=answers, headers={"X-CSRFToken": token})
        led_to.append(site.ask(who, f"/readings/{references[0]}?q={PLANTED}", headers=headers).location)

    said = "\n".join(kept.lines)
    assert len(kept.lines) > 6 * 7
    assert [name for name in (*references, *people, PLANTED, PLANTED.replace(" ", "%20")) if name in said] == []
    kept_to = [one for one in led_to if one and "sign-in?next=" not in one]
    assert [one for one in kept_to if PLANTED.split()[1] in one or references[0] in one] == []
