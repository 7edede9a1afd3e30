"""What somebody sent that could not be taken yet, kept in the page that says so, so that no word of it is lost.

After the session had ended it is kept in the sign-in page, and goes on to where it was sent once somebody has signed in
and pressed the button. Where only the token was wrong, the page that says so shows it, and sends it with a right one.
Nothing is stored: the fields travel in the page, packed into one hidden field for signing in. The sign-in page takes no
more than 64 KB but where its address is signed by us, as that of such a page is: then as much as the form took.

Only the words of a page that this browser was given are kept: its token is right, or the browser itself says that no
other site has sent them.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

from flask import abort, current_app, g, redirect, render_template, request, url_for
from flask_wtf.csrf import validate_csrf
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response
from wtforms import ValidationError

from casereader.factors import proof
from casereader.factors.methods import Methods
from casereader.factors.proof import Needed
from casereader.models import Account
from casereader.web import proved
from casereader.web.crossings import came_from_here
from casereader.web.field_labels import is_typed, label_of
from casereader.web.forms.signing_in import CodeForm, ConfirmForm, LineForm, PasswordForm, SignInForm
from casereader.web.installed import outside_name
from casereader.web.proved import Asked
from casereader.web.relying_party import elsewhere
from casereader.web.request_session import db

FIELD = "kept"
NEVER = "csrf_token"
MOST_FIELDS = 1000
UNPACKED = 4 * 1024 * 1024 + 16 * 1024  # bytes: a section has 4 MB at most, and each field's brackets
MEGABYTES = 6  # of a sign-in with it: 4 MB that cannot be packed, in letters
SIGNED = {"digest_method": hashlib.sha256}
OPEN_FOR = timedelta(hours=12)  # as long as a session lasts at most
FIRST = {"second-step": "signing.second_step", "set-up": "signing.methods"}
LONG = 40  # characters: what is longer was written rather than picked

Fields = list[tuple[str, str]]


def page_to_sign_in(fields: Fields) -> str:
    """The sign-in page that holds what was sent, and goes on to where it was sent."""
    return sign_in_page(SignInForm(formdata=None), going=request.path, kept=_packed(fields))


def sign_in_page(form: SignInForm, *, going: str, kept: str = "") -> str:
    """The sign-in page; what it keeps makes it one that may send more."""
    address = url_for("account.sign_in_post", room=_signer().dumps("") if kept else None)
    return render_template(
        "account/sign-in.html", form=form, next=going, kept=kept, address=address, outside=outside_name()
    )


def page_to_unlock() -> str:
    """The page that uncovers a locked sign-in, and goes on to what was asked for or sent."""
    fields, going = _asked_for()
    return unlock_page(PasswordForm(formdata=None), going=going, kept=_packed(fields) if fields else "")


def page_to_confirm(account: Account, *, fully: bool) -> str:
    """The page that asks somebody signed in to prove who they are, and goes on to what was asked for or sent."""
    fields, going = _asked_for(may_be_empty=True)  # many deeds are one button
    form = ConfirmForm(formdata=None)
    form.fully.data = "y" if fully else ""
    needed = proof.needed(db(), account=account, fully=fully)
    kept = _packed(fields) if fields is not None else ""
    return confirm_page(form, needed, asked=proved.asked_now(account), going=going, kept=kept)


def confirm_page(form: ConfirmForm, needed: Needed, *, asked: Asked, going: str, kept: str = "") -> str:
    """The page that asks for what is `needed`, with what was sent before."""
    return render_template(
        "signing/confirm.html",
        form=form,
        needed=needed,
        asked=asked.words,
        fully=form.fully.data,
        next=going,
        kept=kept,
        address=url_for("signing.confirm", room=_signer().dumps("") if kept else None),
        elsewhere=elsewhere(),
    )


def unlock_page(form: PasswordForm, *, going: str, kept: str = "") -> str:
    """The page that asks for the password of whoever locked this browser."""
    address = url_for("signing.unlock", room=_signer().dumps("") if kept else None)
    return render_template("signing/unlock.html", form=form, next=going, kept=kept, address=address)


def second_step_page(*, methods: Methods, code: CodeForm, line: LineForm, going: str, kept: str = "") -> str:
    """The page that asks, after the password, for what stands beside it, with what was sent before."""
    room = _signer().dumps("") if kept else None
    return render_template(
        "signing/second-step.html",
        methods=methods,
        form=line if line.errors else code,
        code=code,
        line=line,
        next=going,
        kept=kept,
        room=room,
        elsewhere=elsewhere(),
    )


def first(task: str) -> Response | tuple[str, int]:
    """Lead to what comes before anything else: taking the second step, or setting it up.

    A form that was sent is kept in a page that sends it on, once that was done in another tab.
    """
    if request.accept_mimetypes.best == "application/json" or request.is_json:
        abort(401)
    address = url_for(FIRST[task], next=request.full_path.rstrip("?") if request.method == "GET" else None)
    if request.method == "GET":
        return redirect(address, 303)
    page = render_template(
        "signing/first.html",
        task=task,
        first=address,
        address=request.path,
        fields_sent=_storable(sent() or []),
    )
    return page, 401 if task == "second-step" else 403


def has_room() -> bool:
    """Whether this request's address is that of a sign-in page that keeps something."""
    try:
        _signer().loads(request.args.get("room", ""), max_age=int(OPEN_FOR.total_seconds()))
    except BadSignature:
        return False
    return True


