"""Limits on trying: growing pauses after failures, kept in the database.

A restart or a second process forgets nothing. Nobody is locked out for good: the
pause has a ceiling, and what has been quiet for a while starts afresh.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, literal, select, update
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
    commits before it does anything slow, so that tries at the same time are all seen.
    """
    key = key_of(limit, *parts)
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    fresh = literal(now - limit.forgotten_after, Timestamp())
    stale = Throttle.updated_at < fresh
    blocked = Throttle.blocked_until > literal(now, Timestamp())
    added = insert(Throttle).values(key=key, count=1, blocked_until=None, updated_at=now)
    counted = added.on_conflict_do_update(
        index_elements=[Throttle.key],
        set_={
            "count": case((stale, 1), (blocked, Throttle.count), else_=Throttle.count + 1),
            "updated_at": case((blocked, Throttle.updated_at), else_=literal(now, Timestamp())),
        },
    )
    await session.execute(counted)
    row = await session.scalar(
        select(Throttle).where(Throttle.key == key).execution_options(populate_existing=True)
    )
    assert row is not None
    if row.blocked_until is not None and row.blocked_until > now:
        raise RateLimited((row.blocked_until - now).total_seconds())
    pause = limit.pause(row.count)
    row.blocked_until = now + pause if pause else None
    await session.flush()


async def take_back(session: AsyncSession, limit: Limit, *parts: str | None, now: datetime) -> None:
    """Takes back one counted try that was none of the kind to be limited."""
    row = await session.scalar(
        update(Throttle)
        .where(Throttle.key == key_of(limit, *parts), Throttle.count > 0)
        .values(count=Throttle.count - 1)
        .returning(Throttle)
        .execution_options(populate_existing=True)
    )
    if row is not None and limit.pause(row.count) is None:
        row.blocked_until = None
        row.updated_at = now
        await session.flush()


async def clear(session: AsyncSession, limit: Limit, *parts: str | None) -> None:
    """Forgets the tries, after a success."""
    await session.execute(delete(Throttle).where(Throttle.key == key_of(limit, *parts)))
