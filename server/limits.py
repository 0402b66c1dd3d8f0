"""How large a GraphQL document may be, after its fragments have been expanded.

One pass over the document, and one over its fragments: each definition is measured once, and
a spread adds the figures of its fragment instead of visiting it again. The time is linear in
the document's length, however often fragments spread fragments that spread fragments. Nothing
is exempt for being introspection, nor for its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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

SATURATED: Final = 1_000_000_000
"""No figure counts further: doubling fragments would make huge integers of them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one operation may ask for, fragments expanded.

    `depth` counts the fields inside one another, leaves included; the introspection query of
    GraphiQL and of code generators has 15. `root_mutations` bounds how many attempts (sign-ins,
    say) one request can make. `repeats` counts the fields of the whole document that ask again
    for what their selection already asks for: validation compares these in pairs. `objects`
    bounds what may come back, by the sizes of pages and lists (server/cost.py).
    """

    fields: int = 5_000
    depth: int = 15
    aliases: int = 200
    directives: int = 50
    root_mutations: int = 10
    repeats: int = 100
    objects: int = 100_000


@dataclass(slots=True)
class Figures:
    """What a definition selects: in itself while it is measured, with its spreads afterwards.

    All but `repeats`, which stay those of the definition itself.
    """

    fields: int = 0
    depth: int = 0
    aliases: int = 0
    directives: int = 0
    roots: int = 0
    repeats: int = 0

    def add(self, spread: Figures, depth: int) -> None:
        """Add a fragment that is spread below `depth` fields."""
        self.fields = min(self.fields + spread.fields, SATURATED)
        self.aliases = min(self.aliases + spread.aliases, SATURATED)
        self.directives = min(self.directives + spread.directives, SATURATED)
        self.depth = max(self.depth, depth + spread.depth)
        if depth == 0:
            self.roots = min(self.roots + spread.roots, SATURATED)


Measured = list[tuple[OperationDefinitionNode, Figures]]


def measure(document: DocumentNode) -> Measured:
    """The figures of each operation in *document*.

    The document need not be valid: an unknown fragment counts as nothing, and so does the
    spread that closes a cycle. Validation has its own words for both.
    """
    own = {
        definition.name.value: _own_size(definition.selection_set, definition.directives)
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    repeats = sum(size.repeats for size, _ in own.values())
    fragments = _expanded(own)
    measured: Measured = []
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
        measured.append((definition, size))
    return measured


def exceeded(measured: Measured, limits: Limits) -> GraphQLError | None:
    """The refusal (code TOO_COMPLEX, with the figures) of the first operation over a limit."""
    for operation, size in measured:
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
                return too_complex(operation, what, asked, allowed)
    return None


def too_complex(
    operation: OperationDefinitionNode, what: str, asked: int, allowed: int
) -> GraphQLError:
    """The refusal of *operation*, which asks for more of *what* than is allowed."""
    return GraphQLError(
        f"The operation is too complex: {what} {asked}, allowed {allowed}.",
        operation,
        extensions={"code": "TOO_COMPLEX", "limit": what, "asked": asked, "allowed": allowed},
    )


def name_of(operation: OperationDefinitionNode) -> str | None:
    """The name of *operation*; None for the anonymous one."""
    return operation.name.value if operation.name else None


def _own_size(
    selection_set: SelectionSetNode, directives: Iterable[Any] | None
) -> tuple[Figures, list[tuple[str, int]]]:
    """What a definition selects by itself, and its spreads with the depth they stand at."""
    size = Figures(directives=len(tuple(directives or ())))
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


def _expanded(
    own: Mapping[str, tuple[Figures, list[tuple[str, int]]]],
) -> dict[str, Figures]:
    """The figures of every fragment with all that it spreads."""
    done: dict[str, Figures] = {}
    for name in inner_first(
        {name: [spread for spread, _ in spreads] for name, (_, spreads) in own.items()}
    ):
        size, spreads = own[name]
        for spread, depth in spreads:
            if spread in done:
                size.add(done[spread], depth)
        done[name] = size
    return done


def inner_first(spreads: Mapping[str, Sequence[str]]) -> list[str]:
    """The names of all fragments, each after those that it *spreads*; without recursion."""
    order: list[str] = []
    entered: set[str] = set()
    for root in spreads:
        if root in entered:
            continue
        entered.add(root)
        path = [(root, iter(spreads[root]))]
        while path:
            name, remaining = path[-1]
            for spread in remaining:
                if spread in spreads and spread not in entered:
                    entered.add(spread)
                    path.append((spread, iter(spreads[spread])))
                    break
            else:
                path.pop()
                order.append(name)
    return order
