"""Files and folders that are their owner's alone: made so, put right where they are ours, refused where they are not.

The program makes every file under a mask of 077. What was made before it, by hand or by another program, is put right
where that is ours to do; a secret that others could read already is refused, because it is no secret any more.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NO_MODES = frozenset({"vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk"})  # as Linux calls them
OTHERS = stat.S_IRWXG | stat.S_IRWXO
MASK = OTHERS


class OpenToOthersError(Exception):
    """A file or folder that other users of this machine can get at; the text says what to do."""


def write_private(path: Path, text: str) -> None:
    """Write a new file that only this user can read; an existing one is an error."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def make_folder(folder: Path) -> None:
    """Make the folder, or close one of ours to others. Raises OpenToOthersError where it belongs to others too."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    if not found.st_mode & OTHERS:
        return
    if found.st_mode & stat.S_ISVTX or found.st_uid != os.geteuid():
        raise OpenToOthersError("is shared with other users of this machine: name a folder of its own")
    folder.chmod(0o700)


def close_file(path: Path) -> None:
    """Take from others what they may do with a file of ours; one of another user stays as it is."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    if found.st_mode & OTHERS and found.st_uid == os.geteuid():
        path.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)


def check_secret(path: Path) -> None:
    """Raise OpenToOthersError where others may read a secret: they may have done so already."""
    if path.stat().st_mode & OTHERS:
        raise OpenToOthersError(
            "can be read by other users of this machine: give it mode 600, and a new key if they may have read it"
        )


def cannot_be_closed(path: Path) -> bool:
    """Whether others may read a file because it lies where files have no modes, as on most memory sticks."""
    found = path.stat()
    if not found.st_mode & OTHERS or not MOUNTS.exists():
        return False
    return has_no_modes(MOUNTS.read_text(encoding="utf-8", errors="replace"), found.st_dev)


def has_no_modes(mounts: str, device: int) -> bool:
    """Whether, of these lines of the system's mounts, the one of a device is of a file system without modes."""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2:3] == [number]:
            return after.split(" ")[0] in NO_MODES
    return False
