"""Linked tables to publish, and a stranger who attacks what was published with code of their own."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from casereader.disclosure import PARTNERSHIP, PROGRAMME, Finding, IssueContent, Level, Policy, plan_issue

SOFTWARE = "casereader (tests)"
GOOD = 3  # of six levels, those that count
CUTS = {
    "none": (0.0, 0.0),
    "few": (0.0, 0.15),
    "less than half": (0.15, 0.5),
    "the majority": (0.5, 0.75),
    "most": (0.75, 0.9),
    "almost all": (0.9, 1.0),
    "all": (1.0, 1.0),
}


def publish(
    *findings: Finding,
    policy: Policy = PROGRAMME,
    name: str = "1",
    earlier: Sequence[IssueContent] = (),
    contributors: Sequence[Finding] = (),
) -> IssueContent:
    """An issue of findings."""
    return plan_issue(findings, policy, name=name, software=SOFTWARE, earlier=earlier, contributors=contributors)


def finding(n: int, k: int, *, read: int | None = None, **about: Any) -> Finding:
    """The finding C9 with the interval of a simple sample, roughly."""
    half = 1.645 * max(k * (n - k) / n**3, 0.25 / n**2) ** 0.5
    lower, upper = max(0.0, k / n - half), min(1.0, k / n + half)
    return Finding("C9", n, k, share=k / n, lower=lower, upper=upper, read=read, **about)


def on_the_scale(counts: Sequence[int], **about: Any) -> Finding:
    """A finding with so many records on each level of the scale, best first."""
    levels = tuple(Level(str(len(counts) - at), count, at < GOOD) for at, count in enumerate(counts))
    k = sum(one.count for one in levels if one.counts)
    return Finding("C9", sum(counts), k, levels=levels, **about)


def linked(rng: random.Random, *, sizes: Sequence[int], n_ages: int, levels: int = 0) -> list[Finding]:
    """The whole, its strata and its age bands, divided at random; the same records lie under all of them."""
    weights = [rng.random() ** 2 + 0.02 for _ in range(max(levels, 2))]
    cells = [[[0] * len(weights) for _ in range(n_ages)] for _ in sizes]
    for stratum, size in enumerate(sizes):
        for _ in range(size):
            cells[stratum][rng.randrange(n_ages)][rng.choices(range(len(weights)), weights)[0]] += 1
    by_stratum = [np.sum(one, axis=0).tolist() for one in cells]
    by_age = np.sum(cells, axis=0).tolist()
    made = [_made(np.sum(by_stratum, axis=0).tolist(), levels)]
    made += [_made(one, levels, domain="stratum", level=f"s{at}") for at, one in enumerate(by_stratum)]
    made += [_made(one, levels, domain="age_band", level=f"a{at}") for at, one in enumerate(by_age) if sum(one)]
    return made


def _made(counts: Sequence[int], levels: int, **about: Any) -> Finding:
    if levels:
        return on_the_scale(counts, **about)
    return Finding("C9", sum(counts), counts[0], **about)


class Stranger:
    """Knows the issues as published, that tables add up, how counts are rounded and where words begin; not our code."""

    def __init__(self, base: int = 5) -> None:
        self._base = base
        self._at: dict[tuple[str, ...], int] = {}
        self._rows: list[tuple[dict[int, float], float, float]] = []

    def read(self, issue: IssueContent, findings: Sequence[Finding], version: str = "") -> None:
        """Take in an issue; numbers with the same version are known not to have changed."""
        asked = {one.question for one in findings}
        told = {(one["domain"], one["level"]): one for one in issue.published()["figures"] if one["question"] in asked}
        for one in findings:
            group = (version, one.domain, one.level)
            n, k, rest = (self._cell((*group, part)) for part in ("n", "k", "rest"))
            self._adds_up(n, (k, rest))
            figure = told[one.domain, one.level]
            shown = {level.value: (*group, level.value) for level in one.levels if figure["scale"]}
            if shown and one.n >= 10 * len(one.levels):
                good = [self._cell(shown[level.value]) for level in one.levels if level.counts]
                poor = [self._cell(shown[level.value]) for level in one.levels if not level.counts]
                self._adds_up(k, good)
                self._adds_up(rest, poor)
            if figure["as_in"]:
                self._stands(version, (one.domain, one.level))
            else:
                self._figure(figure, n, k, {value: self._cell(name) for value, name in shown.items()})
        for domain in {one.domain for one in findings} - {"all"}:
            groups = [one for one in findings if one.domain == domain]
            for part in ("n", "k", "rest"):
                cells = [self._cell((version, domain, one.level, part)) for one in groups]
                self._adds_up(self._cell((version, "all", "", part)), cells)
            with_scale = [one for one in groups if one.levels and one.n >= 10 * len(one.levels)]
            whole = next(one for one in findings if one.domain == "all")
            for level in whole.levels if whole.n >= 10 * len(whole.levels) else ():
                parts = [self._cell((version, domain, one.level, level.value)) for one in with_scale]
                other = self._cell((version, domain, "others", level.value))
                left = [other] if len(with_scale) < len(groups) else []
                self._adds_up(self._cell((version, "all", "", level.value)), [*parts, *left])

    def knows_sum(self, total: tuple[str, ...], *parts: tuple[str, ...]) -> None:
        """Take in that a number is the sum of others, such as the instrument says."""
        self._adds_up(self._cell(total), [self._cell(one) for one in parts])

    def finds(self, *cell: str) -> tuple[int, int]:
        """The least and the greatest value that a number can have."""
        return self._between({self._at[cell]: 1.0})

    def finds_change(self, *cell: str) -> tuple[int, int]:
        """The least and the greatest difference of a number from version "" to version "new"."""
        return self._between({self._at["new", *cell]: 1.0, self._at["", *cell]: -1.0})

    def _between(self, wanted: dict[int, float]) -> tuple[int, int]:
        matrix = np.zeros((len(self._rows), len(self._at)))
        for row, (terms, _, _) in enumerate(self._rows):
            for place, factor in terms.items():
                matrix[row, place] = factor
        constraint = LinearConstraint(matrix, [low for _, low, _ in self._rows], [high for _, _, high in self._rows])
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(self._at))
            for place, factor in wanted.items():
                aim[place] = sign * factor
            found = milp(
                aim,
                integrality=np.ones(len(aim)),
                bounds=Bounds(0, 20_000),
                constraints=constraint,
                options={"presolve": False},  # that of HiGHS 1.12 finds too little
            )
            assert found.status == 0, found.message
            ends.append(round(sign * float(found.fun)))
        return ends[0], ends[1]

    def _stands(self, version: str, group: tuple[str, str]) -> None:
        """A figure that stands says no more than that its numbers are those of version "", or less than 10 away."""
        for part in ("n", "k") if version else ():
            cells = {self._cell((version, *group, part)): 1.0, self._cell(("", *group, part)): -1.0}
            self._rows.append((cells, -9.0, 9.0))

    def _figure(self, figure: dict[str, Any], n: int, k: int, scale: dict[str, int]) -> None:
        records, share = figure["records"], figure["share"]
        if records["shown"] == "count":
            self._rounded(n, records["number"])
        if records["shown"] == "at least":
            self._rows.append(({n: 1.0}, records["number"], np.inf))
        if share["shown"] == "count":
            self._rounded(k, share["number"])
        elif share["words"]:
            low, high = CUTS[share["words"][0]][0], CUTS[share["words"][-1]][1]
            self._rows += [({k: 1.0, n: -low}, 0.0, np.inf), ({k: 1.0, n: -high}, -np.inf, 0.0)]
            if share["words"][0] == "few":
                self._rows.append(({k: 1.0}, 1, np.inf))
            if share["words"][-1] == "almost all":
                self._rows.append(({k: 1.0, n: -1.0}, -np.inf, -1))
        for value, count in figure["scale"]:
            if count is not None:
                self._rounded(scale[value], count)

    def _rounded(self, cell: int, number: int) -> None:
        self._rows.append(({cell: 1.0}, number - self._base // 2, number + (self._base - 1) // 2))

    def _adds_up(self, total: int, parts: Iterable[int]) -> None:
        self._rows.append(({total: 1.0} | dict.fromkeys(parts, -1.0), 0.0, 0.0))

    def _cell(self, name: tuple[str, ...]) -> int:
        return self._at.setdefault(name, len(self._at))


def small_cells(findings: Sequence[Finding], threshold: int) -> list[tuple[str, str, str]]:
    """Every number under the threshold that a stranger would like to find."""
    found = []
    for one in findings:
        parts = {"n": one.n, "k": one.k, "rest": one.n - one.k}
        if one.levels and one.n >= 10 * len(one.levels):
            parts |= {level.value: level.count for level in one.levels}
        found += [(one.domain, one.level, part) for part, count in parts.items() if count < threshold]
    return found


__all__ = [
    "PARTNERSHIP",
    "PROGRAMME",
    "SOFTWARE",
    "Stranger",
    "finding",
    "linked",
    "on_the_scale",
    "publish",
    "small_cells",
]
