"""The field for a day: what is no day is told in our words, with how to write one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import DateField
from wtforms.validators import StopValidation

DATE_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


class DayField(DateField):
    """A day, as a browser sends it or as people type it."""

    def __init__(self, label: str, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, validators, format=DATE_FORMATS, **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            given = " ".join(valuelist).strip()[:20]
            raise ValueError(f"“{given}” is no day: write it like 2026-06-01 or 01/06/2026.") from None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms names it
        """Ask for nothing more of what is no day."""
        if self.process_errors and any(text.strip() for text in self.raw_data or ()):
            raise StopValidation
