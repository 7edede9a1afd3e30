"""What the commands say, and where: results to standard output, faults, warnings and progress to standard error."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NoReturn

import click

from sampling.errors import Fault
from sampling.exact import decimal_text
from sampling.options import told

_PER_CENT = ("confidence", "margin", "expected_share", "ineligible")


def stop(faults: Sequence[Fault]) -> NoReturn:
    """Tell every fault and end with 2: used wrongly, nothing written."""
    for line in dict.fromkeys(told(fault) for fault in faults):
        click.echo(line, err=True)
    sys.exit(2)


def stop_if(faults: Sequence[Fault]) -> None:
    """Stop, if there is a fault."""
    if faults:
        stop(faults)


def warn(warnings: Sequence[Fault]) -> None:
    """Tell every warning; the command goes on."""
    for line in dict.fromkeys(told(warning) for warning in warnings):
        click.echo(f"Warning: {line}", err=True)


def progress(step: str) -> None:
    """Say what is going on, where somebody is looking."""
    if sys.stderr.isatty():
        click.echo(f"{step} …", err=True)


def print_json(value: Any) -> None:
    """Print a result as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def per_cent_fault(fault: Fault) -> Fault:
    """A fault of a share, with its value per cent as it was typed."""
    if fault.column not in _PER_CENT or fault.value is None:
        return fault
    return Fault(fault.row, fault.column, decimal_text(Fraction(fault.value) * 100), fault.says)


def plain(number: Fraction) -> int | float:
    """A number as JSON shows it best."""
    return int(number) if number.denominator == 1 else float(number)


def margin_text(width: float) -> str:
    """A half-width in percentage points."""
    return "none" if math.isnan(width) else f"±{width * 100:.1f}"
