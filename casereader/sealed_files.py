"""Sealed files: what leaves the host, such as a backup or a packed inspection, opens only with its key or pass phrase.

The format is age (age-encryption.org/v1), so that it opens without this program too: `age --decrypt --identity KEY`.
A host that has the public half alone, the recipient, can seal and cannot open: whoever steals it reads no older file.
A file is sealed and opened in pieces of 64 KiB, whatever its length; one under a pass phrase is held in memory whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyrage
from pyrage import passphrase, x25519

from casereader.errors import RefusedError
from casereader.people.known_passwords import is_known
from casereader.private_files import OpenToOthersError, cannot_be_closed, check_secret, write_private

MARK = b"age-encryption.org/v1\n"
ARMOURED = b"-----BEGIN AGE ENCRYPTED FILE-----"
SECRET, PUBLIC = "AGE-SECRET-KEY-1", "age1"
LEAST_PHRASE, LEAST_DIFFERENT = 20, 8
MOST_UNDER_A_PHRASE = 512 * 2**20  # bytes; it is held in memory twice
RECIPIENT_ENDING = ".recipient"
NO_KEY_IN_IT = (
    "holds no key of age and no pass phrase: give a file of `backup-key`, of `age-keygen`, or one line of at least"
    f" {LEAST_PHRASE} signs that nobody guesses"
)


class UnreadableKeyError(RefusedError):
    """A key file that cannot be used; the text says why."""


class NotSealedError(RefusedError):
    """It is no sealed file at all."""


class WrongKeyError(RefusedError):
    """It was sealed to another key."""


class DamagedError(RefusedError):
    """It is not what was sealed: cut off, added to or changed."""


@dataclass(frozen=True)
class Key:
    """What seals a file, opens one, or both: pairs of age, or a pass phrase."""

    recipients: tuple[x25519.Recipient, ...] = ()
    identities: tuple[x25519.Identity, ...] = ()
    phrase: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The public halves, by which to tell what a file is sealed to; nothing of a pass phrase."""
        return tuple(str(one) for one in self.recipients)

    @property
    def opens(self) -> bool:
        """Whether it opens what it seals."""
        return bool(self.identities) or self.phrase is not None


