"""The lines of shell that the guides show do what is said of them; sh itself runs them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.source import ROOT

SAID = 'printf \'%s \' "$CASEREADER_DATA" "$BACKUP_KEY_FILE" "$PORT" "$@"'


def shown(page: str, pattern: str) -> str:
    """A piece of a guide."""
    found = re.search(pattern, (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def run(script: str, folder: Path, **given: str) -> list[str]:
    """What the script says of its settings, /etc/casereader.env being a file of this folder."""
    (folder / "settings").write_text("CASEREADER_DATA=/srv/live\nBACKUP_KEY_FILE=/srv/public\nPORT=8000\n")
    (folder / "settle").write_text(f"#!/bin/sh\n{SAID}\n")
    (folder / "settle").chmod(0o700)
    script = script.replace("/etc/casereader.env", str(folder / "settings")).replace("/opt/casereader", str(folder))
    done = subprocess.run(
        ["/bin/sh", "-c", script, "casereader", "restore", "FILE"],
        env={"PATH": "/usr/bin:/bin", **given},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_what_is_given_for_one_command_goes_before_the_settings_of_the_service(tmp_path: Path) -> None:
    script = shown("administrator-guide.md", r"(   exec runuser -u casereader -- .*?)\n   ```")
    script = script.replace("runuser -u casereader -- ", "").replace(".venv/bin/python -m flask --app app", "./settle")

    assert run(script, tmp_path) == ["/srv/live", "/srv/public", "8000", "restore", "FILE"]
    assert run(script, tmp_path, CASEREADER_DATA="/srv/a", BACKUP_KEY_FILE="/b", PORT="9") == [
        *("/srv/a", "/b", "9", "restore", "FILE")
    ]


def test_the_line_for_cron_hands_the_settings_to_the_program(tmp_path: Path) -> None:
    line = shown("backups.md", r"30 1 \* \* \*  (.*?)\n").replace("\\%", "%")
    line = line.replace(".venv/bin/flask --app app", "./settle")

    said = run(line, tmp_path)

    assert said[:4] == ["/srv/live", "/srv/public", "8000", "backup"]
    assert re.fullmatch(r"/var/backups/casereader/\d{4}-\d\d-\d\dT\d{4}\.age", said[4])
