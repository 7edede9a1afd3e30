"""List and plan are bound before the seed exists, and the seed is worked out, never chosen.

The commitment is published to both sides first; the public value falls due after it. `sha256sum` repeats every step.
"""

from __future__ import annotations

import re
from hashlib import sha256

from sampling.errors import Fault, PlanError

_DIGEST = re.compile("[0-9a-f]{64}")
_SALT = re.compile("[0-9a-f]{32,128}")
VALUE_LENGTH = 200


def commitment(frame_lines: bytes, salt: str) -> str:
    """SHA-256 of the lines of the frame digest followed by the salt: 16 or more random bytes in hexadecimal.

    Raises PlanError for a salt of another form. The result is 64 lower-case hexadecimal digits.
    """
    if not _SALT.fullmatch(salt):
        raise PlanError([Fault(None, "salt", None, "must be 32 to 128 lower-case hexadecimal digits")])
    return sha256(frame_lines + salt.encode("ascii")).hexdigest()


def seed(
    commitment: str,
    plan_digest: str,
    public_value: str,
    partnership_secret: str = "",
    inspectorate_secret: str = "",
) -> str:
    """The seed: SHA-256 over six lines, each ended by LF: `seed/1`, the commitment, the digest of the plan's canonical
    JSON, the public value, the partnership's secret and the inspectorate's (either may be empty).

    All but the secrets and the public value are 64 lower-case hexadecimal digits, as the result is; those are 1 to 200
    printable ASCII characters. Raises PlanError with every fault.
    """
    faults = [
        Fault(None, name, value[:60], "must be 64 lower-case hexadecimal digits")
        for name, value in (("commitment", commitment), ("plan_digest", plan_digest))
        if not _DIGEST.fullmatch(value)
    ]
    faults += value_faults("public_value", public_value)
    for name, secret in (("partnership_secret", partnership_secret), ("inspectorate_secret", inspectorate_secret)):
        faults += value_faults(name, secret) if secret else []
    if faults:
        raise PlanError(faults)
    lines = ("seed/1", commitment, plan_digest, public_value, partnership_secret, inspectorate_secret)
    return sha256("".join(f"{line}\n" for line in lines).encode("ascii")).hexdigest()


def value_faults(name: str, value: str) -> list[Fault]:
    """What keeps a text from being a public value or a secret: 1 to 200 printable ASCII characters, used as given."""
    if 1 <= len(value) <= VALUE_LENGTH and all(" " <= character <= "~" for character in value):
        return []
    return [Fault(None, name, ascii(value[:60])[1:-1], f"must be 1 to {VALUE_LENGTH} printable ASCII characters")]
