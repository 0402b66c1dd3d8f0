"""The mail's worker as a deployment runs it: where links lead, and who hears of a bounce."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from auth.links import Link, Links, Purpose
from mail.delivery import transport
from mail.render import Renderer
from mail.worker import Worker
from models import Mail
from resolvers.bounces import tell_of_bounce
from server.settings import Settings
from tenancy.database import Database

PAGES = {
    Purpose.INVITATION: "activate",
    Purpose.RESET: "reset",
    Purpose.SIGN_UP: "sign-up/finish",
    Purpose.MEMBER: "join",
}
"""The portal's page behind each kind of link."""


def mail_worker(settings: Settings, database: Database, links: Links) -> Worker:
    """A worker for *settings*. Raises ValueError for a mail URL that it cannot use."""

    def link_url(firm_id: str, slug: str, purpose: str, subject_id: str, counter: int) -> str:
        kind = Purpose(purpose)
        token = links.sign(Link(kind, firm_id, subject_id, counter))
        return f"{portal_url(slug)}/{PAGES[kind]}?token={token}"

    def portal_url(slug: str) -> str:
        return f"{settings.base_url}/p/{slug}"

    async def on_failed(session: AsyncSession, _: str, mail: Mail) -> None:
        await tell_of_bounce(session, mail, base_url=settings.base_url, now=datetime.now(UTC))

    return Worker(
        database,
        transport=transport(settings.mail_url),
        render=Renderer(sender=settings.mail_from, link_url=link_url, portal_url=portal_url),
        clock=lambda: datetime.now(UTC),
        on_failed=on_failed,
    )
