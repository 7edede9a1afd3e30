"""A QR code as the shapes of one drawing, so that the page needs no picture from anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import segno

QUIET = 4  # modules of white around it, as the standard asks


@dataclass(frozen=True)
class Qr:
    """A square of so many modules, and the path of the dark ones."""

    size: int
    path: str


def drawn(text: str) -> Qr:
    """The QR code of a text."""
    rows = list(segno.make_qr(text, error="m").matrix_iter(border=QUIET))
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module)
    return Qr(len(rows), "".join(dark))
