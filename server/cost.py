"""How many objects an operation may return, by the sizes of its pages and lists.

A page multiplies what is selected below it by `first` or `last`, a list of ids by their number,
any other list by what is usual. Each selection is visited once, and each fragment is measured
once, so the time is linear in the document's length. What depends on variables stays a small
sum of products, which is kept with the document and worked out anew for each request; an
operation without such sizes is a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_interface_type,
    is_list_type,
    is_object_type,
)

from server.limits import SATURATED, inner_first, name_of
from server.sizes import IDS, PAGE, Size, size_of_ids, size_of_page, variable_defaults

LISTED: Final = 5
"""What a list counts that is neither a page nor asked for by ids: phones, folders, tags."""

LISTED_AT_ROOT: Final = 100
"""The same at the root, and in what a mutation answers: members, recipients."""


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """What depends on variables: *constant*, and each term's size times what lies below it."""

    place: int
    constant: int
    terms: tuple[tuple[Size | int, Sum | int], ...]


class Cost:
    """The objects of one operation; `fixed` where no variable changes them, else None."""

    def __init__(self, value: Sum | int, defaults: Mapping[str, Any]) -> None:
        self.fixed = value if isinstance(value, int) else None
        self._sums = [] if isinstance(value, int) else _inner_first(value)
        self._defaults = defaults

    def objects(self, variables: Mapping[str, Any]) -> int:
        """How many, with the request's *variables*, which need not be of the right type."""
        if self.fixed is not None:
            return self.fixed
        if self._defaults:
            variables = {**self._defaults, **variables}
        found: dict[int, int] = {}
        total = 0
        for each in self._sums:
            total = each.constant
            for size, below in each.terms:
                times = size if isinstance(size, int) else size.of(variables)
                total += times * (below if isinstance(below, int) else found[below.place])
            total = found[each.place] = min(total, SATURATED)
        return total


def _inner_first(outermost: Sum) -> list[Sum]:
    """All sums in *outermost*, each once and after those that it refers to; itself at last."""
    found: dict[int, Sum] = {}
    stack = [outermost]
    while stack:
        each = stack.pop()
        if each.place not in found:
            found[each.place] = each
            stack.extend(below for _, below in each.terms if isinstance(below, Sum))
    return [found[place] for place in sorted(found)]


@dataclass(slots=True)
class _Block:
    """Selections that are returned equally often: *size* times for each time of the outer block."""

    size: Size | int
    objects: int = 0
    inner: list[_Block] = field(default_factory=list["_Block"])
    spreads: list[str] = field(default_factory=list[str])
    value: Sum | int = 0


