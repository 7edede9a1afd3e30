"""Fields for numbers: what is no number is told once, with how to write one."""

from __future__ import annotations

from typing import Any

from wtforms import DecimalField, IntegerField
from wtforms.validators import StopValidation


class NumberField(DecimalField):
    """A number that may have decimals."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; one with a decimal comma is shown with a point."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            given = valuelist[0].strip()
            whole, comma, rest = given.partition(",")
            like = f"{whole}.{rest}" if comma and (whole + rest).isdecimal() else "61.5"
            raise ValueError(f"“{given[:20]}” cannot be read: write the number with a point, like {like}.") from None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms names it
        """Say nothing of the bounds of what is no number."""
        if self.process_errors and any(text.strip() for text in self.raw_data or ()):
            raise StopValidation


class WholeField(IntegerField):
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(f"“{valuelist[0].strip()[:20]}” is no whole number: write it in figures.") from None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms names it
        """Say nothing of the bounds of what is no number."""
        if self.process_errors and any(text.strip() for text in self.raw_data or ()):
            raise StopValidation
