"""Severity of readers: how high they rate beside colleagues who read the same partnerships and strata. Pure."""

from __future__ import annotations

from casereader.severity.fitting import Effect
from casereader.severity.measuring import COLUMNS, CONFIDENCE, LEAST_READINGS, Moved, ReaderSeverity, Severity, measure

__all__ = ["COLUMNS", "CONFIDENCE", "LEAST_READINGS", "Effect", "Moved", "ReaderSeverity", "Severity", "measure"]
