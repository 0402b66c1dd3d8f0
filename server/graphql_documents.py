"""From the text of a GraphQL document to one that is parsed, within limits and valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    DocumentNode,
    FloatValueNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    ValidationRule,
    parse,
    specified_rules,
    validate,
)

from server.cost import Cost, Costs
from server.limits import Figures, Limits, exceeded, measure, name_of, too_complex

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphql import ASTValidationRule

MAX_LENGTH: Final = 65_536  # Characters.
MAX_TOKENS: Final = 2_000
MAX_COMMENTS: Final = 200
MAX_ERRORS: Final = 5
"""So many errors of a document, or of its variables, are told at once."""


class FiniteNumbersRule(ValidationRule):
    """No number in a document is beyond a double, where Python would read infinity."""

    def enter_float_value(self, node: FloatValueNode | IntValueNode, *_: Any) -> None:
        if not isfinite(float(node.value)):
            self.report_error(GraphQLError("A number is out of range.", node))

    enter_int_value = enter_float_value


class DocumentRefusedError(Exception):
    """A document that cannot be executed; `errors` says why, in at most `MAX_ERRORS` errors."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors[:MAX_ERRORS]


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A valid document and its operations; the anonymous one has the name None.

    `figures` and `costs` are what each operation asks for, `varying` the costs that depend on
    its variables. `plans` is whatever is worth keeping as long as the document is.
    """

    document: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    plans: dict[Any, Any]
    limits: Limits
    figures: Mapping[str | None, Figures]
    costs: Mapping[str | None, Cost]
    varying: Mapping[str | None, Cost]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run, by the GraphQL specification's GetOperation.

        Raises DocumentRefusedError where the name is missing though there are several, or
        names none of them.
        """
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None:
            reason = "Say in operationName which operation is meant: the document has several."
        elif name in self.operations:
            return self.operations[name]
        else:
            reason = f"The document has no operation named '{name}'."
        raise DocumentRefusedError([GraphQLError(reason)])

    def check(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
    ) -> None:
        """Refuse an operation whose pages are too large with these variables.

        Raises DocumentRefusedError. What is too large whatever the variables was refused with
        the document.
        """
        cost = self.varying.get(name_of(operation))
        if cost is None:
            return
        objects = cost.objects(variables or {})
        if objects > self.limits.objects:
            refusal = too_complex(operation, "objects", objects, self.limits.objects)
            raise DocumentRefusedError([refusal])

    def told_cost(
        self,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
        extensions: Mapping[str, Any] | None,
    ) -> dict[str, Any] | None:
        """The answer's extensions: the operation's cost, where the request's ask for it."""
        if not extensions or extensions.get("cost") is not True:
            return None
        name = name_of(operation)
        figures = self.figures[name]
        cost = {
            "requested": self.costs[name].objects(variables or {}),
            "allowed": self.limits.objects,
            "fields": figures.fields,
            "depth": figures.depth,
            "aliases": figures.aliases,
            "directives": figures.directives,
        }
        return {"cost": cost}


class Documents:
    """Prepares documents, and remembers the valid ones by their text.

    What is remembered is bounded in number and in characters (which take up to 200 bytes each,
    parsed), least recently used out first.
    A document that is refused is not remembered, so that noise cannot push out what is in use.
    Belongs to one event loop; needs no lock, since nothing here awaits.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        rules: Collection[type[ASTValidationRule]] = specified_rules,
        limits: Limits | None = None,
        remembered: int = 1_000,
        remembered_characters: int = 250_000,
    ) -> None:
        self._schema = schema
        self._rules = (*rules, FiniteNumbersRule)
        self._limits = limits or Limits()
        self._costs = Costs(schema)
        self._remembered = remembered
        self._remembered_characters = remembered_characters
        self._characters = 0
        self._prepared: dict[str, PreparedDocument] = {}

    def known(self, text: str) -> PreparedDocument | None:
        """The document of `text`, if it is remembered."""
        prepared = self._prepared.pop(text, None)
        if prepared is not None:
            self._prepared[text] = prepared
        return prepared

    def prepare(self, text: str) -> PreparedDocument:
        """The document of `text`. Raises DocumentRefusedError."""
        prepared = self.known(text)
        if prepared is not None:
            return prepared
        prepared = self._prepared[text] = self._prepare(text)
        self._characters += len(text)
        while (
            len(self._prepared) > self._remembered or self._characters > self._remembered_characters
        ):
            oldest = next(iter(self._prepared))
            del self._prepared[oldest]
            self._characters -= len(oldest)
        return prepared

    def _prepare(self, text: str) -> PreparedDocument:
        try:
            document = parse(
                text,
                max_lexical_tokens=MAX_TOKENS,
                max_comments=MAX_COMMENTS,
                max_source_length=MAX_LENGTH,
            )
        except GraphQLError as error:
            raise DocumentRefusedError([error]) from None
        # Before validation, whose rules compare fields with one another.
        measured = measure(document)
        refusal = exceeded(measured, self._limits)
        if refusal is not None:
            raise DocumentRefusedError([refusal])
        errors = validate(
            self._schema, document, self._rules, max_errors=MAX_ERRORS, hide_suggestions=True
        )
        if errors:
            raise DocumentRefusedError(errors)
        operations = {
            name_of(definition): definition
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        if not operations:
            raise DocumentRefusedError([GraphQLError("The document has no operation.")])
        costs = self._costs.of(document)
        for name, cost in costs.items():
            if cost.fixed is not None and cost.fixed > self._limits.objects:
                refusal = too_complex(operations[name], "objects", cost.fixed, self._limits.objects)
                raise DocumentRefusedError([refusal])
        return PreparedDocument(
            document=document,
            operations=operations,
            plans={},
            limits=self._limits,
            figures={name_of(operation): figures for operation, figures in measured},
            costs=costs,
            varying={name: cost for name, cost in costs.items() if cost.fixed is None},
        )
