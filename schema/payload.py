"""A mutation's payload: what its use case answered, its rows read by the planner."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from graphql import GraphQLObjectType, GraphQLUnionType, get_named_type
from orjson import Fragment

from models import FirmOwned
from planner import ById, ByIds, Planner, Plans, Selection
from planner.selection import Field
from resolvers.unit import Unit
from schema.declarations import table_of

Payload = TypeVar("Payload")


class Planned(dict[str, Fragment | None]):
    """A payload's object as the planner read it, for each key that it was selected under."""


async def fill(
    payload: Callable[..., Payload],
    result: Any,
    *,
    selection: Selection,
    planner: Planner,
    plans: Plans,
    unit: Unit,
    constants: Mapping[str, Any],
) -> Payload:
    """The payload for *result*, whose rows are read in the unit's own transaction.

    A payload with one field beside `errors` gets the result there, and so does the first field
    of one with several where the result is a row or a bare id (the others then say what they say
    where there is nothing); else each gets the result's attribute of the same name.
    A result that starts or moves a session tells by `constants` whose eyes its rows are
    read with.
    """
    names = [f.name for f in dataclasses.fields(cast("Any", payload)) if f.name != "errors"]
    values: dict[str, Any] = (
        {names[0]: result}
        if len(names) == 1 or isinstance(result, (str, FirmOwned))
        else {name: getattr(result, name) for name in names}
    )
    known = {
        **constants,
        "now": unit.now,
        **({"firm_id": unit.firm_id} if unit.in_firm else {}),
        **getattr(result, "constants", {}),
    }
    below = selection.root
    kind = cast("GraphQLObjectType", get_named_type(below.definition.type))
    planned: dict[str, Planned] = {}
    for field in selection.below(below, kind):
        if field.name == "__typename":
            continue
        name = _python_name(kind, field.name)
        if name not in values or not _reads_rows(field, values[name]):
            continue
        planned.setdefault(name, Planned())[field.key] = await planner.read(
            _selected(selection, kind, field, values[name]),
            fetch=unit.fetch,
            constants=known,
            plans=plans,
        )
    return payload(**{**values, **planned})


def _python_name(kind: GraphQLObjectType, field: str) -> str:
    return kind.fields[field].extensions["strawberry-definition"].python_name


def _reads_rows(field: Field, value: Any) -> bool:
    if value is None:
        return False
    kind = field.type
    kinds = kind.types if isinstance(kind, GraphQLUnionType) else (kind,)
    return any(table_of(each) is not None for each in kinds)


def _selected(
    selection: Selection, parent: GraphQLObjectType, field: Field, value: Any
) -> Selection:
    """The payload's field as a selection of its own, read by the ids of its rows."""
    rows: Sequence[Any] = value if isinstance(value, list) else [value]
    of_type = _type_for(field, rows)
    common = {
        "schema": selection.schema,
        "fragments": selection.fragments,
        "operation": selection.operation,
        "variables": selection.variables,
        "parent": parent,
        "nodes": [detail.node for detail in field.details],
        "type_name": of_type,
    }
    if isinstance(value, list):
        prefix = table_of(field.type).id_prefix  # pyright: ignore[reportOptionalMemberAccess]
        return Selection(
            **common,
            spec=ByIds(types={prefix: of_type}, most=None),
            given={"ids": [row.id for row in rows]},
        )
    return Selection(**common, spec=ById(), given={"id": value.id})


def _type_for(field: Field, rows: Sequence[Any]) -> str:
    kind = field.type
    if not isinstance(kind, GraphQLUnionType):
        return kind.name
    return next(each.name for each in kind.types if table_of(each) is type(rows[0]))
