"""Every odd list of the collection in `tests/frames` has the outcome that its manifest states."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sampling.errors import FrameError
from sampling.frame import Frame, FrameRules, read_frame

FRAMES = Path(__file__).parents[2] / "frames"
MANIFEST = json.loads((FRAMES / "manifest.json").read_text(encoding="utf-8"))
RULES = FrameRules(strata=MANIFEST["strata"], columns=("locality",))
TODAY = datetime.date(2026, 6, 1)


def read(entry: dict[str, Any]) -> Frame:
    return read_frame(FRAMES / entry["file"], rules=RULES, filename=entry.get("upload_as", entry["file"]), today=TODAY)


@pytest.mark.parametrize("entry", MANIFEST["files"], ids=lambda entry: f"{entry['id']}-{entry['odd']}")
def test_an_odd_list_has_the_outcome_the_manifest_states(entry: dict[str, Any]) -> None:
    if entry["expect"] == "reject":
        with pytest.raises(FrameError) as caught:
            read(entry)
        assert entry["message"] in str(caught.value)
        assert caught.value.__cause__ is None
        return
    frame = read(entry)
    assert frame.file_sha256 == entry["sha256"]
    assert len(frame.table) == entry["rows"]
    for row, column, value in entry.get("values", []):
        found = frame.table[column][row]
        assert pd.isna(found) if value is None else found == value
    warnings = "\n".join(str(warning) for warning in frame.warnings)
    if entry["expect"] == "warn":
        assert entry["message"] in warnings
    else:
        assert warnings == ""
