"""ZIP archives, and the documents that are one inside, whose every byte follows from what is in them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

EARLIEST = 1980  # the first year that an archive can hold
READ_AND_WRITE = 0o600 << 16
UNIX = 3


def write(files: Mapping[str, bytes], moment: datetime, *, stored: tuple[str, ...] = ()) -> bytes:
    """The files in their order, each with the same time; those `stored` are not compressed."""
    time = moment.astimezone(UTC)
    stamp = max(time.year, EARLIEST), time.month, time.day, time.hour, time.minute, time.second
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = ZipInfo(name, stamp)
            entry.compress_type = ZIP_STORED if name in stored else ZIP_DEFLATED
            entry.create_system, entry.external_attr = UNIX, READ_AND_WRITE
            archive.writestr(entry, content)
    return target.getvalue()


def restamped(document: bytes, moment: datetime, *, stored: tuple[str, ...] = ()) -> bytes:
    """The same document with `moment` as the time of each file in it: libraries put the clock's there."""
    with ZipFile(io.BytesIO(document)) as archive:
        return write({name: archive.read(name) for name in archive.namelist()}, moment, stored=stored)
