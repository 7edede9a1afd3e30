"""Compression (gzip) of what is long and holds nothing a stranger could have chosen: open readings and static files.

An answer that holds a secret and repeats what was sent tells the secret by its length, guess by guess. So only a look
at a reading is compressed, at an address without a query, which repeats nothing of its request; never the answer to a
form.
"""

from __future__ import annotations

import secrets
import struct
import zlib
from functools import lru_cache

from flask import Flask, Response, request

READING = frozenset({"reading.tasks", "reading.check", "section.show"})
PRACTICE = frozenset({"practice.show", "practice.check", "practice.section"})
WORDS = ("text/", "image/svg+xml", "application/json")
SHORTEST = 1400  # bytes: less goes in one packet anyway
LEVEL = 4  # of 1 to 9: half the time of 6 for a twentieth more bytes
PADDING = 512  # bytes at most, of a length that chance gives each answer


def install(app: Flask) -> None:
    """Compress an answer where that is safe, worth it and wanted."""

    @app.after_request
    def _compress(response: Response) -> Response:
        is_file = request.endpoint == "static"
        if not (is_file or request.endpoint in READING | PRACTICE) or request.method not in ("GET", "HEAD"):
            return response
        if not is_file and request.query_string:
            return response
        if not (response.mimetype or "").startswith(WORDS) or response.status_code not in (200, 206, 304):
            return response
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] <= 0 or "Range" in request.headers:
            return response
        if is_file:
            _compress_file(response)
        elif response.status_code == 200:
            response.set_data(packed(response.get_data(), padding=secrets.randbelow(PADDING) + 1))
            response.content_encoding = "gzip"
        return response


def packed(content: bytes, *, padding: int = 0) -> bytes:
    """The content as gzip; `padding` bytes of a file's name in its head make it longer and are read by nobody."""
    name = b"-" * padding + b"\0" if padding else b""
    head = b"\x1f\x8b\x08" + (b"\x08" if name else b"\0") + bytes(4) + b"\0\xff" + name
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packer.compress(content) + packer.flush()
    return head + body + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def _compress_file(response: Response) -> None:
    """The same file in other bytes: its tag becomes a weak one, by which a browser may ask whether it has changed."""
    tag, _ = response.get_etag()
    if tag is None or (response.status_code == 200 and (response.content_length or 0) < SHORTEST):
        return
    response.set_etag(tag, weak=True)
    if response.status_code == 304:
        return
    response.direct_passthrough = False
    response.headers.pop("Accept-Ranges", None)
    response.set_data(_packed_file(tag, response.get_data()))
    response.content_encoding = "gzip"


@lru_cache(maxsize=128)
def _packed_file(_tag: str, content: bytes) -> bytes:
    return packed(content)
