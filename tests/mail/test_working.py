"""Several mails, several workers, and a worker that runs: who is sent what, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from mail.worker import Worker
from models.enums import DeliveryStatus
from tenancy.database import Database
from tests.mail.conftest import Clock, Post
from tests.mail.people import (
    Invited,
    invite_somebody,
    read_mail,
    write_invitation,
)

pytestmark = pytest.mark.anyio


async def test_two_workers_at_once_send_each_mail_once(
    database: Database, migrated_url: str, clock: Clock, employ: Callable[..., Worker]
) -> None:
    firms = [await invite_somebody(database, clock.now) for _ in range(2)]
    written = [await write_invitation(database, firm, clock.now) for firm in firms * 6]
    other = Database(migrated_url)
    post = Post()
    first, second = employ(post), employ(post, database=other)
    try:
        taken = await asyncio.gather(first.deliver_due(), second.deliver_due())
    finally:
        await other.close()
    assert sum(taken) == len(written)
    assert sorted(post.ids) == sorted(written)


async def test_a_busy_firm_does_not_hold_up_the_others(
    database: Database, clock: Clock, employ: Callable[..., Worker]
) -> None:
    busy, quiet = [await invite_somebody(database, clock.now) for _ in range(2)]
    for _ in range(10):
        await write_invitation(database, busy, clock.now - timedelta(hours=1))
    late = await write_invitation(database, quiet, clock.now)
    await employ(post := Post()).deliver_due(limit=4)
    assert len(post.ids) == 4
    assert late in post.ids
    assert 1 < post.busiest <= 4


async def test_a_running_worker_wakes_and_when_it_is_stopped_finishes_what_is_under_way(
    database: Database, invited: Invited, clock: Clock, employ: Callable[..., Worker]
) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Post):
        async def deliver(self, message: EmailMessage, *, recipient: str, mail_id: str) -> None:
            started.set()
            await go_on.wait()

    worker = employ(Slow())
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.05)
    mail_id = await write_invitation(database, invited, clock.now)
    worker.wake()
    await asyncio.wait_for(started.wait(), 0.5)
    running.cancel()
    await asyncio.sleep(0.05)
    assert not running.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    mail = await read_mail(database, invited.firm_id, mail_id)
    assert mail is not None and mail.state is DeliveryStatus.SENT


async def test_a_worker_outlives_a_database_that_is_away_for_a_while(
    database: Database, invited: Invited, clock: Clock, employ: Callable[..., Worker]
) -> None:
    await write_invitation(database, invited, clock.now)
    calls = 0

    def stumbling() -> datetime:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ConnectionError
        return clock.now

    worker = employ(post := Post(), clock=stumbling)
    running = asyncio.create_task(worker.run())
    while calls < 1:
        await asyncio.sleep(0.01)
    worker.wake()
    for _ in range(100):
        if post.ids:
            break
        await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(post.ids) == 1
