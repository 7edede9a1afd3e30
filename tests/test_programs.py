"""A machine without the system programs is told so in one line, before a test runs."""

import subprocess
import sys
from pathlib import Path

from tests import programs
from tests.source import ROOT


def test_a_missing_program_is_named_with_its_package_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "programs.py", "chromium"],
        env={"PATH": str(tmp_path)},  # neither Chromium nor apt-get is to be found
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "Missing: Chromium. Install it with: apt-get install chromium-headless-shell\n"


def test_what_the_tests_need_is_here() -> None:
    assert programs.main([]) == 0
