"""A use case, run from the command line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from auth.forms import Forms
from auth.links import Links
from auth.passwords import Passwords
from resolvers.following import newest_in
from resolvers.run import plainly, run
from resolvers.unit import Deployment
from server.settings import Settings
from tenancy.caller import Visit
from tenancy.database import Database
from tenancy.signals import Signals

Result = TypeVar("Result")


@asynccontextmanager
async def deployed(settings: Settings) -> AsyncGenerator[Deployment]:
    """The deployment for *settings*, without its server; mails wait for the one that runs."""
    database = Database(settings.database_url, read_pool=1, write_pool=2)
    passwords = Passwords()
    try:
        await database.refuse_unsafe_role()
        yield Deployment(
            database=database,
            passwords=passwords,
            links=Links(settings.secret_keys),
            forms=Forms(settings.secret_keys),
            base_url=settings.base_url,
            signals=Signals(database, newest_in),
            wake_mail=lambda: None,
        )
    finally:
        passwords.close()
        await database.close()


async def as_operator(
    settings: Settings, use_case: Callable[..., Awaitable[Result]], **arguments: Any
) -> Result:
    """Runs *use_case* as whoever runs the deployment."""
    async with deployed(settings) as deployment:
        return await run(deployment, Visit(operator=True), use_case, answer=plainly, **arguments)
