"""What a process does before it serves, whichever server runs it: look whether it may, and end what others left.

Several processes may start at once, on one host or on several: each looks and clears up by itself, and what one of them
has ended no other ends again.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from flask import Flask

from casereader import append_only, schema
from casereader.config import Settings
from casereader.db import snapshot
from casereader.factors import app
from casereader.programmes import publishing
from casereader.web import incoming
from casereader.web.evaluation.making import work as making
from casereader.web.installed import engine, factor_keys, instruments, settings
from casereader.web.lists import return_work

# Seconds that a thread keeps the interpreter while others wait for it. A save lets go of it at each of its queries, and
# beside a page that counts for a second it would wait Python's own 5 ms each time to have it back.
SWITCH = 0.0005
READ_BEFORE = (  # what every page is made with, and the first page after signing in
    "base.html",
    "concerns/alerts.html",
    "concerns/contacts.html",
    "home/index.html",
    "macros/errors.html",
    "macros/fields.html",
    "macros/live.html",
    "macros/navigation.html",
    "macros/steps.html",
    "progress/waiting.html",
    "reading/next.html",
    "sampling/send.html",
)


@dataclass(frozen=True)
class Look:
    """What was found: lines to say, and whether the pages may be served."""

    says: tuple[str, ...]
    may_serve: bool


def look() -> Look:
    """Whether the database is one that this version knows, no instrument in use was changed, and the trail is held."""
    if not schema.is_current(engine()):
        return Look((schema.why_not_current(engine()),), may_serve=False)
    with snapshot(engine()) as session:
        changed, missing = publishing.changed(session, instruments()), publishing.missing(session, instruments())
        n_lost = app.n_lost(session, keys=factor_keys())
    if changed:
        return Look((*changed, *missing), may_serve=False)
    guard = look_who_guards_the_trail(settings())
    return Look((*missing, *other_secret_key(n_lost), *guard.says), guard.may_serve)


def other_secret_key(n_lost: int) -> tuple[str, ...]:
    """What to say where `n_lost` code apps were set up under a secret key that is not here."""
    if not n_lost:
        return ()
    found = "1 code app was" if n_lost == 1 else f"{n_lost:,} code apps were"
    return (
        f"Mind: {found} set up under another secret key than the one here, so their codes are refused. Put the"
        " secret key back that this database was used with (SECRET_KEY_FILE), or remove these sign-in methods.",
    )


def look_who_guards_the_trail(given: Settings) -> Look:
    """Where PostgreSQL would let the program change its trail: a warning on this machine's own address, else a stop."""
    with snapshot(engine()) as session:
        why_not = append_only.why_not_held(session.connection())
    if why_not is None:
        return Look((), may_serve=True)
    says = f"{why_not} {append_only.REMEDY}"
    if given.on_loopback:
        return Look((says,), may_serve=True)
    return Look((says, "Pages that leave this machine are not served like that."), may_serve=False)


def begin(program: Flask) -> None:
    """End what processes left that are gone: work on returns and files, and what was being sent. Others' goes on.

    What every page is made with is read beforehand: the first to ask would wait for it.
    """
    for name in READ_BEFORE:
        program.jinja_env.get_template(name)
    sys.setswitchinterval(SWITCH)
    return_work.start_anew(program)
    making.start_anew(program)
    incoming.clear(program.extensions["casereader_settings"].data_folder)
