"""JSON: any value of JSON, with its numbers exact to the last digit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Self

import strawberry
from graphql import (
    BooleanValueNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)


class WrittenNumber(float):
    """A fraction of a request's JSON, which remembers the digits that it was written with."""

    digits: str

    def __new__(cls, digits: str) -> Self:
        number = super().__new__(cls, digits)
        number.digits = digits
        return number


def _read(value: Any) -> Any:
    """A variable's value, with fractions as Decimal."""
    if isinstance(value, WrittenNumber):
        return Decimal(value.digits)
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [_read(each) for each in value]
    if isinstance(value, dict):
        return {name: _read(each) for name, each in value.items()}
    return value


def _read_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> Any:
    """The same for a value that is written in the document. Raises GraphQLError for an enum's."""
    match node:
        case IntValueNode() | FloatValueNode():
            number = Decimal(node.value)
            whole = isinstance(node, IntValueNode) and len(node.value) < 20
            return int(number) if whole else number
        case StringValueNode() | BooleanValueNode():
            return node.value
        case NullValueNode():
            return None
        case ListValueNode():
            return [_read_literal(each, variables) for each in node.values]
        case ObjectValueNode():
            return {
                field.name.value: _read_literal(field.value, variables) for field in node.fields
            }
        case VariableNode():
            return _read((variables or {}).get(node.name.value))
        case _:
            raise GraphQLError("JSON has texts, numbers, booleans, lists and objects.", node)


JSON_VALUE = strawberry.scalar(
    name="JSON",
    description="Any value of JSON. Numbers keep every digit: 12.50 is not 12.5.",
    serialize=lambda value: value,
    parse_value=_read,
    parse_literal=_read_literal,
    specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
)
