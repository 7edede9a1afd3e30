"""Lists that say who children are, sent through the page: what tells is refused or left out, and is in no file."""

from __future__ import annotations

import io
from collections.abc import Iterable

import openpyxl
import pandas as pd
import pytest
from flask import Flask
from openpyxl.comments import Comment
from sqlmodel import select

from casereader.db import snapshot
from casereader.models import Case
from tests.cast import Cast, SignIn
from tests.lists import list_csv
from tests.security.test_abuse_cases import everything_held, send
from tests.web.client import page_of

TELLING = {
    "Child_name": "Zebedee Planted",
    "Date_of_birth": "03/05/2014",
    "CHI": "0305142319",
    "NHS_number": "943 476 5919",
    "Postcode": "EH99 1SP",
}
Rows = list[list[str]]


def with_columns(**columns: str) -> Rows:
    """A list with more columns, whose first row holds the values and every other codes."""
    table = [line.split(",") for line in list_csv().splitlines()]
    more = [[name.replace("_", " ") for name in columns], list(columns.values())]
    return [[*row, *(more[n] if n < 2 else [f"F{n}"] * len(columns))] for n, row in enumerate(table)]


def as_file(kind: str, table: Rows) -> bytes:
    """The list as a file of that kind; a workbook says the value in a comment and its properties too."""
    stream = io.BytesIO()
    if kind == "csv":
        return "\n".join(",".join(row) for row in table).encode()
    if kind == "parquet":
        pd.DataFrame(table[1:], columns=table[0]).to_parquet(stream)
        return stream.getvalue()
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in table:
        book.active.append(row)
    book.active["A2"].comment = Comment(table[1][-1], table[1][-1])
    book.properties.creator = book.properties.description = table[1][-1]
    book.save(stream)
    return stream.getvalue()


def left_of(app: Flask, values: Iterable[str]) -> list[str]:
    """Which of them stand in a file: of the data folder or of the database, its log with it."""
    held = b"\n".join(path.read_bytes() for path in everything_held(app))
    return [value for value in values if value.encode() in held]


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("csv", TELLING),
        ("csv", {"Note": TELLING["NHS_number"], "Where": TELLING["Postcode"]}),
        ("csv", {"family group": "Planted"}),
        ("xlsx", TELLING),
        ("parquet", TELLING),  # that kind is not read at all
    ],
    ids=["headings", "values", "a name for a family", "a workbook", "parquet"],
)
def test_a_list_that_tells_by_its_headings_or_by_its_values_is_refused_and_left_nowhere(
    app: Flask,
    cast: Cast,
    sign_in: SignIn,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    columns: dict[str, str],
) -> None:
    name = f"{next(iter(columns.values()))}.{kind}"

    answer = send(sign_in(cast.coordinator), cast, as_file(kind, with_columns(**columns)), name)

    assert answer.status_code == 422
    assert left_of(app, columns.values()) == []
    assert [value for value in columns.values() if value in page_of(answer).text + caplog.text] == []
    with snapshot(app.extensions["casereader_engine"]) as session:
        assert session.exec(select(Case)).first() is None


def test_a_column_that_is_none_of_ours_is_left_out_once_the_list_is_taken(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client, home = sign_in(cast.coordinator), f"/inspections/{cast.place.inspection.public_id}"
    asked = send(client, cast, as_file("csv", with_columns(Note="Zebedee Planted")), "Planted.csv")
    assert asked.status_code == 303

    client.submit(asked.location, action=f"{home}/return/mapping")

    with snapshot(app.extensions["casereader_engine"]) as session:
        assert len(session.exec(select(Case)).all()) == len(list_csv().splitlines()) - 1
    assert left_of(app, ["Planted"]) == []
