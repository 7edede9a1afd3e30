"""A sealed file opens with its key or pass phrase alone, whole or not at all, and with other programs of its format."""

import errno
import os
import subprocess
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import pytest

from casereader.errors import RefusedError
from casereader.private_files import has_no_modes
from casereader.sealed_files import (
    RECIPIENT_ENDING,
    DamagedError,
    Key,
    NotSealedError,
    UnreadableKeyError,
    WrongKeyError,
    for_once,
    key_of,
    open_sealed,
    read_key,
    seal,
    write_key,
)

CONTENT = bytes(range(256)) * 800  # four pieces of 64 KiB
PHRASE = "oblong kettle marsh violin"
# Made with Debian's age 1.1.1 for this test: age-keygen, and `age --recipient`.
FROM_AGE_KEY = "AGE-SECRET-KEY-1W03HGZSN7NYWZFKU3MWPSQAXJPGLM3JX48X36MRP2X3UX3JLPWMQF6CMNT"
FROM_AGE = b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBNbzhHM21rbEZnVmRRWGxWMmdtTWEzd1lOZVhKQWhCTGtZOUhMWC9uemtv"
    "CjExZyt5RGpXOVlVL25KMURROWxTKzNVNW56VjNLeElNQXVJbG5pRFhXbmcKLS0tIHpvTUJKZnNxbHY5dUtHWkVBYmJ3V0lSN3dh"
    "NjBNZzl1WEFNVXk2cTUvb2sKWgA+yvqdHUd3f+CbdVMzV1z/671DTlBUarjG5Rt2M3fePdk/aum+aBnTtKanUPA0XkwtSrHTQQqw"
    "FgmC"
)
# As the format's description says, with little work (2 to the 10th) for who opens it.
UNDER_PHRASE = b64decode(
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBnczBJMlc2MWhraE1vVGJwWXBJZkpRIDEwCjJRV2lCSXROcWNWa1I0QkhNY1VY"
    "ZDI1dW5ZUW5XSWVUaThQWUt5M05iZjgKLS0tIHkxZWZuVlljdUo2VS8ra2hZbFVaUmRlSjU0QjIwTGV5UmJHTFFWSUR0RFUKnIxkv7VK"
    "FzZz1ZB7ndbaUxjNIClOCD6+k/B0aS5p0P6sEtGuw1FnIVgudXDvw8k1o0CGip8="
)


def pair(folder: Path, name: str = "key") -> tuple[Key, Key]:
    """A key that opens, and its public half alone."""
    write_key(folder / name)
    return read_key(folder / name), read_key(folder / f"{name}{RECIPIENT_ENDING}")


def sealed(content: bytes, key: Key) -> bytes:
    target = BytesIO()
    seal(BytesIO(content), target, key=key)
    return target.getvalue()


def opened(data: bytes, key: Key) -> bytes:
    target = BytesIO()
    open_sealed(BytesIO(data), target, key=key)
    return target.getvalue()


def test_the_public_half_seals_and_only_the_whole_key_opens(tmp_path: Path) -> None:
    whole, public = pair(tmp_path)
    other, _ = pair(tmp_path, "other")
    file = sealed(CONTENT, public)

    assert whole.opens and not public.opens and whole.names == public.names
    assert opened(file, whole) == CONTENT
    with pytest.raises(WrongKeyError, match="public half only"):
        opened(file, public)
    with pytest.raises(WrongKeyError, match="another key"):
        opened(file, other)


def test_what_the_program_age_sealed_opens_here() -> None:
    assert opened(FROM_AGE, key_of([FROM_AGE_KEY])).decode() == "What Debian’s age sealed.\n"


def test_a_pass_phrase_opens_what_was_sealed_under_it_and_no_other_does(tmp_path: Path) -> None:
    whole, _ = pair(tmp_path)

    assert opened(UNDER_PHRASE, key_of([PHRASE])) == b"Under a pass phrase.\n"
    for file, key, says in (
        (UNDER_PHRASE, key_of([f"{PHRASE} oboe"]), "another key or pass phrase"),
        (UNDER_PHRASE, whole, "another key or pass phrase"),
        (sealed(b"words", whole), key_of([PHRASE]), "not under a pass phrase"),
    ):
        with pytest.raises(WrongKeyError, match=says):
            opened(file, key)
    with pytest.raises(DamagedError):
        opened(UNDER_PHRASE[:-1], key_of([PHRASE]))
    with pytest.raises(RefusedError, match="too long to try"):
        opened(UNDER_PHRASE.replace(b"fJQ 10\n", b"fJQ 30\n"), key_of([PHRASE]))


