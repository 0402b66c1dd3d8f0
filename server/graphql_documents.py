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

from server.limits import Limits, exceeded

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

    `plans` is whatever is worth keeping as long as the document is.
    """

    document: DocumentNode
    operations: Mapping[str | None, OperationDefinitionNode]
    plans: dict[Any, Any]

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
        refusal = exceeded(document, self._limits)
        if refusal is not None:
            raise DocumentRefusedError([refusal])
        errors = validate(
            self._schema, document, self._rules, max_errors=MAX_ERRORS, hide_suggestions=True
        )
        if errors:
            raise DocumentRefusedError(errors)
        operations = {
            definition.name.value if definition.name else None: definition
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        if not operations:
            raise DocumentRefusedError([GraphQLError("The document has no operation.")])
        return PreparedDocument(document, operations, {})
