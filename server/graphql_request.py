"""From an HTTP request to the GraphQL parameters in it, strictly.

What is not understood to the letter is refused before anything runs: another content type,
charset or encoding (a browser sends those across sites without asking), JSON that two parsers
could read differently, parameters of the wrong type.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl

import orjson

from schema.json_values import WrittenNumber
from server.graphql_response import HttpRefusal, Outcome

if TYPE_CHECKING:
    from starlette.requests import Request

METHODS: Final = ("GET", "POST")
MAX_QUERY_STRING: Final = 32_768  # Bytes.
MAX_NESTING: Final = 64
_CHARSETS: Final = frozenset({"charset=utf-8", 'charset="utf-8"', "charset=utf8"})
_INTEGERS: Final = range(-(2**63), 2**63)
_LONG_NUMBER: Final = re.compile(rb"[0-9]{19}")
_PREFLIGHT_HEADERS: Final = (
    "graphql-preflight",
    "apollo-require-preflight",
    "x-requested-with",
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a GraphQL request asks for; None where a parameter is absent or null.

    Of *query* and *document_id*, what the document is known by, there is one at least.
    """

    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: dict[str, Any] | None
    extensions: dict[str, Any] | None


def refuse_cross_site(request: Request, allowed_origins: frozenset[str]) -> None:
    """Refuse (403) what another site made a browser send with this site's cookie.

    Fetch Metadata decides where the browser sends it, else the Origin, `null` included. With
    neither, a POST is let through, because its content type cannot be sent across sites
    unasked; a GET needs a header that cannot either: GraphQL-Preflight,
    Apollo-Require-Preflight or X-Requested-With. Source: OWASP, CSRF prevention cheat sheet.
    """
    headers = request.headers
    if "cookie" not in headers:
        return
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if site is not None:
        allowed = site in {"same-origin", "none"} and len(headers.getlist("sec-fetch-site")) == 1
    elif origin is not None:
        allowed = origin in allowed_origins and len(headers.getlist("origin")) == 1
    elif request.method == "GET":
        allowed = any(name in headers for name in _PREFLIGHT_HEADERS)
    else:
        allowed = True
    if not allowed:
        raise HttpRefusal(
            Outcome.CROSS_SITE, "A request with a cookie must come from this site.", "FORBIDDEN"
        )


async def read_parameters(request: Request, max_body: int) -> Parameters:
    """The parameters of a GET or POST request whose body has at most `max_body` bytes.

    Raises HttpRefusal; starlette.requests.ClientDisconnect when the client went away.
    """
    if request.method == "GET":
        return parameters_of(_query_string(request))
    _refuse_other_content(request)
    value = strict_json(await _body(request, max_body), "body")
    if isinstance(value, list):
        raise _malformed("Send one operation for each request: batches are not served.")
    if not isinstance(value, dict):
        raise _malformed("The body must be a JSON object.")
    return parameters_of(cast("dict[str, Any]", value))


def _malformed(message: str) -> HttpRefusal:
    return HttpRefusal(Outcome.MALFORMED, message)


def _refuse_other_content(request: Request) -> None:
    declared = request.headers.getlist("content-type")
    name, *parameters = (part.strip().lower() for part in ",".join(declared).split(";"))
    if name != "application/json" or not _CHARSETS.issuperset(parameters):
        raise HttpRefusal(Outcome.UNSUPPORTED, "The body must be application/json, in UTF-8.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HttpRefusal(Outcome.UNSUPPORTED, "The body must not be compressed.")


async def _body(request: Request, max_body: int) -> bytes:
    too_large = HttpRefusal(
        Outcome.TOO_LARGE,
        f"The body must have at most {max_body} bytes.",
        # The rest of it is not read; the connection cannot be used again.
        headers=[("Connection", "close")],
    )
    declared = request.headers.get("content-length", "0")
    if len(declared) > len(str(max_body)) or (declared.isdecimal() and int(declared) > max_body):
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_body:
            raise too_large
    return bytes(body)


def _query_string(request: Request) -> dict[str, Any]:
    raw: bytes = request.scope["query_string"]
    if len(raw) > MAX_QUERY_STRING:
        raise HttpRefusal(Outcome.URI_TOO_LONG, "The address is too long; use POST.")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20
        )
    except ValueError:
        raise _malformed("The query string must be URL-encoded UTF-8.") from None
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _malformed("A parameter stands in the query string twice.")
        found[name] = value or None
    for name in ("variables", "extensions"):
        if found.get(name) is not None:
            found[name] = strict_json(found[name].encode(), name)
    return found


