"""File systems of a harness's own: one whose power can be cut, and one that can be filled. Mounting needs root."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from tests import readable
from tests.databases import address_of
from tests.faults.ground import Ground, Place
from tests.faults.outcome import NotTriedError
from tests.postgres import PostgresCluster

SHUTDOWN, NOT_EVEN_THE_JOURNAL = 0x8004587D, 2  # of linux/fs.h: what the file system's own tests cut its power with
EXT4_MEGABYTES, SMALL_MEGABYTES, CLUSTER_MEGABYTES = 128, 32, 256
LITTLE_LOG = ("min_wal_size=32MB", "max_wal_size=64MB")


class Ext4:
    """An ext4 file system in a file."""

    def __init__(self, image: Path, folder: Path) -> None:
        self._image, self.folder = image, folder
        folder.mkdir()
        with image.open("wb") as file:
            file.truncate(EXT4_MEGABYTES << 20)
        _run("mkfs.ext4", "-q", "-F", image)
        self.mount()

    def mount(self) -> None:
        """Mount it, which plays its journal."""
        _run("mount", "-o", "loop", self._image, self.folder)

    def cut(self) -> None:
        """What is not on the disk now never will be."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", NOT_EVEN_THE_JOURNAL))
        finally:
            os.close(folder)

    def unmount(self) -> None:
        """Take it off."""
        _unmount(self.folder)


@contextmanager
def on_ext4(ground: Ground, place: Place) -> Iterator[tuple[Place, Ext4]]:
    """The place, moved to an ext4 file system."""
    _only_root()
    disk = Ext4(ground.folder / f"{place.data.name}.ext4", ground.folder / f"{place.data.name}-ext4")
    try:
        yield _moved(ground, place, disk.folder), disk
    finally:
        disk.unmount()


class Small:
    """A small file system in memory."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        self._filling = folder / "filling"
        owner = folder.stat()
        settings = f"size={megabytes}m,mode=711,uid={owner.st_uid},gid={owner.st_gid}"
        _run("mount", "-t", "tmpfs", "-o", settings, "tmpfs", folder)

    def fill(self) -> None:
        """Leave no byte of room."""
        with self._filling.open("ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def clear(self) -> None:
        """Make room."""
        self._filling.unlink(missing_ok=True)

    def unmount(self) -> None:
        """Take it off."""
        _unmount(self.folder)


@contextmanager
def on_small(ground: Ground, place: Place) -> Iterator[tuple[Place, Small]]:
    """The place, with the server's log, moved to a file system that can be filled."""
    _only_root()
    folder = ground.folder / f"{place.data.name}-small"
    folder.mkdir()
    small = Small(folder, SMALL_MEGABYTES)
    try:
        yield _moved(ground, place, small.folder), small
    finally:
        small.unmount()


@contextmanager
def cluster_on_small(ground: Ground) -> Iterator[tuple[PostgresCluster, Small]]:
    """A PostgreSQL server of which all lies on a file system that can be filled."""
    _only_root()
    cluster = ground.new_cluster(*LITTLE_LOG)
    small = Small(cluster.folder, CLUSTER_MEGABYTES)
    try:
        cluster.start()
        cluster.folder.chmod(0o711)  # the program's user comes as far as the socket
        yield cluster, small
    finally:
        small.clear()
        with suppress(RuntimeError):  # which has ended by itself
            cluster.stop_server("immediate")
        small.unmount()
        cluster.stop()


def _moved(ground: Ground, place: Place, there: Path) -> Place:
    there.chmod(0o711)
    data = there / "data"
    shutil.copytree(place.data, data)
    data.chmod(0o700)
    readable.give(data, ground.reader)
    _run("sync", "--file-system", there)  # the copy is ours: the program never said that it is safe
    return replace(place, data=data, url=address_of(data / "casereader.sqlite3"))


def _only_root() -> None:
    if os.geteuid() != 0:
        raise NotTriedError("only root can mount a file system")


def _unmount(folder: Path) -> None:
    for _ in range(50):
        if subprocess.run(["umount", folder], check=False, capture_output=True).returncode == 0:
            return
        time.sleep(0.1)
    _run("umount", "-l", folder)


def _run(*words: str | Path) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise NotTriedError(f"{words[0]} ended with {done.returncode}: {done.stderr.strip()}")
