"""What a workbook that came back would do to a reading: three versions of each answer held side by side. Pure.

As it was issued, as it came back, and as the server holds it now. What the reader left as it was issued says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from casereader.instrument import Answer, Answers, Instrument
from casereader.workbooks.layout import grounds_of

BLANK = Answer(None)


@dataclass(frozen=True)
class Compared:
    """The keys by what would become of their answers.

    `added`: nobody saved one. `changed`: the server has another, unchanged since the issue. `both`: the server has
    another, saved since. `left`: the server's is newer, and the reader did not touch it. `same`: equal on both sides.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    same: tuple[str, ...] = ()

    @property
    def over(self) -> tuple[str, ...]:
        """The answers that would be written over ones the server has."""
        return (*self.changed, *self.both)


def compare(
    instrument: Instrument,
    keys: Iterable[str],
    *,
    issued: Answers,
    returned: Answers,
    stored: Answers,
    saved: Collection[str],
) -> Compared:
    """Sort the answers under `keys` by what taking the workbook in would do to them.

    `saved` are the keys under which somebody saved an answer: what only the list says is corrected, not written over.
    """
    found: dict[str, list[str]] = {"added": [], "changed": [], "both": [], "left": [], "same": []}
    for key in keys:
        was, came, now = (_plain(instrument, key, one.get(key, BLANK)) for one in (issued, returned, stored))
        if came == now:
            if came != BLANK:
                found["same"].append(key)
        elif came == was:
            found["left"].append(key)
        elif now == BLANK or key not in saved:
            found["added"].append(key)
        else:
            found["changed" if now == was else "both"].append(key)
    return Compared(**{name: tuple(keys) for name, keys in found.items()})


def _plain(instrument: Instrument, key: str, answer: Answer) -> Answer:
    """The answer as a workbook can show it: sources in order, and no ground where only one goes without saying."""
    order = [source.value for source in instrument.sources]
    sources = tuple(sorted(answer.sources, key=lambda one: order.index(one) if one in order else len(order)))
    ground = answer.ground if answer.value and grounds_of(instrument.part(key), answer.value) else None
    return replace(answer, sources=sources, ground=ground)
