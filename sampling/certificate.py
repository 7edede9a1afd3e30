"""The certificate of a draw: all that is needed to draw the same sample again, and to see that nothing was changed.

It is written as canonical JSON, so that `sha256sum` can check its digest; `docs/verify-a-draw.md` says how to check the
rest with common tools. Its digest covers all of it but the digest itself and `created_at`. `verify` draws again and
says what differs: which digest, which stratum, which case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import pandas as pd

from sampling.certificate_file import SCHEMA, VERSION, check_certificate, read_certificate
from sampling.digest import canonical_json, frame_digest, frame_lines, json_digest
from sampling.draw import Draw, Taken, read_cases, select, start_faults
from sampling.engines import LargeList
from sampling.errors import CertificateError, FrameError, PlanError
from sampling.frame import Frame
from sampling.plan import Plan, column_faults, measures, selection_faults
from sampling.tickets import seed_faults, tickets
from sampling.version import SOFTWARE

__all__ = [
    "Difference",
    "canonical_json",
    "certificate",
    "certificate_digest",
    "frame_digest",
    "frame_lines",
    "is_drawn_from",
    "json_digest",
    "read_certificate",
    "same_file",
    "verify",
]

_OUTSIDE_DIGEST = ("digest", "created_at")


def certificate(
    draw: Draw,
    *,
    at: datetime,
    file_sha256: str | None = None,
    software: str = SOFTWARE,
    list_changes: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The certificate as plain values; `at` is when it was drawn (with time zone), `file_sha256` the file's.

    `list_changes` are what was corrected and left out in the list before it was fixed, if anything was.
    """
    drawn = _drawn(draw, file_sha256, software, list_changes)
    created = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return drawn | {"created_at": created, "digest": certificate_digest(drawn)}


def _drawn(
    draw: Draw, file_sha256: str | None, software: str, list_changes: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """All that the digest of a certificate covers."""
    sample, plan = draw.sample, draw.plan
    reserves = sample.loc[sample["role"] == "reserve", "stratum"].value_counts()
    columns = ("case_ref", "stratum", "role", "order", "ticket")
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "frame_digest": draw.frame_digest,
        "file_sha256": file_sha256,
        "id": plan.id,
        "strata": list(plan.strata),
        "within": plan.within,
        "seed": draw.seed,
        "plan": plan.as_json(),
        "strata_counts": [
            {
                "stratum": label,
                "population": population,
                "sample_size": plan.sizes[label],
                "reserve": int(reserves.get(label, 0)),
            }
            for label, population in draw.counts.items()
        ],
        "cases": [
            dict(zip(columns, row, strict=True))
            for row in zip(*(sample[column].tolist() for column in columns), strict=True)
        ],
        "software": software,
        **({"list_changes": [dict(change) for change in list_changes]} if list_changes else {}),
    }


