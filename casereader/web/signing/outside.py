"""Signing in by the organisation's own service: there, back again, and binding an account to it.

The service answers by sending the browser back, so coming back changes something by GET. What shows that this browser
went there is the state in its own session, which works once; a code is taken with its verifier, a token with its nonce.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Flask, abort, current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from casereader.config import Settings
from casereader.errors import RefusedError
from casereader.factors import methods
from casereader.models import Account
from casereader.outside import identities
from casereader.outside.service import OutsideService
from casereader.vocabulary import Factor
from casereader.web import signed_in
from casereader.web.access import Door, allow, person, person_or_none
from casereader.web.clock import now
from casereader.web.installed import settings
from casereader.web.proved import proved_fully_first
from casereader.web.request_session import commit_now, db, write_here
from casereader.web.signing.account import safe_next
from casereader.web.signing.blueprint import blueprint

if TYPE_CHECKING:  # the libraries are there where a service is set: nobody else waits for them
    from authlib.integrations.flask_client.apps import FlaskOAuth2App

LOG = logging.getLogger("casereader")
CLIENT = "outside"
GOING = "outside going"  # where to go on to, and for whose account something is bound
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})
SECOND_FACTOR = "mfa"  # RFC 8176: the service has asked for more than a password
DESCRIBED = frozenset(  # what is taken of a description; the library would have its other words steer the asking
    (
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "jwks",
        "id_token_signing_alg_values_supported",
        "_loaded_at",
    )
)
PATIENCE = 10  # seconds for each answer of the service

UNREACHED = (
    "The sign-in service of your organisation does not answer. Try again in a minute, or use your password here."
)
NOT_RIGHT = "What came back from the sign-in service of your organisation cannot be taken. Begin again."
NOT_BOUND = (
    "No account that works is bound to that one. Sign in with your password, then bind it under “Your sign-in methods”."
)


def install(app: Flask, settings: Settings) -> None:
    """Have the service known by its own description, where one is set."""
    service = settings.outside
    if service is None:
        return
    from authlib.integrations.flask_client import OAuth

    known = OAuth(app).register(
        CLIENT,
        client_id=service.client_id,
        client_secret=service.client_secret,
        server_metadata_url=service.description,
        client_kwargs={
            "scope": "openid",
            "code_challenge_method": "S256",
            "default_timeout": PATIENCE,
            "max_redirects": 0,  # it is asked where the settings and its own description say, and nowhere else
        },
    )
    app.extensions["casereader_outside"] = known


@blueprint.get("/sign-in/outside")
@allow(Door.ANYONE)
def outside() -> Response | tuple[str, int]:
    """Send the browser to the service, to sign in there."""
    return _go_there({"next": safe_next(request.args.get("next"))})


@blueprint.get("/sign-in-methods/outside")
@allow(Door.SIGNED_IN)
@proved_fully_first("Sign in by the outside service")
def outside_bind() -> Response | tuple[str, int]:
    """Send somebody who is signed in here to the service, to bind their account to the one they have there."""
    return _go_there({"next": url_for("signing.methods"), "account": person().account.public_id})


@blueprint.get("/sign-in/outside/back")
@allow(Door.ANYONE)
def outside_back() -> Response | tuple[str, int]:
    """Take the service's word for who it is: sign them in, or bind their account."""
    service, going = _service(), session.pop(GOING, {})
    try:
        claims = _claims(service)
    except _unreached() as error:
        return _not_signed_in(503, UNREACHED, error)
    except _failed() as error:
        return _not_signed_in(403, NOT_RIGHT, error)
    write_here()
    if "account" in going:
        return _bind(service, str(claims["sub"]), going["account"])
    account = identities.account_of(db(), issuer=service.issuer, subject=str(claims["sub"]), at=now())
    if account is None:
        return _not_signed_in(403, NOT_BOUND, None)
    asked = claims.get("amr")
    has_asked_more = isinstance(asked, list) and SECOND_FACTOR in asked
    return _sign_in(account, factor=Factor.OUTSIDE if has_asked_more else None, going=going)


