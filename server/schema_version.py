"""Whether the database's schema is the one that this version needs."""

from __future__ import annotations

from migrations.upgrade import current, head, upgrade
from server.settings import BadSetting, Settings
from tenancy.database import Database


async def ready(settings: Settings) -> None:
    """Brings an embedded database up to date; refuses any other that is not (BadSetting).

    A PostgreSQL database may serve other processes too, so nobody changes it in passing.
    Raises UnsafeRole where its policies would not hold for the application.
    """
    if settings.database_url.startswith("sqlite"):
        await upgrade(settings.database_url)
        return
    found = await current(settings.database_url)
    if found != head():
        raise BadSetting(
            f"The database's schema is at {found or 'nothing'}, and this version needs {head()}. "
            "Run `mandant migrate`."
        )
    database = Database(settings.database_url, read_pool=1, write_pool=1)
    try:
        await database.refuse_unsafe_role()
    finally:
        await database.close()
