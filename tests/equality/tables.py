"""Rows as SQLAlchemy's ORM loads them: a table at a time, related by one join each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Select, Text, cast, inspect, literal, select
from sqlalchemy.orm import Session, aliased

from planner.databases import forms_for
from planner.declare import Made, Related, Tally


class Given:
    """A field's arguments, as the filters ask for them: each value stands in its statement."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def given(self, name: str) -> bool:
        return self._values.get(name) is not None

    def object(self, name: str) -> Given | None:
        return Given(self._values[name]) if self.given(name) else None

    def objects(self, name: str) -> list[Given]:
        return [Given(values) for values in self._values.get(name) or ()]

    def choice(self, name: str) -> Any:
        return self._values.get(name)

    def derive(self, name: str, make: Callable[[Any], Any]) -> Any:
        return make(self._values.get(name))

    def bind(self, name: str, transform: Any = None, type_: Any = None) -> Any:
        value = self._values.get(name)
        return literal(transform(value) if transform else value, type_ or Text())

    def any_of(self, name: str, column: Any, transform: Any = None) -> Any:
        return column.in_([str(transform(one) if transform else one) for one in self._values[name]])


@dataclass
class Tables:
    """What one caller sees of one firm's rows, which stay as they are while this lives.

    *constants* are the named parameters that attributes and conditions may use. Whoever asks
    lends a session in the firm.
    """

    constants: Mapping[str, Any]
    session: Session | None = None
    _known: dict[Any, Any] = field(default_factory=dict[Any, Any])

    def found(self, key: Any, statement: Callable[[], Select[Any]]) -> Sequence[Any]:
        """The statement's rows, asked for once; none for somebody who is in no firm."""
        if self.constants["firm_id"] is None:
            return []
        if key not in self._known:
            self._known[key] = self.session.execute(statement(), dict(self.constants)).all()
        return self._known[key]

    def rows(self, model: Any) -> dict[str, Any]:
        """The rows of a table that the caller may see, by their ids in ascending order."""

        def statement() -> Select[Any]:
            seen = getattr(model, "seen_by_caller", None)
            return select(model) if seen is None else select(model).where(seen)

        found = self._known.get(("rows", model))
        if found is None:
            every = [row for (row,) in self.found(("all", model), statement)]
            found = {row.id: row for row in sorted(every, key=lambda row: row.id)}
            self._known["rows", model] = found
        return found

    def value(self, model: Any, read: str | Callable[[Any], Any], row: Any) -> Any:
        """An attribute of the row: what was loaded, or what the database computes."""
        if isinstance(read, str) and read in inspect(model).column_attrs:
            return getattr(row, read)

        def statement() -> Select[Any]:
            computed = getattr(model, read) if isinstance(read, str) else read(model)
            return select(model.id, computed.label("computed"))

        values = self._known.get(("values", model, read))
        if values is None:
            values = dict(map(tuple, self.found(("value", model, read), statement)))
            self._known["values", model, read] = values
        if row.id not in values and isinstance(read, str):
            # The face of a firm that whoever asks is not in.
            return getattr(row, read)
        return values[row.id]

    def made(self, spec: Made, model: Any, row: Any, carried: Mapping[str, Any]) -> Any:
        """What the database makes of the row alone, with what it carries along."""
        forms = forms_for(self.session.get_bind().dialect)

        def statement() -> Select[Any]:
            along = [literal(value, Text()).label(name) for name, value in carried.items()]
            rows = select(*model.__table__.columns, *along).where(model.id == row.id).subquery()
            one = aliased(model, rows)
            return select(cast(spec.make(forms, one), Text)).select_from(one)

        key = ("made", id(spec), row.id, *carried.values())
        ((text,),) = self.found(key, statement)
        return None if text is None else orjson.loads(text)

    def tally(self, spec: Tally, model: Any, row: Any) -> int:
        """How many rows of the table there are for the row."""

        def statement() -> Select[Any]:
            of, one = aliased(model), aliased(spec.table)
            return select(of.id, one.id).join_from(of, one, spec.on(of, one))

        return [of for of, _ in self.found(("tally", id(spec)), statement)].count(row.id)

    def _pairs(self, spec: Related, parent: Any, child: Any) -> dict[Any, list[Any]]:
        """The ids of children by their parents' (at the root by None)."""

        def statement() -> Select[Any]:
            of, one = aliased(parent) if parent else None, aliased(child)
            if spec.attribute is not None:
                related = getattr(of, spec.attribute).of_type(one)
                return select(of.id, one.id).select_from(of).join(related)  # type: ignore[union-attr]
            if of is not None:
                return select(of.id, one.id).join_from(of, one, spec.on(of, one))  # type: ignore[misc]
            found = select(literal(None), one.id)
            return found if spec.on is None else found.where(spec.on(one))

        pairs = self._known.get(("pairs", id(spec), parent))
        if pairs is None:
            pairs = dict[Any, list[Any]]()
            for above, below in self.found(("pair", id(spec), parent), statement):
                pairs.setdefault(above, []).append(below)
            self._known["pairs", id(spec), parent] = pairs
        return pairs

    def meeting(self, key: Any, model: Any, conditions: Callable[[Any], Iterable[Any]]) -> set[Any]:
        one = aliased(model)
        found = self.found(("meeting", *key), lambda: select(one.id).where(*conditions(one)))
        return {id_ for (id_,) in found}

    def related(
        self,
        spec: Related,
        parent: type | None,
        id_: str | None,
        child: Any,
        arguments: Mapping[str, Any],
    ) -> list[Any]:
        """The children of the parent with this id (at the root of none) that meet the filters."""
        ids = set(self._pairs(spec, parent, child).get(id_, ()))
        if spec.filters is not None:
            # What does not filter has nothing to do with which rows there are.
            given = {
                name: value
                for name, value in arguments.items()
                if name not in ("first", "after", "last", "before", "orderBy")
            }
            filters = spec.filters
            key = (id(spec), repr(given))
            ids &= self.meeting(key, child, lambda one: filters(one, Given(given)))  # type: ignore[arg-type]
        return [row for one, row in self.rows(child).items() if one in ids]
