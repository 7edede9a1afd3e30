"""Certificates, commitments and seeds: the golden ones worked by shell tools, and what cannot be read as one."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sampling.certificate import (
    canonical_json,
    certificate,
    frame_digest,
    frame_lines,
    same_file,
    verify,
)
from sampling.certificate_file import check_certificate, read_certificate
from sampling.commitment import commitment, seed
from sampling.digest import json_digest
from sampling.draw import Draw, draw
from sampling.errors import CertificateError, PlanError
from sampling.frame import FrameRules, read_frame
from sampling.plan import Plan, plan_for
from tests.sampling.certificates import AT, change, make_certificate
from tests.sampling.lists import GOLDEN

SEED = "2026-06-01-4-8-15-16-23-42"


def golden_draw() -> tuple[Draw, str]:
    frame = read_frame(GOLDEN / "list.csv", strata=("reason",), within="partnership", today=AT.date())
    plan, _ = plan_for(frame.table, strata=("reason",), within="partnership", size=6, reserve="50%")
    return draw(frame.table, plan, seed=SEED), frame.file_sha256


def test_the_certificate_is_byte_for_byte_the_one_that_shell_tools_give() -> None:
    drawn, file_sha256 = golden_draw()

    paper = certificate(drawn, at=AT, file_sha256=file_sha256, software="casereader")

    assert canonical_json(paper) == (GOLDEN / "certificate.json").read_bytes()


def test_the_sample_is_byte_for_byte_the_one_that_shell_tools_give() -> None:
    drawn, _ = golden_draw()

    assert drawn.sample.to_csv(index=False, lineterminator="\n") == (GOLDEN / "sample.csv").read_text(encoding="utf-8")


def test_commitment_and_seed_are_those_that_shell_tools_give() -> None:
    drawn, _ = golden_draw()
    lines = (GOLDEN / "commitment.txt").read_text(encoding="ascii").splitlines()
    expected = dict(line.split(" ", 1) for line in lines)
    table = read_frame(GOLDEN / "list.csv", strata=("reason",), within="partnership", today=AT.date()).table
    labels = table["partnership"] + " / " + table["reason"]

    bound = commitment(frame_lines(zip(labels, table["case_ref"], strict=True)), expected["salt"])

    assert bound == expected["commitment"]
    assert json_digest(drawn.plan.as_json()) == expected["plan_digest"]
    assert seed(bound, expected["plan_digest"], "4 8 15 16 23 42", "", "inspectorate") == expected["seed"]


@pytest.mark.parametrize(
    ("values", "column"),
    [
        (("x", "0" * 64, "7"), "commitment"),
        (("0" * 64, "A" * 64, "7"), "plan_digest"),
        (("0" * 64, "0" * 64, ""), "public_value"),
        (("0" * 64, "0" * 64, "7\n8"), "public_value"),
        (("0" * 64, "0" * 64, "é"), "public_value"),
        (("0" * 64, "0" * 64, "x" * 201), "public_value"),
        (("0" * 64, "0" * 64, "7", "\x00"), "partnership_secret"),
        (("0" * 64, "0" * 64, "7", "", "\n"), "inspectorate_secret"),
    ],
)
def test_a_seed_is_made_of_digests_and_printable_ascii(values: tuple[str, ...], column: str) -> None:
    with pytest.raises(PlanError) as caught:
        seed(*values)

    assert [fault.column for fault in caught.value.faults] == [column]


@pytest.mark.parametrize("salt", ["", "0" * 31, "G" * 32, "0" * 32 + "\n"])
def test_a_salt_is_sixteen_or_more_bytes_in_hexadecimal(salt: str) -> None:
    with pytest.raises(PlanError):
        commitment(b"", salt)


def test_only_the_time_differs_between_two_identical_draws() -> None:
    drawn, _ = golden_draw()

    first = certificate(drawn, at=AT)
    later = certificate(drawn, at=datetime(2027, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=1))))

    assert {key for key in first if first[key] != later[key]} == {"created_at"}
    assert later["created_at"] == "2027-01-01T00:00:00Z"


def test_canonical_json_is_sorted_short_and_without_floats() -> None:
    assert (
        canonical_json({"é": "\n\x7f\u2028", "B": [True, None, -1], "a": {}})
        == '{"B":[true,null,-1],"a":{},"é":"\\n\x7f\u2028"}'.encode()
    )
    for value in ({"x": [0.5]}, float("nan"), {1: "x"}):
        with pytest.raises(TypeError):
            canonical_json(value)


def test_the_frame_digest_does_not_depend_on_the_order_of_the_list() -> None:
    cases = [("b", "2"), ("a / é", "1"), ("b", "10")]

    assert frame_lines(cases) == "a / é\t1\nb\t10\nb\t2\n".encode()
    assert frame_digest(cases) == frame_digest(cases[::-1])


def test_a_plan_survives_the_way_into_its_certificate_and_back() -> None:
    plan = Plan(
        sizes={"a": 1},
        reserves={"a": 2},
        strata=("x", "y"),
        sd={"a": "0.5"},
        take_all=("a",),
        start={"a": "0" * 64},
        rules=FrameRules(strata=["CPR"], columns=("locality",)),
    )

    assert Plan.from_json(json.loads(canonical_json(plan.as_json()))) == plan


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"{" * 100_000, "damaged"),
        (b"[]", "no certificate"),
        (b'{"schema":"casereader/certificate","version":2}', "version 2"),
        (b'{"schema":"casereader/certificate","schema":"casereader/certificate"}', "twice"),
        (b'{"schema":"casereader/certificate","version":1.0}', "number 1.0"),
        (b'{"schema":"casereader/certificate","version":NaN}', "number NaN"),
        (b'{"schema":"casereader/certificate","version":' + b"9" * 5000 + b"}", "damaged"),
    ],
)
def test_what_is_no_certificate_is_refused(text: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "certificate.json").write_bytes(text)

    with pytest.raises(CertificateError, match=says):
        read_certificate(tmp_path / "certificate.json")
    with pytest.raises(CertificateError, match="cannot be opened"):
        read_certificate(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("seed",), 5),
        (("version",), True),
        (("plan", "sizes"), {"CPR": "3"}),
        (("plan", "selection"), "guess"),
        (("plan", "rules"), {"strata": 3}),
        (("plan", "surprise"), 1),
        (("cases",), {}),
        (("cases", 0), "x"),
        (("cases", 0, "role"), "spare"),
        (("strata_counts", 0, "population"), None),
    ],
)
def test_a_certificate_of_another_shape_is_refused_with_the_place(path: tuple[str | int, ...], to: Any) -> None:
    paper, _ = make_certificate()

    with pytest.raises(CertificateError):
        check_certificate(change(paper, *path, to=to))


def test_everything_that_is_missing_from_a_certificate_is_told_at_once() -> None:
    paper, _ = make_certificate()
    del paper["seed"], paper["plan"]["sizes"]

    with pytest.raises(CertificateError) as caught:
        check_certificate(paper)

    assert [fault.column for fault in caught.value.faults] == ["seed", "plan.sizes"]


def test_the_same_list_saved_as_another_file_is_the_same_list(tmp_path: Path) -> None:
    drawn, file_sha256 = golden_draw()
    paper = certificate(drawn, at=AT, file_sha256=file_sha256)
    header, *rows = (GOLDEN / "list.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "again.csv").write_text("\r\n".join([header, *sorted(rows)]), encoding="utf-8")
    again = read_frame(tmp_path / "again.csv", strata=("reason",), within="partnership", today=AT.date())

    assert verify(paper, again) == []
    assert not same_file(paper, again)
    assert same_file(certificate(drawn, at=AT), again)