class Costs:
    """Works out the costs of valid documents over *schema*."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._holders = _holders(schema)

    def of(self, document: DocumentNode) -> dict[str | None, Cost]:
        """The cost of each operation, by its name (None for the anonymous one)."""
        fragments: dict[str, list[_Block]] = {}
        operations: dict[OperationDefinitionNode, list[_Block]] = {}
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                kind = self._type(definition.type_condition.name.value)
                fragments[definition.name.value] = self._blocks(definition.selection_set, kind)
            elif isinstance(definition, OperationDefinitionNode):
                root = self._schema.get_root_type(definition.operation)
                assert root is not None
                operations[definition] = self._blocks(definition.selection_set, root)
        made: list[Sum] = []
        done: dict[str, Sum | int] = {}
        for name in inner_first(
            {
                name: [spread for block in blocks for spread in block.spreads]
                for name, blocks in fragments.items()
            }
        ):
            done[name] = _folded(fragments[name], done, made)
        return {
            name_of(operation): Cost(_folded(blocks, done, made), variable_defaults(operation))
            for operation, blocks in operations.items()
        }

    def _type(self, name: str) -> GraphQLCompositeType:
        found = self._schema.type_map[name]
        assert is_composite_type(found)
        return found

    def _blocks(
        self, selection_set: SelectionSetNode, parent: GraphQLCompositeType
    ) -> list[_Block]:
        """What a definition selects by itself, outer blocks before those in them."""
        blocks = [_Block(1)]
        stack = [(selection_set, parent, blocks[0])]
        while stack:
            current, parent, block = stack.pop()
            for selection in current.selections:
                if isinstance(selection, FragmentSpreadNode):
                    block.spreads.append(selection.name.value)
                    continue
                below, kind = block, parent
                if isinstance(selection, FieldNode):
                    found = self._below(selection, parent, block, blocks)
                    if found is None:
                        continue
                    below, kind = found
                elif isinstance(selection, InlineFragmentNode) and selection.type_condition:
                    kind = self._type(selection.type_condition.name.value)
                nested: SelectionSetNode | None = getattr(selection, "selection_set", None)
                if nested is not None:
                    stack.append((nested, kind, below))
        return blocks

    def _below(
        self, node: FieldNode, parent: GraphQLCompositeType, block: _Block, blocks: list[_Block]
    ) -> tuple[_Block, GraphQLCompositeType] | None:
        """The block and the type of what is selected below a field; None for a leaf."""
        definition = self._schema.get_field(parent, node.name.value)
        assert definition is not None
        kind = get_named_type(definition.type)
        if not is_composite_type(kind) or kind.name == "PageInfo":
            return None
        size = self._size(node, definition, parent)
        listed = is_list_type(get_nullable_type(definition.type))
        if not listed:
            block.objects += 1
        if size == 1:
            block.objects += listed
            return block, kind
        inner = _Block(size, objects=int(listed))
        block.inner.append(inner)
        blocks.append(inner)
        return inner, kind

    def _size(
        self, node: FieldNode, definition: GraphQLField, parent: GraphQLCompositeType
    ) -> Size | int:
        """How often what is selected below a field is returned."""
        if any(name in definition.args for name in PAGE):
            return size_of_page(node, definition)
        if IDS in definition.args:
            return size_of_ids(node, definition)
        at_root = parent in (
            self._schema.query_type,
            self._schema.mutation_type,
            self._schema.subscription_type,
        )
        if is_list_type(get_nullable_type(definition.type)):
            if parent.name in self._holders:
                return 1
            return LISTED_AT_ROOT if at_root else LISTED
        if parent is self._schema.mutation_type and _answers_many(definition):
            return LISTED_AT_ROOT
        return 1


def _holders(schema: GraphQLSchema) -> frozenset[str]:
    """The types whose lists are counted where they are asked for: connections, payloads."""
    mutations = schema.mutation_type.fields.values() if schema.mutation_type else ()
    paged = [
        definition
        for kind in schema.type_map.values()
        if is_object_type(kind) or is_interface_type(kind)
        for definition in kind.fields.values()
        if any(name in definition.args for name in PAGE)
    ]
    return frozenset(
        get_named_type(definition.type).name
        for definition in (*mutations, *paged)
        if not is_list_type(get_nullable_type(definition.type))
    )


def _answers_many(definition: GraphQLField) -> bool:
    """Whether a mutation's payload has a list of objects beside its errors."""
    payload = get_named_type(definition.type)
    return is_object_type(payload) and any(
        is_list_type(get_nullable_type(each.type)) and is_composite_type(get_named_type(each.type))
        for name, each in payload.fields.items()
        if name != "errors"
    )


def _folded(
    blocks: Sequence[_Block], fragments: Mapping[str, Sum | int], made: list[Sum]
) -> Sum | int:
    """The outermost of *blocks* as a number, or as a sum that is added to *made*."""
    for block in reversed(blocks):
        constant, terms = block.objects, list[tuple[Size | int, Sum | int]]()
        inner = [(each.size, each.value) for each in block.inner]
        for size, value in (*inner, *((1, fragments[name]) for name in block.spreads)):
            if isinstance(size, int) and isinstance(value, int):
                constant = min(constant + size * value, SATURATED)
            else:
                terms.append((size, value))
        if terms:
            block.value = Sum(len(made), constant, tuple(terms))
            made.append(block.value)
        else:
            block.value = constant
    return blocks[0].value
