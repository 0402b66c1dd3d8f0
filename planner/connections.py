"""Connections: one page of rows, and what is said of the rows around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, is_object_type
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    case,
    func,
    literal_column,
    select,
)

from planner.databases import word
from planner.declare import Count, Related
from planner.errors import Undeclared
from planner.joins import Entity, belonging, columns, entity
from planner.paging import Bound, Page
from planner.selection import named_type

if TYPE_CHECKING:
    from planner.arguments import Arguments
    from planner.draft import Draft
    from planner.selection import Field

_ONE: ColumnElement[int] = literal_column("1", Integer())


@dataclass(frozen=True)
class Rows:
    """The rows of a page as a table: *row*, and with *place* (from 1 on, in the direction of
    the walk) and *count* where the page was read with one row more than asked for."""

    row: Entity
    table: FromClause
    place: ColumnElement[int] | None
    count: ColumnElement[int] | None


@dataclass(frozen=True)
class Connection:
    """One connection in the making."""

    draft: Draft
    spec: Related
    field: Field
    parent: Entity | None
    depth: int
    type: GraphQLObjectType
    node_type: GraphQLObjectType
    model: type
    arguments: Arguments
    found: FromClause | None = None
    """All rows that meet the filters, where they are found once for everything."""

    @classmethod
    def of(
        cls, draft: Draft, spec: Related, field: Field, parent: Entity | None, depth: int
    ) -> Connection:
        type_ = field.type
        if not is_object_type(type_) or "nodes" not in type_.fields:
            raise Undeclared(type_.name, "nodes")
        node_type, model = draft.rows(named_type(type_.fields["nodes"]), field)
        return cls(
            draft, spec, field, parent, depth, type_, node_type, model, draft.arguments(field)
        )

    def json(self) -> ColumnElement[Any]:
        """The connection's JSON object. Only what is selected costs anything."""
        fields = list(self.draft.selection.below(self.field, self.type))
        page = Page.of(self.spec, self.arguments)
        infos = [
            below for field in fields if field.name == "pageInfo" for below in self._below(field)
        ]
        counted = any(info.name in (page.ahead, "startCursor", "endCursor") for info in infos)
        if not counted and not any(field.name in ("nodes", "edges") for field in fields):
            return self.whole(fields, page, None)
        if not self._found_once(fields):
            rows = self.page_rows(page, counted=counted)
            return select(self.whole(fields, page, rows)).select_from(rows.table).scalar_subquery()
        row = entity(self.model)
        found = self._select(columns(row), row=row).cte()
        once = replace(self, found=found)
        rows = once.page_rows(page, counted=counted)
        whole = select(once.whole(fields, page, rows)).select_from(rows.table)
        return whole.add_cte(found, nest_here=True).scalar_subquery()

    def _found_once(self, fields: Sequence[Field]) -> bool:
        """Whether rows that are dear to find are both shown and counted."""
        if self.parent is not None or self.spec.dear is None:
            return False
        return any(self._counts(field) for field in fields) and self.spec.dear(self.arguments)

    def _counts(self, field: Field) -> bool:
        spec = self.draft.declarations.field(self.type.name, field.name)
        return field.name == "totalCount" or isinstance(spec, Count)

    def whole(self, fields: Sequence[Field], page: Page, rows: Rows | None) -> ColumnElement[Any]:
        """The JSON object of *fields*, of which those about *rows* stand in a SELECT from them."""
        return self.draft.forms.object(
            [(field.key, self._part(field, page, rows)) for field in fields]
        )

    def _part(self, field: Field, page: Page, rows: Rows | None) -> ColumnElement[Any]:
        if rows is not None:
            if field.name == "nodes":
                return self._array(self._node(field, rows), page, rows)
            if field.name == "edges":
                return self._array(self._edge(field, page, rows), page, rows)
        if field.name == "pageInfo":
            return self._page_info(field, page, rows)
        if field.name == "__typename":
            return word(self.type.name)
        if field.name == "totalCount":
            return self._select([func.count()]).scalar_subquery()
        spec = self.draft.declarations.field(self.type.name, field.name)
        if isinstance(spec, Count):
            return self._select([func.count()], spec.where).scalar_subquery()
        raise Undeclared(self.type.name, field.name)

    def _select(
        self,
        what: Sequence[ColumnElement[Any]],
        *more: Callable[[Entity], ColumnElement[bool]],
        row: Entity = None,
    ) -> Select[Any]:
        """*what* over all rows of the connection that meet its filters, and *more*."""
        row = entity(self.model, self.found) if row is None else row
        rows = select(*what).select_from(row).where(*(condition(row) for condition in more))
        if self.found is not None:
            return rows
        rows = rows.where(*belonging(self.spec, self.parent, row, limited=self.draft.limited))
        if self.spec.filters is not None:
            rows = rows.where(*self.spec.filters(row, self.arguments))
        return rows.correlate(self.parent)

    def page_rows(self, page: Page, *, counted: bool) -> Rows:
        """The rows of the page."""
        row = entity(self.model, self.found)
        bounds = [bound.beyond for bound in (page.after, page.before) if bound is not None]
        limit = page.size_and_one if counted else page.size
        read = (
            self._select(columns(row), *bounds, row=row)
            .order_by(*page.order.sorted(row, backward=page.backward))
            .limit(limit)
            .subquery()
        )
        row = entity(self.model, read)
        forwards = page.order.sorted(row, backward=False)
        if not counted:
            if page.backward:
                read = select(read).order_by(*forwards).subquery()
            return Rows(entity(self.model, read), read, None, None)
        walked = page.order.sorted(row, backward=page.backward)
        place = func.row_number().over(order_by=walked).label("place_")
        numbered = select(read, place, func.count().over().label("count_"))
        table = numbered.order_by(*forwards).subquery()
        return Rows(entity(self.model, table), table, table.c.place_, table.c.count_)

    def _array(self, item: ColumnElement[Any], page: Page, rows: Rows) -> ColumnElement[Any]:
        kept = None if rows.place is None else rows.place <= page.size
        return self.draft.forms.array(item, kept)

    def _node(self, field: Field, rows: Rows) -> ColumnElement[Any]:
        return self.draft.object(field, self.node_type, rows.row, self.depth)

    def _edge(self, field: Field, page: Page, rows: Rows) -> ColumnElement[Any]:
        type_ = field.type
        pairs: list[tuple[str, ColumnElement[Any]]] = []
        for below in self._below(field):
            if below.name == "node":
                value = self._node(below, rows)
            elif below.name == "cursor":
                value = page.order.cursor(self.draft.forms, rows.row)
            elif below.name == "__typename":
                value = word(type_.name)
            else:
                raise Undeclared(type_.name, below.name)
            pairs.append((below.key, value))
        return self.draft.forms.object(pairs)

    def _page_info(self, field: Field, page: Page, rows: Rows | None) -> ColumnElement[Any]:
        make: dict[str, Callable[[], ColumnElement[Any]]] = {
            page.ahead: lambda: self._flag(func.count() > page.size, page.end),
            page.back: lambda: self._flag(None, page.origin),
            "startCursor": lambda: self._end(page, rows, nearest=not page.backward),
            "endCursor": lambda: self._end(page, rows, nearest=page.backward),
            "__typename": lambda: word(field.type.name),
        }
        pairs: list[tuple[str, ColumnElement[Any]]] = []
        for below in self._below(field):
            if below.name not in make:
                raise Undeclared(field.type.name, below.name)
            pairs.append((below.key, make[below.name]()))
        return self.draft.forms.object(pairs)

    def _flag(
        self, condition: ColumnElement[bool] | None, bound: Bound | None
    ) -> ColumnElement[Any]:
        """Whether *condition* holds, or a row lies behind *bound*."""
        if bound is not None:
            behind = self._select([_ONE], bound.behind).exists()
            condition = behind if condition is None else condition | behind
        if condition is None:
            condition = literal_column("1") != literal_column("1")
        return self.draft.forms.value(condition)

    def _end(self, page: Page, rows: Rows | None, *, nearest: bool) -> ColumnElement[Any]:
        """The cursor of the page's row that the walk met first, or last; null on an empty page."""
        assert rows is not None
        assert rows.place is not None
        assert rows.count is not None
        cursor = page.order.cursor(self.draft.forms, rows.row)
        if nearest:
            return func.max(cursor).filter(rows.place == _ONE, page.size > literal_column("0"))
        last = case((rows.count < page.size, rows.count), else_=page.size)
        return func.max(cursor).filter(rows.place == last)

    def _below(self, field: Field) -> list[Field]:
        type_ = field.type
        if not is_object_type(type_):
            raise Undeclared(type_.name, field.name)
        return list(self.draft.selection.below(field, type_))
