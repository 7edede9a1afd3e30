"""flask-unsign: whether the cookie is signed by a key that is on a list of weak ones."""

from __future__ import annotations

import re

from casereader.config import PRINTED_KEYS, WEAK_WORDS
from tests.security.findings import Finding, Scanned
from tests.security.scans.running import said_by, tool
from tests.security.stage import Site, Stage

FOLLOWED = ("", "1", "123", "!", "_key", "-key", "2026")


def flask_unsign(stage: Stage) -> Scanned:
    """Try every known default, and each with what people add to it."""
    folder = stage.own_folder_of_tool("flask-unsign")
    keys = sorted({f"{key}{more}" for key in (*WEAK_WORDS, *PRINTED_KEYS, *_COMMON) for more in FOLLOWED})
    words = folder / "keys.txt"
    words.write_text("\n".join(keys) + "\n")

    def key_of(site: Site) -> str | None:
        """The key, where it is of the list; the scanner's own code for a key that is not is 1."""
        cookie = site.browser("coordinator").cookie.partition("=")[2]
        command = [tool("flask-unsign", "flask-unsign"), "--unsign", "--cookie", cookie]
        command += ["--wordlist", str(words), "--no-literal-eval", "--threads", "1", "--quiet"]
        found = re.search(r"b'(.+)'", said_by(command, seconds=60, folder=folder))
        return found[1] if found else None

    found = key_of(stage.clean)
    return Scanned(
        "flask-unsign",
        "a cookie signed with a known default",
        [] if key_of(stage.planted) == "changeme" else ["the key of the planted build"],
        f"{len(keys)} keys",
        [Finding("flask-unsign", "weak-key", "SECRET_KEY", found)] if found else [],
    )


_COMMON = ("flask", "key", "test", "admin", "default", "random", "casereader", "s3cr3t", "secretkey", "my-secret-key")