@blueprint.post("/sign-in-methods/outside/remove")
@allow(Door.SIGNED_IN)
@proved_fully_first("Sign in by the outside service no more")
def outside_remove() -> Response:
    """Let the service sign the account in no more."""
    identities.unbind(db(), account=person().account, here=person().sign_in, issuer=_service().issuer, at=now())
    flash("That account signs you in no more. You are signed in here only.", "success")
    return redirect(url_for("signing.methods"), 303)


def _go_there(going: dict[str, str]) -> Response | tuple[str, int]:
    service = _service()
    try:
        _check_description(service)
        there = _client().authorize_redirect(url_for("signing.outside_back", _external=True))
    except _failed() as error:
        return _not_signed_in(503, UNREACHED, error)
    session[GOING] = going
    answer: Response = there
    return answer


def _claims(service: OutsideService) -> dict[str, object]:
    """What the service says of whoever came back; raises one of `_failed` where any of it is not as it must be."""
    _check_description(service)
    options = {
        "iss": {"essential": True, "value": service.issuer},
        "aud": {"essential": True, "value": service.client_id},
        "sub": {"essential": True},
    }
    told = _client().authorize_access_token(claims_options=options)
    claims = told.get("userinfo")
    if not claims or not isinstance(claims.get("sub"), str):
        raise ValueError("the service named nobody")
    return dict(claims)


def _check_description(service: OutsideService) -> None:
    """No service speaks for another, nor signs with nothing (OpenID Connect Discovery 1.0, section 4.3)."""
    client = _client()
    described = client.load_server_metadata()
    for name in set(described) - DESCRIBED:
        described.pop(name, None)
    signs = set(described.get("id_token_signing_alg_values_supported", ())) & ALGORITHMS
    if described.get("issuer") != service.issuer or not signs:
        client.server_metadata.clear()  # once it is mended, the next try reads it again
        raise ValueError("the description of the service is of another one, or of one that signs nothing")
    described["id_token_signing_alg_values_supported"] = sorted(signs)


def _bind(service: OutsideService, subject: str, public_id: str) -> Response | tuple[str, int]:
    """Bind the account of whoever went there, if it is still they who are signed in here."""
    here = person_or_none()
    if here is None or here.account.public_id != public_id:
        return _not_signed_in(403, NOT_RIGHT, None)
    try:
        identities.bind(db(), account=here.account, here=here.sign_in, issuer=service.issuer, subject=subject, at=now())
    except RefusedError as error:
        flash(str(error), "warning")
    else:
        signed_in.renew(here.sign_in)
        commit_now()
        flash("Bound. From now on you can sign in with that account, too.", "success")
    return redirect(url_for("signing.methods"), 303)


def _sign_in(account: Account, *, factor: Factor | None, going: dict[str, str]) -> Response:
    """Sign them in; one who has a second step here takes it, unless the service has asked for more than a password."""
    is_waiting = factor is None and methods.of(db(), account=account).is_any
    signed_in.begin(account, is_waiting=is_waiting, factor=factor)
    commit_now()
    address = safe_next(going.get("next"))
    return redirect(url_for("signing.second_step", next=address) if is_waiting else address, 303)


def _not_signed_in(status: int, says: str, error: Exception | None) -> tuple[str, int]:
    LOG.warning("outside sign-in: %s", type(error).__name__ if error else "not bound")
    return render_template("signing/outside.html", says=says), status


def _service() -> OutsideService:
    found = settings().outside
    if found is None:
        abort(404)
    return found


def _unreached() -> type[Exception]:
    """What is raised where the service does not answer."""
    import requests

    return requests.RequestException


def _failed() -> tuple[type[Exception], ...]:
    """What is raised where it does not answer, or says what cannot be taken."""
    from authlib.integrations.base_client.errors import OAuthError
    from joserfc.errors import JoseError

    return OAuthError, JoseError, _unreached(), RuntimeError, ValueError, KeyError


def _client() -> FlaskOAuth2App:
    found: FlaskOAuth2App = current_app.extensions["casereader_outside"]
    return found
