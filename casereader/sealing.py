"""The keys that rescue files are sealed to: anyone with the public one can seal, only this instance can open.

Sealing is HPKE (RFC 9180) in base mode, one message at a time: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
Browsers have all of its parts, and `cryptography` has the whole. Each private key is derived from a secret key of the
instance, so every host that shares the secret key opens what any of them had sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PURPOSE = b"casereader sealing key/1"
CURVE = ec.SECP256R1()
WIDE = 48  # bytes drawn for a key: 128 bits more than it has, so that none is likelier than another (FIPS 186-5)


class UnknownKeyError(ValueError):
    """Sealed to a key that is not one of ours."""


class BrokenSealError(ValueError):
    """Not what was sealed: a byte of it, or of what it was bound to, is another."""


@dataclass(frozen=True)
class SealingKeys:
    """The key that is sealed to now, and every key that still opens, by id."""

    id: str
    public: bytes  # the point of the present key, uncompressed: 65 bytes
    _opens: Mapping[str, ec.EllipticCurvePrivateKey]

    def open(self, sealed: bytes, *, key_id: str, bound_to: bytes) -> bytes:
        """What was sealed to the key `key_id` together with `bound_to`. Raises UnknownKeyError, BrokenSealError."""
        key = self._opens.get(key_id)
        if key is None:
            raise UnknownKeyError(key_id)
        try:
            return SUITE.decrypt(sealed, key, info=bound_to)
        except InvalidTag as error:
            raise BrokenSealError from error


def sealing_keys(secret_key: str, *retired: str) -> SealingKeys:
    """The keys made from the instance's secret key, and from those it had before."""
    made = [_derived(secret) for secret in (secret_key, *retired)]
    return SealingKeys(
        id=_id_of(made[0]), public=_point_of(made[0]), _opens={_id_of(key): key for key in reversed(made)}
    )


def _derived(secret: str) -> ec.EllipticCurvePrivateKey:
    drawn = HKDF(hashes.SHA256(), length=WIDE, salt=None, info=PURPOSE).derive(secret.encode())
    return ec.derive_private_key(int.from_bytes(drawn, "big") % (CURVE.group_order - 1) + 1, CURVE)


def _point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _id_of(key: ec.EllipticCurvePrivateKey) -> str:
    return hashlib.sha256(_point_of(key)).hexdigest()[:16]
