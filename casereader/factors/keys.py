"""Keys that short texts are sealed under, each made from the instance's secret key for one purpose and nothing else.

One seals the secrets of code apps, one what was looked for where an address must name it. Sealing is AES-256-GCM with a
random nonce of 96 bits. A text is bound to the account that it is of: moved to another it does not open. What an
earlier secret key sealed still opens while that key stands in its file; a secret is sealed anew when it is used next.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FACTORS, SEARCHES = b"casereader second factors/1", b"casereader searches/1"
KEY_BYTES, NONCE_BYTES = 32, 12


class LostKeyError(LookupError):
    """Sealed under a key that is not here any more, or not as it was sealed."""


class FactorKeys:
    """The key that seals now, and every key that still opens, for one purpose."""

    def __init__(self, secret_key: str, *retired: str, purpose: bytes = FACTORS) -> None:
        made = [_derived(secret, purpose) for secret in (secret_key, *retired)]
        self._now = _id_of(made[0])
        self._opens = {_id_of(key): AESGCM(key) for key in reversed(made)}

    def seal(self, secret: str, *, bound_to: str) -> str:
        """The secret, sealed: the id of its key, and the rest."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._opens[self._now].encrypt(nonce, secret.encode(), bound_to.encode())
        return f"{self._now}.{urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, *, bound_to: str) -> str:
        """The secret that was sealed for `bound_to`."""
        name, _, body = sealed.partition(".")
        raw = urlsafe_b64decode(body)
        key = self._opens.get(name)
        if key is None:
            raise LostKeyError(name)
        try:
            return key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound_to.encode()).decode()
        except InvalidTag as error:
            raise LostKeyError(name) from error

    def is_known(self, sealed: str) -> bool:
        """Whether it is sealed under a key that is here."""
        return sealed.partition(".")[0] in self._opens

    def is_of_now(self, sealed: str) -> bool:
        """Whether it is sealed under the key that seals now."""
        return sealed.partition(".")[0] == self._now


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(secret.encode())


def _id_of(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]
