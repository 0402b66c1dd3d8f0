"""How a subscription answers: event by event, each read by the planner as a query would be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Protocol

from auth.permissions import Audience
from auth.sessions import still_there
from models import FirmOwned
from models.ids import prefix_of
from planner import BadArgument, ById
from resolvers.unit import Deployment
from schema.context import Context, Info, coded, reading
from schema.fields import AUDIENCE
from tenancy.caller import Caller
from tenancy.outage import Unavailable


class Events(Protocol):
    """The ids of what a caller is told of, one after the other, from after an id on."""

    def __call__(
        self, deployment: Deployment, caller: Caller, *, after: str | None
    ) -> AsyncGenerator[str]: ...


async def follow(
    info: Info, events: Events, table: type[FirmOwned], after: str | None
) -> AsyncGenerator[Any]:
    """What the planner reads for each of *events*, whose ids are of rows of *table*.

    Before each event it is looked again who is asking. Raises SessionEnded where that is nobody
    any more, and GraphQLError where the caller is not let in, or *after* is no id of *table*.
    """
    context = info.context
    audience: Audience = info._field.metadata[AUDIENCE]  # pyright: ignore[reportPrivateUsage]
    with coded():
        audience.admit(context.visit)
        caller = context.visit.caller
        assert caller is not None
        last = context.resume_after or after
        if last is not None and prefix_of(last) != table.id_prefix:
            raise BadArgument(
                "`after` is the id of something that this subscription told.", "after"
            )
        async with aclosing(events(context.deployment, caller, after=last)) as ids:
            async for id in ids:
                found = await _patiently(context, info, id)
                if found is not None:
                    context.event_id = id
                    yield found


async def _patiently(context: Context, info: Info, id: str) -> Any:
    """One event as it is read for its caller; None where it is gone again."""
    while True:
        try:
            context.visit = still_there(context.visit, await context.look_again())
            return await reading(info, spec=ById(), given={"id": id})
        except Unavailable as away:
            await asyncio.sleep(away.retry_after)
