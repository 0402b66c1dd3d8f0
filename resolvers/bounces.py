"""Invitations that the mail server refused for good: who is told of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from language import say
from mail.outbox import Template
from models import Account, AccountContact, Contact, Invitation, Mail, Member, MemberInvitation
from models.enums import DeliveryStatus, Locale, MemberStatus, NotificationKind, Role
from resolvers.notifying import AccountNews, News, tell, tell_members
from tenancy.recording import trail_of


async def tell_of_bounce(
    session: AsyncSession, mail: Mail, *, base_url: str, now: datetime
) -> None:
    """Tells the firm where *mail* is an invitation, of a client or of a member.

    The mail's worker calls this in the transaction that gives the mail up, in the firm's session.
    """
    if mail.template == Template.MEMBER_INVITATION:
        await _tell_of_member(session, mail, now=now)
    else:
        await _tell_of_client(session, mail, base_url=base_url, now=now)


def _title(name: str) -> Callable[[Locale], str]:
    return lambda locale: say(locale, "The invitation to {name} could not be delivered", name=name)


async def _tell_of_client(
    session: AsyncSession, mail: Mail, *, base_url: str, now: datetime
) -> None:
    """Tells those who look after the account."""
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
    news = AccountNews(
        kind=NotificationKind.INVITATION_BOUNCED,
        account=account,
        title=_title(contact.name),
        body=lambda locale: say(
            locale,
            "{address} did not take the mail for the account {account} ({number}). "
            "Correct the address and invite again.",
            address=mail.recipient,
            account=account.name,
            number=account.number,
        ),
    )
    await tell(session, mail.firm_id, [news], base_url=base_url, now=now)


async def _tell_of_member(session: AsyncSession, mail: Mail, *, now: datetime) -> None:
    """Tells whoever invited the member, or else the owners; nobody where the link is dead."""
    link = mail.content["link"]
    found = await session.execute(
        select(Member, MemberInvitation)
        .join(MemberInvitation, MemberInvitation.member_id == Member.id)
        .where(
            MemberInvitation.id == link["subject_id"],
            MemberInvitation.counter == link["counter"],
            Member.status == MemberStatus.INVITED,
        )
    )
    row = found.one_or_none()
    if row is None:
        return
    member, invitation = row
    trail_of(session).record(
        "memberInvitation.bounced",
        subject_id=member.id,
        changes={"delivery": (DeliveryStatus.QUEUED, mail.state)},
    )
    name = f"{member.first_name} {member.last_name}"
    news = News(
        kind=NotificationKind.INVITATION_BOUNCED,
        title=_title(name),
        body=lambda locale: say(
            locale,
            "{address} did not take the mail that invites {name} to the firm. Send it again; or, "
            "if the address is wrong, deactivate {name} and invite the right one.",
            address=mail.recipient,
            name=name,
        ),
    )
    active = select(Member).where(Member.status == MemberStatus.ACTIVE)
    inviter = (await session.scalars(active.where(Member.id == invitation.invited_by_id))).all()
    told = inviter or (await session.scalars(active.where(Member.role == Role.OWNER))).all()
    await tell_members(session, mail.firm_id, news, told, now=now)