def sent(*, may_be_empty: bool = False) -> Fields | None:
    """The fields of the form that was sent; None where they are not kept: files, passwords, a form not ours."""
    return _sent(may_be_empty=may_be_empty) if _has_right_token() or came_from_here() is True else None


def written() -> list[tuple[str, str]]:
    """What somebody typed and picked in the form that they sent, by its label: to be shown where it was not taken.

    Of a form with files and of one whose address asks for more, too: nothing of it is sent on.
    """
    at = request.endpoint
    return [
        (label_of(name, endpoint=at), value)
        for name, value in _storable(_shown() or [])
        if value.strip() and is_typed(name, endpoint=at)
    ]


def page_to_send_again() -> str | None:
    """The page, for somebody signed in, that shows what came with a wrong token and sends it with a right one."""
    fields = _sent() if came_from_here() is not False else None
    if fields is None:
        return None
    storable = _storable(fields)
    shown = [(label_of(name, endpoint=request.endpoint), value) for name, value in storable if _is_text(value)]
    return render_template("account/send-again.html", address=request.path, fields_sent=storable, shown=shown)


def page_to_sign_in_again() -> str | None:
    """The sign-in page anew, where one that keeps something came with a wrong token."""
    kept = request.form.get(FIELD, "")
    if request.endpoint != "account.sign_in_post" or not kept or came_from_here() is not True:
        return None
    return sign_in_page(SignInForm(formdata=None), going=request.form.get("next", ""), kept=kept)


def page_to_go_on(address: str, kept: str, *, asked: Asked | None = None) -> str:
    """The page with which somebody who has just signed in, or confirmed for what they `asked`, sends it on."""
    for name in ("csrf_token", "person"):
        g.pop(name, None)  # they were the old session's
    return render_template("account/go-on.html", address=address, fields_sent=_storable(_unpacked(kept)), asked=asked)


def _asked_for(*, may_be_empty: bool = False) -> tuple[Fields | None, str]:
    """What was sent, where it can be kept, and where to go on to."""
    if request.method == "GET":
        return None, request.full_path.rstrip("?")
    fields = sent(may_be_empty=may_be_empty)
    return fields, request.path if fields is not None else ""


def _shown() -> Fields | None:
    return _fields() if _has_right_token() or came_from_here() is True else None


def _sent(*, may_be_empty: bool = False) -> Fields | None:
    if request.args or request.mimetype != "application/x-www-form-urlencoded":
        return None
    return _fields(may_be_empty=may_be_empty)


def _fields(*, may_be_empty: bool = False) -> Fields | None:
    if request.method != "POST":
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != NEVER]
    if not (fields or may_be_empty) or len(fields) > MOST_FIELDS or any("password" in name for name, _ in fields):
        return None
    return fields if len(_written(fields)) <= UNPACKED else None


def _has_right_token() -> bool:
    try:
        validate_csrf(request.form.get(NEVER))
    except ValidationError:
        return False
    return True


def _is_text(value: str) -> bool:
    return any(sign.isspace() for sign in value.strip()) or len(value) > LONG


def _storable(fields: Fields) -> Fields:
    return [(name, value.replace("\0", "\ufffd")) for name, value in fields]


def _written(fields: Fields) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _packed(fields: Fields) -> str:
    return urlsafe_b64encode(zlib.compress(_written(fields))).decode()


def _unpacked(kept: str) -> Fields:
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


def _signer() -> URLSafeTimedSerializer:
    keys = [current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"]]
    return URLSafeTimedSerializer(keys[::-1], salt="casereader kept post", signer_kwargs=SIGNED)  # the last one signs
