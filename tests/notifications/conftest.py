"""A deployment whose mail server takes nothing, and what waits or was given up there."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from models import Mail
from tenancy.session import firm_session
from tests.deployments import Deployed, Firm, running


class Refusing:
    """Answers every recipient that there is no such mailbox."""

    async def handle_RCPT(self, *_: object) -> str:  # noqa: N802
        return "550 5.1.1 There is no such mailbox"


@pytest.fixture
async def refused(migrated_url: str, tmp_path: Path) -> AsyncGenerator[Deployed]:
    """A deployment of the test's own, behind a mail server that refuses every address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(Refusing(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        async with running(migrated_url, tmp_path, mail_url=f"smtp://127.0.0.1:{port}") as found:
            yield found
    finally:
        server.stop()


async def mails(firm: Firm) -> list[tuple[str, str]]:
    """The mails in the outbox that are no invitations: to whom, and what."""
    id = (await firm.owner.ask("{ firm { id } }")).data["firm"]["id"]
    async with firm_session(firm.deployed.deployment.database, id) as session:
        rows = await session.scalars(select(Mail).where(Mail.invitation_id.is_(None)))
        return [(row.recipient, row.template) for row in rows]
