"""New rows on their way into the database: those of several tables by one statement.

PostgreSQL gets the rows of each table as one parameter, a list in JSON, so that the statement is
the same however many they are, and is planned once. SQLite takes one statement for each table,
and all of them in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import orjson
from sqlalchemy import Connection, Dialect, Table, insert
from sqlalchemy import inspect as inspected
from sqlalchemy.dialects import postgresql

from models import Base
from tenancy.postgresql import run
from tenancy.sqlite import Many, run_all
from tenancy.storable import storable

Row = dict[str, Any]
"""What a row holds, by the names of its attributes, which are its columns'."""

_POSTGRESQL = postgresql.dialect()


def rows_of(new: Iterable[Any]) -> dict[type[Base], list[Row]]:
    """What *new* objects are to be written with, by their tables' classes.

    What an object was not given is filled in there, too.
    """
    rows: dict[type[Base], list[Row]] = {}
    for row in new:
        held: dict[str, Any] = row.__dict__
        table: type[Base] = row.__class__
        rows.setdefault(table, []).append(
            {name: held.setdefault(name, default) for name, default in _columns(table)}
        )
    return rows


@cache
def _columns(table: type[Base]) -> tuple[tuple[str, Any], ...]:
    """The names of a table's columns, and what stands there where nothing was given."""
    return tuple(
        (attribute.key, getattr(attribute.columns[0].default, "arg", None))
        for attribute in inspected(table).column_attrs
    )


def write_rows(connection: Connection, rows: Mapping[type[Base], Sequence[Row]]) -> None:
    """Writes *rows*, by their tables' classes. Each has every column of its table."""
    tables = tuple(sorted(rows, key=lambda table: table.__tablename__))
    if connection.dialect.name == "postgresql":
        run(connection, _together(tables), [_as_json(rows[table]) for table in tables])
        return
    run_all(connection, [_given(table, rows[table], connection.dialect) for table in tables])


@cache
def _together(tables: tuple[type[Base], ...]) -> str:
    """PostgreSQL's statement for rows of *tables*; its parameters are in their order."""
    *others, last = (
        _from_json(_table(table), position) for position, table in enumerate(tables, start=1)
    )
    before = ", ".join(f"w{position} AS ({sql})" for position, sql in enumerate(others))
    return f"WITH {before} {last}" if before else last


def _from_json(table: Table, position: int) -> str:
    columns = ", ".join(column.name for column in table.columns)
    types = ", ".join(
        f"{column.name} {column.type.compile(dialect=_POSTGRESQL)}" for column in table.columns
    )
    return (
        f"INSERT INTO {table.name} ({columns}) SELECT {columns}"  # noqa: S608 - our own names
        f" FROM json_to_recordset(${position}::json) AS given ({types})"
    )


def _as_json(rows: Sequence[Row]) -> str:
    try:
        text = orjson.dumps(rows, default=_bytes).decode()
    except orjson.JSONEncodeError:
        # Half of a surrogate pair.
        text = None
    if text is None or r"\u0000" in text:
        text = orjson.dumps(storable(rows), default=_bytes).decode()
    return text


def _bytes(value: Any) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError


def _given(table: type[Base], rows: Sequence[Row], dialect: Dialect) -> Many:
    sql, processors = _one_by_one(table, dialect)
    return sql, [
        [storable(process(row[name]) if process else row[name]) for name, process in processors]
        for row in rows
    ]


@cache
def _one_by_one(
    table: type[Base], dialect: Dialect
) -> tuple[str, Sequence[tuple[str, Callable[[Any], Any] | None]]]:
    """SQLite's statement for a row of *table*: its columns, and how the driver wants each."""
    columns = _table(table).columns
    compiled = insert(table).compile(
        dialect=dialect, column_keys=[column.name for column in columns]
    )
    return str(compiled), [
        (name, columns[name].type.dialect_impl(dialect).bind_processor(dialect))
        for name in compiled.positiontup or ()
    ]


def _table(table: type[Base]) -> Table[Any]:
    return cast("Table[Any]", table.__table__)
