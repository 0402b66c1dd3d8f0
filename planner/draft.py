"""Drafting: a selection becomes an expression of SQL whose value is its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLSchema, is_object_type
from sqlalchemy import ColumnElement, case, func, inspect, literal_column, select

from planner.arguments import Arguments, FieldArguments, GivenArguments, Ledger
from planner.connections import Connection
from planner.databases import NULL, Forms, word
from planner.declare import (
    ByStoredId,
    Composite,
    Declarations,
    Itself,
    Made,
    OneOf,
    Related,
    Shape,
    Tally,
    Value,
)
from planner.errors import Undeclared
from planner.joins import Entity, belonging, columns, entity, in_order
from planner.selection import Field, Selection
from tenancy.scope import within


@dataclass(frozen=True)
class Draft:
    """One selection on its way to a statement."""

    schema: GraphQLSchema
    declarations: Declarations
    forms: Forms
    selection: Selection
    ledger: Ledger
    # Whether it is for a member who sees some of the firm's rows alone.
    limited: bool

    def arguments(self, field: Field) -> Arguments:
        """The field's arguments; whatever is looked at there is recorded."""
        if self.selection.given is not None and field.node is self.selection.nodes[0]:
            return Arguments(self.ledger, GivenArguments())
        return Arguments(self.ledger, FieldArguments(field.definition, field.node))

    def rows(self, type_: GraphQLNamedType, field: Field) -> tuple[GraphQLObjectType, type]:
        """The type as an object type, and the class whose rows it shows."""
        model = self.declarations.rows(type_.name)
        if model is None or not is_object_type(type_):
            raise Undeclared(type_.name, field.name)
        return type_, model

    def object(
        self, field: Field, type_: GraphQLObjectType, row: Entity, depth: int
    ) -> ColumnElement[Any]:
        """What *field* selects of *row*, as an object of *type_*.

        *depth* counts the subqueries around it since the statement, or a view, began.
        """
        return self.forms.object(
            [
                (below.key, self._value(type_, below, row, depth))
                for below in self.selection.below(field, type_)
            ]
        )

    def _value(
        self, type_: GraphQLObjectType, field: Field, row: Entity, depth: int
    ) -> ColumnElement[Any]:
        if field.name == "__typename":
            return word(type_.name)
        spec = self.declarations.field(type_.name, field.name)
        if isinstance(spec, Value):
            read = spec.attribute
            return self.forms.value(getattr(row, read) if isinstance(read, str) else read(row))
        if isinstance(spec, Composite):
            return self._composite(field, getattr(row, spec.attribute))
        if isinstance(spec, Tally):
            return self._tally(spec, row)
        if isinstance(spec, Made):
            return spec.make(self.forms, row)
        if isinstance(spec, Itself):
            return self.object(field, self.rows(field.type, field)[0], row, depth)
        if isinstance(spec, Related | OneOf | ByStoredId):
            return self._nested(spec, field, row, depth)
        raise Undeclared(type_.name, field.name)

    def _tally(self, spec: Tally, row: Entity) -> ColumnElement[Any]:
        counted = entity(spec.table)
        conditions = (within(counted, limited=self.limited), spec.on(row, counted))
        found = select(func.count()).select_from(counted).where(*conditions)
        return found.correlate(row).scalar_subquery()

    def _composite(self, field: Field, document: ColumnElement[Any]) -> ColumnElement[Any]:
        type_ = field.type
        if not is_object_type(type_):
            raise Undeclared(type_.name, field.name)
        members = self.forms.object(
            [
                (below.key, self._member(type_, below, document))
                for below in self.selection.below(field, type_)
            ]
        )
        return case((document.is_not(None), members), else_=NULL)

    def _member(
        self, type_: GraphQLObjectType, field: Field, document: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        if field.name == "__typename":
            return word(type_.name)
        spec = self.declarations.field(type_.name, field.name)
        if isinstance(spec, Value) and isinstance(spec.attribute, str):
            return self.forms.member(document, spec.attribute)
        raise Undeclared(type_.name, field.name)

    def _nested(
        self, spec: Related | OneOf | ByStoredId, field: Field, row: Entity, depth: int
    ) -> ColumnElement[Any]:
        if self.forms.deepest is None or depth < self.forms.deepest:
            return self.found(spec, field, row, depth + 1)
        # A view of every row's JSON, of which one row is taken by its key: the database puts
        # the one into the other again, but its parser never sees them nested.
        mapper = inspect(row).mapper
        each = entity(mapper.class_)
        names = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
        view = (
            select(
                *(getattr(each, name).label(name) for name in names),
                self.found(spec, field, each, 1).label("json"),
            )
            .where(within(each, limited=self.limited))
            .cte()
        )
        shown: Entity = view.c
        found = select(shown.json).where(*(shown[name] == getattr(row, name) for name in names))
        return self.forms.again(found.correlate(row).scalar_subquery())

    def found(
        self, spec: Related | OneOf | ByStoredId, field: Field, parent: Entity | None, depth: int
    ) -> ColumnElement[Any]:
        """What *spec* finds for *parent* (None at the root), shown as *field*'s type."""
        if isinstance(spec, Related):
            return self.related(spec, field, field.type, parent, depth)
        if isinstance(spec, OneOf):
            rows = (
                self.related(relation, field, self.schema.type_map[name], parent, depth)
                for name, relation in spec.relations.items()
            )
            return self.forms.again(func.coalesce(*rows))
        return self.by_prefix(spec.types, field, getattr(parent, spec.attribute), parent, depth)

    def by_prefix(
        self,
        types: Mapping[str, str],
        field: Field,
        id_: ColumnElement[str],
        around: Any,
        depth: int,
    ) -> ColumnElement[Any]:
        """The row that *id_* (of *around*) names, shown as the type that its prefix has."""
        rows = [
            (
                id_.startswith(f"{prefix}_", autoescape=True),
                self.by_id(field, self.schema.type_map[name], id_, around, depth),
            )
            for prefix, name in types.items()
        ]
        return case(*rows, else_=NULL)

    def by_id(
        self,
        field: Field,
        type_: GraphQLNamedType,
        id_: ColumnElement[str],
        around: Any,
        depth: int,
    ) -> ColumnElement[Any]:
        """The row that *id_* names, an expression over *around* (None: over nothing)."""
        shown, model = self.rows(type_, field)
        row = entity(model)
        found = select(self.object(field, shown, row, depth)).where(
            within(row, limited=self.limited), row.id == id_
        )
        return found.correlate(around).scalar_subquery()

    def related(
        self,
        spec: Related,
        field: Field,
        type_: GraphQLNamedType,
        parent: Entity | None,
        depth: int,
    ) -> ColumnElement[Any]:
        """The rows that *spec* finds for *parent* (None at the root), in the spec's shape."""
        if spec.shape is Shape.PAGED:
            return Connection.of(self, spec, field, parent, depth).json()
        shown, model = self.rows(type_, field)
        child = entity(model)
        conditions = belonging(spec, parent, child, limited=self.limited)
        if spec.filters is not None:
            conditions.extend(spec.filters(child, self.arguments(field)))
        if spec.shape is Shape.MANY:
            order = in_order(spec, parent, child)
            along = (getattr(parent, name).label(key) for key, name in spec.carries.items())
            rows = select(*columns(child), *along).where(*conditions).order_by(*order)
            child = entity(model, rows.correlate(parent).subquery())
            array = self.forms.array(self.object(field, shown, child, depth))
            # An item without any column would leave the rows out.
            return select(array).select_from(child).scalar_subquery()
        row = select(self.object(field, shown, child, depth)).where(*conditions)
        if spec.shape is Shape.FIRST:
            row = row.order_by(*in_order(spec, parent, child)).limit(literal_column("1"))
            # A row that was sorted has forgotten that it is JSON.
            return self.forms.again(row.correlate(parent).scalar_subquery())
        return row.correlate(parent).scalar_subquery()
