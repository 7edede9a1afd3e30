"""Whether the cookie of a sign-in is signed by a key that is on a list of weak ones.

Our own check: known ones try SHA-1 alone, and the program signs with SHA-256. The signer is the program's, so that what
it signs by and what is tried here cannot come apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from flask import Flask
from itsdangerous import BadSignature

from casereader.config import PRINTED_KEYS, WEAK_WORDS
from tests.security.findings import Finding, Scanned
from tests.security.stage import Site, Stage

COMMON = ("admin", "random", "s3cr3t", "secretkey", "my-secret-key", "hello", "hunter2", "none", "null", "token")
BETWEEN = ("", "-", "_", " ")
FOLLOWED = ("", "1", "123", "!", "_key", "-key", "2026")


def weak_key(stage: Stage) -> Scanned:
    """Try every known default, two of them together, and each with what people add to it."""
    keys = weak_keys()
    signer = stage.own_app("weak-key")

    def key_of(site: Site, tried: Iterable[str]) -> str | None:
        return key_that_signed(site.browser("coordinator").cookie.partition("=")[2], tried, signer)

    missed = [] if key_of(stage.planted, keys) == "secret" else ["the key of the planted build"]
    # With its own key the program's cookie must open: else nothing that was tried could have.
    if key_of(stage.clean, [(stage.folder / "clean" / "secret-key").read_text().strip()]) is None:
        missed.append("the program's own key, which was given")
    found = key_of(stage.clean, keys)
    return Scanned(
        "weak-key",
        "a cookie signed with a known default",
        missed,
        f"{len(keys):,} keys",
        [Finding("weak-key", "weak-key", "SECRET_KEY", found)] if found else [],
    )


def weak_keys() -> list[str]:
    """What is tried."""
    words = sorted({*WEAK_WORDS, *PRINTED_KEYS, *COMMON})
    pairs = [f"{one}{sign}{other}" for one, sign, other in product(words, BETWEEN, words)]
    return sorted({f"{key}{more}" for key in (*words, *pairs) for more in FOLLOWED})


def key_that_signed(cookie: str, keys: Iterable[str], signer: Flask) -> str | None:
    """The key among these by which a program that signs as `signer` does has signed the cookie."""
    serializer = signer.session_interface.get_signing_serializer(signer)  # type: ignore[attr-defined]
    for key in keys:
        serializer.secret_keys = [key]
        try:
            serializer.loads(cookie)
        except BadSignature:
            continue
        return key
    return None
