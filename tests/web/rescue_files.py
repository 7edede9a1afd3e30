"""Rescue files for tests, sealed by the library's other end, so that none of our own code says what a file is."""

import base64
import json
from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from casereader.readings import Opened
from tests.web.client import PageClient
from tests.web.page import Page

HPKE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
SAYS = "Answers that were not saved yet."
FILE = "casereader-rescue-test.json"


def offer_of(client: PageClient, opened: Opened) -> dict[str, str]:
    """What the reading's page hands to its script to seal a file with."""
    page = client.page(f"/readings/{opened.reading.public_id}")
    (box,) = [element for element in page.root.iter() if element.get("id") == "rescue"]
    return {name.removeprefix("data-"): value for name, value in box.items() if name.startswith("data-")}


def waiting(offer: dict[str, str], answers: Any, **more: Any) -> dict[str, Any]:
    """What a page seals: whose answers, when, and the answers."""
    return {
        "reading": offer["reading"],
        "account": offer["account"],
        "instrument": offer["instrument"],
        "instrument_version": offer["instrument-version"],
        "saved_at": "2026-06-09T10:02:00.000Z",
        "version": 1,
        "answers": answers,
        **more,
    }


def sealed(offer: dict[str, str], words: bytes, *, bound_to: str | None = None) -> str:
    """`words` sealed to the key of the offer, as the file's text holds them."""
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(offer["key"]))
    bound = f"casereader rescue file\n1\n{offer['key-id']}\n{SAYS}" if bound_to is None else bound_to
    return base64.urlsafe_b64encode(HPKE.encrypt(words, point, info=bound.encode())).decode().rstrip("=")


def outer(offer: dict[str, str], answers: Any, **more: Any) -> dict[str, Any]:
    """A rescue file's outer object."""
    words = json.dumps(waiting(offer, answers, **more)).encode()
    return {
        "casereader": "rescue file",
        "format": 1,
        "key": offer["key-id"],
        "says": SAYS,
        "sealed": sealed(offer, words),
    }


def rescue_file(offer: dict[str, str], answers: Any, **more: Any) -> bytes:
    """A rescue file as a page saves it."""
    return json.dumps(outer(offer, answers, **more), indent=1).encode() + b"\n"


def choose(client: PageClient, content: bytes, path: str = "/readings/rescue", *, status: int = 200) -> Page:
    """The page that comes when the file is chosen at `path`."""
    token = client.csrf_token("/readings/rescue")
    data = {"csrf_token": token, "file": (BytesIO(content), FILE)}
    response = client.post(path, data=data, content_type="multipart/form-data")
    assert response.status_code == status, f"{path} gave {response.status_code}, not {status}"
    return Page(response.get_data(as_text=True), status=status)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
