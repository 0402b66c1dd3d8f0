"""The statement's whole value: what a root field, or a payload's field, stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLNamedType
from sqlalchemy import ColumnElement, Dialect, select

from planner.declare import ById, ByIds, BySlug, OneOf, Related
from planner.errors import BadArgument, Undeclared
from planner.joins import entity
from tenancy.reading import by_slug, inside_firm

if TYPE_CHECKING:
    from planner.draft import Draft
    from planner.selection import Field


def whole(draft: Draft, dialect: Dialect) -> ColumnElement[Any] | None:
    """The expression of the selection's JSON, as it may be run; None where it can only be null."""
    selection = draft.selection
    field = selection.root
    spec = selection.spec or draft.declarations.field(selection.parent.name, field.name)
    type_ = draft.schema.type_map[selection.type_name] if selection.type_name else field.type
    if isinstance(spec, BySlug):
        return _by_slug(draft, spec, field, dialect)
    if isinstance(spec, Related):
        value = draft.related(spec, field, type_, None, 1)
    elif isinstance(spec, OneOf):
        value = draft.found(spec, field, None, 1)
    elif isinstance(spec, ById):
        value = _by_id(draft, spec, field, type_)
    elif isinstance(spec, ByIds):
        value = _by_ids(draft, spec, field)
    else:
        raise Undeclared(selection.parent.name, field.name)
    return None if value is None else inside_firm(value, dialect)


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
    return draft.by_id(field, type_, arguments.bind(spec.argument), None, 1)


def _by_ids(draft: Draft, spec: ByIds, field: Field) -> ColumnElement[Any]:
    def texts(ids: list[str] | None) -> Any:
        if spec.most is not None and len(ids or ()) > spec.most:
            raise BadArgument(f"`{spec.argument}` holds at most {spec.most} ids.", spec.argument)
        return draft.forms.listed([str(id_) for id_ in ids or ()])

    bound = draft.arguments(field).bind(spec.argument, texts, draft.forms.list_type)
    given, id_ = draft.forms.each(bound)
    row = draft.by_prefix(spec.types, field, id_, given, 1)
    return select(draft.forms.array(row)).select_from(given).scalar_subquery()


def _by_slug(draft: Draft, spec: BySlug, field: Field, dialect: Dialect) -> ColumnElement[Any]:
    shown, model = draft.rows(field.type, field)
    row = entity(model)
    slug = draft.arguments(field).bind(spec.argument)
    return by_slug(draft.object(field, shown, row, 1), row, slug, dialect)
