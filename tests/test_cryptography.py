"""The page on cryptography names every module that uses any, and each key and algorithm is what it says."""

import hashlib
import re
from pathlib import Path

from flask import Flask

from tests.source import ROOT, imports, modules

PAGE = ROOT / "docs" / "security" / "cryptography.md"
PRIMITIVES = {"hashlib", "hmac", "secrets", "argon2", "cryptography", "itsdangerous", "pyotp", "webauthn"}
IN_BROWSERS = re.compile(r"\bcrypto\b")


def _uses() -> set[str]:
    """Every file of the program that uses a primitive."""
    ours = modules("app.py", "sampling", "casereader")
    python = {
        path.relative_to(ROOT).as_posix()
        for path in ours.values()
        if {name.split(".")[0] for name in imports(path, frozenset())} & PRIMITIVES
    }
    scripts = (ROOT / "casereader" / "static" / "js").glob("*.js")
    return python | {path.relative_to(ROOT).as_posix() for path in scripts if IN_BROWSERS.search(_code(path))}


def _code(path: Path) -> str:
    return re.sub(r"/\*.*?\*/|//.*", "", path.read_text(encoding="utf-8"), flags=re.S)


def test_every_module_that_uses_cryptography_is_on_its_page() -> None:
    named = set(re.findall(r"`((?:casereader|sampling)/[\w./]*)`", PAGE.read_text(encoding="utf-8")))

    unnamed = {path for path in _uses() if not any(path == name or path.startswith(name) for name in named)}
    assert unnamed == set(), "say on the page what it is used for"
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_cookie_is_signed_with_hmac_sha256_and_by_the_key_of_before_it_still_opens(app: Flask) -> None:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    signer = serializer.make_signer(serializer.salt)

    assert signer.digest_method is hashlib.sha256
    app.config["SECRET_KEY_FALLBACKS"] = [app.config["SECRET_KEY"]]
    app.config["SECRET_KEY"] = "another secret key of thirty-two letters"
    later = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert later.loads(serializer.dumps({"token": "kept"})) == {"token": "kept"}
