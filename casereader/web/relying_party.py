"""Whom passkeys are made for, and whether this request came to where they work."""

from __future__ import annotations

from flask import request

from casereader.config import RelyingParty
from casereader.errors import AbsentError
from casereader.web.installed import settings


def party() -> RelyingParty:
    """Whom passkeys are made for here."""
    found = settings().relying_party
    if found is None:
        raise AbsentError("Passkeys need a name by which people reach casereader; here it is reached by a number.")
    return found


def elsewhere() -> str:
    """Where passkeys work, if it is not at the address of this request."""
    found = settings().relying_party
    if found is None:
        return "an address with a name, which this service has not"
    return "" if request.host_url.rstrip("/") == found.origin else found.origin
