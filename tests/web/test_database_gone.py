"""A database that goes away while a request is being answered."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from casereader.web.request_session import db, only_read

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def cut_off(app: Flask) -> None:
    """End this request's connection, as PostgreSQL does where it stops or runs out of room."""
    number = db().execute(text("SELECT pg_backend_pid()")).scalar()
    with app.extensions["casereader_engine"].connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:number, 2000)"), {"number": number})


@ON_POSTGRESQL
def test_an_answer_stands_where_the_connection_is_cut_off_before_it_is_closed(app: Flask) -> None:
    with app.test_request_context("/"):
        cut_off(app)

    with app.test_request_context("/"):
        assert db().execute(text("SELECT 1")).scalar() == 1


@ON_POSTGRESQL
def test_what_only_reads_from_then_on_has_a_new_connection(app: Flask) -> None:
    with app.test_request_context("/", method="POST"):
        cut_off(app)
        only_read()
        assert db().execute(text("SELECT 1")).scalar() == 1
