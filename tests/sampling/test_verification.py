"""Verification draws again and names what differs: the digest, the stratum, the case."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from sampling.certificate import (
    Difference,
    canonical_json,
    certificate,
    certificate_digest,
    verify,
)
from sampling.certificate_file import parse_certificate
from sampling.draw import draw
from sampling.errors import CertificateError, FrameError
from sampling.plan import Plan
from tests.sampling.certificates import change, make_certificate


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"selection": "systematic"},
        {"size": None, "confidence": "0.9", "margin": "0.2"},
        {"method": "neyman", "sd": {"CPR": "0.5", "CPI": 0.4, "CARM": 1}},
        {"method": "power", "power": "0.3", "minimum": 1, "maximum": 9, "take_all": ("CARM",)},
        {"size": None, "minimum": None, "sizes": {"CPR": 3, "CPI": 0, "CARM": 3}},
        {"start": {"CPR": "8" * 64}},
    ],
)
def test_every_kind_of_draw_is_verified_by_its_certificate(options: dict[str, Any]) -> None:
    paper, table = make_certificate(**options)

    assert verify(json.loads(canonical_json(paper)), table.iloc[::-1]) == []


def said(differences: list[Difference]) -> list[tuple[str, str]]:
    return [(difference.kind, difference.name) for difference in differences]


def test_a_case_that_left_the_list_is_named_with_its_stratum_and_the_digest() -> None:
    paper, table = make_certificate()
    gone = paper["cases"][0]["case_ref"]

    found = verify(paper, table[table["case_ref"] != gone])

    assert said(found)[0] == ("digest", "of the list")
    assert ("stratum", "CARM") in said(found)
    assert ("case", gone) in said(found)
    assert "and not drawn here" in next(str(each) for each in found if each.name == gone)


def test_a_case_that_joined_the_list_is_named_where_it_is_drawn() -> None:
    paper, table = make_certificate(size=63)
    more = pd.concat([table, pd.DataFrame({"case_ref": ["NEW"], "stratum": ["CPR"]})])

    found = verify(paper, more)

    assert ("digest", "of the list") in said(found)
    assert any(difference.kind == "stratum" and "population is 40" in difference.says for difference in found)


def test_a_new_and_a_missing_stratum_are_named() -> None:
    paper, table = make_certificate()

    found = verify(paper, table.replace({"stratum": {"CARM": "VYP"}}))

    assert ("stratum", "VYP") in said(found)
    assert ("stratum", "CARM") in said(found)


@pytest.mark.parametrize(
    ("path", "to", "found"),
    [
        (("digest",), "0" * 64, ("digest", "of the certificate")),
        (("software",), "another", ("digest", "of the certificate")),
        (("frame_digest",), "0" * 64, ("digest", "of the list")),
        (("strata",), ["reason"], ("digest", "of the plan")),
        (("strata_counts", 0, "population"), 4, ("stratum", "CARM")),
        (("strata_counts", 0, "reserve"), 9, ("stratum", "CARM")),
        (("plan", "sizes", "CARM"), 3, ("stratum", "CARM")),
        (("plan", "sizes", "CPR"), 99, ("stratum", "CPR")),
        (("cases", 0, "order"), 9, ("case", None)),
        (("cases", 0, "ticket"), "0" * 64, ("case", None)),
        (("cases", 0, "case_ref"), "INVENTED", ("case", "INVENTED")),
        (("seed",), "another", ("case", None)),
    ],
)
def test_whatever_is_changed_in_a_certificate_is_found(
    path: tuple[str | int, ...], to: Any, found: tuple[str, str]
) -> None:
    paper, table = make_certificate()

    differences = said(verify(change(paper, *path, to=to), table))

    kind, name = found
    assert ("digest", "of the certificate") in differences
    assert any(each[0] == kind and name in (None, each[1]) for each in differences)


def test_a_certificate_that_was_signed_again_after_a_swap_is_still_found() -> None:
    paper, table = make_certificate()
    first, second = paper["cases"][-1], paper["cases"][-2]
    swapped = change(paper, "cases", to=[*paper["cases"][:-2], first, second])
    swapped["digest"] = certificate_digest(swapped)

    assert "in another order" in verify(swapped, table)[0].says


def test_cases_that_are_new_here_are_told() -> None:
    paper, table = make_certificate()
    fewer = change(paper, "cases", to=paper["cases"][1:])

    assert "and not in the certificate" in str(verify(fewer, table)[-1])


def test_a_list_without_the_columns_of_the_plan_cannot_be_verified() -> None:
    paper, table = make_certificate()
    for column in ("case_ref", "stratum"):
        with pytest.raises(FrameError):
            verify(paper, table.drop(columns=column))


def test_a_certificate_whose_seed_could_never_be_one_is_refused() -> None:
    paper, table = make_certificate()

    with pytest.raises(CertificateError, match=r"'\|'"):
        verify(change(paper, "seed", to="a|b"), table)


def test_what_else_was_bound_with_the_plan_is_covered_by_the_digest_and_may_be_left_out() -> None:
    paper, table = make_certificate()
    assert "bound" not in paper["plan"]
    plan = replace(Plan.from_json(paper["plan"]), bound={"second_share": "0.1", "values": ["a"], "none": None})

    bound = certificate(draw(table, plan, seed=paper["seed"]), at=datetime(2026, 6, 1, tzinfo=UTC))

    assert Plan.from_json(bound["plan"]) == plan
    assert verify(bound, table) == []
    changed = change(bound, "plan", "bound", "second_share", to="0.2")
    assert said(verify(changed, table)) == [("digest", "of the certificate")]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"schema": "\\ud800"}', b"9" * 5000, b"[" * 100_000])
def test_what_cannot_be_a_certificate_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(CertificateError, match="certificate"):
        parse_certificate(content, name="the file")


def test_a_certificate_that_starts_after_no_ticket_is_refused() -> None:
    paper, table = make_certificate()

    with pytest.raises(CertificateError, match="is no ticket to start stratum"):
        verify(change(paper, "plan", "start", to={"a": "zz"}), table)
