"""Valid operations, drawn from the schema: whatever fields and arguments it has."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from hypothesis import strategies as st

from schema.declarations import SchemaDeclarations
from tests.equality.pools import Pools

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[int]], int]
DEEPEST = 4
"""How many rows stand in one another at most; connections around them do not count."""
ENOUGH = 30
"""Fields after which nothing is added that need not be."""


@cache
def _up_to(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most)


@dataclass
class Writer:
    """Writes one operation. Everything that is left open is drawn."""

    draw: Draw
    schema: GraphQLSchema
    declarations: SchemaDeclarations
    pools: Pools
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    others: dict[str, Any] = field(default_factory=dict[str, Any])
    _declared: list[str] = field(default_factory=list[str])
    _fragments: list[str] = field(default_factory=list[str])
    _spreads: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    _keys: int = 0
    _fields_left: int = ENOUGH

    def query(self, roots: Sequence[str]) -> str:
        """A query of some of these root fields."""
        kind: Any = self.schema.query_type
        return self._whole("query", self._fields(kind, list(roots), 1 + self._one(range(DEEPEST))))

    def mutation(self, name: str, arguments: str) -> str:
        """A mutation with these arguments, `$id` in them, that selects the rows it answers."""
        self._declared.append("$id: ID!")
        payload: Any = get_named_type(self.schema.mutation_type.fields[name].type)  # type: ignore[union-attr]
        inside = self._fields(payload, self.rows_of(payload), DEEPEST - 1)
        return self._whole("mutation", f"{{ {name}{arguments} {inside} }}")

    def _whole(self, operation: str, selection: str) -> str:
        declared = f"({', '.join(self._declared)})" if self._declared else ""
        return " ".join([f"{operation} It{declared} {selection}", *self._fragments])

    # Drawing.

    def _one(self, of: Sequence[T]) -> T:
        return of[self.draw(_up_to(len(of) - 1))]

    def _chance(self, one_in: int) -> bool:
        return self.draw(_up_to(one_in - 1)) == one_in - 1

    def _key(self, stem: str) -> str:
        self._keys += 1
        return f"{stem}{self._keys}"

    # Selections.

    def rows_of(self, payload: Any) -> list[str]:
        """The fields of a payload that show rows."""
        return [key for key, below in payload.fields.items() if self._shows_rows(below)]

    def _shows_rows(self, definition: GraphQLField) -> bool:
        kind = get_named_type(definition.type)
        return is_abstract_type(kind) or self.declarations.rows(kind.name) is not None

    def _fields(self, kind: Any, names: list[str], depth: int, *, strict: bool = False) -> str:
        """A selection of *names* (each perhaps several times) and of what hangs on them.

        Where it is *strict*, every key is one of its own: it may be merged with any other.
        """
        parts = [self._field(kind, self._one(names), depth, strict=strict)]
        while self._fields_left > 0 and not self._chance(3):
            match self._one(range(12)):
                case 0:
                    parts.append(self._directed(self._typename(strict)))
                case 1:
                    # No type's name, the type's own, or that of an interface which it has.
                    around: Any = self._one(["", kind, *kind.interfaces])
                    of: Any = around or kind
                    shown = [name for name in names if name in of.fields]
                    if not shown:
                        continue
                    inside = self._field(of, self._one(shown), depth, strict=strict)
                    on = f"... on {around}" if around else "..."
                    parts.append(self._directed(on, f"{{ {inside} }}"))
                case 2 if kind is not self.schema.query_type:
                    parts.append(self._spread(kind, depth))
                case _:
                    parts.append(self._field(kind, self._one(names), depth, strict=strict))
        return f"{{ {' '.join(parts)} }}"

    def _typename(self, strict: bool) -> str:
        return f"{self._key('t')}: __typename" if strict else "__typename"

    def _field(self, kind: Any, name: str, depth: int, *, strict: bool) -> str:
        self._fields_left -= 1
        definition = kind.fields[name]
        arguments = self._arguments(kind, name, definition)
        bare = not (strict or arguments or self._chance(4))
        text = f"{name}{arguments}" if bare else f"{self._key('k')}: {name}{arguments}"
        return self._directed(text, self._below(definition, depth))

    def _below(self, definition: GraphQLField, depth: int) -> str:
        kind: Any = get_named_type(definition.type)
        if is_leaf_type(kind):
            return ""
        depth -= self._shows_rows(definition)
        if is_abstract_type(kind):
            return self._abstract(kind, depth)
        return self._fields(kind, self._names(kind, depth), depth)

    def _names(self, kind: Any, depth: int) -> list[str]:
        """The fields that may be selected at this depth: with none left, only leaves."""
        if (depth > 0 and self._fields_left > 0) or self.declarations.rows(kind.name) is None:
            return list(kind.fields)
        return [
            name for name, below in kind.fields.items() if is_leaf_type(get_named_type(below.type))
        ]

    def _abstract(self, kind: Any, depth: int) -> str:
        parts = [self._typename(False)]
        if getattr(kind, "fields", None) and self._chance(2):
            parts.append(self._field(kind, self._one(list(kind.fields)), depth, strict=False))
        kinds = self.schema.get_possible_types(kind)
        while self._fields_left > 0 and not self._chance(4):
            each = self._one(kinds)
            if self._chance(3):
                parts.append(self._spread(each, depth))
            else:
                inside = self._fields(each, self._names(each, depth), depth, strict=True)
                parts.append(self._directed(f"... on {each}", inside))
        return f"{{ {' '.join(parts)} }}"

    def _spread(self, kind: Any, depth: int) -> str:
        """A named fragment, which may stand in several places."""
        known = self._spreads.setdefault(f"{kind} {depth}", [])
        if not known or self._chance(2):
            inside = self._fields(kind, self._names(kind, depth), depth, strict=True)
            name = self._key("Part")
            self._fragments.append(f"fragment {name} on {kind} {inside}")
            known.append(name)
            return self._directed(f"...{name}")
        return self._directed(f"...{self._one(known)}")

    def _directed(self, text: str, selection: str = "") -> str:
        directives = ""
        while self._chance(8) and directives.count("@") < 2:
            name = self._one(
                [name for name in ("include", "skip") if name not in directives] or [""]
            )
            value: Any = bool(self._one(range(2)))
            shown = json.dumps(value)
            if self._chance(2):
                shown = self._variable("Boolean!", value, not value)
            directives += f" @{name}(if: {shown})"
        return f"{text}{directives} {selection}".rstrip()

    # Arguments.

    def _variable(self, kind: str, value: Any, other: Any) -> str:
        name = self._key("v")
        self._declared.append(f"${name}: {kind}")
        for values, one in ((self.variables, value), (self.others, other)):
            if one is not Undefined:
                values[name] = one
        return f"${name}"

    def _arguments(self, kind: Any, name: str, definition: GraphQLField) -> str:
        given: dict[str, Any] = {}
        others: dict[str, Any] = {}
        spec = self.declarations.field(kind.name, name)
        order = getattr(spec, "default_order", None) or "ID"
        for argument, taken in definition.args.items():
            needed = isinstance(taken.type, GraphQLNonNull)
            if not needed and not self._chance(2):
                continue
            if argument == "last" and given.get("first") is not None:
                continue
            value = given[argument] = self._value(taken.type, argument, definition)
            if argument == "orderBy" and value is not None:
                order = value.get("field", taken.type.fields["field"].default_value)
            # Cursors go with the order, and no page has two sizes.
            alike = argument == "orderBy" or value is None
            others[argument] = value if alike else self._value(taken.type, argument, definition)
        for argument in ("after", "before"):
            if given.get(argument) is not None:
                cursors = self._cursors(definition, order)
                given[argument] = self._one(cursors) if cursors else None
                others[argument] = self._one(cursors) if cursors else None
        texts = [
            f"{argument}: {self._written(definition.args[argument].type, value, others[argument])}"
            for argument, value in given.items()
        ]
        return f"({', '.join(texts)})" if texts else ""

    def _cursors(self, definition: GraphQLField, order: str) -> list[str]:
        node: Any = get_named_type(definition.type)
        model: Any = self.declarations.rows(get_named_type(node.fields["nodes"].type).name)
        return self.pools.cursors.get((model.id_prefix, order), [])

    def _value(self, kind: Any, name: str, definition: GraphQLField) -> Any:
        """A value of an input's type, as JSON has it."""
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        elif self._chance(12):
            return None
        if isinstance(kind, GraphQLList):
            return [self._value(kind.of_type, name, definition) for _ in range(self._one(range(5)))]
        if isinstance(kind, GraphQLInputObjectType):
            return {
                key: self._value(below.type, key, definition)
                for key, below in kind.fields.items()
                if not self._chance(2)
                or (isinstance(below.type, GraphQLNonNull) and below.default_value is Undefined)
            }
        if isinstance(kind, GraphQLEnumType):
            return self._one(list(kind.values))
        match kind.name:
            case "ID":
                return self._one(self.pools.ids[self._prefix(definition)])
            case "Int":
                return self._one([1, 2, 3, 0, 5, 200])
            case "Boolean":
                return bool(self._one(range(2)))
            case "DateTime":
                return self._one(self.pools.moments)
            case "JSON":
                others = [True, False, 0, -2, 12.5, [], {}, "2026-01-01"]
                return self._one([*others, *self.pools.texts])
            case "String":
                return self._one(self.pools.texts)
        raise NotImplementedError(f"a value of {kind} for `{name}`")

    def _prefix(self, definition: GraphQLField) -> str:
        """Whose id: mostly one of the rows that the field shows."""
        model: Any = self.declarations.rows(get_named_type(definition.type).name)
        if model is not None and not self._chance(4):
            return model.id_prefix
        return self._one(sorted(self.pools.ids))

    def _written(self, kind: Any, value: Any, other: Any) -> str:
        """The value as the document has it: as it is, or in a variable that may be *other*."""
        if self._chance(6):
            nullable = not isinstance(kind, GraphQLNonNull)
            absent = value is None and nullable and self._chance(2)
            return self._variable(str(kind), Undefined if absent else value, other)
        if value is None:
            return "null"
        kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(kind, GraphQLList):
            return f"[{', '.join(self._written(kind.of_type, one, one) for one in value)}]"
        if isinstance(kind, GraphQLInputObjectType):
            inside = (
                f"{key}: {self._written(kind.fields[key].type, one, one)}"
                for key, one in value.items()
            )
            return f"{{{', '.join(inside)}}}"
        return value if isinstance(kind, GraphQLEnumType) else json.dumps(value, ensure_ascii=False)
