"""What a database holds beside its rows: whether it has what this version makes, and nothing more that acts by itself.

A backup tells of its tables row by row. Whoever seals a file to the public half may put a trigger into it that makes an
administrator of the next person to sign in, or leave out those that hold what was issued.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from casereader import schema
from casereader.backups.database_aside import database_aside

Piece = tuple[str, str, str, str]  # its kind, the table that it is of, its name, and how it is made
AT = datetime.fromtimestamp(0, UTC)  # of a database that nobody keeps
# Tables by name: what stands in one acts by nothing, and migrations write the same one in other words.
_OF_SQLITE = """
    SELECT type, tbl_name, name, CASE type WHEN 'table' THEN '' ELSE coalesce(sql, '') END FROM sqlite_master
    WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
"""
# Checks and indexes by name: PostgreSQL writes the same one in other words once it was dumped and restored.
_OF_POSTGRESQL = """
    WITH ours AS (
        SELECT pg_class.oid, relname, relkind, relrowsecurity FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')
        AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
    )
    SELECT 'table', relname, relname, CAST(relrowsecurity AS text) FROM ours WHERE relkind IN ('r', 'p')
    UNION ALL SELECT 'view', relname, relname, pg_get_viewdef(oid) FROM ours WHERE relkind IN ('v', 'm')
    UNION ALL SELECT 'trigger', relname, tgname, pg_get_triggerdef(pg_trigger.oid) || CAST(tgenabled AS text)
        FROM pg_trigger JOIN ours ON ours.oid = tgrelid WHERE NOT tgisinternal
    UNION ALL SELECT 'rule', relname, rulename, pg_get_ruledef(pg_rewrite.oid)
        FROM pg_rewrite JOIN ours ON ours.oid = ev_class WHERE relkind = 'r'
    UNION ALL SELECT 'policy', relname, polname, '' FROM pg_policy JOIN ours ON ours.oid = polrelid
    UNION ALL SELECT 'constraint', relname, conname, CAST(contype AS text) || CAST(convalidated AS text)
        FROM pg_constraint JOIN ours ON ours.oid = conrelid WHERE contype IN ('c', 'f', 'p', 'u')
    UNION ALL SELECT 'index', relname, CAST(indexrelid AS regclass)::text, CAST(indisunique AS text)
        FROM pg_index JOIN ours ON ours.oid = indrelid
    UNION ALL SELECT 'column', relname, attname,
        format_type(atttypid, atttypmod) || CAST(attnotnull AS text) || coalesce(pg_get_expr(adbin, adrelid), '')
        FROM pg_attribute JOIN ours ON ours.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT 'event trigger', '', evtname, '' FROM pg_event_trigger
    UNION ALL SELECT 'function', '', CAST(pg_proc.oid AS regprocedure)::text,
        coalesce(prosrc, '') || CAST(prosecdef AS text)
        FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
        WHERE nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')
        AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""
IDLE = frozenset({"table", "column", "constraint", "index"})  # they do nothing by themselves


@dataclass(frozen=True)
class _Server:
    """A server of PostgreSQL, whichever of its databases is open."""

    engine: Engine = field(compare=False)
    where: tuple[str | None, int | None] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", (self.engine.url.host, self.engine.url.port))


def strange(engine: Engine) -> list[str]:
    """What of this version's schema is missing or is another in a database, and what acts in it besides, in words."""
    with engine.connect() as connection:
        found = _pieces(connection)
    made = _of_new_sqlite() if engine.dialect.name == "sqlite" else _of_new_postgresql(_Server(engine))
    tables = {table for _kind, table, _name, _how in made}
    added = {one for one in found - made if not (one[0] == "index" or (one[0] in IDLE and one[1] not in tables))}
    known = {one[:3] for one in made}
    missing = [f"it has not the {kind} {name} of this version" for kind, _, name, _ in sorted(made - found)]
    return missing + [f"it has a {one[0]} {one[2]} that is not ours" for one in sorted(added) if one[:3] not in known]


def _pieces(connection: Connection) -> frozenset[Piece]:
    query = _OF_SQLITE if connection.dialect.name == "sqlite" else _OF_POSTGRESQL
    rows = connection.exec_driver_sql(query)
    return frozenset((str(kind), str(table), str(name), str(how)) for kind, table, name, how in rows)


@cache
def _of_new_sqlite() -> frozenset[Piece]:
    with TemporaryDirectory() as folder:
        return _of_new(f"sqlite:///{Path(folder) / 'new.sqlite3'}")


@lru_cache(maxsize=1)
def _of_new_postgresql(server: _Server) -> frozenset[Piece]:
    with database_aside(server.engine) as url:
        return _of_new(url.render_as_string(hide_password=False))


def _of_new(url: str) -> frozenset[Piece]:
    schema.upgrade(url, at=AT)
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return _pieces(connection)
