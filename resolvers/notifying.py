"""Telling members what happened: who looks after an account, what they want, what is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from mail import outbox
from mail.outbox import Template
from models import Account, AccountAssignee, Member, Notification
from models.enums import Locale, MemberStatus, NotificationKind, Role
from models.ids import new_id
from resolvers.notification_preferences import Preferences, preferences_of
from tenancy.session import whole_firm
from tenancy.signals import announce


@dataclass(frozen=True, kw_only=True)
class News:
    """Something that happened, in an account or to a member; its words are in the language of
    whoever reads it.

    A *letter* of its own says it by mail, from *facts*; the usual one repeats the words.
    """

    kind: NotificationKind
    title: Callable[[Locale], str]
    body: Callable[[Locale], str]
    letter: Template = Template.NOTIFICATION
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class AccountNews(News):
    """Something that happened in an account."""

    account: Account


def account_url(base_url: str, account_id: str) -> str:
    """The address that leads a member to the account."""
    return f"{base_url}/accounts/{account_id}"


async def tell(
    session: AsyncSession,
    firm_id: str,
    news: Sequence[AccountNews],
    *,
    base_url: str,
    now: datetime,
) -> None:
    """Tells those who look after each account: mails to the assignees, or else to the owners;
    notifications to all of them. Each member decides of each kind whether it comes at all.

    However much news there is, it takes the same few statements.
    """
    owners, assignees = await _who_looks_after(session, [one.account.id for one in news])
    members = {member.id: member for member in owners}
    members |= {member.id: member for those in assignees.values() for member in those}
    preferences = await preferences_of(session, list(members))
    told: list[Notification] = []
    for one in news:
        theirs = assignees.get(one.account.id, [])
        place = _Place(one.account, account_url(base_url, one.account.id))
        for member in theirs or owners:
            if preferences.of(member.id, one.kind).email:
                _mail(session, firm_id, one, member, place, now=now)
        told += _notifications(one, [*owners, *theirs], preferences, place, now=now)
    await _write(session, firm_id, told)


async def tell_members(
    session: AsyncSession, firm_id: str, news: News, members: Sequence[Member], *, now: datetime
) -> None:
    """Tells *members* what happened to one of the firm's, each as they have chosen."""
    preferences = await preferences_of(session, [member.id for member in members])
    for member in members:
        if preferences.of(member.id, news.kind).email:
            _mail(session, firm_id, news, member, None, now=now)
    await _write(session, firm_id, _notifications(news, members, preferences, None, now=now))


@dataclass(frozen=True)
class _Place:
    """The account that something happened in, and the address that leads a member there."""

    account: Account
    url: str

    def facts(self) -> dict[str, Any]:
        """What a letter says of it."""
        return {
            "account_name": self.account.name,
            "account_number": self.account.number,
            "account_url": self.url,
        }


def _mail(
    session: AsyncSession,
    firm_id: str,
    news: News,
    member: Member,
    place: _Place | None,
    *,
    now: datetime,
) -> None:
    locale = member.locale
    outbox.write(
        session,
        firm_id=firm_id,
        template=news.letter,
        recipient=member.email,
        locale=locale,
        content={
            "first_name": member.first_name,
            "title": news.title(locale),
            "body": news.body(locale),
            **(place.facts() if place else {}),
            **news.facts,
        },
        now=now,
    )


def _notifications(
    news: News,
    members: Sequence[Member],
    preferences: Preferences,
    place: _Place | None,
    *,
    now: datetime,
) -> list[Notification]:
    """One for each of *members* who wants it, without an id, which `_write` gives it."""
    return [
        Notification(
            member_id=member.id,
            kind=news.kind,
            title=news.title(member.locale),
            body=news.body(member.locale),
            account_id=place.account.id if place else None,
            url=place.url if place else None,
            created_at=now,
        )
        for member in {member.id: member for member in members}.values()
        if preferences.of(member.id, news.kind).inbox
    ]


async def _who_looks_after(
    session: AsyncSession, account_ids: Sequence[str]
) -> tuple[Sequence[Member], Mapping[str, Sequence[Member]]]:
    """The firm's owners, and each account's assignees; the active ones of both."""
    active = Member.status == MemberStatus.ACTIVE
    owners = await session.scalars(select(Member).where(active, Member.role == Role.OWNER))
    found = await session.execute(
        select(AccountAssignee.account_id, Member)
        .join(Member, AccountAssignee.member_id == Member.id)
        .where(active, AccountAssignee.account_id.in_(account_ids))
        .order_by(Member.id)
    )
    assignees: dict[str, list[Member]] = {}
    for account_id, member in found:
        assignees.setdefault(account_id, []).append(member)
    return owners.all(), assignees


async def _write(session: AsyncSession, firm_id: str, told: Sequence[Notification]) -> None:
    """Writes notifications, and wakes those of their members who wait for them.

    The ids of one member's notifications are in the order in which they are committed, so that
    whoever has seen one has missed nothing that comes before it: the members are held until the
    end of the transaction, and each id is made to follow the last one that is there.
    """
    if not told:
        return
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
