"""atheris: whether any bytes make the loader of lists stumble over anything but a fault that it tells."""

from __future__ import annotations

import json
import re
import subprocess

from tests.security.findings import Finding, Scanned
from tests.security.scans.running import ENVIRONMENTS
from tests.security.stage import Stage

SECONDS, SECONDS_PLANTED = 60, 15


def atheris(stage: Stage) -> Scanned:
    """Mutate the odd lists of the tests, as the stage's own user."""
    if not (ENVIRONMENTS / "atheris" / "atheris").is_dir():
        raise RuntimeError("atheris is not installed: run it by `make security`.")
    planted, _ = _fuzzed(stage, "planted", SECONDS_PLANTED)
    findings, runs = _fuzzed(stage, "clean", SECONDS)
    return Scanned(
        "atheris",
        "a loader that stumbles over a list with one column",
        [] if any("ValueError" in each.says for each in planted) else ["the planted loader"],
        f"{runs:,} lists in {SECONDS} s",
        findings,
    )


def _fuzzed(stage: Stage, name: str, seconds: int) -> tuple[list[Finding], int]:
    folder = stage.own_folder(f"fuzzing-{name}")
    surroundings = stage.surroundings(folder)
    fuzzer = stage.readable_copy(ENVIRONMENTS / "atheris", "atheris")
    surroundings["PYTHONPATH"] = f"{fuzzer}:{surroundings.get('PYTHONPATH', '')}".rstrip(":")
    done = subprocess.run(
        [stage.reader.python, "fuzzing.py", str(seconds), folder, *([name] if name == "planted" else [])],
        cwd=stage.program,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=seconds + 120,
        **stage.reader.owner,
    )
    said = done.stdout.decode(errors="replace")
    counted = folder / "runs"
    runs = json.loads(counted.read_text()) if counted.exists() else 0
    if done.returncode == 0:
        return [], runs
    stumbled = re.search(r"^(\w[\w.]*(?:Error|Exception|Interrupt)\b.*)$", said, re.MULTILINE)
    where = re.findall(r'File "[^"]*?((?:sampling|planted)[^"]*)", line (\d+)', said)
    return [
        Finding(
            "atheris",
            "stumbled",
            ":".join(where[-1]) if where else f"{name} ended with {done.returncode}",
            stumbled[1] if stumbled else said[-800:],
        )
    ], runs
