"""A mutation's input, as use cases take it: plain values under Python's names.

Strawberry makes an object of each input and looks every field's type up again for it; here it is
known once how an input's type becomes a dictionary, in which what was left out is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import strawberry
from strawberry.types.base import (
    StrawberryList,
    StrawberryObjectDefinition,
    StrawberryOptional,
    has_object_definition,
)
from strawberry.types.lazy_type import LazyType

Conversion = Callable[[Any], Any]


def take_plainly(schema: strawberry.Schema) -> None:
    """Has the inputs of the mutations of *schema* reach their fields as dictionaries."""
    mutation = schema._schema.mutation_type
    for field in mutation.fields.values() if mutation else ():
        for argument in field.extensions["strawberry-definition"].arguments:
            if argument.python_name == "input":
                definition = _definition(argument.type)
                assert definition is not None
                name = schema.config.name_converter.from_field
                definition.from_input = _taking(_object(definition, name))


def _taking(conversion: Conversion) -> Callable[[type, Mapping[str, Any], Any], Any]:
    return lambda _type, value, _context: conversion(value)


def _definition(of: Any) -> StrawberryObjectDefinition | None:
    if isinstance(of, StrawberryOptional):
        return _definition(of.of_type)
    if isinstance(of, LazyType):
        return _definition(of.resolve_type())
    return of.__strawberry_definition__ if has_object_definition(of) else None


@cache
def _object(definition: StrawberryObjectDefinition, name: Callable[[Any], str]) -> Conversion:
    fields = [
        (name(field), field.python_name, _conversion(field.resolve_type(), name))
        for field in definition.fields
    ]

    def convert(value: Mapping[str, Any]) -> dict[str, Any]:
        return {
            python_name: conversion(value[key])
            if conversion and value[key] is not None
            else value[key]
            for key, python_name, conversion in fields
            if key in value
        }

    return convert


def _conversion(of: Any, name: Callable[[Any], str]) -> Conversion | None:
    """How a value of this type is converted; None where it stays as it is."""
    if isinstance(of, StrawberryOptional):
        return _conversion(of.of_type, name)
    if isinstance(of, StrawberryList):
        each = _conversion(of.of_type, name)
        # graphql-core gives the same default to everybody who leaves it out.
        return list if each is None else lambda value: [each(one) for one in value]
    definition = _definition(of)
    return None if definition is None else _object(definition, name)
