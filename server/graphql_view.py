"""GraphQL over HTTP: one request in, one answer out.

The order is the safety: nothing of a request is executed, nor is its sender looked up, until
its method, origin, media types, body, document and operation have been understood.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,  # pyright: ignore[reportUnknownVariableType]
    specified_rules,
)
from starlette.requests import ClientDisconnect, Request

from server.graphql_documents import MAX_ERRORS, DocumentRefusedError, Documents
from server.graphql_errors import Errors
from server.graphql_request import METHODS, Parameters, read_parameters, refuse_cross_site
from server.graphql_response import HttpRefusal, MediaType, Outcome, answer, negotiate

if TYPE_CHECKING:
    from graphql import ASTValidationRule, ExecutionResult
    from graphql.execution import Executor
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from server.graphql_documents import PreparedDocument
    from server.limits import Limits

MAX_BODY: Final = 1_048_576
"""The most bytes that a request's body may have."""


class AddsHeaders(Protocol):
    """What a context looks like whose fields may add headers (Set-Cookie, say) to the answer."""

    response_headers: list[tuple[str, str]]


Directly = Callable[
    ["Request", "PreparedDocument", OperationDefinitionNode, "Mapping[str, Any] | None"],
    Awaitable["dict[str, Any] | None"],
]
"""(request, document, operation, variables) to its data, or None: then it is executed."""


class GraphQLView:
    """The ASGI application of the GraphQL endpoint.

    `context` finds who is asking and what resolvers need, from the request and a place for
    plans that lives as long as the document; called once for a request that was understood. It
    may raise GraphQLError with a code, and what it returns may be `AddsHeaders`.
    `executor_class`: graphql-core's executor, or the subclass of it that the schema's resolvers
    need. `report` gets each exception that the client is not told of, with the id that the
    client is told instead. `allowed_origins`: of the pages that may use this endpoint with the
    browser's cookie.

    `directly` is asked first for the data of an operation. `rules`: of validation.
    `input_errors`: exceptions by which the schema's library blames the input without giving a
    code. `max_body`: in bytes.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        context: Callable[[Request, dict[Any, Any]], Awaitable[Any]],
        executor_class: type[Executor[Any]] | None,
        report: Callable[[Exception, str], None],
        allowed_origins: frozenset[str],
        rules: Collection[type[ASTValidationRule]] = specified_rules,
        input_errors: tuple[type[GraphQLError], ...] = (),
        limits: Limits | None = None,
        max_body: int = MAX_BODY,
        directly: Directly | None = None,
    ) -> None:
        self._directly = directly
        self._schema = schema
        self._context = context
        self._executor_class = executor_class
        self._report = report
        self._allowed_origins = allowed_origins
        self._input_errors = input_errors
        self._max_body = max_body
        self._documents = Documents(schema, rules=rules, limits=limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        media_type = MediaType.JSON
        errors = Errors(self._report, self._input_errors)
        headers: Sequence[tuple[str, str]] = ()
        try:
            _refuse_method(request)
            refuse_cross_site(request, self._allowed_origins)
            media_type = negotiate(request)
            parameters = await read_parameters(request, self._max_body)
            prepared = self._documents.prepare(parameters.query)
            _refuse_operation(prepared, parameters, request.method)
            data = await self._read_directly(request, prepared, parameters)
            if data is not None:
                return answer(media_type, Outcome.EXECUTED, data=data)
            context = await self._context(request, prepared.plans)
            if hasattr(context, "response_headers"):
                headers = cast("AddsHeaders", context).response_headers
            result = await self._execute(prepared, parameters, context)
            if result.data is None and not any(error.path for error in result.errors or ()):
                told = errors.of_request((result.errors or [])[:MAX_ERRORS])
                return answer(media_type, Outcome.INVALID, told, headers=headers)
            told = errors.of_execution(result.errors or ())
            return answer(media_type, Outcome.EXECUTED, told, data=result.data, headers=headers)
        except HttpRefusal as refusal:
            return answer(media_type, refusal.outcome, refusal.errors, headers=refusal.headers)
        except DocumentRefusedError as refusal:
            return answer(media_type, Outcome.INVALID, errors.of_request(refusal.errors))
        except ClientDisconnect:
            raise
        except Exception as error:
            return answer(media_type, None, errors.of_exception(error), headers=headers)

    async def _read_directly(
        self, request: Request, prepared: PreparedDocument, parameters: Parameters
    ) -> dict[str, Any] | None:
        if self._directly is None:
            return None
        operation = prepared.operation(parameters.operation_name)
        return await self._directly(request, prepared, operation, parameters.variables)

    async def _execute(
        self, prepared: PreparedDocument, parameters: Parameters, context: object
    ) -> ExecutionResult:
        result = execute(
            self._schema,
            prepared.document,
            context_value=context,
            variable_values=parameters.variables,
            operation_name=parameters.operation_name,
            max_coercion_errors=MAX_ERRORS,
            executor_class=self._executor_class,
            hide_suggestions=True,
        )
        return await result if isawaitable(result) else result


def _refuse_method(request: Request) -> None:
    if request.method not in METHODS:
        raise _method_refusal("Use GET or POST.", ", ".join(METHODS))


def _refuse_operation(prepared: PreparedDocument, parameters: Parameters, method: str) -> None:
    """Refuse the operation that this method, or this transport, does not run."""
    operation = prepared.operation(parameters.operation_name)
    if method == "GET" and operation.operation is not OperationType.QUERY:
        raise _method_refusal("Only queries can be sent with GET; use POST.", "POST")
    if operation.operation is OperationType.SUBSCRIPTION:
        error = GraphQLError("Subscriptions are not answered by a plain POST.", operation)
        raise DocumentRefusedError([error])


def _method_refusal(message: str, allowed: str) -> HttpRefusal:
    return HttpRefusal(Outcome.METHOD, message, headers=[("Allow", allowed)])
