"""The fuzzer's own process: hands mutated lists to the loader until its time is up, or until it stumbles.

Run as the stage's user, with atheris on the path. Only `FrameError` may come out of the loader: its child process tells
anything else as an error of ours. The kind of file goes by the input's first byte, as a sender's file name says it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import date
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["sampling"]):
    import sampling.frame
    from sampling.errors import FrameError

KINDS = ("csv", "xlsx", "parquet")
TODAY = date(2026, 6, 1)
LONGEST_SEED = 20_000
runs = 0


def main() -> None:
    """`fuzzing.py SECONDS FOLDER [planted]`: crash files go to the folder, the count of runs to standard output."""
    seconds, folder = sys.argv[1], Path(sys.argv[2])
    if "planted" in sys.argv:
        from planted_loader import read_lists_badly as read
    else:
        read = sampling.frame.read_frame
    place = Path(tempfile.mkdtemp(dir=folder)) / "sent"

    def once(data: bytes) -> None:
        global runs
        runs += 1
        kind = KINDS[data[0] % len(KINDS)] if data else "csv"
        place.write_bytes(data[1:])
        try:
            read(place, filename=f"list.{kind}", today=TODAY)
            if kind == "xlsx":
                sampling.frame.sheet_names(place, filename="list.xlsx")
        except FrameError as error:
            str(error)
        if runs % 200 == 0:
            (folder / "runs").write_text(json.dumps(runs))

    seeds = folder / "seeds"
    seeds.mkdir()
    for path in sorted(Path("tests/frames").iterdir()):
        kind = path.suffix.lstrip(".")
        if kind in KINDS and path.stat().st_size <= LONGEST_SEED:
            (seeds / path.name).write_bytes(bytes([KINDS.index(kind)]) + path.read_bytes())
    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={seconds}",
            f"-artifact_prefix={folder}/",
            "-timeout=30",
            "-rss_limit_mb=3000",
            "-max_len=40000",
            "-seed=1",
            "-print_final_stats=1",
            str(seeds),
        ],
        once,
    )
    os.nice(5)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
