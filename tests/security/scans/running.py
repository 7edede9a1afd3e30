"""Running a scanner: in its own environment, for so long at most, with few threads and nothing of ours in reach."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.source import ROOT

ENVIRONMENTS = ROOT / ".venv" / "scanners"


def tool(environment: str, program: str) -> Path:
    """A scanner's program."""
    path = ENVIRONMENTS / environment / "bin" / program
    if not path.exists():
        raise RuntimeError(f"{program} is not installed: run it by `make security`.")
    return path


def said_by(
    command: Sequence[str | Path],
    *,
    seconds: int,
    folder: Path,
    fine: Sequence[int] = (0, 1),
    may_run_out: bool = False,
) -> str:
    """What a scanner printed; an error where it failed, or ran out of time that it should not need."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    surroundings = {
        "PATH": os.pathsep.join([str(Path(command[0]).parent), os.defpath]),
        "HOME": str(home),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
    }
    with subprocess.Popen(
        command,
        cwd=folder,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its own group: the scanner and what it began
            output, errors = process.communicate()
            if not may_run_out:
                raise RuntimeError(f"{Path(command[0]).name} took longer than {seconds} s") from None
            return output
    if process.returncode not in fine:
        raise RuntimeError(f"{Path(command[0]).name} ended with {process.returncode}: {(output + errors)[-2000:]}")
    return output


def line_of(path: Path, number: int) -> str:
    """One line of a file, counted from one."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""
