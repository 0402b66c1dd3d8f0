"""Following an inbox: each notification of a member as it is committed, none missed or twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import orjson
from sqlalchemy import Text, bindparam, func, select

from models import Notification
from resolvers.unit import Deployment
from tenancy.caller import Caller
from tenancy.database import Database
from tenancy.outage import Unavailable
from tenancy.reading import Lookup, read_rows
from tenancy.scope import within
from tenancy.signals import Topic

_newest = Lookup(select(func.max(Notification.id)).where(within(Notification)))

_next = Lookup(
    select(func.min(Notification.id)).where(
        within(Notification), Notification.id > bindparam("after", type_=Text())
    )
)


async def follow_inbox(
    deployment: Deployment, caller: Caller, *, after: str | None = None
) -> AsyncGenerator[str]:
    """The ids of the member's notifications, as they come; first those that follow *after*.

    Without *after* it begins with what is written from now on. *after* need not exist any more.
    A database that is away is waited for, but for the first look, which raises Unavailable.
    """
    assert caller.member_id is not None
    database = deployment.database
    known = {"firm_id": caller.firm_id, "member_id": caller.member_id}
    with deployment.signals.waiting((caller.firm_id, caller.member_id)) as woken:
        last = await _read(database, _newest, **known) or ""
        if after is not None:
            # What does not exist yet is in front of whoever follows, wherever they say they are.
            last = min(after, last)
        while True:
            woken.clear()
            try:
                id = await _read(database, _next, **known, after=last)
            except Unavailable as away:
                await asyncio.sleep(away.retry_after)
                continue
            if id is None:
                await woken.wait()
            else:
                yield id
                last = id


async def _read(database: Database, lookup: Lookup, **parameters: str) -> str | None:
    row = lookup.row(await database.fetch(*lookup.statement(database.dialect, **parameters)))
    return row[0] if row else None


async def newest_in(database: Database, topics: Sequence[Topic]) -> Sequence[str | None]:
    """The newest notification of each member, by its id: how SQLite's processes find news.

    Like the mail's worker it looks into several firms at once, and sees ids alone.
    """
    given = func.json_each(orjson.dumps(topics).decode()).table_valued("key", "value")
    newest = (
        select(func.max(Notification.id))
        .where(
            Notification.firm_id == func.json_extract(given.c.value, "$[0]"),
            Notification.member_id == func.json_extract(given.c.value, "$[1]"),
        )
        .scalar_subquery()
    )
    rows = await read_rows(database, select(newest).select_from(given).order_by(given.c.key))
    return [id for (id,) in rows]
