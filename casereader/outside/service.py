"""Which sign-in service is used, if any: read from the environment, checked before the program starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from casereader.errors import RefusedError

NAMES = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET_FILE")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class OutsideService:
    """A service that speaks OpenID Connect, and what it knows this installation by."""

    issuer: str
    client_id: str
    client_secret: str
    name: str  # what people call it, as on the sign-in page

    @property
    def description(self) -> str:
        """The address at which the service describes itself (OpenID Connect Discovery 1.0, section 4)."""
        return self.issuer.rstrip("/") + "/.well-known/openid-configuration"


def outside_service(values: Mapping[str, str], *, secret_in: Callable[[str, str], str]) -> OutsideService | None:
    """The service that the settings name, with the secret that `secret_in(setting, path)` reads; None where none is.

    Raises RefusedError where one of the settings is missing or the service would be spoken to without encryption.
    """
    given = {name: values.get(name, "").strip() for name in NAMES}
    if not any(given.values()):
        return None
    missing = [name for name in NAMES if not given[name]]
    if missing:
        raise RefusedError(
            f"A sign-in service needs {', '.join(NAMES)}: give {' and '.join(missing)}, or none of them."
        )
    issuer, client_id, path = given.values()
    parts = urlsplit(issuer)
    is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not (parts.hostname and (parts.scheme == "https" or is_near)) or parts.query or parts.fragment:
        raise RefusedError("OIDC_ISSUER must be an address that begins with https://, without ? and #.")
    secret = secret_in("OIDC_CLIENT_SECRET_FILE", path).strip()
    if not secret:
        raise RefusedError("OIDC_CLIENT_SECRET_FILE is empty.")
    return OutsideService(
        issuer, client_id, secret, values.get("OIDC_NAME", "").strip() or "your organisation’s account"
    )
