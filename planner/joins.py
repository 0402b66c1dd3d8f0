"""How a row finds its related rows: conditions between two entities, and the firm's on each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Alias, ColumnElement, FromClause, UnaryExpression, inspect
from sqlalchemy.orm import aliased
from sqlalchemy.sql import coercions, operators, roles, visitors

from tenancy.scope import within

if TYPE_CHECKING:
    from planner.declare import Related

# A mapped class, or an alias of one: SQLAlchemy gives its attributes at run time.
Entity = Any


def entity(model: type, rows: FromClause | None = None) -> Entity:
    """A fresh alias of a mapped class, over its table or over *rows* with its columns."""
    return cast("Any", aliased(model, rows))


def columns(row: Entity) -> Sequence[ColumnElement[Any]]:
    """All columns of the table, or rows, that an entity stands over."""
    return list(inspect(row).selectable.columns)


def carried(row: Entity) -> Mapping[str, ColumnElement[Any]]:
    """What a row brings along beside its own columns, by name (`Related.carries`)."""
    selected = inspect(row)
    own = {column.key for column in selected.mapper.columns}
    return {name: one for name, one in selected.selectable.columns.items() if name not in own}


def belonging(
    spec: Related, parent: Entity | None, child: Entity, *, limited: bool
) -> list[ColumnElement[bool]]:
    """The conditions that *child* is of the firm, and belongs to *parent* (or to the root).

    *limited*: and within the reach of a member who does not see everything.
    """
    conditions = [within(child, limited=limited)]
    if spec.attribute is not None:
        relationship = getattr(parent, spec.attribute).of_type(child)
        joined: ColumnElement[bool] = coercions.expect(roles.WhereHavingRole, relationship)
        conditions += (joined, *map(within, _between(joined, relationship.property.secondary)))
    elif spec.on is not None:
        conditions.append(spec.on(child) if parent is None else spec.on(parent, child))
    return conditions


def _between(condition: ColumnElement[bool], secondary: Any) -> Iterator[Any]:
    """The columns of the association table's alias that stands in *condition*, if there is one."""
    if secondary is None:
        return
    tables: dict[Any, None] = {
        getattr(part, "table", None): None for part in visitors.iterate(condition)
    }
    yield from (table.c for table in tables if _aliases(table, secondary))


def _aliases(table: Any, of: Any) -> bool:
    return isinstance(table, Alias) and cast("Any", table).element is of


def in_order(spec: Related, parent: Entity | None, child: Entity) -> list[ColumnElement[Any]]:
    """What MANY and FIRST are sorted by: the declared order, or the relationship's, then the id."""
    names = list(spec.order)
    if not names and spec.attribute is not None:
        names = list(_names(inspect(parent).mapper.relationships[spec.attribute]))
    if names[-1:] not in (["id"], ["-id"]):
        names.append("id")
    return [
        getattr(child, name[1:]).desc() if name.startswith("-") else getattr(child, name)
        for name in names
    ]


def _names(relationship: Any) -> Iterator[str]:
    """A relationship's own order in the notation of `Related.order`."""
    columns: Sequence[Any] = relationship.order_by or ()
    for column in columns:
        descending = isinstance(column, UnaryExpression) and column.modifier is operators.desc_op
        bare: Any = column.element if isinstance(column, UnaryExpression) else column
        name = relationship.mapper.get_property_by_column(bare).key
        yield f"-{name}" if descending else name
