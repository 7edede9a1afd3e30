"""What to tell somebody whose app's code was not taken: how far off its clock is, where it is that."""

from __future__ import annotations

from casereader.factors import app
from casereader.models import Account
from casereader.web.clock import in_words, now
from casereader.web.installed import factor_keys
from casereader.web.request_session import db

WRONG = "The code is not right. Enter the six digits that the app shows now."
USED = "This code was used already. Wait for the next one and enter that."
RUN_OUT = (
    "This code has just run out: each is good for thirty seconds. Enter the one that the app shows now. "
    "If it shows this one still, its clock is slow: let the date and time there be set automatically."
)
NOT_YET = (
    "This code is not good yet: the clock where the app runs is ahead. Enter it again in half a minute, "
    "and let the date and time there be set automatically."
)


def why_not(account: Account, code: str) -> str:
    """Why the code was not taken, and what to do."""
    off = app.steps_off(db(), account=account, keys=factor_keys(), code=code, at=now())
    if off is None:
        return WRONG
    near = {0: USED, -1: RUN_OUT, 1: NOT_YET}.get(off)
    if near is not None:
        return near
    minutes = max(round(abs(off) * app.STEP / 60), 1)
    return (
        f"The clock where the app runs is about {in_words(minutes)} {'slow' if off < 0 else 'fast'}, so its codes are "
        "not taken. Let the date and time there be set automatically, then enter the next code."
    )
