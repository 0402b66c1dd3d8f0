"""What a client is told of an error, and what is kept for the log."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any, Final

from graphql import FieldNode, GraphQLError

CODES: Final = frozenset(
    {"UNAUTHENTICATED", "FORBIDDEN", "BAD_REQUEST", "RATE_LIMITED", "TOO_COMPLEX", "INTERNAL"}
    | {"PERSISTED_QUERY_NOT_FOUND"}
)
"""Every value that `extensions.code` can have."""

OUR_FAULT: Final = "Something went wrong on our side."
MAX_MESSAGE: Final = 500
MAX_ECHO: Final = 100
_MAX_LOCATIONS: Final = 5
# Names and values of the request, as graphql-core writes them into its messages.
_ECHOES: Final = re.compile(r"""'[^']{99,}'|"[^"]{99,}"|\S{101,}""")
_TAIL: Final = re.compile(r"(?<=: ).{101,}", re.DOTALL)


class Errors:
    """The errors of one request, written for its client.

    `report` gets each exception that the client is not told of, once, with the request's id.
    `input_errors`: exceptions without a code that blame the request's input.
    """

    def __init__(
        self,
        report: Callable[[Exception, str], None],
        input_errors: tuple[type[GraphQLError], ...] = (),
    ) -> None:
        self._report = report
        self._input_errors = input_errors
        self._request_id = ""
        self._reported: list[Exception] = []

    def of_request(self, errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
        """Errors of the document or its variables, before anything was executed."""
        return [self._public(error, error, "BAD_REQUEST") for error in errors]

    def of_execution(self, errors: Iterable[GraphQLError]) -> list[dict[str, Any]]:
        """Errors of fields: what carries a code is told, everything else is our fault."""
        written: list[dict[str, Any]] = []
        for error in errors:
            raised = error.original_error or error
            code = self._public_code(raised)
            if code is None or not isinstance(raised, GraphQLError):
                written.append(_located(error, OUR_FAULT, self._internal(raised)))
            else:
                written.append(self._public(error, raised, code))
        return written

    def of_exception(self, error: Exception) -> list[dict[str, Any]]:
        """What was raised outside the fields."""
        if isinstance(error, GraphQLError):
            return self.of_execution([error])
        return [{"message": OUR_FAULT, "extensions": self._internal(error)}]

    def _public_code(self, raised: Exception) -> str | None:
        if not isinstance(raised, GraphQLError):
            return None
        code = _own_code(raised)
        if code is not None:
            return code
        # graphql-core blames a node of the document for an argument that cannot be coerced, and
        # the whole field for what a resolver returned.
        blames_input = bool(raised.nodes) and not isinstance(raised.nodes[0], FieldNode)
        return "BAD_REQUEST" if blames_input or isinstance(raised, self._input_errors) else None

    def _internal(self, raised: Exception) -> dict[str, Any]:
        self._request_id = self._request_id or secrets.token_hex(16)
        if not any(raised is reported for reported in self._reported):
            self._reported.append(raised)
            self._report(raised, self._request_id)
        return {"code": "INTERNAL", "requestId": self._request_id}

    def _public(self, error: GraphQLError, raised: GraphQLError, code: str) -> dict[str, Any]:
        own = _own_code(raised)
        if own is not None:
            return _located(error, error.message, {**(raised.extensions or {}), "code": own})
        return _located(error, _without_long_echoes(error.message), {"code": code})


def _own_code(error: GraphQLError) -> str | None:
    code = (error.extensions or {}).get("code")
    return code if isinstance(code, str) and code in CODES else None


def _located(error: GraphQLError, message: str, extensions: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = {"message": _clipped(message, MAX_MESSAGE)}
    if error.locations:
        written["locations"] = [place.formatted for place in error.locations[:_MAX_LOCATIONS]]
    if error.path:
        written["path"] = error.path
    written["extensions"] = extensions
    return written


def _without_long_echoes(message: str) -> str:
    shortened = _ECHOES.sub(lambda found: _clipped(found[0], MAX_ECHO), message)
    return _TAIL.sub(lambda found: _clipped(found[0], MAX_ECHO), shortened, count=1)


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
