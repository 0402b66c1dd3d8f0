"""What the firm is told: in the inbox, and by mail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from auth.permissions import members
from language import say
from mail.outbox import Template
from models import Account, Contact, Notification
from models.enums import NotificationKind
from resolvers.notifying import AccountNews, tell
from resolvers.refusal import ErrorCode, Problems
from resolvers.unit import Unit


@members
async def mark_notifications_read(unit: Unit, *, ids: Sequence[str] | None = None) -> int:
    """Marks the caller's own notifications as read, all of them where *ids* is left out.

    Returns how many were unread until now.
    """
    mine = Notification.member_id == unit.caller.member_id
    statement = update(Notification).where(mine, Notification.read_at.is_(None))
    if ids is not None:
        known = set(
            await unit.session.scalars(
                select(Notification.id).where(mine, Notification.id.in_(ids))
            )
        )
        problems = Problems()
        for position, id in enumerate(ids):
            if id not in known:
                problems.add(
                    ("ids", position), ErrorCode.NOT_FOUND, "There is no such notification."
                )
        problems.settle()
        statement = statement.where(Notification.id.in_(ids))
    marked = await unit.session.scalars(
        statement.values(read_at=unit.now)
        .returning(Notification.id)
        .execution_options(synchronize_session=False)
    )
    return len(marked.all())


async def tell_of_activation(unit: Unit, contact: Contact, accounts: Sequence[Account]) -> None:
    """A client has activated: tells those who look after each account."""
    await _tell(
        unit,
        [
            AccountNews(
                kind=NotificationKind.CLIENT_ACTIVATED,
                account=account,
                title=lambda locale: say(
                    locale, "{name} has activated the portal", name=contact.name
                ),
                body=lambda locale, account=account: say(
                    locale,
                    "{name} can now enter the account {account} ({number}).",
                    name=contact.name,
                    account=account.name,
                    number=account.number,
                ),
                letter=Template.CLIENT_ACTIVATED,
                facts={"client_name": contact.name},
            )
            for account in accounts
        ],
    )


async def tell_of_sign_up(unit: Unit, contact: Contact, account: Account) -> None:
    """A client has signed up, and there is a new account: tells the firm."""
    news = AccountNews(
        kind=NotificationKind.CLIENT_SIGNED_UP,
        account=account,
        title=lambda locale: say(locale, "{name} has signed up", name=contact.name),
        body=lambda locale: say(
            locale,
            "There is a new account: {account} ({number}).",
            account=account.name,
            number=account.number,
        ),
        letter=Template.CLIENT_SIGNED_UP,
        facts={"client_name": contact.name},
    )
    await _tell(unit, [news])


async def _tell(unit: Unit, news: Sequence[AccountNews]) -> None:
    await tell(unit.session, unit.firm_id, news, base_url=unit.deployment.base_url, now=unit.now)
