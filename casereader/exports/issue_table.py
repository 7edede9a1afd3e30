"""An issue as a table to take away: what is published and no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import pandas as pd

from casereader.disclosure import Figure
from casereader.exports.tables import write_table
from casereader.issues.saying import reads, scale_of

COLUMNS = ("issue", "section", "question", "label", "records", "share", "scale", "stands_from")


def write_issue(target: IO[str], content: Mapping[str, Any]) -> None:
    """One row for each figure, in words as on the page."""
    questions = {one["key"]: one for one in content["questions"]}
    rows = []
    for record in content["findings"]["figures"]:
        figure, asked = Figure.of(record), questions[record["question"]]
        said = reads(figure)
        scale = scale_of(figure, asked["choices"])
        rows.append(
            (
                content["findings"]["issue"],
                asked["section"],
                asked["key"],
                asked["label"],
                said.records,
                said.share,
                scale,
                figure.as_in,
            )
        )
    write_table(target, pd.DataFrame(rows, columns=list(COLUMNS)), banner=content["data"])
