"""Certificates to verify, whole and tampered with."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from sampling.certificate import certificate
from sampling.draw import draw
from sampling.plan import plan_for
from tests.sampling.lists import make_list

AT = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)


def make_certificate(**options: Any) -> tuple[dict[str, Any], pd.DataFrame]:
    """A certificate of a draw from three strata, and the list."""
    table = make_list({"CPR": 40, "CPI": 20, "CARM": 3})
    plan, _ = plan_for(table, **({"size": 12, "minimum": 1, "reserve": "50%"} | options))
    return certificate(draw(table, plan, seed="s"), at=AT), table


def change(paper: dict[str, Any], *path: str | int, to: Any) -> dict[str, Any]:
    """The certificate with one value changed."""
    changed = copy.deepcopy(paper)
    inside: Any = changed
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = to
    return changed
