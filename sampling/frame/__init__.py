"""The sampling frame: a list of cases, read strictly and checked before anything is drawn from it."""

from __future__ import annotations

from sampling.frame.read import Frame, read_frame, sheet_names
from sampling.frame.rules import FrameRules

__all__ = ["Frame", "FrameRules", "read_frame", "sheet_names"]
