"""A worker that is killed at a chosen moment: `python -m tests.mail.dying_worker URL FOLDER MOMENT`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import event

from mail.delivery import Folder
from mail.render import Message, Renderer
from mail.worker import Worker
from models import Firm, Mail
from tenancy.database import Database

RENDER = Renderer(
    sender="post@mandant.example",
    link_url=lambda firm, slug, purpose, subject, counter: "https://mandant.example/activate",
    portal_url=lambda slug: f"https://mandant.example/p/{slug}",
)


class Moment(StrEnum):
    """In the order in which a worker comes to them."""

    FOUND = "found"
    TAKEN_UNCOMMITTED = "taken, not committed"
    TAKEN = "taken"
    RENDERED = "rendered"
    HALF_SENT = "half sent"
    SENT = "sent"
    NOTED_UNCOMMITTED = "noted, not committed"
    INVITATION_NOTED_UNCOMMITTED = "invitation noted, not committed"
    NOTED = "noted"


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


async def work(url: str, folder: Path, moment: Moment) -> None:
    database = Database(url)
    updates = 0

    @event.listens_for(database.write_engine.sync_engine, "before_cursor_execute")
    def _(*arguments: Any) -> None:
        if moment is Moment.FOUND and arguments[2].startswith("UPDATE mails"):
            die()

    @event.listens_for(database.write_engine.sync_engine, "after_cursor_execute")
    def _(*arguments: Any) -> None:
        nonlocal updates
        statement: str = arguments[2]
        updates += statement.startswith("UPDATE mails")
        if (
            (moment is Moment.TAKEN_UNCOMMITTED and updates == 1)
            or (moment is Moment.NOTED_UNCOMMITTED and updates == 2)
            or (
                moment is Moment.INVITATION_NOTED_UNCOMMITTED
                and statement.startswith("UPDATE invitations")
            )
        ):
            die()

    def render(mail: Mail, firm: Firm, *, now: datetime) -> Message:
        if moment is Moment.TAKEN:
            die()
        return RENDER(mail, firm, now=now)

    class Post(Folder):
        async def deliver(self, message: EmailMessage, *, recipient: str, mail_id: str) -> None:
            if moment is Moment.RENDERED:
                die()
            if moment is Moment.HALF_SENT:
                (self.path / ".half.part").write_bytes(message.as_bytes()[:100])
                die()
            await super().deliver(message, recipient=recipient, mail_id=mail_id)
            if moment is Moment.SENT:
                die()

    async def nothing(*_: Any) -> None:
        return

    worker = Worker(
        database,
        transport=Post(folder),
        render=render,
        clock=lambda: datetime.now(UTC),
        on_failed=nothing,
    )
    await worker.deliver_due(limit=1)
    if moment is Moment.NOTED:
        die()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), Moment(sys.argv[3])))
