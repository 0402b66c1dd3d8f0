"""What types and fields say of themselves, so that the planner can read them.

A type names the mapped class whose rows it shows; a field says which attribute of the row,
or which other rows, it stands for. An *entity* here is a mapped class or an alias of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from planner.arguments import Arguments
    from planner.databases import Forms


@dataclass(frozen=True)
class Value:
    """A column or hybrid attribute of the row, or an expression over the entity.

    Inside of an object that a `Composite` shows, the name of the JSON object's key.
    """

    attribute: str | Callable[[Any], ColumnElement[Any]]


@dataclass(frozen=True)
class Composite:
    """A column that holds a JSON object, shown as an object type; null where it is null."""

    attribute: str


@dataclass(frozen=True)
class Made:
    """JSON that *make* writes, of the row's entity, in the database's own forms."""

    make: Callable[[Forms, Any], ColumnElement[Any]]


@dataclass(frozen=True)
class Itself:
    """The row itself, shown as the field's type: an object around it says more of the same row."""


class Shape(Enum):
    """How many of the related rows a field shows, and how."""

    ONE = auto()  # at most one, by the nature of the condition
    MANY = auto()  # all, in order
    FIRST = auto()  # the first in an order
    PAGED = auto()  # a connection


@dataclass(frozen=True, kw_only=True)
class Related:
    """Rows of the field's type that belong to the row it stands on, or to the root.

    They are found by *attribute*, a relationship of the row's class, or by *on*, which is
    called with the parent's entity and the child's (for a root field with the child's alone)
    and answers a condition. *filters* adds conditions from the field's arguments; where *dear*
    says of them that finding the rows is most of the work, a page of them and how many there
    are come from one finding.

    MANY and FIRST come in the order of *order*, names of attributes, with a hyphen before
    those that descend; without it in the relationship's own. PAGED takes the argument
    `orderBy: {field, direction}`: *orders* maps the field's name to attributes, *default_order*
    is the one that holds without it, descending if *descending*. `id` is always the last word.

    The rows of MANY may carry attributes of the parent along, by the names that `carried` finds
    them under (planner/joins.py): what is made of a row can then depend on whom it is shown for.
    """

    shape: Shape
    attribute: str | None = None
    on: Callable[..., ColumnElement[bool]] | None = None
    filters: Callable[[Any, Arguments], Iterable[ColumnElement[bool]]] | None = None
    dear: Callable[[Arguments], bool] | None = None
    order: Sequence[str] = ()
    orders: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    default_order: str | None = None
    descending: bool = False
    carries: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class OneOf:
    """The row that one of several relations finds, or null; the field's type is abstract.

    *relations*, two or more, are of the shape ONE, by the names of the types that they show.
    Where more than one finds a row, the first of them is shown.
    """

    relations: Mapping[str, Related]


@dataclass(frozen=True)
class ByStoredId:
    """The row whose id the row's *attribute* holds, or null; the field's type is abstract.

    *types* maps the id's prefix to the type's name. The id may lead nowhere any more.
    """

    attribute: str
    types: Mapping[str, str]


@dataclass(frozen=True)
class Count:
    """In a connection beside `totalCount`: how many of its rows meet a condition."""

    where: Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True)
class Tally:
    """How many rows of *table* there are for the row, by a condition over both entities."""

    table: type
    on: Callable[[Any, Any], ColumnElement[bool]]


@dataclass(frozen=True)
class ById:
    """The row whose id the argument holds, or null.

    Where the field's type is abstract, *types* maps the id's prefix to the type's name.
    """

    argument: str = "id"
    types: Mapping[str, str] | None = None


@dataclass(frozen=True)
class ByIds:
    """The rows whose ids the argument holds, in its order, null for those that are not there.

    *types* maps prefixes of ids to names of types; *most* is how many ids a client may send.
    """

    types: Mapping[str, str]
    argument: str = "ids"
    most: int | None = 200


@dataclass(frozen=True)
class BySlug:
    """The firm whose slug the argument holds, or null, whoever asks and from wherever.

    Only what the firm's own row holds can be shown below: all other rows are the caller's.
    """

    argument: str


Spec = (
    Value
    | Composite
    | Made
    | Itself
    | Related
    | OneOf
    | ByStoredId
    | Count
    | Tally
    | ById
    | ByIds
    | BySlug
)


class Declarations(Protocol):
    """Where the planner looks types and fields up, by their names in the schema."""

    def rows(self, type_name: str) -> type | None:
        """The mapped class whose rows the type shows."""
        ...

    def field(self, type_name: str, field_name: str) -> Spec | None:
        """What the field stands for."""
        ...
