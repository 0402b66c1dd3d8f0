"""The statement's whole value: what a root field, or a payload's field, stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLNamedType
from sqlalchemy import ColumnElement, case, select

from planner.databases import NULL
from planner.declare import ById, ByIds, Related
from planner.errors import BadArgument, Undeclared
from planner.joins import entity
from tenancy.scope import within

if TYPE_CHECKING:
    from planner.draft import Draft
    from planner.selection import Field


def whole(draft: Draft) -> ColumnElement[Any] | None:
    """The expression of the selection's JSON; None where it can only be null."""
    selection = draft.selection
    field = selection.root
    spec = selection.spec or draft.declarations.field(selection.parent.name, field.name)
    type_ = draft.schema.type_map[selection.type_name] if selection.type_name else field.type
    if isinstance(spec, Related):
        return draft.related(spec, field, type_, None, 1)
    if isinstance(spec, ById):
        return _by_id(draft, spec, field, type_)
    if isinstance(spec, ByIds):
        return _by_ids(draft, spec, field)
    raise Undeclared(selection.parent.name, field.name)


def prefix_of(id_: Any) -> str:
    """What stands before an id's underscore."""
    return str(id_).partition("_")[0]


def _by_id(
    draft: Draft, spec: ById, field: Field, type_: GraphQLNamedType
) -> ColumnElement[Any] | None:
    arguments = draft.arguments(field)
    if spec.types is not None:
        types = spec.types
        name = arguments.derive(spec.argument, lambda id_: types.get(prefix_of(id_)))
        if name is None:
            return None
        type_ = draft.schema.type_map[name]
    return _one(draft, field, type_, arguments.bind(spec.argument), None)


def _by_ids(draft: Draft, spec: ByIds, field: Field) -> ColumnElement[Any]:
    def texts(ids: list[str] | None) -> Any:
        if spec.most is not None and len(ids or ()) > spec.most:
            raise BadArgument(f"`{spec.argument}` holds at most {spec.most} ids.", spec.argument)
        return draft.forms.listed([str(id_) for id_ in ids or ()])

    bound = draft.arguments(field).bind(spec.argument, texts, draft.forms.list_type)
    given, id_, place = draft.forms.each(bound)
    found = [
        (id_.startswith(f"{prefix}_", autoescape=True), _one(draft, field, type_, id_, given))
        for prefix, name in spec.types.items()
        for type_ in (draft.schema.type_map[name],)
    ]
    row = case(*found, else_=NULL)
    return select(draft.forms.array(row, [place])).select_from(given).scalar_subquery()


def _one(
    draft: Draft,
    field: Field,
    type_: GraphQLNamedType,
    id_: ColumnElement[str],
    given: Any,
) -> ColumnElement[Any]:
    shown, model = draft.rows(type_, field)
    row = entity(model)
    found = select(draft.object(field, shown, row, 1)).where(within(row), row.id == id_)
    return found.correlate(given).scalar_subquery()
