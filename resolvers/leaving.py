"""Leaving: a member who is deactivated is out at once, and the owners hear of their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from auth import sessions
from auth.permissions import allow
from language import say
from models import Account, AccountAssignee, Member, PasswordReset
from models.enums import Locale, MemberStatus, NotificationKind, Permission, Role
from resolvers.joining import invitation_of
from resolvers.links import withdraw_link
from resolvers.notifying import News, tell_members
from resolvers.reach import within_reach
from resolvers.refusal import ErrorCode, refuse
from resolvers.standing import OWNER_SENTENCE, is_last_owner, reach
from resolvers.unit import Unit
from tenancy.recording import remove

MOST_TOLD = 1000
"""So many accounts of a deactivated member are told one by one."""
_NAMED = 10
"""So many of them stand in the notification."""


@dataclass(frozen=True)
class Deactivated:
    """The member, and the accounts that were assigned to them: the first, and how many in all."""

    member: Member
    unassigned: Sequence[Account]
    unassigned_count: int


@allow(Permission.MANAGE_MEMBERS)
async def deactivate_member(unit: Unit, *, id: str) -> Deactivated:
    """Ends a member's sessions and links, and takes their accounts off them; the owners are told.

    One who is deactivated already stays so, and nobody is told again.
    """
    _, member = await reach(unit, id)
    if member.status is MemberStatus.DEACTIVATED:
        return Deactivated(member, [], 0)
    if await is_last_owner(unit, member):
        raise refuse(("id",), ErrorCode.LAST_OWNER, OWNER_SENTENCE)
    member.status = MemberStatus.DEACTIVATED
    await sessions.end_all(unit.session, member)
    invitation = await invitation_of(unit, member)
    if invitation is not None:
        await withdraw_link(unit, invitation)
    await unit.session.execute(
        update(PasswordReset).where(PasswordReset.member_id == member.id).values(used=True)
    )
    with unit.whole_firm():
        accounts = await _take_accounts(unit, member)
        await unit.session.flush()
        await _tell(unit, member, accounts)
    seen = await within_reach(unit, accounts)
    return Deactivated(member, seen[:MOST_TOLD], len(seen))


async def _take_accounts(unit: Unit, member: Member) -> Sequence[Account]:
    """Takes every account off *member*; returns them, in the order of their creation."""
    mine = AccountAssignee.member_id == member.id
    found = await unit.session.scalars(
        select(Account)
        .join(AccountAssignee, AccountAssignee.account_id == Account.id)
        .where(mine)
        .order_by(Account.id)
    )
    accounts = found.all()
    await remove(unit.session, AccountAssignee, mine)
    return accounts


async def _tell(unit: Unit, member: Member, accounts: Sequence[Account]) -> None:
    """Tells the owners, and which accounts nobody looks after for *member* any more."""
    owners = await unit.session.scalars(
        select(Member).where(Member.role == Role.OWNER, Member.status == MemberStatus.ACTIVE)
    )
    name = f"{member.first_name} {member.last_name}"
    news = News(
        kind=NotificationKind.MEMBER_DEACTIVATED,
        title=lambda locale: say(locale, "{name} was deactivated", name=name),
        body=lambda locale: _left_behind(locale, accounts),
    )
    await tell_members(unit.session, unit.firm_id, news, owners.all(), now=unit.now)


def _left_behind(locale: Locale, accounts: Sequence[Account]) -> str:
    if not accounts:
        return say(locale, "No account was assigned to them.")
    named = ", ".join(f"{account.name} ({account.number})" for account in accounts[:_NAMED])
    if len(accounts) > _NAMED:
        return say(
            locale,
            "These accounts were assigned to them: {accounts} and {more} more.",
            accounts=named,
            more=len(accounts) - _NAMED,
        )
    return say(locale, "These accounts were assigned to them: {accounts}.", accounts=named)
