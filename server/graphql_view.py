"""GraphQL over HTTP: one request in, one answer out.

The order is the safety: nothing of a request is executed, nor is its sender looked up, until
its method, origin, media types, body, document and operation have been understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphql import GraphQLError, OperationDefinitionNode, OperationType
from starlette.requests import ClientDisconnect, Request

from server.graphql_documents import DocumentRefusedError
from server.graphql_operations import Exchange, Operations
from server.graphql_request import METHODS, read_parameters, refuse_cross_site
from server.graphql_response import HttpRefusal, MediaType, Outcome, answer, negotiate

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

MAX_BODY: Final = 1_048_576
"""The most bytes that a request's body may have."""


class GraphQLView:
    """The ASGI application of the GraphQL endpoint.

    `allowed_origins`: of the pages that may use it with the browser's cookie. `max_body`: in
    bytes.
    """

    def __init__(
        self,
        operations: Operations,
        *,
        allowed_origins: frozenset[str],
        max_body: int = MAX_BODY,
    ) -> None:
        self._operations = operations
        self._allowed_origins = allowed_origins
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        media_type = MediaType.JSON
        exchange = Exchange(self._operations)
        errors = exchange.errors
        try:
            _refuse_method(request)
            refuse_cross_site(request, self._allowed_origins)
            media_type = negotiate(request)
            operation = exchange.prepare(await read_parameters(request, self._max_body))
            _refuse_operation(operation.node, request.method)
            found = await exchange.answer(operation, request)
            headers = exchange.headers
            if not found.executed:
                return answer(media_type, Outcome.INVALID, found.errors, headers=headers)
            return answer(
                media_type,
                Outcome.EXECUTED,
                found.errors,
                data=found.data,
                extensions=found.extensions,
                headers=headers,
            )
        except HttpRefusal as refusal:
            return answer(media_type, refusal.outcome, refusal.errors, headers=refusal.headers)
        except DocumentRefusedError as refusal:
            return answer(media_type, Outcome.INVALID, errors.of_request(refusal.errors))
        except ClientDisconnect:
            raise
        except Exception as error:
            return answer(media_type, None, errors.of_exception(error), headers=exchange.headers)


def _refuse_method(request: Request) -> None:
    if request.method not in METHODS:
        raise _method_refusal("Use GET or POST.", ", ".join(METHODS))


def _refuse_operation(operation: OperationDefinitionNode, method: str) -> None:
    """Refuse the operation that this method, or this transport, does not run."""
    if method == "GET" and operation.operation is not OperationType.QUERY:
        raise _method_refusal("Only queries can be sent with GET; use POST.", "POST")
    if operation.operation is OperationType.SUBSCRIPTION:
        error = GraphQLError("Subscriptions are not answered by a plain POST.", operation)
        raise DocumentRefusedError([error])


def _method_refusal(message: str, allowed: str) -> HttpRefusal:
    return HttpRefusal(Outcome.METHOD, message, headers=[("Allow", allowed)])
