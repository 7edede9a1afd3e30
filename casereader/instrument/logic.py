"""What follows from answers by the rules of an instrument's file: what is asked, rated, compared and warned of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from casereader.instrument.expressions import Expression

Relation = Literal["same", "changed"]


@dataclass(frozen=True, slots=True)
class Gate:
    """A skip condition with the keys that are asked only where it holds."""

    shown: Expression
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a computed rating is where `when` holds and no rule before it does."""

    gives: str
    when: Expression


@dataclass(frozen=True, slots=True)
class Rating:
    """How the answer to a part is computed: `rules` in order, the `inputs` that must be given before any is tried.

    `override` is the key of the part at which a person may set another rating, with the reason.
    """

    key: str
    rules: tuple[Rule, ...]
    inputs: tuple[str, ...]
    override: str | None = None


Step = Gate | Rating


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure made from several answers: 1 where `counts` holds, 0 where only `among` does, blank otherwise."""

    id: str
    label: str
    counts: Expression
    among: Expression


@dataclass(frozen=True, slots=True)
class Band:
    """A name for a range of shares; `from_share` is the lowest of them, from 0 to 1."""

    from_share: float
    label: str


@dataclass(frozen=True, slots=True)
class Standard:
    """A group of questions that takes the band of the lowest of them."""

    id: str
    label: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Answers that do not go together.

    Either `when` holds, or the `rating` is in `high` while at least half of `answers` are weak, or in
    `low` while nearly all of them are strong.
    """

    says: str
    keys: tuple[str, ...]
    when: Expression | None = None
    rating: str | None = None
    answers: tuple[str, ...] = ()
    high: tuple[str, ...] = ()
    low: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a part was in an earlier version: the same, which may be compared, or changed."""

    version: str
    was: str
    now: str
    relation: Relation
