"""One request's context, and the three ways a field gets its answer.

`read` hands the field's selection to the planner; `write` runs the use case behind a
mutation, and has the planner read the payload's objects in the same transaction; `ask`
runs a use case that only looks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

import strawberry
from graphql import GraphQLError

from auth.passwords import Overloaded
from auth.permissions import Audience, Forbidden, Unauthenticated
from auth.throttle import RateLimited
from planner import BadArgument, ById, Planner, Selection
from resolvers.refusal import Refused
from resolvers.run import look, run
from resolvers.unit import Deployment, Unit
from schema.errors import told
from schema.fields import AUDIENCE, USE_CASE
from schema.payload import fill
from tenancy.caller import Caller, Visit
from tenancy.outage import Unavailable
from tenancy.scope import LIMITED

Payload = TypeVar("Payload")


@dataclass(kw_only=True)
class Context:
    """What the resolvers of one request share.

    *plans* lives as long as the document does; *response_headers* go out with the answer.
    A subscription's lives as long as it runs: *look_again* tells who is asking by then,
    *resume_after* is the event that the transport saw last, and *event_id* the one that is
    being answered.
    """

    deployment: Deployment
    visit: Visit
    planner: Planner
    plans: dict[Any, Any]
    session_cookie: Callable[[str | None], tuple[str, str]]
    look_again: Callable[[], Awaitable[Visit]]
    resume_after: str | None = None
    response_headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    event_id: str | None = None

    def constants(self) -> dict[str, Any]:
        """The named parameters that declarations may use, for this visit and this moment."""
        return {
            "now": datetime.now(UTC),
            "base_url": self.deployment.base_url,
            "firm_id": self.visit.caller.firm_id if self.visit.caller else None,
            **identity(self.visit.caller),
        }


IDENTITY = frozenset({"session_id", "member_id", "portal_user_id", "current_account_id", LIMITED})
"""The named parameters that tell who asks."""


def identity(caller: Caller | None) -> dict[str, str | None]:
    """The values of `IDENTITY` for *caller*."""
    return {
        "session_id": caller.session_id if caller else None,
        "member_id": caller.member_id if caller else None,
        "portal_user_id": caller.portal_user_id if caller else None,
        "current_account_id": caller.current_account_id if caller else None,
        LIMITED: caller.limited_to if caller else None,
    }


Info: TypeAlias = strawberry.Info[Context, Any]


async def read(info: Info) -> Any:
    """What the planner reads for the field, for callers whom its audience lets in."""
    with coded():
        return await reading(info)


async def reading(
    info: Info, *, spec: ById | None = None, given: Mapping[str, Any] | None = None
) -> Any:
    """The same, with the exceptions as they are.

    *spec* and *given* stand in for the field's own declaration and arguments.
    """
    context = info.context
    audience: Audience = _metadata(info)[AUDIENCE]
    audience.admit(context.visit)
    return await context.planner.read(
        Selection.of(info._raw_info, spec=spec, given=given),  # pyright: ignore[reportPrivateUsage]
        fetch=context.deployment.database.fetch,
        constants=context.constants(),
        plans=context.plans,
    )


async def write(
    info: Info, payload: Callable[..., Payload], input: Any = None, **arguments: Any
) -> Payload:
    """Runs the mutation's use case with the input's fields and makes *payload* of its result."""
    context = info.context
    use_case: Callable[..., Awaitable[Any]] = _metadata(info)[USE_CASE]

    async def answer(unit: Unit, result: Any) -> Payload:
        return await fill(
            payload,
            result,
            selection=Selection.of(info._raw_info),  # pyright: ignore[reportPrivateUsage]
            planner=context.planner,
            plans=context.plans,
            unit=unit,
            constants=context.constants(),
        )

    with coded():
        try:
            return await run(
                context.deployment,
                context.visit,
                use_case,
                answer=answer,
                **(input or {}),
                **arguments,
            )
        except Refused as refused:
            locale = context.visit.caller.locale if context.visit.caller else context.visit.locale
            return payload(errors=[told(refusal, locale) for refusal in refused.refusals])


async def ask(info: Info, use_case: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
    """What a use case that writes nothing answers."""
    context = info.context
    with coded():
        return await look(context.deployment, context.visit, use_case, **arguments)


def _metadata(info: Info) -> Mapping[str, Any]:
    return info._field.metadata  # pyright: ignore[reportPrivateUsage]


EXPECTED = (Unauthenticated, Forbidden, BadArgument, RateLimited, Overloaded, Unavailable)
"""What the caller may not do, or cannot do now."""


@contextmanager
def coded() -> Iterator[None]:
    """What is `EXPECTED`, as GraphQL errors with their codes."""
    try:
        yield
    except EXPECTED as error:
        raise with_code(error) from None


def with_code(error: Exception) -> GraphQLError:
    """The GraphQL error for one of those that are `EXPECTED`."""
    match error:
        case Unauthenticated():
            return _error("Sign in first.", "UNAUTHENTICATED")
        case Forbidden():
            return _error("You are not allowed to do this.", "FORBIDDEN")
        case BadArgument():
            return _error(error.message, "BAD_REQUEST")
        case RateLimited():
            sentence = "Too many tries. Wait a little."
        case Overloaded() | Unavailable():
            sentence = "Too much at once. Try again in a moment."
        case _:
            raise error
    return _error(sentence, "RATE_LIMITED", retryAfter=error.retry_after)


def _error(message: str, code: str, **more: Any) -> GraphQLError:
    return GraphQLError(message, extensions={"code": code, **more})
