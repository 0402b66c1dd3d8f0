"""The ordinary execution: graphql-core walks the fields, and rows come from SQLAlchemy's ORM.

It takes the fields' declarations at their word and shares nothing else with the planner: rows
are loaded table by table in the firm's session, pairs of related rows by one join each, and
sorted, paged and looked up in Python. It knows no field by its name, so that it reads those
that are added later as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLScalarType,
    GraphQLSchema,
    build_client_schema,
    execute_sync,
    get_named_type,
    introspection_from_schema,
)
from sqlalchemy import inspect
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators

from planner.declare import (
    ById,
    ByIds,
    BySlug,
    ByStoredId,
    Composite,
    Count,
    Itself,
    Made,
    OneOf,
    Related,
    Shape,
    Tally,
    Value,
)
from schema.declarations import SchemaDeclarations
from tests.equality.tables import Tables

DEFAULT_SIZE = 50
Key = tuple[Any, ...]


def bare(schema: GraphQLSchema) -> GraphQLSchema:
    """The schema without any of its resolvers, and with its scalars."""
    copy = build_client_schema(introspection_from_schema(schema))
    for name, kind in copy.type_map.items():
        if isinstance(kind, GraphQLScalarType) and not name.startswith("__"):
            served: Any = schema.type_map[name]
            kind.coerce_output_value = served.coerce_output_value
            kind.coerce_input_value = served.coerce_input_value
    return copy


@dataclass(frozen=True, eq=False)
class Row:
    """A row, shown as a type; *carried* is what it brings along of the row that it hangs on."""

    kind: str
    model: type
    row: Any
    carried: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, eq=False)
class Document:
    """A JSON object in a column, shown as a type; its keys are the declarations'."""

    keys: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Order:
    """What a connection is sorted by."""

    name: str
    attributes: tuple[str, ...]
    descending: bool


@dataclass(frozen=True, eq=False)
class Page:
    """A connection's page."""

    order: Order
    every: Sequence[Any]
    shown: Sequence[tuple[Row, str]]
    model: type
    next: bool
    previous: bool


