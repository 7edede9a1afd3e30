"""An issue as a table to take away: what is published and no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import pandas as pd

from casereader.disclosure import Figure
from casereader.exports.sheets import AUDIT_HEAD
from casereader.exports.tables import write_table
from casereader.issues.saying import SUPPRESSED, reads, scale_of, why_not_shown

COLUMNS = (
    "issue",
    "what",
    "section",
    "question",
    "label",
    "partnership",
    "kind_of_group",
    "group",
    "records",
    "share",
    "scale",
    "stands_from",
    "says",
    "note",
)


def write_issue(target: IO[str], content: Mapping[str, Any]) -> None:
    """One row for each figure in words as on the page, then for all else that is published; `what` tells them apart.

    `[c]` stands for what is not shown, and why in the last column.
    """
    questions = {one["key"]: one for one in content["questions"]}
    groups = {(one["by"], one["level"]): one for one in content.get("groups", [])}
    names = {one["path"]: one["partnership"] for one in content["inspections"]}
    why = f"{SUPPRESSED}: {why_not_shown(content)}"
    rows = []
    for record in content["findings"]["figures"]:
        figure, asked = Figure.of(record), questions[record["question"]]
        group = groups.get((figure.domain, figure.level), {"kind": "", "label": ""})
        of_one = content["partnership"] or names.get(figure.inspection, "")
        said = reads(figure, hidden=SUPPRESSED)
        told = (said.records, said.share, scale_of(figure, asked["choices"], hidden=SUPPRESSED))
        rows.append(
            (
                content["findings"]["issue"],
                "figure",
                asked["section"],
                asked["key"],
                asked["label"],
                "" if group["kind"] else of_one,
                group["kind"],
                group["label"],
                *told,
                figure.as_in,
                "",
                why if any(SUPPRESSED in text for text in told) else "",
            )
        )
    figures = pd.DataFrame(rows, columns=list(COLUMNS))
    beside = pd.DataFrame(_beside(content), columns=list(COLUMNS))
    write_table(target, pd.concat([figures, beside], ignore_index=True), banner=content["data"])


def _beside(content: Mapping[str, Any]) -> list[dict[str, str]]:
    """What is published beside the figures: records read, evaluations, the correction, and how to read it all."""
    found = [
        {
            "what": "records read",
            "partnership": one["partnership"],
            "records": str(one["read"]),
            "says": f"{one['from']} to {one['to']}",
        }
        for one in content["inspections"]
    ]
    found += [
        {
            "what": "evaluation",
            "question": one["qi"],
            "label": one["label"],
            "partnership": content["partnership"],
            "says": one["rating"],
        }
        for one in content["evaluations"]
    ]
    if content["replaces"]:
        found.append({"what": "correction", "says": f"Replaces issue {content['replaces']}. {content['correction']}"})
    if "audit_head" in content:
        found.append({"what": AUDIT_HEAD.lower(), "says": content["audit_head"]})
    found += [{"what": "how to read", "says": note} for note in content["notes"]]
    return [dict.fromkeys(COLUMNS, "") | {"issue": content["findings"]["issue"]} | one for one in found]
