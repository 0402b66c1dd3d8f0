"""What a resolver hands over: a field of the root, or of a payload, with all that it selects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    SelectionNode,
    TypeNameMetaFieldDef,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues

from planner.arguments import variables_in

if TYPE_CHECKING:
    from graphql import (
        FragmentDefinitionNode,
        GraphQLField,
        GraphQLNamedType,
        GraphQLResolveInfo,
        GraphQLSchema,
        OperationDefinitionNode,
    )

    from planner.declare import ById, ByIds, Related


@dataclass(frozen=True, eq=False)
class Field:
    """One field of a selection, merged from every place where it was asked for."""

    key: str  # under which it stands in the response
    name: str
    definition: GraphQLField
    details: list[FieldDetails]

    @property
    def node(self) -> FieldNode:
        """The place whose arguments hold; they are alike in all."""
        return self.details[0].node

    @property
    def type(self) -> GraphQLNamedType:
        """The field's type without list and non-null around it."""
        return named_type(self.definition)


@dataclass(frozen=True, eq=False)
class Selection:
    """One field and what is selected below it.

    *spec* stands in for the declaration of the field, *type_name* for an abstract type of it,
    *given* for its arguments; a payload's object is read so, by the id that its use case
    answered.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]
    parent: GraphQLObjectType
    nodes: Sequence[FieldNode]
    spec: Related | ById | ByIds | None = None
    type_name: str | None = None
    given: Mapping[str, Any] | None = None
    _details: dict[str, FragmentDetails] = field(default_factory=dict[str, FragmentDetails])

    @classmethod
    def of(
        cls,
        info: GraphQLResolveInfo[Any],
        *,
        spec: Related | ById | ByIds | None = None,
        type_name: str | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> Selection:
        """The selection of the field that *info* was made for."""
        variables: Any = info.variable_values
        coerced = variables.coerced if isinstance(variables, VariableValues) else variables
        return cls(
            schema=info.schema,
            fragments=info.fragments,
            operation=info.operation,
            variables=coerced,
            parent=info.parent_type,
            nodes=info.field_nodes,
            spec=spec,
            type_name=type_name,
            given=given,
        )

    @property
    def key(self) -> tuple[Any, ...]:
        """Tells selections of one document apart, and what they are read as.

        Good as long as the document's nodes live.
        """
        return (self.type_name, self.spec is None, *map(id, self.nodes))

    @property
    def root(self) -> Field:
        """The selected field itself."""
        node = self.nodes[0]
        details = [FieldDetails(node, None) for node in self.nodes]
        name = node.name.value
        key = node.alias.value if node.alias else name
        return Field(key, name, self.parent.fields[name], details)

    @property
    def variable_values(self) -> VariableValues:
        return VariableValues({}, cast("dict[str, Any]", self.variables))

    def below(self, field: Field, type_: GraphQLObjectType) -> Iterator[Field]:
        """The fields selected below *field*, where it is of *type_*, in the response's order."""
        if not self._details:
            self._details.update(
                (name, FragmentDetails(fragment)) for name, fragment in self.fragments.items()
            )
        collected = collect_subfields(
            self.schema,
            self._details,
            self.variable_values,
            self.operation,
            type_,
            field.details,
        )
        for key, details in collected.grouped_field_set.items():
            name = details[0].node.name.value
            definition = TypeNameMetaFieldDef if name == "__typename" else type_.fields[name]
            yield Field(key, name, definition, details)

    def conditions(self) -> list[str]:
        """The variables that decide on `@include` and `@skip` anywhere below."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        waiting: list[SelectionNode] = list(self.nodes)
        while waiting:
            node = waiting.pop()
            found.update(
                (name, None)
                for directive in node.directives or ()
                if directive.name.value in ("include", "skip")
                for name in variables_in(directive.arguments or ())
            )
            inside: Any = node
            if isinstance(node, FragmentSpreadNode):
                inside = self.fragments.get(node.name.value)
                if node.name.value in seen:
                    continue
                seen.add(node.name.value)
            if inside is not None and inside.selection_set:
                waiting.extend(inside.selection_set.selections)
        return list(found)


def named_type(definition: GraphQLField) -> GraphQLNamedType:
    """The type of a field without list and non-null around it."""
    type_ = cast("GraphQLNamedType", definition.type)  # pyright: ignore[reportUnknownMemberType]
    return get_named_type(type_)
