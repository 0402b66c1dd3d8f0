"""What the firm is told: in the inbox, and by mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.permissions import members
from language import say
from mail import outbox
from mail.outbox import Template
from models import (
    Account,
    AccountAssignee,
    AccountContact,
    Contact,
    Invitation,
    Mail,
    Member,
    Notification,
)
from models.enums import Locale, MemberStatus, NotificationKind, Role
from models.ids import new_id
from resolvers.refusal import ErrorCode, Problems
from resolvers.unit import Unit
from tenancy.session import whole_firm
from tenancy.signals import announce


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


def account_url(base_url: str, account_id: str) -> str:
    """The address that leads a member to the account."""
    return f"{base_url}/accounts/{account_id}"


async def tell_of_activation(unit: Unit, contact: Contact, accounts: Sequence[Account]) -> None:
    """A client has activated: tells those who look after each account, by inbox and by mail."""
    told: list[Notification] = []
    for account in accounts:
        told += await _write(
            unit,
            contact,
            account,
            NotificationKind.CLIENT_ACTIVATED,
            Template.CLIENT_ACTIVATED,
            title=lambda locale: say(locale, "{name} has activated the portal", name=contact.name),
            body=lambda locale, account=account: say(
                locale,
                "{name} can now enter the account {account} ({number}).",
                name=contact.name,
                account=account.name,
                number=account.number,
            ),
        )
    await tell(unit.session, unit.firm_id, told)


async def tell_of_sign_up(unit: Unit, contact: Contact, account: Account) -> None:
    """A client has signed up, and there is a new account: tells the firm, by inbox and by mail."""
    told = await _write(
        unit,
        contact,
        account,
        NotificationKind.CLIENT_SIGNED_UP,
        Template.CLIENT_SIGNED_UP,
        title=lambda locale: say(locale, "{name} has signed up", name=contact.name),
        body=lambda locale: say(
            locale,
            "There is a new account: {account} ({number}).",
            account=account.name,
            number=account.number,
        ),
    )
    await tell(unit.session, unit.firm_id, told)


async def _write(
    unit: Unit,
    contact: Contact,
    account: Account,
    kind: NotificationKind,
    template: Template,
    *,
    title: Callable[[Locale], str],
    body: Callable[[Locale], str],
) -> list[Notification]:
    """Mails to the assignees, or else to the owners; notifications, for `tell`, to all of them."""
    base_url = unit.deployment.base_url
    owners, assignees = await _who_looks_after(unit.session, account.id)
    for member in assignees or owners:
        outbox.write(
            unit.session,
            firm_id=unit.firm_id,
            template=template,
            recipient=member.email,
            locale=member.locale,
            content={
                "first_name": member.first_name,
                "client_name": contact.name,
                "account_name": account.name,
                "account_number": account.number,
                "account_url": account_url(base_url, account.id),
            },
            now=unit.now,
        )
    return [
        _notification(
            member,
            kind,
            account,
            now=unit.now,
            title=title(member.locale),
            body=body(member.locale),
            base_url=base_url,
        )
        for member in {member.id: member for member in (*owners, *assignees)}.values()
    ]


async def tell_of_bounce(
    session: AsyncSession, mail: Mail, *, base_url: str, now: datetime
) -> None:
    """An invitation was refused by the mail server: tells those who look after the account.

    The mail's worker calls this in the transaction that gives the mail up, in the firm's session.
    """
    found = await session.execute(
        select(Account, Contact)
        .join(AccountContact, AccountContact.account_id == Account.id)
        .join(Contact, Contact.id == AccountContact.contact_id)
        .join(Invitation, Invitation.account_contact_id == AccountContact.id)
        .where(Invitation.id == mail.invitation_id)
    )
    row = found.one_or_none()
    if row is None:
        return
    account, contact = row
    owners, assignees = await _who_looks_after(session, account.id)
    told = [
        _notification(
            member,
            NotificationKind.INVITATION_BOUNCED,
            account,
            now=now,
            title=say(
                member.locale, "The invitation to {name} could not be delivered", name=contact.name
            ),
            body=say(
                member.locale,
                "{address} did not take the mail for the account {account} ({number}). "
                "Correct the address and invite again.",
                address=mail.recipient,
                account=account.name,
                number=account.number,
            ),
            base_url=base_url,
        )
        for member in {member.id: member for member in (*owners, *assignees)}.values()
    ]
    await tell(session, mail.firm_id, told)


async def _who_looks_after(
    session: AsyncSession, account_id: str
) -> tuple[Sequence[Member], Sequence[Member]]:
    """The firm's owners, and the account's assignees; the active ones of both."""
    active = Member.status == MemberStatus.ACTIVE
    owners = await session.scalars(select(Member).where(active, Member.role == Role.OWNER))
    assignees = await session.scalars(
        select(Member)
        .join(AccountAssignee, AccountAssignee.member_id == Member.id)
        .where(active, AccountAssignee.account_id == account_id)
    )
    return owners.all(), assignees.all()


def _notification(
    member: Member,
    kind: NotificationKind,
    account: Account,
    *,
    title: str,
    body: str,
    base_url: str,
    now: datetime,
) -> Notification:
    """A notification without an id, which `tell` gives it."""
    return Notification(
        member_id=member.id,
        kind=kind,
        title=title,
        body=body,
        account_id=account.id,
        url=account_url(base_url, account.id),
        created_at=now,
    )


async def tell(session: AsyncSession, firm_id: str, told: Sequence[Notification]) -> None:
    """Writes notifications, and wakes those of their members who wait for them.

    The ids of one member's notifications are in the order in which they are committed, so that
    whoever has seen one has missed nothing that comes before it: the members are held until the
    end of the transaction, and each id is made to follow the last one that is there.
    """
    members = {notification.member_id for notification in told}
    await session.execute(
        select(Member.id)
        .where(Member.id.in_(members))
        .order_by(Member.id)
        .with_for_update(key_share=True)
    )
    with whole_firm(session):
        last = await session.execute(
            select(Notification.member_id, func.max(Notification.id))
            .where(Notification.member_id.in_(members))
            .group_by(Notification.member_id)
        )
    newest: dict[str, str] = dict(last.all())  # pyright: ignore[reportArgumentType]
    for notification in told:
        member_id = notification.member_id
        notification.id = new_id(Notification.id_prefix, after=newest.get(member_id))
        newest[member_id] = notification.id
        session.add(notification)
    await session.flush()
    await announce(session, {(firm_id, member_id) for member_id in members})
