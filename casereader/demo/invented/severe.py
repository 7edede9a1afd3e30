"""How severe the invented inspectors are: two of them clearly, two a little, and all of them together not at all."""

from __future__ import annotations

from collections.abc import Mapping

from casereader.models import Account

# Added to the share rated good or better; by the name before the @. Invented, as everything here.
SEVERITY: Mapping[str, float] = {
    "inspector-03": -0.18,
    "inspector-08": 0.18,
    "inspector-11": 0.05,
    "inspector-14": -0.05,
}


def as_seen_by(reader: Account, good: Mapping[str, float]) -> Mapping[str, float]:
    """The partnership's shares good or better as they come out where this reader rates every record."""
    shift = SEVERITY.get(reader.email.partition("@")[0], 0.0)
    return {key: share + shift for key, share in good.items()} if shift else good
