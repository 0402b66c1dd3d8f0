"""What the two databases write differently: JSON, texts of moments, lists as parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

import orjson
from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    ColumnElement,
    Date,
    Dialect,
    FromClause,
    String,
    Text,
    any_,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSON as JSON_TEXT
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.base import Timestamp

# Functions take at most 100 arguments on PostgreSQL, 127 on SQLite; a pair is two.
_PAIRS = 45
_WORD = re.compile(r"[_A-Za-z][_A-Za-z0-9]*")

Pairs = Sequence[tuple[str, ColumnElement[Any]]]


NULL: ColumnElement[Any] = literal_column("NULL")
_TRUE: ColumnElement[Any] = literal_column("json('true')")
_FALSE: ColumnElement[Any] = literal_column("json('false')")


def word(text: str) -> ColumnElement[str]:
    """A name of the GraphQL grammar as a literal of SQL."""
    if not _WORD.fullmatch(text):
        raise ValueError(f"not a name: {text!r}")
    return literal_column(f"'{text}'", Text())


class Forms(Protocol):
    """One database's way to write what the planner needs. JSON is a value of SQL here."""

    # How deep subqueries may stand in one another before the parser gives up.
    deepest: int | None
    list_type: TypeEngine[Any]
    separator: ColumnElement[str]

    def value(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        """A column's value as it stands in JSON."""
        ...

    def object(self, pairs: Pairs) -> ColumnElement[Any]:
        """A JSON object of values that are JSON already, in this order."""
        ...

    def array(
        self, item: ColumnElement[Any], kept: ColumnElement[bool] | None = None
    ) -> ColumnElement[Any]:
        """The aggregate that makes a JSON array of the items, of those that are *kept*.

        In the order in which its rows come: they are a sorted subquery, joined to nothing. Both
        databases keep to that, and PostgreSQL takes a tenth longer to sort once more.
        """
        ...

    def member(self, document: ColumnElement[Any], key: str) -> ColumnElement[Any]:
        """The value of a key in a column's JSON object, as JSON."""
        ...

    def parsed(self, text: ColumnElement[str]) -> ColumnElement[Any]:
        """A column's text as the JSON that it is, every digit as it stands there."""
        ...

    def again(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        """JSON that has come through a subquery's column, as JSON again."""
        ...

    def text(self, expression: ColumnElement[Any]) -> ColumnElement[str]:
        """A value as text, alike on all databases."""
        ...

    def hexadecimal(self, text: ColumnElement[str]) -> ColumnElement[str]:
        """The digits of a text's UTF-8, in lower case."""
        ...

    def listed(self, values: list[str]) -> Any:
        """A list of texts as the value of one parameter of type `list_type`."""
        ...

    def is_among(
        self, column: ColumnElement[Any], texts: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        """Whether a column's value is in the parameter's list."""
        ...

    def each(self, texts: ColumnElement[Any]) -> tuple[FromClause, ColumnElement[str]]:
        """The parameter's list as rows, in its order: the table, and the text."""
        ...


def _chunks(pairs: Pairs) -> list[list[ColumnElement[Any]]]:
    """The arguments of as many calls as the limit asks for; at least one, perhaps of none."""
    return [
        _arguments(pairs[start : start + _PAIRS]) for start in range(0, len(pairs), _PAIRS)
    ] or [[]]


def _arguments(pairs: Pairs) -> list[ColumnElement[Any]]:
    return [part for key, value in pairs for part in (word(key), value)]


def _is_text(type_: TypeEngine[Any]) -> bool:
    held = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    return isinstance(held, String)


class PostgreSQL:
    """Forms for PostgreSQL, with asyncpg's parameters."""

    deepest: int | None = None
    list_type: TypeEngine[Any] = ARRAY(Text())
    separator: ColumnElement[str] = literal_column("chr(31)", Text())

    def value(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        return self.text(expression) if isinstance(expression.type, Timestamp) else expression

    def object(self, pairs: Pairs) -> ColumnElement[Any]:
        if pairs and all(_is_text(value.type) for _, value in pairs):
            # Takes little more than half the time: it does not ask for each value what it is.
            return func.json_object(array(_arguments(pairs)))
        first, *others = (func.json_build_object(*chunk) for chunk in _chunks(pairs))
        if not others:
            return first
        text: ColumnElement[str] = cast(first, Text)
        for chunk in others:
            # Without the brace at the end of the one, and at the beginning of the next.
            text = (
                func.left(text, literal_column("-1"), type_=Text())
                + literal_column("', '", Text())
                + func.substr(cast(chunk, Text), literal_column("2"), type_=Text())
            )
        return cast(text, JSON_TEXT)

    def array(
        self, item: ColumnElement[Any], kept: ColumnElement[bool] | None = None
    ) -> ColumnElement[Any]:
        items: Any = func.json_agg(item)
        if kept is not None:
            items = items.filter(kept)
        return func.coalesce(items, literal_column("'[]'::json"))

    def member(self, document: ColumnElement[Any], key: str) -> ColumnElement[Any]:
        return document.op("->")(word(key))

    def parsed(self, text: ColumnElement[str]) -> ColumnElement[Any]:
        return cast(text, JSON_TEXT)

    def again(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        return text

    def text(self, expression: ColumnElement[Any]) -> ColumnElement[str]:
        if isinstance(expression.type, Timestamp):
            return func.to_char(
                func.timezone(literal_column("'UTC'"), expression),
                literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"""),
                type_=Text(),
            )
        if isinstance(expression.type, Date):
            # A cast would ask the server how it likes to write dates.
            return func.to_char(expression, literal_column("'YYYY-MM-DD'"), type_=Text())
        return expression if isinstance(expression.type, String) else cast(expression, Text)

    def hexadecimal(self, text: ColumnElement[str]) -> ColumnElement[str]:
        utf8 = func.convert_to(text, literal_column("'UTF8'"))
        return func.encode(utf8, literal_column("'hex'"), type_=Text())

    def listed(self, values: list[str]) -> Any:
        return values

    def is_among(
        self, column: ColumnElement[Any], texts: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        return column == any_(texts)

    def each(self, texts: ColumnElement[Any]) -> tuple[FromClause, ColumnElement[str]]:
        rows = func.unnest(texts).table_valued("value", name="given").render_derived()
        return rows, rows.c.value


class SQLite:
    """Forms for SQLite from 3.38 on.

    Its parser's stack has a hundred places before 3.46, which five connections in one
    another exhaust; `deepest` leaves room for what columns and filters put on top.
    """

    deepest: int | None = 2
    list_type: TypeEngine[Any] = Text()
    separator: ColumnElement[str] = literal_column("char(31)", Text())

    def value(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        if isinstance(expression.type, Boolean):
            return case((expression, _TRUE), (expression.is_(None), NULL), else_=_FALSE)
        return func.json(expression) if isinstance(expression.type, JSON) else expression

    def object(self, pairs: Pairs) -> ColumnElement[Any]:
        *others, last = _chunks(pairs)
        if not others:
            return func.json_object(*last)
        # A last member that no response has, cut off again, leaves a comma at the end.
        text: ColumnElement[str] = literal_column("'{'", Text())
        for chunk in others:
            whole = func.json_object(*chunk, literal_column("'~'"), literal_column("0"))
            cut = func.rtrim(whole, literal_column("""'"~:0}'"""))
            text = text + func.substr(cut, literal_column("2"), type_=Text())
        end = func.substr(func.json_object(*last), literal_column("2"), type_=Text())
        return func.json(text + end)

    def array(
        self, item: ColumnElement[Any], kept: ColumnElement[bool] | None = None
    ) -> ColumnElement[Any]:
        items: Any = func.json_group_array(item)
        return items if kept is None else items.filter(kept)

    def member(self, document: ColumnElement[Any], key: str) -> ColumnElement[Any]:
        return func.json(document.op("->")(word(key)))

    def parsed(self, text: ColumnElement[str]) -> ColumnElement[Any]:
        return func.json(text)

    def again(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.json(text)

    def text(self, expression: ColumnElement[Any]) -> ColumnElement[str]:
        is_text = isinstance(expression.type, String | Timestamp)
        return expression if is_text else cast(expression, Text)

    def hexadecimal(self, text: ColumnElement[str]) -> ColumnElement[str]:
        return func.lower(func.hex(text), type_=Text())

    def listed(self, values: list[str]) -> Any:
        return orjson.dumps(values).decode()

    def is_among(
        self, column: ColumnElement[Any], texts: ColumnElement[Any]
    ) -> ColumnElement[bool]:
        return column.in_(select(func.json_each(texts).table_valued("value").c.value))

    def each(self, texts: ColumnElement[Any]) -> tuple[FromClause, ColumnElement[str]]:
        rows = func.json_each(texts).table_valued("value", name="given")
        return rows, rows.c.value


def forms_for(dialect: Dialect) -> Forms:
    """The forms of the database that *dialect* speaks to."""
    return PostgreSQL() if dialect.name == "postgresql" else SQLite()
