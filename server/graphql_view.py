"""GraphQL over HTTP: one request in, one answer out.

The order is the safety: nothing of a request is executed, nor is its sender looked up, until
its method, origin, media types, body, document and operation have been understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from graphql import GraphQLError, OperationDefinitionNode, OperationType
from starlette.requests import ClientDisconnect, Request

from server.graphql_documents import DocumentRefusedError
from server.graphql_operations import Answer, Exchange, Operations
from server.graphql_request import METHODS, read_parameters, refuse_cross_site
from server.graphql_response import HttpRefusal, MediaType, Outcome, answer, answer_of, negotiate
from server.graphql_stream import EventStream, Streaming, alone
from server.lasting import Crowded, Guest, Lasting
from tenancy.outage import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

MAX_BODY: Final = 1_048_576
"""The most bytes that a request's body may have."""


class GraphQLView:
    """The ASGI application of the GraphQL endpoint.

    `allowed_origins`: of the pages that may use it with the browser's cookie. `lasting`: where
    those are counted who follow subscriptions; without it there are none. `max_body`: in bytes.
    `methods`: those that are answered, of GET and POST.
    """

    def __init__(
        self,
        operations: Operations,
        *,
        allowed_origins: frozenset[str],
        lasting: Lasting | None = None,
        max_body: int = MAX_BODY,
        methods: Sequence[str] = METHODS,
    ) -> None:
        self._operations = operations
        self._methods = methods
        self._allowed_origins = allowed_origins
        self._lasting = lasting
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> ASGIApp:
        media_type, streaming = MediaType.JSON, Streaming.NONE
        exchange = Exchange(self._operations)
        errors = exchange.errors
        try:
            self._refuse_method(request)
            refuse_cross_site(request, self._allowed_origins)
            media_type, streaming = negotiate(request), Streaming.wanted(request)
            operation = exchange.prepare(await read_parameters(request, self._max_body))
            streamed = streaming.covers(operation.node)
            _refuse_operation(operation.node, request.method, streamed=streamed)
            if operation.node.operation is OperationType.SUBSCRIPTION and self._lasting:
                guest = await _welcome(self._lasting, request)
                return EventStream(exchange, exchange.follow(operation, request), guest=guest)
            found = await exchange.answer(operation, request)
            headers = exchange.headers
            if streamed:
                return EventStream(exchange, alone(found), headers=headers)
            return answer_of(media_type, found, headers)
        except HttpRefusal as refusal:
            return answer(media_type, refusal.outcome, refusal.errors, headers=refusal.headers)
        except DocumentRefusedError as refusal:
            told = errors.of_request(refusal.errors)
            if streaming is Streaming.ALL:
                # A browser's EventSource shows nothing of an answer that is no stream.
                return EventStream(exchange, alone(Answer(executed=False, errors=told)))
            return answer(media_type, Outcome.INVALID, told)
        except ClientDisconnect:
            raise
        except Exception as error:
            return answer(media_type, None, errors.of_exception(error), headers=exchange.headers)

    def _refuse_method(self, request: Request) -> None:
        if request.method not in self._methods:
            raise _method_refusal(f"Use {' or '.join(self._methods)}.", ", ".join(self._methods))


async def _welcome(lasting: Lasting, request: Request) -> Guest:
    try:
        return await lasting.welcome(request)
    except (Crowded, Unavailable) as error:
        raise HttpRefusal(
            Outcome.RATE_LIMITED,
            "There are too many streams. Try again in a moment.",
            "RATE_LIMITED",
            retryAfter=error.retry_after,
        ) from None


def _refuse_operation(operation: OperationDefinitionNode, method: str, *, streamed: bool) -> None:
    """Refuse the operation that this method, or this transport, does not run."""
    subscribes = operation.operation is OperationType.SUBSCRIPTION
    if method == "GET" and not (
        operation.operation is OperationType.QUERY or (subscribes and streamed)
    ):
        raise _method_refusal("Only queries can be sent with GET; use POST.", "POST")
    if subscribes and not streamed:
        error = GraphQLError(
            "Subscriptions are answered where the client accepts text/event-stream, "
            "or over WebSocket.",
            operation,
        )
        raise DocumentRefusedError([error])


def _method_refusal(message: str, allowed: str) -> HttpRefusal:
    return HttpRefusal(Outcome.METHOD, message, headers=[("Allow", allowed)])
