"""The HTTP side of a GraphQL answer: the media type, the status and the headers.

GraphQL over HTTP gives a request error a 4xx status under its own media type, and 200 under
plain `application/json`, for clients from before it. The draft of 2026 moves some of these to
422; published audits and clients still expect what stands in `STATUS`.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.responses import Response

from server.security_headers import SECURITY_HEADERS

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.graphql_operations import Answer


class MediaType(enum.Enum):
    """What an answer can be written as."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"


EVENT_STREAM: Final = "text/event-stream"


class Outcome(enum.Enum):
    """What became of a request."""

    EXECUTED = enum.auto()
    INVALID = enum.auto()  # Does not parse, validate or name an operation, or wrong variables.
    UNAUTHENTICATED = enum.auto()
    FORBIDDEN = enum.auto()
    RATE_LIMITED = enum.auto()
    FAILED = enum.auto()
    MALFORMED = enum.auto()
    CROSS_SITE = enum.auto()
    METHOD = enum.auto()
    NOT_ACCEPTABLE = enum.auto()
    TOO_LARGE = enum.auto()
    URI_TOO_LONG = enum.auto()
    UNSUPPORTED = enum.auto()


STATUS: Final[dict[Outcome, tuple[int, int]]] = {
    # Under application/graphql-response+json, and under application/json.
    Outcome.EXECUTED: (200, 200),
    Outcome.INVALID: (400, 200),
    Outcome.UNAUTHENTICATED: (401, 200),
    Outcome.FORBIDDEN: (403, 200),
    Outcome.RATE_LIMITED: (429, 429),
    Outcome.FAILED: (500, 500),
    Outcome.MALFORMED: (400, 400),
    Outcome.CROSS_SITE: (403, 403),
    Outcome.METHOD: (405, 405),
    Outcome.NOT_ACCEPTABLE: (406, 406),
    Outcome.TOO_LARGE: (413, 413),
    Outcome.URI_TOO_LONG: (414, 414),
    Outcome.UNSUPPORTED: (415, 415),
}

_OUTCOME_OF_CODE: Final = {
    "UNAUTHENTICATED": Outcome.UNAUTHENTICATED,
    "FORBIDDEN": Outcome.FORBIDDEN,
    "RATE_LIMITED": Outcome.RATE_LIMITED,
    "INTERNAL": Outcome.FAILED,
}
HEADERS: Final = SECURITY_HEADERS | {
    "Vary": "Accept, Authorization, Cookie, Origin, Sec-Fetch-Site"
}
_ABSENT: Final = object()


class HttpRefusal(Exception):
    """A request that is refused before GraphQL has anything to say about it.

    *more* stands beside the code.
    """

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        code: str = "BAD_REQUEST",
        *,
        headers: Sequence[tuple[str, str]] = (),
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.errors = [{"message": message, "extensions": {"code": code} | more}]
        self.headers = headers


def negotiate(request: Request) -> MediaType:
    """The media type that the client likes best (RFC 9110 12.5.1), JSON where it is all the same.

    For a client that wants a stream of events alone: what is said of a request that none can be
    made for. Raises HttpRefusal (406) where it accepts nothing that there is.
    """
    ranges = accepted_ranges(request)
    if not ranges:
        return MediaType.JSON
    liked: dict[MediaType, tuple[float, int, bool]] = {}
    for offered in MediaType:
        matching = [
            (_WILDCARDS.get(name, _EXACT), quality)
            for name, quality in ranges
            if name == offered.value or name in _WILDCARDS
        ]
        # The range that names it most closely decides on its quality.
        precision, quality = max(matching, default=(0, 0.0))
        if quality > 0:
            # Whoever names the newer type knows it; whoever takes anything may not.
            preferred = (offered is MediaType.GRAPHQL) == (precision == _EXACT)
            liked[offered] = (quality, precision, preferred)
    if liked:
        return max(liked, key=lambda offered: liked[offered])
    if any(name == EVENT_STREAM and quality > 0 for name, quality in ranges):
        return MediaType.JSON
    raise HttpRefusal(
        Outcome.NOT_ACCEPTABLE,
        "Accept application/graphql-response+json, application/json or text/event-stream.",
    )


_WILDCARDS: Final = {"*/*": 1, "application/*": 2}
_EXACT: Final = 3


def accepted_ranges(request: Request) -> list[tuple[str, float]]:
    """The media ranges that the client accepts, in small letters, each with its quality."""
    accepted = ",".join(request.headers.getlist("accept"))
    return [_media_range(part) for part in accepted.split(",") if part.strip()]


def _media_range(part: str) -> tuple[str, float]:
    """A media range and its quality; a range that nothing here can satisfy has quality 0."""
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                return name, 0.0
        elif key.strip() == "charset" and value.strip(' "') not in {"utf-8", "utf8"}:
            return name, 0.0
    return name, quality if 0 <= quality <= 1 else 0.0


def answer(
    media_type: MediaType,
    outcome: Outcome | None,
    errors: Sequence[dict[str, Any]] = (),
    *,
    data: object = _ABSENT,
    extensions: Mapping[str, Any] | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> Response:
    """The response with these errors, data and extensions; what is left out has no key there.

    `outcome` None: the codes of the errors say it. Raises orjson.JSONEncodeError for data that
    JSON cannot hold.
    """
    payload: dict[str, Any] = {"errors": errors} if errors else {}
    if data is not _ABSENT:
        payload["data"] = data
    if extensions is not None:
        payload["extensions"] = extensions
    extra = list(headers)
    if data is _ABSENT or data is None:
        limited = [error for error in errors if _code(error) == "RATE_LIMITED"]
        if limited:
            outcome = Outcome.RATE_LIMITED
            extra.append(("Retry-After", str(max(map(_retry_after, limited)))))
    if outcome is None:
        outcome = _OUTCOME_OF_CODE.get(_code(errors[0]), Outcome.INVALID)
    status = STATUS[outcome][media_type is MediaType.JSON]
    if status == 401:
        extra.append(("WWW-Authenticate", "Bearer"))
    response = Response(
        orjson.dumps(payload),
        status_code=status,
        headers={**HEADERS, "Content-Type": f"{media_type.value}; charset=utf-8"},
    )
    for name, value in extra:
        response.headers.append(name, value)
    return response


def answer_of(
    media_type: MediaType, found: Answer, headers: Iterable[tuple[str, str]] = ()
) -> Response:
    """The response with what an operation came to; as `answer`."""
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


def _code(error: dict[str, Any]) -> str:
    return str(error.get("extensions", {}).get("code"))


def _retry_after(error: dict[str, Any]) -> int:
    """Whole seconds; one where the error does not say."""
    seconds = error["extensions"].get("retryAfter")
    return max(1, math.ceil(seconds)) if isinstance(seconds, (int, float)) else 1
