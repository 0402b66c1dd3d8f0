"""One row of one firm, read in a single round trip, outside of any transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    Dialect,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.sql.expression import ColumnElement, UpdateBase

from tenancy.database import Database, Statement
from tenancy.scope import FIRM, all_within


def inside_firm(value: ColumnElement[Any], dialect: Dialect) -> ColumnElement[Any]:
    """*value* (a scalar subselect), read after its own transaction was told the firm.

    PostgreSQL evaluates the subselect after the condition that guards it, so that one
    statement sets the firm for the row-level policies and reads, and nothing stays
    behind on the pooled connection. SQLite has no policies.
    """
    if dialect.name != "postgresql":
        return value
    firm = bindparam(FIRM, type_=Text())
    return cast(case((_set("mandant.firm", firm) == firm, value)), Text)


def by_slug(
    value: ColumnElement[Any], firm: Any, slug: ColumnElement[str], dialect: Dialect
) -> ColumnElement[Any]:
    """*value*, an expression over *firm*, of the firm with this slug; null where there is none.

    With the slug alone a firm's own row can be seen, and nothing else that it has.
    """
    found = select(value).where(firm.slug == slug).scalar_subquery()
    if dialect.name != "postgresql":
        return found
    return cast(case((_set("mandant.slug", slug) == slug, found)), Text)


def _set(name: str, value: ColumnElement[str]) -> ColumnElement[str]:
    """Sets one of our settings until the transaction ends. Only *value* is sent each time."""
    return func.set_config(literal_column(f"'{name}'"), value, true())


_Parameter = tuple[str, Any, Callable[[Any], Any] | None]
"""A parameter's name, the statement's own value as the driver wants it, and how to make another
one so."""


def in_drivers_form(
    statement: Select[*tuple[Any, ...]] | UpdateBase, dialect: Dialect
) -> tuple[str, list[_Parameter]]:
    """*statement* as the driver runs it, and its parameters in order."""
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    parameters: list[_Parameter] = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        own = process(bind.value) if process and not bind.required else bind.value
        parameters.append((bind.key, own, process))
    return str(compiled), parameters


def values_of(parameters: Sequence[_Parameter], given: Mapping[str, Any]) -> list[Any]:
    """The values for the driver: the *given* ones, else the statement's own."""
    return [
        own if name not in given else process(given[name]) if process else given[name]
        for name, own, process in parameters
    ]


async def read_rows(database: Database, statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    """The rows of a *statement* that is read once in a while, as the driver gives them."""
    sql, parameters = in_drivers_form(statement, database.dialect)
    return await database.fetch_rows(sql, values_of(parameters, {}))


class Lookup:
    """A SELECT for one row, compiled once for each database.

    Its conditions name the firm by `tenancy.scope.within`; its columns are texts,
    numbers, booleans and JSON.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[_Parameter]]] = {}

    def _compile(self, dialect: Dialect) -> tuple[str, list[_Parameter]]:
        on_postgresql = dialect.name == "postgresql"
        columns = [
            func.json(column) if isinstance(column.type, JSON) and not on_postgresql else column
            for column in self._statement.subquery().c
        ]
        row = (func.json_build_array if on_postgresql else func.json_array)(*columns)
        found = select(inside_firm(select(row).scalar_subquery(), dialect))
        return in_drivers_form(all_within(found), dialect)

    def statement(self, dialect: Dialect, **parameters: Any) -> Statement:
        """The driver's statement and its parameters, `firm_id` among them."""
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = self._compile(dialect)
        sql, named = self._compiled[dialect.name]
        return sql, values_of(named, parameters)

    @staticmethod
    def row(value: str | None) -> list[Any] | None:
        """The row's columns, from the value that the statement gave; None without a row."""
        return None if value is None else orjson.loads(value)
