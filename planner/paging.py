"""Where a connection's page lies: its size, its order, and the cursors that bound it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Integer, Text, func, inspect, literal_column, tuple_
from sqlalchemy.sql import operators

from planner.cursors import cursor, part
from planner.errors import BadArgument

if TYPE_CHECKING:
    from planner.arguments import Arguments
    from planner.databases import Forms
    from planner.declare import Related
    from planner.joins import Entity

DEFAULT_SIZE = 50
LARGEST_SIZE = 200


@dataclass(frozen=True)
class Order:
    """The order of a connection's rows: its name in cursors, and the attributes it goes by."""

    name: str
    attributes: tuple[str, ...]
    descending: bool

    @classmethod
    def of(cls, spec: Related, arguments: Arguments) -> Order:
        """The order that the argument `orderBy` names, or the default one."""
        name, descending = spec.default_order or "ID", spec.descending
        chosen = arguments.object("orderBy") if spec.orders else None
        if chosen is not None:
            name = _name(chosen.choice("field"))
            descending = _name(chosen.choice("direction")) == "DESC"
        attributes = [*spec.orders.get(name, ())]
        if attributes[-1:] != ["id"]:
            attributes.append("id")
        return cls(name, tuple(attributes), descending)

    def keys(self, row: Entity) -> list[ColumnElement[Any]]:
        """The row's values in this order; an absent text stands where the empty one does."""
        return [self._key(row, attribute) for attribute in self.attributes]

    def _key(self, row: Entity, attribute: str) -> ColumnElement[Any]:
        value: ColumnElement[Any] = getattr(row, attribute)
        column = inspect(row).mapper.columns[attribute]
        if not column.nullable:
            return value
        if not isinstance(column.type, Text):
            raise TypeError(f"{column} may be null, and only texts are sorted so")
        return func.coalesce(value, literal_column("''", Text()), type_=column.type)

    def sorted(self, row: Entity, *, backward: bool) -> list[ColumnElement[Any]]:
        """What a query sorts by to walk the rows in this order, or against it."""
        keys = self.keys(row)
        return [key.desc() for key in keys] if self.descending != backward else keys

    def cursor(self, forms: Forms, row: Entity) -> ColumnElement[str]:
        return cursor(forms, self.name, self.keys(row))


@dataclass(frozen=True)
class Bound:
    """The place that the argument `after` or `before` names."""

    argument: str
    order: Order
    arguments: Arguments

    def beyond(self, row: Entity) -> ColumnElement[bool]:
        """The condition that the row lies on the side that is asked for."""
        return self._compared(row, self._rising, orequal=False)

    def behind(self, row: Entity) -> ColumnElement[bool]:
        """The condition that the row lies on the other side, or at the place itself."""
        return self._compared(row, not self._rising, orequal=True)

    @property
    def _rising(self) -> bool:
        return (self.argument == "after") != self.order.descending

    def _compared(self, row: Entity, greater: bool, *, orequal: bool) -> ColumnElement[bool]:
        compare = {
            (True, False): operators.gt,
            (True, True): operators.ge,
            (False, False): operators.lt,
            (False, True): operators.le,
        }[greater, orequal]
        keys = self.order.keys(row)
        types = [key.type for key in keys]
        values = [
            self.arguments.bind(
                self.argument, part(self.order.name, types, place, self.argument), type_
            )
            for place, type_ in enumerate(types)
        ]
        if len(keys) == 1:
            return compare(keys[0], values[0])
        return compare(tuple_(*keys), tuple_(*values))


@dataclass(frozen=True)
class Page:
    """Which rows of a connection are asked for: *size* of them, from one bound towards the other.

    *size_and_one* is what is read to know whether there is more.
    """

    order: Order
    backward: bool
    size: ColumnElement[int]
    size_and_one: ColumnElement[int]
    after: Bound | None
    before: Bound | None

    @classmethod
    def of(cls, spec: Related, arguments: Arguments) -> Page:
        """The page that the arguments first, after, last, before and orderBy name.

        Raises BadArgument where `first` and `last` are both given; what is wrong with a value
        is raised when it is bound, in each run.
        """
        order = Order.of(spec, arguments)
        backward = arguments.given("last")
        if backward and arguments.given("first"):
            raise BadArgument("Ask for `first` or for `last`, not for both.", "last")
        size = "last" if backward else "first"
        return cls(
            order,
            backward,
            arguments.bind(size, _sized(size, 0), Integer()),
            arguments.bind(size, _sized(size, 1), Integer()),
            Bound("after", order, arguments) if arguments.given("after") else None,
            Bound("before", order, arguments) if arguments.given("before") else None,
        )

    @property
    def ahead(self) -> str:
        """The field that says whether there is more in the direction of the walk."""
        return "hasPreviousPage" if self.backward else "hasNextPage"

    @property
    def back(self) -> str:
        """The field that says whether there is more behind the walk's start."""
        return "hasNextPage" if self.backward else "hasPreviousPage"

    @property
    def origin(self) -> Bound | None:
        """The bound that the walk starts at."""
        return self.before if self.backward else self.after

    @property
    def end(self) -> Bound | None:
        """The bound that the walk goes towards."""
        return self.after if self.backward else self.before


def _sized(argument: str, more: int) -> Callable[[Any], int]:
    def size(value: int | None) -> int:
        asked = DEFAULT_SIZE if value is None else value
        if not 0 <= asked <= LARGEST_SIZE:
            raise BadArgument(f"`{argument}` is from 0 to {LARGEST_SIZE}.", argument)
        return asked + more

    return size


def _name(choice: Any) -> str:
    return choice.name if isinstance(choice, Enum) else str(choice)
