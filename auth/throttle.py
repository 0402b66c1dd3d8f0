"""Limits on trying: growing pauses after failures, kept in the database.

A restart or a second process forgets nothing. Nobody is locked out for good: the
pause has a ceiling, and what has been quiet for a while starts afresh.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, literal, null, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from models import Throttle
from models.base import Timestamp


class RateLimited(Exception):
    """Too many tries; *retry_after* is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("too many tries")
        self.retry_after = max(1, round(retry_after))


@dataclass(frozen=True)
class Limit:
    """How much of something is free, and how the pauses grow after that."""

    name: str
    free: int
    first_pause: timedelta
    longest_pause: timedelta
    forgotten_after: timedelta

    def pause(self, count: int) -> timedelta | None:
        """How long to wait after the try number *count*; None while tries are free."""
        if count < self.free:
            return None
        return min(self.first_pause * 2 ** min(count - self.free, 30), self.longest_pause)


SIGN_IN_ADDRESS = Limit(
    "sign-in/address", 6, timedelta(seconds=1), timedelta(minutes=15), timedelta(hours=24)
)
SIGN_IN_NETWORK = Limit(
    "sign-in/network", 100, timedelta(seconds=1), timedelta(minutes=5), timedelta(hours=1)
)
LETTER_ADDRESS = Limit(
    "letter/address", 5, timedelta(minutes=1), timedelta(hours=6), timedelta(hours=24)
)
LETTER_NETWORK = Limit(
    "letter/network", 100, timedelta(seconds=5), timedelta(minutes=30), timedelta(hours=1)
)
NOTICE_ACCOUNT = Limit(
    "notice/account", 20, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)
)
REFUSED_SIGN_INS = Limit(
    "sign-in/told", 1000, timedelta(minutes=1), timedelta(minutes=1), timedelta(hours=1)
)
"""What a firm's audit trail tells of sign-ins at addresses that nobody has."""


def key_of(limit: Limit, *parts: str | None) -> str:
    """The row's key: a hash over what is limited, alike for every spelling of it."""
    canonical = "\x1f".join(
        unicodedata.normalize("NFKC", part or "").casefold().strip() for part in parts
    )
    return hashlib.sha256(f"{limit.name}\x1f{canonical}".encode("utf-8", "replace")).hexdigest()


async def count_try(session: AsyncSession, limit: Limit, *parts: str | None, now: datetime) -> None:
    """Counts one try, whatever comes of it; `clear` takes tries back after a success.

    Raises RateLimited while a pause lasts; such a try is not counted again. The caller
    commits before it does anything slow, so that tries at the same time are all seen, and
    counts last what many share: until the commit, all others who count it wait.
    """
    key = key_of(limit, *parts)
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    moment = literal(now, Timestamp())
    stale = Throttle.updated_at < literal(now - limit.forgotten_after, Timestamp())
    blocked = Throttle.blocked_until > moment
    added = insert(Throttle).values(key=key, count=1, blocked_until=None, updated_at=now)
    counted = added.on_conflict_do_update(
        index_elements=[Throttle.key],
        set_={
            "count": case((stale, 1), (blocked, Throttle.count), else_=Throttle.count + 1),
            "blocked_until": case((blocked, Throttle.blocked_until), else_=null()),
            "updated_at": case((blocked, Throttle.updated_at), else_=moment),
        },
    ).returning(Throttle.count, Throttle.blocked_until)
    count, blocked_until = (await session.execute(counted)).one()
    if blocked_until is not None:
        raise RateLimited((blocked_until - now).total_seconds())
    if pause := limit.pause(count):
        await _update(session, key, blocked_until=now + pause)


async def take_back(session: AsyncSession, limit: Limit, *parts: str | None, now: datetime) -> None:
    """Takes back one counted try that was none of the kind to be limited."""
    free = Throttle.count <= limit.free
    await _update(
        session,
        key_of(limit, *parts),
        count=case((Throttle.count > 0, Throttle.count - 1), else_=0),
        blocked_until=case((free, null()), else_=Throttle.blocked_until),
        updated_at=case((free, literal(now, Timestamp())), else_=Throttle.updated_at),
    )


async def _update(session: AsyncSession, key: str, **values: Any) -> None:
    await session.execute(
        update(Throttle)
        .where(Throttle.key == key)
        .values(values)
        .execution_options(synchronize_session=False)
    )


async def clear(session: AsyncSession, limit: Limit, *parts: str | None) -> None:
    """Forgets the tries, after a success."""
    await session.execute(
        delete(Throttle)
        .where(Throttle.key == key_of(limit, *parts))
        .execution_options(synchronize_session=False)
    )