def parameters_of(found: dict[str, Any]) -> Parameters:
    """The parameters among the members of a JSON object. Raises HttpRefusal."""
    query = found.get("query")
    name = found.get("operationName")
    variables = found.get("variables")
    extensions = found.get("extensions")
    if query is not None and not isinstance(query, str):
        raise _malformed("The parameter query must be a string.")
    if name is not None and not isinstance(name, str):
        raise _malformed("The parameter operationName must be a string.")
    if variables is not None and not isinstance(variables, dict):
        raise _malformed("The parameter variables must be an object.")
    if extensions is not None and not isinstance(extensions, dict):
        raise _malformed("The parameter extensions must be an object.")
    document_id = _document_id(found.get("documentId"), extensions)
    if query is None and document_id is None:
        raise _malformed("The parameter query must be a string.")
    return Parameters(
        query,
        document_id,
        name,
        cast("dict[str, Any] | None", variables),
        cast("dict[str, Any] | None", extensions),
    )


def _document_id(given: object, extensions: dict[str, Any] | None) -> str | None:
    """What the document is known by: `documentId`, or the hash of a persisted query.

    Sources: GraphQL over HTTP, appendix on persisted documents; Apollo's protocol of automatic
    persisted queries.
    """
    if extensions is not None and (persisted := extensions.get("persistedQuery")) is not None:
        well_formed = isinstance(persisted, dict) and persisted.get("version") == 1
        # Neither of the two is a string, which it has to be.
        given = cast("dict[str, Any]", persisted).get("sha256Hash") or 0 if well_formed else 0
    if given is not None and not isinstance(given, str):
        raise _malformed(
            "A document is named by the string documentId, or by extensions.persistedQuery "
            'with {"version": 1, "sha256Hash": "…"}.'
        )
    return None if given is None else given.removeprefix("sha256:")


def strict_json(text: bytes, where: str) -> object:
    """Strict JSON (RFC 8259, and I-JSON's unique names and bounded integers, RFC 7493).

    orjson refuses what is no UTF-8 or no JSON (a byte order mark, NaN, lone surrogates, numbers
    beyond a double) without recursion. It lets pass names that stand twice, and integers beyond
    64 bits. Where it writes the same text again it lost nothing, as it does for what a browser
    or a GraphQL client writes; else the standard library reads the text once more, and keeps the
    digits of fractions.
    """
    try:
        value = orjson.loads(text)
        openings = text.count(b"[") + text.count(b"{")
        shallow = openings <= MAX_NESTING
        if shallow and not _LONG_NUMBER.search(text) and orjson.dumps(value) == text:
            return value
        if shallow or _nesting(value) <= MAX_NESTING:
            return json.loads(
                text, object_pairs_hook=_unique, parse_int=_integer, parse_float=WrittenNumber
            )
    except ValueError:
        pass
    raise _malformed(f"The {where} must be strict JSON.")


def _nesting(value: object) -> int:
    """How many arrays and objects stand inside one another."""
    depth = 0
    level: list[object] = [value]
    while any(isinstance(item, (dict, list)) for item in level):
        depth += 1
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(cast("dict[str, object]", item).values())
            elif isinstance(item, list):
                below.extend(cast("list[object]", item))
        level = below
    return depth


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _integer(digits: str) -> int:
    # The length first: Python refuses to read thousands of digits, and takes its time before.
    if len(digits) > len("-9223372036854775808") or int(digits) not in _INTEGERS:
        raise ValueError("an integer beyond 64 bits")
    return int(digits)
