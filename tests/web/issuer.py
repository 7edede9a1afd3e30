"""A sign-in service of its own for the tests: an OpenID provider by Authlib, answering over HTTP on loopback.

Whoever `subject` names is signed in there without being asked, by the means in `means`. `claims`, `description` and
`signing_key` let a test have it lie, and `moved` send its caller on from one of its addresses; `asked` are those that
it was asked at.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, redirect, request
from joserfc.jwk import ECKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as BaseResponse

CLIENT_ID, SECRET = "casereader-in-the-tests", secrets.token_hex(16)


@dataclass
class _Code:
    code: str
    redirect_uri: str
    scope: str
    nonce: str
    challenge: str
    method: str
    user: str
    means: list[str]

    code_challenge = property(lambda self: self.challenge)
    code_challenge_method = property(lambda self: self.method)

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> str:
        return ""

    def get_amr(self) -> list[str]:
        return self.means


class _Client:
    """The one program that the service knows."""

    client_id = CLIENT_ID

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return urlsplit(redirect_uri).path == "/sign-in/outside/back"

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(client_secret, SECRET)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Issuer:
    """The service, and what a test has it say."""

    address: str
    subject: str = "person-1"
    means: list[str] = field(default_factory=lambda: ["pwd", "mfa"])
    claims: dict[str, object] = field(default_factory=dict)
    description: dict[str, object] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    signing_key: ECKey | None = None
    codes: dict[str, _Code] = field(default_factory=dict)
    challenged: list[str] = field(default_factory=list)
    moved: str = ""
    asked: list[str] = field(default_factory=list)

    def authorize(self, there: str) -> str:
        """Go where the service was asked, as a browser does; the address it sends back to."""
        answer = requests.get(there, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


def _grants(issuer: Issuer) -> tuple[type[AuthorizationCodeGrant], OpenIDCode]:
    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - as the library has it

        def save_authorization_code(self, code: str, request: object) -> None:
            data = request.payload.data  # type: ignore[attr-defined]
            issuer.challenged.append(data["code_challenge_method"])
            issuer.codes[code] = _Code(
                code,
                data["redirect_uri"],
                data["scope"],
                data["nonce"],
                data["code_challenge"],
                data["code_challenge_method"],
                issuer.subject,
                issuer.means,
            )

        def query_authorization_code(self, code: str, _client: object) -> _Code | None:
            return issuer.codes.get(code)

        def delete_authorization_code(self, authorization_code: _Code) -> None:
            del issuer.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: _Code) -> str:
            return authorization_code.user

    class Identity(OpenIDCode):
        def exists_nonce(self, _nonce: str, _request: object) -> bool:
            return False

        def resolve_client_private_key(self, _client: object) -> ECKey:
            return issuer.signing_key or issuer.key

        def get_client_algorithm(self, _client: object) -> str:
            return "ES256"

        def get_client_claims(self, _client: object) -> dict[str, object]:
            return {"iss": issuer.address, "aud": [CLIENT_ID]}

        def generate_user_info(self, user: str, _scope: str) -> UserInfo:
            return UserInfo(sub=user, **issuer.claims)

    return Grant, Identity(require_nonce=True)


def _service(issuer: Issuer) -> Flask:
    app = Flask("issuer")
    server = AuthorizationServer(app, query_client=lambda name: _Client() if name == CLIENT_ID else None)
    server.save_token = lambda _token, _request: None
    grant, identity = _grants(issuer)
    server.register_grant(grant, [identity, CodeChallenge(required=True)])

    @app.before_request
    def note() -> BaseResponse | None:
        issuer.asked.append(request.path)
        return redirect(f"/elsewhere{request.path}", 307) if request.path == issuer.moved else None

    @app.get("/elsewhere/.well-known/openid-configuration")
    @app.get("/.well-known/openid-configuration")
    def describe() -> Response:
        return jsonify(
            {
                "issuer": issuer.address,
                "authorization_endpoint": f"{issuer.address}/authorize",
                "token_endpoint": f"{issuer.address}/token",
                "jwks_uri": f"{issuer.address}/keys",
                "id_token_signing_alg_values_supported": ["ES256", "none"],
            }
            | issuer.description
        )

    @app.get("/elsewhere/keys")
    @app.get("/keys")
    def keys() -> Response:
        return jsonify({"keys": [issuer.key.as_dict(private=False)]})

    @app.get("/authorize")
    def authorize() -> Response:
        granted: Response = server.create_authorization_response(
            grant_user=issuer.subject, grant=server.get_consent_grant(end_user=issuer.subject)
        )
        return granted

    @app.post("/elsewhere/token")
    @app.post("/token")
    def token() -> Response:
        made: Response = server.create_token_response()
        return made

    return app


@contextmanager
def serving() -> Iterator[Issuer]:
    """A service that answers while the block runs."""
    issuer = Issuer("")
    server = make_server("127.0.0.1", 0, _service(issuer), threaded=True)
    issuer.address = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
