"""How large a GraphQL document may be, after its fragments have been expanded.

One pass over the document, and one over its fragments: each definition is measured once, and
a spread adds the figures of its fragment instead of visiting it again. The time is linear in
the document's length, however often fragments spread fragments that spread fragments. Nothing
is exempt for being introspection, nor for its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
)

if TYPE_CHECKING:
    from graphql import SelectionSetNode

_SATURATED: Final = 1_000_000_000  # Doubling fragments would otherwise count in huge integers.


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one operation may ask for, fragments expanded.

    `depth` counts the fields inside one another, leaves included; the introspection query of
    GraphiQL and of code generators has 15. `root_mutations` bounds how many attempts (sign-ins,
    say) one request can make. `repeats` counts the fields of the whole document that ask again
    for what their selection already asks for: validation compares these in pairs.
    """

    fields: int = 5_000
    depth: int = 15
    aliases: int = 200
    directives: int = 50
    root_mutations: int = 10
    repeats: int = 100


@dataclass(slots=True)
class _Size:
    """What a definition selects: in itself while it is measured, with its spreads afterwards.

    All but `repeats`, which stay those of the definition itself.
    """

    fields: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    roots: int = 0
    repeats: int = 0

    def add(self, spread: _Size, depth: int) -> None:
        """Add a fragment that is spread below `depth` fields."""
        self.fields = min(self.fields + spread.fields, _SATURATED)
        self.aliases = min(self.aliases + spread.aliases, _SATURATED)
        self.directives = min(self.directives + spread.directives, _SATURATED)
        self.depth = max(self.depth, depth + spread.depth)
        if depth == 0:
            self.roots = min(self.roots + spread.roots, _SATURATED)


def exceeded(document: DocumentNode, limits: Limits) -> GraphQLError | None:
    """The refusal (code TOO_COMPLEX, with the figures) of the first operation over a limit.

    The document need not be valid: an unknown fragment counts as nothing, and so does the
    spread that closes a cycle. Validation has its own words for both.
    """
    measured = {
        definition.name.value: _own_size(definition.selection_set, definition.directives)
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    repeats = sum(size.repeats for size, _ in measured.values())
    fragments = _expanded(measured)
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        size, spreads = _own_size(definition.selection_set, definition.directives)
        size.directives += sum(
            len(variable.directives or ()) for variable in definition.variable_definitions or ()
        )
        repeats = size.repeats = size.repeats + repeats
        for name, depth in spreads:
            if name in fragments:
                size.add(fragments[name], depth)
        refusal = _refusal(definition, size, limits)
        if refusal is not None:
            return refusal
    return None


def _own_size(
    selection_set: SelectionSetNode, directives: Iterable[Any] | None
) -> tuple[_Size, list[tuple[str, int]]]:
    """What a definition selects by itself, and its spreads with the depth they stand at."""
    size = _Size(directives=len(tuple(directives or ())))
    spreads: list[tuple[str, int]] = []
    asked: set[str] = set()
    stack = [(selection_set, 0, asked)]
    while stack:
        current, depth, asked = stack.pop()
        for selection in current.selections:
            size.directives += len(selection.directives or ())
            if isinstance(selection, FragmentSpreadNode):
                spreads.append((selection.name.value, depth))
                continue
            below, asked_below = depth, asked
            if isinstance(selection, FieldNode):
                name = (selection.alias or selection.name).value
                size.repeats += name in asked
                asked.add(name)
                below, asked_below = depth + 1, set[str]()
                size.fields += 1
                size.roots += depth == 0
                size.aliases += selection.alias is not None
                size.depth = max(size.depth, below)
            nested: SelectionSetNode | None = getattr(selection, "selection_set", None)
            if nested is not None:
                stack.append((nested, below, asked_below))
    return size, spreads


def _expanded(measured: Mapping[str, tuple[_Size, list[tuple[str, int]]]]) -> dict[str, _Size]:
    """The size of every fragment with all that it spreads, without recursion."""
    done: dict[str, _Size] = {}
    for root in measured:
        if root in done:
            continue
        path = [(root, iter(measured[root][1]))]
        entered = {root}
        while path:
            name, remaining = path[-1]
            for spread, _ in remaining:
                if spread in measured and spread not in done and spread not in entered:
                    path.append((spread, iter(measured[spread][1])))
                    entered.add(spread)
                    break
            else:
                path.pop()
                size, spreads = measured[name]
                for spread, depth in spreads:
                    if spread in done:
                        size.add(done[spread], depth)
                done[name] = size
    return done


def _refusal(
    operation: OperationDefinitionNode, size: _Size, limits: Limits
) -> GraphQLError | None:
    figures = [
        ("fields", size.fields, limits.fields),
        ("depth", size.depth, limits.depth),
        ("aliases", size.aliases, limits.aliases),
        ("directives", size.directives, limits.directives),
        ("repeats", size.repeats, limits.repeats),
    ]
    if operation.operation is OperationType.MUTATION:
        figures.append(("rootMutations", size.roots, limits.root_mutations))
    for what, asked, allowed in figures:
        if asked > allowed:
            return GraphQLError(
                f"The operation is too complex: {what} {asked}, allowed {allowed}.",
                operation,
                extensions={
                    "code": "TOO_COMPLEX",
                    "limit": what,
                    "asked": asked,
                    "allowed": allowed,
                },
            )
    return None
