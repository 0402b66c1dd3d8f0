"""What the two databases write differently: JSON, texts of moments, lists as parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
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
    Integer,
    String,
    Text,
    any_,
    case,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.base import Timestamp

# Of a function on PostgreSQL. SQLite's take 127.
_MOST_ARGUMENTS = 100
_WORD = re.compile(r"[_A-Za-z][_A-Za-z0-9]*")

Pairs = Sequence[tuple[str, ColumnElement[Any]]]


NULL: ColumnElement[Any] = literal_column("NULL")
_TRUE: ColumnElement[Any] = literal_column("json('true')")
_FALSE: ColumnElement[Any] = literal_column("json('false')")


def word(text: str) -> ColumnElement[str]:
    """A name of the GraphQL grammar as a literal of SQL."""
    return _text(_checked(text))


def _checked(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError(f"not a name: {text!r}")
    return text


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


class Json(Text):
    """The text of JSON, which becomes a part of other JSON as it stands."""


def _in_json(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """PostgreSQL's text of a value as it stands in JSON."""
    held = _held(value)
    if isinstance(held, Json):
        text = value
    elif isinstance(held, Boolean | Integer | JSON):
        text = cast(value, Text)
    else:
        # A literal has no type of its own.
        string = cast(value, Text) if isinstance(held, String) else value
        text = cast(func.to_json(string), Text)
    return func.coalesce(text, _text("null"))


def _text(text: str) -> ColumnElement[str]:
    """What stands around values in JSON, as a literal of SQL."""
    return literal_column(f"'{text}'", Text())


def _is_string(value: ColumnElement[Any]) -> bool:
    held = _held(value)
    return isinstance(held, String) and not isinstance(held, Json)


def _held(value: ColumnElement[Any]) -> TypeEngine[Any]:
    """The type that the database has for a value."""
    type_ = value.type
    return type_.impl_instance if isinstance(type_, TypeDecorator) else type_


def _arguments(pairs: Pairs) -> list[ColumnElement[Any]]:
    return [part for key, value in pairs for part in (word(key), value)]


def _portions(
    parts: Sequence[ColumnElement[Any]], most: int
) -> Sequence[Sequence[ColumnElement[Any]]]:
    """*parts* in portions of *most* at the most; at least one, perhaps of none."""
    return [parts[start : start + most] for start in range(0, len(parts), most)] or [()]


class PostgreSQL:
    """Forms for PostgreSQL, with asyncpg's parameters.

    JSON is put together as text: the server's functions for JSON ask for each value, in every row,
    of what type it is, and take up to a tenth longer for a page.
    """

    deepest: int | None = None
    list_type: TypeEngine[Any] = ARRAY(Text())
    separator: ColumnElement[str] = literal_column("chr(31)", Text())

    def value(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        return self.text(expression) if isinstance(expression.type, Timestamp) else expression

    def object(self, pairs: Pairs) -> ColumnElement[Any]:
        if pairs and all(_is_string(value) for _, value in pairs):
            # Quicker still, because it quotes all of them in one go.
            return cast(func.json_object(array(_arguments(pairs))), Json)
        parts: list[ColumnElement[Any]] = []
        for key, value in pairs:
            mark = "," if parts else "{"
            parts += (_text(f'{mark}"{_checked(key)}":'), _in_json(value))
        parts.append(_text("}" if parts else "{}"))
        # What is joined by operators nests as deep as it is long.
        joined = [
            reduce(lambda text, more: text + more, some)
            for some in _portions(parts, _MOST_ARGUMENTS)
        ]
        return type_coerce(joined[0] if len(joined) == 1 else func.concat(*joined), Json())

    def array(
        self, item: ColumnElement[Any], kept: ColumnElement[bool] | None = None
    ) -> ColumnElement[Any]:
        items: Any = func.string_agg(_in_json(item), _text(","), type_=Text())
        if kept is not None:
            items = items.filter(kept)
        return type_coerce(_text("[") + func.coalesce(items, _text("")) + _text("]"), Json())

    def member(self, document: ColumnElement[Any], key: str) -> ColumnElement[Any]:
        return document.op("->")(word(key))

    def parsed(self, text: ColumnElement[str]) -> ColumnElement[Any]:
        return type_coerce(text, Json())

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
        # Room for a pair more.
        *others, last = _portions(_arguments(pairs), _MOST_ARGUMENTS - 2)
        if not others:
            return func.json_object(*last)
        # A last member that no response has, cut off again, leaves a comma at the end.
        text: ColumnElement[str] = literal_column("'{'", Text())
        for some in others:
            whole = func.json_object(*some, literal_column("'~'"), literal_column("0"))
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