@pytest.mark.slow
def test_the_program_age_opens_what_was_sealed_here(tmp_path: Path) -> None:
    _, public = pair(tmp_path)
    (tmp_path / "file").write_bytes(sealed(CONTENT, public))
    command = ["age", "--decrypt", "--identity", tmp_path / "key", tmp_path / "file"]

    assert subprocess.run(command, capture_output=True, check=True).stdout == CONTENT


@pytest.mark.slow
def test_a_file_is_sealed_under_a_pass_phrase() -> None:
    assert opened(sealed(b"words", key_of([PHRASE])), key_of([PHRASE])) == b"words"


@pytest.mark.parametrize("left", [0, 1, 30, 150, 65_000, 131_400, -1])
def test_a_file_that_was_cut_off_is_never_taken_for_whole(tmp_path: Path, left: int) -> None:
    whole, _ = pair(tmp_path)

    with pytest.raises(DamagedError if left >= 22 or left < 0 else NotSealedError):
        opened(sealed(CONTENT, whole)[:left], whole)


def test_a_byte_changed_or_added_anywhere_is_found(tmp_path: Path) -> None:
    whole, _ = pair(tmp_path)
    file = sealed(b"short", whole)

    for at in range(22, len(file)):
        with pytest.raises((DamagedError, WrongKeyError)):
            opened(file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :], whole)
    with pytest.raises(DamagedError):
        opened(file + b"x", whole)


def test_a_text_is_no_sealed_file(tmp_path: Path) -> None:
    whole, _ = pair(tmp_path)

    for text, says in (
        (b"Dear colleague,\nhere is the backup.\n", "no sealed file"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "sealed as text"),
    ):
        with pytest.raises(NotSealedError, match=says):
            opened(text, whole)


def test_a_second_key_kept_nowhere_checks_what_the_public_half_sealed(tmp_path: Path) -> None:
    whole, public = pair(tmp_path)
    both, once = for_once(public)
    file = sealed(CONTENT, both)

    assert opened(file, once) == CONTENT == opened(file, whole)


def test_a_full_disk_is_told_as_one(tmp_path: Path) -> None:
    class Full(BytesIO):
        def write(self, _data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    whole, _ = pair(tmp_path)
    with pytest.raises(OSError, match="No space left"):
        seal(BytesIO(CONTENT), Full(), key=whole)
    with pytest.raises(OSError, match="No space left"):
        open_sealed(BytesIO(sealed(CONTENT, whole)), Full(), key=whole)


def test_a_key_is_made_for_its_owner_alone_and_never_written_over(tmp_path: Path) -> None:
    public = write_key(tmp_path / "key")

    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "key": 0o600,
        f"key{RECIPIENT_ENDING}": 0o600,
    }
    assert read_key(tmp_path / "key").names == (public,)
    (tmp_path / "key").unlink()
    with pytest.raises(RefusedError, match="never written over"):
        write_key(tmp_path / "key")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a remark\n",
        "short phrase\n",
        "password123password123\n",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
        f"{FROM_AGE_KEY[:-1]}\n",
        f"{FROM_AGE_KEY}\nand a second line of words\n",
        "one phrase of many words\nand another one of many\n",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW\nage1x\n",
    ],
)
def test_a_file_without_a_sound_key_is_refused_and_its_content_not_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key"
    file.write_text(text)
    file.chmod(0o600)

    with pytest.raises(UnreadableKeyError) as refused:
        read_key(file)
    assert not text.strip() or text.strip() not in str(refused.value)


def test_a_memory_stick_without_modes_is_told_from_a_file_that_others_were_let_read() -> None:
    mounts = """36 29 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
97 29 8:17 / /media/key rw,nosuid,nodev,relatime shared:52 - vfat /dev/sdb1 rw,fmask=0022,dmask=0022
98 29 8:33 / /media/week rw,nosuid,nodev,relatime - exfat /dev/sdc1 rw,fmask=0022
"""
    of = {number: has_no_modes(mounts, os.makedev(8, number)) for number in (2, 17, 33, 49)}

    assert of == {2: False, 17: True, 33: True, 49: False}


def test_a_key_that_is_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key", 0o600)

    with pytest.raises(UnreadableKeyError, match="is no file"):
        read_key(tmp_path / "key")


def test_a_key_that_others_may_read_or_that_is_no_text_is_refused(tmp_path: Path) -> None:
    write_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "noise").chmod(0o600)

    for name, says in (("key", "mode 600"), ("noise", "no key of age"), ("gone", "cannot be read")):
        with pytest.raises(UnreadableKeyError, match=says):
            read_key(tmp_path / name)
