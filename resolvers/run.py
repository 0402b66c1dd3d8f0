"""How a use case is run: who may, one transaction, and again where the database asks for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError

from auth.permissions import ANYONE, audience_of
from resolvers.conflicts import refusal_of
from resolvers.unit import Deployment, Unit, unit_of_work
from tenancy.caller import Visit
from tenancy.outage import connection_lost, outage

Result = TypeVar("Result")
Answer = TypeVar("Answer")

TRIES = 4
_AGAIN = frozenset({"40001", "40P01"})
"""PostgreSQL's serialization failure and deadlock: nothing was written, the same may pass now."""


async def run(
    deployment: Deployment,
    visit: Visit,
    use_case: Callable[..., Awaitable[Result]],
    *,
    answer: Callable[[Unit, Result], Awaitable[Answer]],
    **arguments: Any,
) -> Answer:
    """Runs *use_case* for *visit* in one transaction and commits it.

    *answer* makes of the result what the door shows (a payload, a page), still inside
    the transaction. Raises Unauthenticated or Forbidden where the caller is not let in,
    and Refused, with everything rolled back, where there is something to mend.

    A unique constraint is how two writers at once find out about each other: the one
    that lost runs once more and sees the other's row, and only then it is a refusal.

    A caller who is cancelled (a client that hangs up) does not break it off in the middle.
    Raises Unavailable, with nothing written, where the database cannot be had now.
    """
    visit = _admitted(visit, use_case)
    return await deployment.database.unbroken(
        _run(deployment, visit, use_case, answer=answer, arguments=arguments)
    )


async def look(
    deployment: Deployment,
    visit: Visit,
    use_case: Callable[..., Awaitable[Result]],
    **arguments: Any,
) -> Result:
    """What *use_case*, which only looks, finds for *visit*; it waits for nobody who writes.

    Raises Unauthenticated, Forbidden, Refused and Unavailable as `run` does.
    """
    visit = _admitted(visit, use_case)
    return await deployment.database.unbroken(_look(deployment, visit, use_case, arguments))


async def _look(
    deployment: Deployment,
    visit: Visit,
    use_case: Callable[..., Awaitable[Result]],
    arguments: dict[str, Any],
) -> Result:
    for tries_left in reversed(range(TRIES)):
        try:
            async with unit_of_work(deployment, visit, looking=True) as unit:
                return await use_case(unit, **arguments)
        except Exception as error:
            if tries_left and connection_lost(error):
                continue
            if away := outage(error):
                raise away from error
            raise
    raise AssertionError("unreachable: the last try returns or raises")


def _admitted(visit: Visit, use_case: Callable[..., Awaitable[Any]]) -> Visit:
    audience = audience_of(use_case)
    audience.admit(visit)
    if audience is ANYONE:
        # What is open to anyone names its firm by itself, whoever happens to be signed in.
        return replace(visit, caller=None)
    return visit


async def _run(
    deployment: Deployment,
    visit: Visit,
    use_case: Callable[..., Awaitable[Result]],
    *,
    answer: Callable[[Unit, Result], Awaitable[Answer]],
    arguments: dict[str, Any],
) -> Answer:
    for attempt in range(1, TRIES + 1):
        committing = False
        try:
            async with unit_of_work(deployment, visit) as unit:
                result = await use_case(unit, **arguments)
                await unit.conclude()
                answered = await answer(unit, result)
                committing = True
                await (unit.session.rollback() if unit.is_trial else unit.session.commit())
        except IntegrityError as error:
            if attempt == TRIES:
                raise refusal_of(error) from error
        except Exception as error:
            lost = connection_lost(error)
            if lost and committing:
                # Nobody knows whether it was written: neither again, nor a promise that it was not.
                raise
            if attempt < TRIES and (lost or _sqlstate(error) in _AGAIN):
                continue
            if away := outage(error):
                raise away from error
            raise
        else:
            deployment.wake_mail()
            deployment.signals.committed()
            return answered
    raise AssertionError("unreachable: the last try returns or raises")


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None


async def plainly(unit: Unit, result: Result) -> Result:
    """The *answer* of a door that wants the result as it is."""
    del unit
    return result