class Reference:
    """Answers as one caller is to be answered: *tables* are what they see of their firm, *firms*
    all firms of the deployment by their slugs."""

    def __init__(
        self,
        schema: GraphQLSchema,
        declarations: SchemaDeclarations,
        tables: Tables,
        firms: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._declarations = declarations
        self._tables = tables
        self.firms = firms

    def answer(
        self,
        session: Session,
        document: DocumentNode,
        variables: dict[str, Any],
        done: Callable[[Reference], Mapping[str, Any]] = lambda _: {},
    ) -> ExecutionResult:
        """What graphql-core's own execution makes of *document*.

        *done* makes of this the payload of each mutation in it.
        """
        self._tables.session = session
        return execute_sync(
            self._schema,
            document,
            root_value=done(self) or None,
            variable_values=variables,
            field_resolver=self._resolve,
            type_resolver=lambda value, *_: value.kind,
        )

    def _sorted(self, rows: list[Any], spec: Related, parent: Row | None, child: Any) -> list[Any]:
        names = list(spec.order)
        if not names and spec.attribute is not None and parent is not None:
            names = _order_of(inspect(parent.model).relationships[spec.attribute])
        for name in reversed(names):
            attribute = name.removeprefix("-")
            rows = sorted(
                rows,
                key=lambda row: self._tables.value(child, attribute, row),
                reverse=name.startswith("-"),
            )
        return rows

    def key(self, model: type, order: Order, row: Any) -> Key:
        """Where the row stands in the order; nothing stands where the empty text does."""
        values = [self._tables.value(model, attribute, row) for attribute in order.attributes]
        return tuple("" if value is None else value for value in values)

    def cursor(self, model: type, order: Order, row: Any) -> str:
        texts = [order.name, *map(_text, self.key(model, order, row))]
        return "\x1f".join(texts).encode().hex()

    def page(
        self, spec: Related, parent: Row | None, kind: Any, arguments: Mapping[str, Any]
    ) -> Page:
        """The page that the arguments ask for, of the connection's type *kind*."""
        node = get_named_type(kind.fields["nodes"].type).name
        model = self._declarations.rows(node)
        assert model is not None
        chosen = arguments.get("orderBy") or {} if spec.orders else {}
        name = chosen.get("field") or spec.default_order or "ID"
        descending = chosen["direction"] == "DESC" if chosen else spec.descending
        order = Order(name, (*spec.orders.get(name, ()), "id"), descending)

        def beyond(row: Any, bound: str) -> bool:
            """Whether the row lies on the side of the cursor that is asked for."""
            key = self.key(model, order, row)
            place = _parse(arguments[bound], key)
            return key > place if (bound == "after") != descending else key < place

        every = self._related(spec, parent, model, arguments)
        every.sort(key=lambda row: self.key(model, order, row), reverse=descending)
        bounds = [bound for bound in ("after", "before") if arguments.get(bound) is not None]
        kept = [row for row in every if all(beyond(row, bound) for bound in bounds)]
        last = arguments.get("last")
        size = last if last is not None else arguments.get("first")
        size = DEFAULT_SIZE if size is None else size
        shown = kept[:size] if last is None else kept[max(len(kept) - size, 0) :]
        over = len(kept) > size
        behind = {
            bound: bound in bounds and not all(beyond(row, bound) for row in every)
            for bound in ("after", "before")
        }
        return Page(
            order,
            every,
            [(Row(node, model, row), self.cursor(model, order, row)) for row in shown],
            model,
            behind["before"] or (over and last is None),
            behind["after"] or (over and last is not None),
        )

    def _resolve(self, source: Any, info: Any, **arguments: Any) -> Any:
        if isinstance(source, Mapping):
            return source[info.field_name]
        spec = self._declarations.field(info.parent_type.name, info.field_name)
        if isinstance(source, Page):
            return self._of_page(source, info.field_name, spec)
        if isinstance(source, Document):
            assert isinstance(spec, Value)
            return source.keys.get(spec.attribute)
        kind = get_named_type(info.return_type)
        if isinstance(spec, Value):
            return self._tables.value(source.model, spec.attribute, source.row)
        if isinstance(spec, Tally):
            return self._tables.tally(spec, source.model, source.row)
        if isinstance(spec, Made):
            return self._tables.made(spec, source.model, source.row, source.carried)
        if isinstance(spec, Itself):
            return Row(kind.name, source.model, source.row)
        if isinstance(spec, Composite):
            document = self._tables.value(source.model, spec.attribute, source.row)
            return None if document is None else Document(document)
        if isinstance(spec, ById):
            return self.by_id(arguments[spec.argument], spec.types or kind.name)
        if isinstance(spec, ByIds):
            return [self.by_id(id_, spec.types) for id_ in arguments[spec.argument]]
        if isinstance(spec, ByStoredId):
            id_ = self._tables.value(source.model, spec.attribute, source.row)
            return None if id_ is None else self.by_id(id_, spec.types)
        if isinstance(spec, BySlug):
            row = self.firms.get(arguments[spec.argument])
            return row and Row(kind.name, type(row), row)
        if isinstance(spec, OneOf):
            found = (self._rows(each, source, name) for name, each in spec.relations.items())
            return next((rows[0] for rows in found if rows), None)
        assert isinstance(spec, Related), (info.parent_type.name, info.field_name)
        if spec.shape is Shape.PAGED:
            return self.page(spec, source, kind, arguments)
        rows = self._rows(spec, source, kind.name, arguments)
        if spec.shape is Shape.MANY:
            return rows
        assert spec.shape is Shape.FIRST or len(rows) < 2
        return rows[0] if rows else None

    def _related(
        self, spec: Related, parent: Row | None, child: Any, arguments: Mapping[str, Any]
    ) -> list[Any]:
        model, id_ = (parent.model, parent.row.id) if parent else (None, None)
        return self._tables.related(spec, model, id_, child, arguments)

    def _rows(
        self, spec: Related, parent: Row | None, kind: str, arguments: Mapping[str, Any] = {}
    ) -> list[Row]:
        model = self._declarations.rows(kind)
        assert model is not None
        rows = self._related(spec, parent, model, arguments)
        carried = {key: getattr(parent and parent.row, name) for key, name in spec.carries.items()}
        return [Row(kind, model, row, carried) for row in self._sorted(rows, spec, parent, model)]

    def by_id(self, id_: str, types: Mapping[str, str] | str) -> Row | None:
        kind = types if isinstance(types, str) else types.get(id_.partition("_")[0])
        model = self._declarations.rows(kind) if kind else None
        if kind is None or model is None:
            return None
        row = self._tables.rows(model).get(id_)
        return row and Row(kind, model, row)

    def _of_page(self, page: Page, name: str, spec: Any) -> Any:
        if isinstance(spec, Count):
            meeting = self._tables.meeting((id(spec),), page.model, lambda one: [spec.where(one)])
            return len([row for row in page.every if row.id in meeting])
        cursors = [cursor for _, cursor in page.shown]
        return {
            "nodes": [row for row, _ in page.shown],
            "edges": [{"node": row, "cursor": cursor} for row, cursor in page.shown],
            "totalCount": len(page.every),
            "pageInfo": {
                "hasNextPage": page.next,
                "hasPreviousPage": page.previous,
                "startCursor": cursors[0] if cursors else None,
                "endCursor": cursors[-1] if cursors else None,
            },
        }[name]


def _order_of(relationship: Any) -> list[str]:
    """The order that a relationship has by itself, as `Related.order` writes it."""
    names: list[str] = []
    for column in relationship.order_by or ():
        descending = getattr(column, "modifier", None) is operators.desc_op
        bare_column = column.element if descending else column
        name = relationship.mapper.get_property_by_column(bare_column).key
        names.append(f"-{name}" if descending else name)
    return names


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _parse(cursor: str, like: Key) -> Key:
    """The place that a cursor names, in values like those of *like*."""
    texts = bytes.fromhex(cursor).decode().split("\x1f")[1:]
    return tuple(_value(text, one) for text, one in zip(texts, like, strict=True))


def _value(text: str, like: Any) -> Any:
    if isinstance(like, datetime):
        return datetime.fromisoformat(text)
    if isinstance(like, date):
        return date.fromisoformat(text)
    return int(text) if isinstance(like, int) else text
