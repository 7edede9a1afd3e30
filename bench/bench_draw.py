"""Numbering and drawing from a list of 100,000 cases, beside the bare loops that give the same tickets and sample."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256

import pandas as pd

from bench.timing import Compared, compare
from sampling.draw import draw
from sampling.plan import Plan
from sampling.tickets import tickets

CASES = 100_000
STRATA = ("CARM", "CPI", "CPR", "VYP")
SEED = "2026-06-01 bench"
SIZE, RESERVE = 60, 30


def run() -> Iterator[Compared]:
    """Tickets alone, then a whole draw with its checks, digest and weights."""
    case_refs = [f"C{number:06d}" for number in range(CASES)]
    strata = [STRATA[number % len(STRATA)] for number in range(CASES)]
    table = pd.DataFrame({"case_ref": case_refs, "stratum": strata})
    plan = Plan(sizes=dict.fromkeys(STRATA, SIZE), reserves=dict.fromkeys(STRATA, RESERVE))
    main = draw(table, plan, seed=SEED).sample.query("role == 'main'")["case_ref"]
    if sorted(main) != sorted(_bare_draw(case_refs, strata)):
        raise RuntimeError("the two sides of this bench draw different samples")
    yield compare(
        f"tickets of {CASES:,} cases",
        lambda: tickets(SEED, case_refs),
        lambda: _bare_tickets(case_refs),
        floor_name="hashlib in a list comprehension",
        limit=1.5,
    )
    yield compare(
        f"draw from {CASES:,} cases in {len(STRATA)} strata",
        lambda: draw(table, plan, seed=SEED),
        lambda: _bare_draw(case_refs, strata),
        floor_name="hashlib, one sort a stratum, nothing checked",
    )


def _bare_tickets(case_refs: Sequence[str]) -> list[str]:
    return [sha256(f"{SEED}|{ref}".encode()).hexdigest() for ref in case_refs]


def _bare_draw(case_refs: Sequence[str], strata: Sequence[str]) -> list[str]:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for stratum, ticket, ref in zip(strata, _bare_tickets(case_refs), case_refs, strict=True):
        groups[stratum].append((ticket, ref))
    return [ref for group in groups.values() for _, ref in sorted(group)[:SIZE]]
