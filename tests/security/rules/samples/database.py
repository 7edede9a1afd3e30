"""Bad and good lines for the rules about the database; scanned, never run."""

import sqlalchemy
from sqlalchemy import literal_column, text


def bad(session, connection, duck, name):
    # ruleid: sql-put-together
    connection.execute(f"SELECT 1 FROM account WHERE name = '{name}'")
    # ruleid: sql-put-together
    connection.execute("SELECT 1 FROM account WHERE name = '" + name)
    # ruleid: sql-put-together
    connection.execute("SELECT 1 FROM account WHERE name = '%s'" % name)
    # ruleid: sql-put-together
    connection.execute("SELECT 1 FROM account WHERE name = '{}'".format(name))
    # ruleid: sql-put-together
    connection.exec_driver_sql(f"DELETE FROM {name}")
    # ruleid: sql-put-together
    duck.sql(f"SELECT {name}")
    # ruleid: sql-as-text
    session.execute(text("SELECT 1 FROM account ORDER BY " + name))
    # ruleid: sql-as-text
    session.execute(text(name))
    # ruleid: sql-as-text
    session.order_by(literal_column(name))


def good(session, connection, name):
    # ok: sql-put-together
    connection.execute("SELECT 1 FROM account WHERE name = ?", [name])
    # ok: sql-as-text
    session.execute(text("SELECT 1 FROM account WHERE name = :name"), {"name": name})
    # ok: sql-as-text
    session.execute(sqlalchemy.select(sqlalchemy.column("name")).where(sqlalchemy.column("name") == name))
