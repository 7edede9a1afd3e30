"""What somebody would like to publish: findings, and the additive relations that tie their numbers to each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from casereader.disclosure.errors import DisclosureError
from casereader.disclosure.knowledge import Row, adds_up

WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Level:
    """An answer of the scale: how many records have it, and whether it is one of those the share counts."""

    value: str
    count: int
    counts: bool


def id_of(question: str, inspection: str, domain: str, level: str) -> str:
    """The name of a finding.

    >>> id_of("C9", "", "stratum", "b")
    'C9 · programme · stratum · b'
    """
    return " · ".join((question, inspection or "programme", domain, *([level] if level else [])))


@dataclass(frozen=True, slots=True)
class Finding:
    """A question in one group: of `n` records `k` count (good or better, yes).

    `inspection` is "" for the programme as a whole. `share` is weighted, and k/n where none is given; `lower` and
    `upper` are its interval. `read` is the number of records read in the group: it follows from the sample, which
    both sides hold, so that an attacker is taken to know it exactly.
    """

    question: str
    n: int
    k: int
    share: float | None = None
    lower: float | None = None
    upper: float | None = None
    inspection: str = ""
    domain: str = WHOLE
    level: str = ""
    levels: tuple[Level, ...] = ()
    read: int | None = None

    def __post_init__(self) -> None:
        by_level = [sum(one.count for one in self.levels if one.counts is counts) for counts in (True, False)]
        wrong = [
            not 0 <= self.k <= self.n,
            bool(self.levels) and by_level != [self.k, self.n - self.k],
            self.read is not None and self.read < self.n,
            self.share is not None and self.n > 0 and (self.share in (0, 1)) != (self.k in (0, self.n)),
        ]
        if any(wrong):
            raise DisclosureError(f"The figures of {self.id} do not add up.")

    @property
    def id(self) -> str:
        """The finding's name: question, inspection, domain and level."""
        return id_of(self.question, self.inspection, self.domain, self.level)

    @property
    def is_whole(self) -> bool:
        """Whether it is of every record, of the inspection or of the programme."""
        return self.domain == WHOLE

    @property
    def true_share(self) -> float:
        """The share that words are chosen by."""
        return self.share if self.share is not None else self.k / self.n if self.n else 0.0

    def numbers(self, threshold: int) -> dict[str, int]:
        """Every number in it and the differences of two of them, by name; those without an answer only where few."""
        found = {self.cell("n"): self.n, self.cell("k"): self.k, self.cell("rest"): self.n - self.k}
        found |= {self.cell(f"={one.value}"): one.count for one in self.levels}
        found |= {self.cell(f"not {one.value}"): self.n - one.count for one in self._nearly_all(threshold)}
        if self.read is not None:
            found[self.cell("blank")] = self.read - self.n
        return found

    def cell(self, part: str) -> str:
        """The name of one number."""
        return f"{self.id} # {part}"

    def relations(self, threshold: int) -> list[Row]:
        """How its own numbers add up."""
        n, k, rest = (self.cell(part) for part in ("n", "k", "rest"))
        rows = [adds_up(n, (k, rest))]
        for total, counts in ((k, True), (rest, False)):
            if self.levels:
                rows.append(adds_up(total, [self.cell(f"={one.value}") for one in self.levels if one.counts is counts]))
        for one in self._nearly_all(threshold):
            rows.append(adds_up(n, (self.cell(f"={one.value}"), self.cell(f"not {one.value}"))))
        if self.read is not None:
            rows.append(Row(((n, 1.0), (self.cell("blank"), 1.0)), float(self.read), float(self.read)))
        return rows

    def _nearly_all(self, threshold: int) -> list[Level]:
        return [one for one in self.levels if self.n - one.count < threshold]


@dataclass(frozen=True, slots=True)
class Linked:
    """The numbers of all findings with their true values, and every relation between them."""

    counts: dict[str, int]
    relations: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Ties:
    """What is known of how findings hang together, beside sums: statements, and the true values of all they name."""

    counts: Mapping[str, int] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()

    def called(self, keys: Mapping[str, str]) -> Ties:
        """The same with other keys for the questions; what is about a question without one is left out."""
        names = {
            name: (keys.get(question), about) for name in self.counts for question, _, about in [name.partition(" ")]
        }
        new = {name: f"{key} {about}" for name, (key, about) in names.items() if key is not None}
        kept = [row for row in self.rows if all(name in new for name, _ in row.terms)]
        rows = tuple(replace(row, terms=tuple((new[name], factor) for name, factor in row.terms)) for row in kept)
        return Ties({new[name]: count for name, count in self.counts.items() if name in new}, rows)


def tie(linked: Linked, ties: Ties, ids: Collection[str]) -> Linked:
    """The same with those ties that are about these findings alone."""
    about = {row: [name for name, _ in row.terms] for row in ties.rows}
    kept = [row for row, names in about.items() if all(name.partition(" # ")[0] in ids for name in names)]
    counts = {name: ties.counts[name] for row in kept for name in about[row]}
    if wrong := sorted(name for name in counts.keys() & linked.counts.keys() if counts[name] != linked.counts[name]):
        raise DisclosureError(f"What ties {wrong[0]} is not of these figures.")
    return Linked(linked.counts | counts, (*linked.relations, *kept))


def link(findings: Sequence[Finding], threshold: int) -> Linked:
    """Tie findings together: groups to the whole, partnerships to the programme.

    What a set of groups leaves over (a child whose age is not known, partnerships without figures of their own) is
    a number too, because the rest can be subtracted.
    """
    known: dict[tuple[str, str, str, str], Finding] = {}
    for one in findings:
        key = (one.question, one.inspection, one.domain, one.level)
        if key in known:
            raise DisclosureError(f"{one.id} is given twice.")
        known[key] = one
    counts: dict[str, int] = {}
    relations: list[Row] = []
    for one in findings:
        counts |= one.numbers(threshold)
        relations += one.relations(threshold)
    for (question, inspection, domain, level), whole in known.items():
        if domain == WHOLE:
            for other in sorted({key[2] for key in known if key[:2] == (question, inspection)} - {WHOLE}):
                parts = [one for key, one in known.items() if key[:3] == (question, inspection, other)]
                _tie(whole, parts, f"other {other}", counts, relations)
        if inspection == "":
            parts = [one for key, one in known.items() if key[0] == question and key[1] and key[2:] == (domain, level)]
            if parts:
                _tie(whole, parts, "other partnerships", counts, relations)
    return Linked(counts, tuple(relations))


def _tie(
    whole: Finding, parts: Iterable[Finding], left_over: str, counts: dict[str, int], relations: list[Row]
) -> None:
    """Every number of a whole is the sum of the same number of its parts, and of what they leave over."""
    held = list(parts)
    divided = [one for one in held if one.levels]
    for part in ("n", "k", "rest", *(f"={one.value}" for one in whole.levels if divided)):
        summed = [one.cell(part) for one in (divided if part.startswith("=") else held)]
        others = counts[whole.cell(part)] - sum(counts.get(cell, 0) for cell in summed)
        if others < 0:
            raise DisclosureError(f"The groups under {whole.id} hold more than it does.")
        if whole.n > sum(one.n for one in held) or (part.startswith("=") and len(divided) < len(held)):
            summed.append(f"{whole.cell(part)} of {left_over}")
            counts[summed[-1]] = others
        relations.append(adds_up(whole.cell(part), summed))
    if whole.n > sum(one.n for one in held):
        n, k, rest = (f"{whole.cell(part)} of {left_over}" for part in ("n", "k", "rest"))
        relations.append(adds_up(n, (k, rest)))
