"""Exact decimals: shares, margins and ceilings never pass through binary fractions.

0.55 × 20 is 11, not 11.000000000000002, so ⌈0.55 × 20⌉ is 11 on every machine.
"""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from fractions import Fraction

Number = int | float | str | Decimal | Fraction


def exact(value: Number) -> Fraction:
    """The decimal a person wrote, as a fraction: 0.15 is 15/100, whether it came as text, Decimal or float.

    Raises ValueError where the value is no finite number.
    """
    if isinstance(value, Fraction):
        return value
    try:
        decimal = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number") from None
    if not decimal.is_finite() or abs(decimal.adjusted()) > 50:
        raise ValueError(f"{value!r} is not a number that can be used here")
    return Fraction(decimal)


def decimal_text(value: Number) -> str:
    """A decimal as text, as short as it can be written (`0.9`, `15`): how fractions stand in canonical JSON."""
    fraction = exact(value)
    decimal = Decimal(fraction.numerator) / Decimal(fraction.denominator)
    text = format(decimal.normalize(), "f")
    return text if "." not in text else text.rstrip("0").rstrip(".")


def ceiling(value: Fraction) -> int:
    """The smallest whole number not below `value`."""
    return math.ceil(value)