def read_key(path: Path) -> Key:
    """The key in a file: secret or public keys of age, one a line, or one line of a pass phrase."""
    try:
        if path.exists() and not path.is_file():
            raise UnreadableKeyError(f"The key file {path} is no file.")
        if not cannot_be_closed(path):
            check_secret(path)
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise UnreadableKeyError(f"The key file {path} cannot be read: {error.strerror}.") from error
    except OpenToOthersError as error:
        raise UnreadableKeyError(f"The key file {path} {error}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableKeyError(f"The key file {path} {NO_KEY_IN_IT}.") from error
    try:
        return key_of([line for line in lines if line and not line.startswith("#")])
    except UnreadableKeyError as error:
        raise UnreadableKeyError(f"The key file {path} {error}.") from error


def key_of(lines: list[str]) -> Key:
    """The key that these lines are. UnreadableKeyError where they are none."""
    if len(lines) == 1 and not lines[0].upper().startswith((SECRET, PUBLIC.upper())):
        return _under_a_phrase(lines[0])
    try:
        identities = tuple(x25519.Identity.from_str(line) for line in lines if line.startswith(SECRET))
        others = (line for line in lines if not line.startswith(SECRET))
        recipients = (*(one.to_public() for one in identities), *map(x25519.Recipient.from_str, others))
    except (pyrage.IdentityError, pyrage.RecipientError) as error:
        raise UnreadableKeyError("holds a line that is no whole key of age: copy it again") from error
    if not recipients:
        raise UnreadableKeyError(NO_KEY_IN_IT)
    return Key(tuple({str(one): one for one in recipients}.values()), identities)


def _under_a_phrase(phrase: str) -> Key:
    if len(phrase) < LEAST_PHRASE or len(set(phrase)) < LEAST_DIFFERENT or is_known(phrase):
        raise UnreadableKeyError(NO_KEY_IN_IT)
    return Key(phrase=phrase)


def write_key(path: Path) -> str:
    """Make a key: the whole in a new file, its public half in another beside it; returns the public half.

    Raises RefusedError where either file is there already, or cannot be written.
    """
    beside = path.with_name(path.name + RECIPIENT_ENDING)
    if taken := next((one for one in (path, beside) if one.exists()), None):
        raise RefusedError(f"{taken} is there already: a key is never written over, or what it sealed is lost.")
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        write_private(path, f"# The secret half: opens every backup. Keep it off the host.\n# {public}\n{identity}\n")
        write_private(beside, f"# The public half: seals backups, and opens none.\n{public}\n")
    except OSError as error:
        raise RefusedError(f"The key could not be written to {path}: {error.strerror}.") from error
    return public


def for_once(key: Key) -> tuple[Key, Key]:
    """The key with a second one beside it that is kept nowhere, and that second one: to check what was just sealed.

    A pass phrase stands alone in a file of age, and opens what it sealed itself.
    """
    if key.phrase is not None:
        return key, key
    once = x25519.Identity.generate()
    public = once.to_public()
    return Key((*key.recipients, public), key.identities), Key((public,), (once,))


def seal(source: BinaryIO, target: BinaryIO, *, key: Key) -> None:
    """Write what is in `source` to `target`, sealed. Raises OSError as writing does.

    RefusedError for more than a pass phrase can seal.
    """
    if key.phrase is not None:
        whole = source.read(MOST_UNDER_A_PHRASE + 1)
        if len(whole) > MOST_UNDER_A_PHRASE:
            raise RefusedError(
                f"More than {MOST_UNDER_A_PHRASE // 2**20} MB are not sealed under a pass phrase: use a key of age."
            )
        target.write(passphrase.encrypt(whole, key.phrase))
        return
    watched = _Watched(target)
    try:
        pyrage.encrypt_io(source, watched, list(key.recipients))
    except (pyrage.EncryptError, OSError) as error:
        raise watched.fault or error from error


def open_sealed(source: BinaryIO, target: BinaryIO, *, key: Key) -> None:
    """Write what was sealed in `source` to `target`.

    NotSealedError, WrongKeyError before anything is written; DamagedError perhaps after some of it was, none of which
    may be used. Raises OSError as writing does.
    """
    start = source.read(len(MARK))
    source.seek(0)
    if start != MARK:
        raise NotSealedError(
            "This file is sealed as text: turn it into bytes with `age --decrypt` first."
            if ARMOURED.startswith(start) and start
            else "This is no sealed file: it does not begin as one does."
        )
    if key.phrase is not None:
        target.write(_opened_by_phrase(source, key.phrase))
        return
    if not key.identities:
        raise WrongKeyError(
            "The key file holds a public half only, which seals and opens nothing: give the secret half."
        )
    watched = _Watched(target)
    try:
        pyrage.decrypt_io(source, watched, list(key.identities))
    except pyrage.DecryptError as error:
        if watched.fault is not None:
            raise watched.fault from error
        raise _why(error) from error
    except OSError as error:
        raise watched.fault or DamagedError("The file is cut off or was changed since it was sealed.") from error


def _opened_by_phrase(source: BinaryIO, phrase: str) -> bytes:
    whole = source.read(2 * MOST_UNDER_A_PHRASE)
    if not re.match(rb"-> scrypt ", whole[len(MARK) :]):
        raise WrongKeyError("The file is sealed to a key, not under a pass phrase: give the file of that key.")
    try:
        return bytes(passphrase.decrypt(whole, phrase))
    except pyrage.DecryptError as error:
        raise _why(error, wrong="Decryption failed") from error
    except OSError as error:
        raise DamagedError("The file is cut off or was changed since it was sealed.") from error


def _why(error: Exception, *, wrong: str = "No matching keys found") -> RefusedError:
    if str(error) == wrong:
        return WrongKeyError("The file is sealed to another key or pass phrase than this one.")
    if str(error).startswith("Excessive work"):
        return RefusedError(
            "The pass phrase would take this machine far too long to try: open the file on a quicker one."
        )
    return DamagedError("The beginning of the file is cut off or was changed since it was sealed.")


class _Watched:
    """A file that is written to, and what went wrong with it: the library below turns it into words of its own."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.fault: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._target.write(data)
        except OSError as error:
            self.fault = error
            raise

    def flush(self) -> None:
        self._target.flush()
