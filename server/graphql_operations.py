"""One operation from its parameters to its answer: the same way for every transport.

What is true here, of limits, of who asks and of what an error tells, is true over HTTP, SSE and
WebSocket alike; the transports only bring the parameters and take the answer away.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from dataclasses import dataclass, replace
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Protocol, cast

import orjson
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,  # pyright: ignore[reportUnknownVariableType]
    specified_rules,
    subscribe,  # pyright: ignore[reportUnknownVariableType]
)

from auth.sessions import SessionEnded
from server.graphql_documents import MAX_ERRORS, Documents, PreparedDocument
from server.graphql_errors import Errors
from server.persisted import PersistedQueries

if TYPE_CHECKING:
    from graphql import ASTValidationRule
    from graphql.execution import Executor
    from starlette.requests import HTTPConnection

    from server.graphql_request import Parameters
    from server.limits import Limits
    from server.persisted import TrustedDocuments


class NumbersEvents(Protocol):
    """What a subscription's context looks like that tells which event is being answered."""

    event_id: str | None


class AddsHeaders(Protocol):
    """What a context looks like whose fields may add headers (Set-Cookie, say) to the answer."""

    response_headers: list[tuple[str, str]]


Directly = Callable[
    ["str | None", PreparedDocument, OperationDefinitionNode, "Mapping[str, Any] | None"],
    Awaitable["dict[str, Any] | None"],
]
"""(token, document, operation, variables) to its data; None where the executor is to answer."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that may be run: its document, which one of it, and with what."""

    prepared: PreparedDocument
    node: OperationDefinitionNode
    parameters: Parameters

    @property
    def extensions(self) -> dict[str, Any] | None:
        """What the answer tells beside its data: the cost, where the request asks for it."""
        given = self.parameters
        return self.prepared.told_cost(self.node, given.variables, given.extensions)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation came to; where *executed* is false there is no data, not even null.

    *extensions* are told beside the data, where there are any.
    *event_id*: of the event that a subscription's answer is about.
    """

    executed: bool
    errors: Sequence[dict[str, Any]] = ()
    data: object = None
    extensions: Mapping[str, Any] | None = None
    event_id: str | None = None

    def as_result(self) -> dict[str, Any]:
        """The response's map, as the GraphQL specification has it."""
        result: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        if self.executed:
            result["data"] = self.data
        if self.extensions is not None:
            result["extensions"] = self.extensions
        return result


class Operations:
    """The operations of one schema.

    `context` finds who is asking and what resolvers need, from the connection and a place for
    plans that lives as long as the document; called once for an operation that was understood.
    It may raise GraphQLError with a code, and what it returns may be `AddsHeaders`.
    `executor_class`: graphql-core's executor, or the subclass of it that the schema's resolvers
    need. `report` gets each exception that the client is not told of, with the id that the
    client is told instead.

    `texts` finds the document that a request asks for. `directly` is asked first for the data of
    an operation, for whoever holds the token that `token_of` finds at the connection. `rules`: of
    validation.
    `input_errors`: exceptions by which the schema's library blames the input without giving a
    code.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        context: Callable[[HTTPConnection, dict[Any, Any]], Awaitable[Any]],
        executor_class: type[Executor[Any]] | None,
        report: Callable[[Exception, str], None],
        rules: Collection[type[ASTValidationRule]] = specified_rules,
        input_errors: tuple[type[GraphQLError], ...] = (),
        limits: Limits | None = None,
        texts: PersistedQueries | TrustedDocuments | None = None,
        directly: Directly | None = None,
        token_of: Callable[[HTTPConnection], str | None] = lambda _: None,
    ) -> None:
        self.schema = schema
        self.context = context
        self.token_of = token_of
        self.executor_class = executor_class
        self.report = report
        self.input_errors = input_errors
        self.directly = directly
        self.texts = texts or PersistedQueries()
        self.documents = Documents(schema, rules=rules, limits=limits)


class Exchange:
    """One operation asked and answered; *headers* go out with the answer, whatever it is."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self.errors = Errors(operations.report, operations.input_errors)
        self.headers: Sequence[tuple[str, str]] = ()

    def prepare(self, parameters: Parameters) -> Operation:
        """The operation that is asked for. Raises DocumentRefusedError."""
        texts = self._operations.texts
        prepared = self._operations.documents.prepare(texts.text(parameters))
        texts.keep(parameters)
        node = prepared.operation(parameters.operation_name)
        prepared.check(node, parameters.variables)
        return Operation(prepared, node, parameters)

    async def answer(self, operation: Operation, connection: HTTPConnection) -> Answer:
        """Runs a query or a mutation for whoever is at the other end of *connection*.

        Raises what is raised outside the fields: `errors.of_exception` writes it.
        """
        if self._operations.directly is not None:
            data = await self._operations.directly(
                self._operations.token_of(connection),
                operation.prepared,
                operation.node,
                operation.parameters.variables,
            )
            if data is not None:
                return Answer(executed=True, data=data, extensions=operation.extensions)
        context = await self._operations.context(connection, operation.prepared.plans)
        if hasattr(context, "response_headers"):
            self.headers = cast("AddsHeaders", context).response_headers
        return self._written(operation, await self._execute(operation, context))

    async def follow(
        self, operation: Operation, connection: HTTPConnection
    ) -> AsyncGenerator[Answer]:
        """The answers of a subscription, one for each event, until whoever reads them stops.

        Where the last one is not executed, it says why there are no more. Raises SessionEnded.
        """
        try:
            context = await self._operations.context(connection, operation.prepared.plans)
            stream = subscribe(
                self._operations.schema,
                operation.prepared.document,
                context_value=context,
                variable_values=operation.parameters.variables,
                operation_name=operation.parameters.operation_name,
                max_coercion_errors=MAX_ERRORS,
                executor_class=self._operations.executor_class,
                hide_suggestions=True,
            )
            stream = await stream if isawaitable(stream) else stream
            if isinstance(stream, ExecutionResult):
                yield Answer(executed=False, errors=self._written(operation, stream).errors)
                return
            async with aclosing(cast("AsyncGenerator[ExecutionResult]", stream)) as results:
                async for result in results:
                    number = cast("NumbersEvents", context).event_id
                    yield replace(self._written(operation, result), event_id=number)
        except SessionEnded:
            raise
        except Exception as error:
            yield Answer(executed=False, errors=self.errors.of_exception(error))

    def encode(self, answer: Answer) -> bytes:
        """An answer as JSON, for transports that have no status to tell; masked if it has none."""
        try:
            return orjson.dumps(answer.as_result())
        except orjson.JSONEncodeError as error:
            return orjson.dumps({"errors": self.errors.of_exception(error)})

    def _written(self, operation: Operation, result: ExecutionResult) -> Answer:
        if result.data is None and not any(error.path for error in result.errors or ()):
            told = self.errors.of_request((result.errors or [])[:MAX_ERRORS])
            return Answer(executed=False, errors=told)
        told = self.errors.of_execution(result.errors or ())
        return Answer(executed=True, errors=told, data=result.data, extensions=operation.extensions)

    async def _execute(self, operation: Operation, context: object) -> ExecutionResult:
        result = execute(
            self._operations.schema,
            operation.prepared.document,
            context_value=context,
            variable_values=operation.parameters.variables,
            operation_name=operation.parameters.operation_name,
            max_coercion_errors=MAX_ERRORS,
            executor_class=self._operations.executor_class,
            hide_suggestions=True,
        )
        return await result if isawaitable(result) else result