def certificate_digest(certificate: Mapping[str, Any]) -> str:
    """The digest a certificate should bear: SHA-256 of the canonical JSON of all but `digest` and `created_at`."""
    return json_digest({key: value for key, value in certificate.items() if key not in _OUTSIDE_DIGEST})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which certificate and list do not agree: its kind, its name, and what is wrong."""

    kind: Literal["digest", "stratum", "case"]
    name: str
    says: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.says}"


def verify(certificate: Mapping[str, Any], frame: Frame | pd.DataFrame) -> list[Difference]:
    """What differs between a certificate and the sample drawn again from the list; nothing when it is verified.

    The list must have been read by the certificate's plan. Raises CertificateError or FrameError where that cannot be.
    """
    stated = check_certificate(certificate)
    table = frame if isinstance(frame, pd.DataFrame) else frame.table
    plan = Plan.from_json(stated["plan"])
    faults = seed_faults(stated["seed"]) + column_faults(plan.strata, plan.within, plan.id) + start_faults(plan)
    if faults:
        raise CertificateError(faults)
    faults += selection_faults(table, plan.selection, plan.order_by, plan.measure, plan.start)
    refs, labelled = read_cases(table, plan, faults)
    lengths = measures(table, plan.measure, refs, faults)
    if faults or labelled is None:
        raise FrameError(faults)
    taken = select(table, refs, labelled, plan, stated["seed"], lengths)
    lines = zip((labelled.labels[code] for code in labelled.codes.tolist()), refs, strict=True)
    return [
        *_digest_differences(stated, frame_digest(lines)),
        *_strata_differences(stated, plan, labelled.counts, taken),
        *_case_differences(stated["cases"], _as_cases(taken, refs, stated["seed"])),
    ]


def is_drawn_from(certificate: Mapping[str, Any], large: LargeList) -> bool:
    """Whether a draw from a long list gives this certificate again; where not, `verify` says what differs."""
    stated = check_certificate(certificate)
    plan = Plan.from_json(stated["plan"])
    if plan.selection != "tickets" or plan.start:
        return False
    try:
        drawn = large.draw(plan, seed=stated["seed"])
    except PlanError:
        return False
    again = certificate_digest(_drawn(drawn, stated["file_sha256"], stated["software"], stated.get("list_changes", ())))
    return bool(again == certificate_digest(stated) == stated["digest"])


def same_file(certificate: Mapping[str, Any], frame: Frame | LargeList) -> bool:
    """Whether the list is byte for byte the file drawn from; another file may still hold the same list."""
    return certificate["file_sha256"] in (None, frame.file_sha256)


def _digest_differences(stated: Mapping[str, Any], drawn_from: str) -> list[Difference]:
    found = []
    should_be = certificate_digest(stated)
    if stated["digest"] != should_be:
        says = f"it bears {stated['digest']}, and its content gives {should_be}: it was changed after it was made"
        found.append(Difference("digest", "of the certificate", says))
    if any(stated[key] != stated["plan"][key] for key in ("id", "strata", "within")):
        found.append(Difference("digest", "of the plan", "its columns are not those the certificate names"))
    if stated["frame_digest"] != drawn_from:
        says = (
            f"the certificate states {stated['frame_digest']}, and this list gives {drawn_from}: cases or strata differ"
        )
        found.append(Difference("digest", "of the list", says))
    return found


def _strata_differences(
    stated: Mapping[str, Any], plan: Plan, counts: Mapping[str, int], taken: Mapping[str, Taken]
) -> list[Difference]:
    written = {each["stratum"]: each for each in stated["strata_counts"]}
    found = []
    for label in sorted({*written, *counts, *plan.sizes}, key=str.encode):
        if label not in written:
            found.append(Difference("stratum", label, "is not counted in the certificate"))
            continue
        if label not in counts:
            found.append(Difference("stratum", label, "is in the certificate and not in this list"))
            continue
        part = taken[label]
        here = {"population": counts[label], "sample_size": part.n, "reserve": len(part.rows) - part.n}
        found += [
            Difference("stratum", label, f"{name} is {written[label][name]} in the certificate and {here[name]} here")
            for name in here
            if written[label][name] != here[name]
        ]
        if plan.sizes.get(label, 0) != part.n:
            says = f"the plan draws {plan.sizes.get(label, 0)} and the list has {counts[label]}"
            found.append(Difference("stratum", label, says))
    return found


def _as_cases(taken: Mapping[str, Taken], refs: list[str], seed: str) -> list[dict[str, Any]]:
    return [
        {
            "case_ref": refs[row],
            "stratum": label,
            "role": "main" if place < part.n else "reserve",
            "order": place + 1,
            "ticket": drawn,
        }
        for label, part in taken.items()
        for place, (row, drawn) in enumerate(
            zip(part.rows, tickets(seed, [refs[row] for row in part.rows]), strict=True)
        )
    ]


def _case_differences(stated: list[dict[str, Any]], drawn: list[dict[str, Any]]) -> list[Difference]:
    if stated == drawn:
        return []
    in_certificate = {each["case_ref"]: each for each in stated}
    here = {each["case_ref"]: each for each in drawn}
    found = []
    for ref in [*in_certificate, *(ref for ref in here if ref not in in_certificate)]:
        if ref not in here:
            found.append(
                Difference("case", ref, f"{_place(in_certificate[ref])} in the certificate, and not drawn here")
            )
        elif ref not in in_certificate:
            found.append(Difference("case", ref, f"{_place(here[ref])} here, and not in the certificate"))
        elif in_certificate[ref] != here[ref]:
            if _place(in_certificate[ref]) == _place(here[ref]):
                says = (
                    f"its ticket is {in_certificate[ref]['ticket']} in the certificate and {here[ref]['ticket']} here"
                )
            else:
                says = f"{_place(in_certificate[ref])} in the certificate, and {_place(here[ref])} here"
            found.append(Difference("case", ref, says))
    if not found:
        says = "the cases are the same, but some stand twice or in another order in the certificate"
        found.append(Difference("case", stated[0]["case_ref"], says))
    return found


def _place(case: Mapping[str, Any]) -> str:
    return f"{case['role']} {case['order']} of stratum {case['stratum']}"
