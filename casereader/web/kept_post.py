"""What somebody sent after their session had ended, kept in the sign-in page so that no word of it is lost.

Nothing is stored: the fields travel in the page as one hidden field, and go on to where they were sent once somebody
has signed in and pressed the button. Only the words of a page that this browser was given are kept: its token is right,
and no other site can have anything sent this way.
"""

from __future__ import annotations

import binascii
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask import g, render_template, request
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import BadRequest
from wtforms import ValidationError

from casereader.web.forms.signing_in import SignInForm

FIELD = "kept"
LONGEST = 60 * 1024  # bytes, packed: anybody may post to the sign-in page, which takes 64 KB
UNPACKED = 4 * 1024 * 1024  # bytes: the largest form of words, a section
NEVER = "csrf_token"


def page_to_sign_in(kept: str) -> str:
    """The sign-in page that holds what was sent, and goes on to where it was sent."""
    return render_template("account/sign-in.html", form=SignInForm(formdata=None), next=request.path, kept=kept)


def sent() -> str | None:
    """The fields of the form that was sent; None where they are not kept: files, passwords, a token not ours."""
    if request.method != "POST" or request.args or request.mimetype != "application/x-www-form-urlencoded":
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != NEVER]
    if not fields or any("password" in name for name, _ in fields):
        return None
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return None
    kept = urlsafe_b64encode(zlib.compress(json.dumps(fields, ensure_ascii=False).encode(), 9)).decode()
    return kept if len(kept) <= LONGEST else None


def page_to_go_on(address: str, kept: str) -> str:
    """The page with which somebody who has just signed in sends on what they wrote, with the new session's token."""
    for name in ("csrf_token", "person"):
        g.pop(name, None)  # they were the old session's
    fields = [(name, value.replace("\0", "\ufffd")) for name, value in _fields(kept)]
    return render_template("account/go-on.html", address=address, fields_sent=fields)


def _fields(kept: str) -> list[tuple[str, str]]:
    unpacking = zlib.decompressobj()
    try:
        read = json.loads(unpacking.decompress(urlsafe_b64decode(kept), UNPACKED))
    except (ValueError, RecursionError, binascii.Error, zlib.error):
        raise BadRequest from None
    if not isinstance(read, list):
        raise BadRequest
    found = []
    for pair in read:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)):
            raise BadRequest
        found.append((pair[0], pair[1]))
    return [(name, value) for name, value in found if name != NEVER]
