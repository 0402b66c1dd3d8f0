"""The people who can sign in to a firm: its members and its portal users."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from models import Account, Member, PortalUser
from models.enums import MemberStatus
from models.portal_access import opens
from resolvers.unit import Unit

Person = Member | PortalUser


async def people_at(unit: Unit, email_key: str) -> Sequence[Person]:
    """Who signs in with this address: a member, a portal user, both, or nobody."""
    member = await unit.session.scalar(select(Member).where(Member.email_key == email_key))
    user = await unit.session.scalar(select(PortalUser).where(PortalUser.email_key == email_key))
    found: list[Person | None] = [member, user]
    return [person for person in found if person is not None]


async def enterable(unit: Unit, person: Person) -> bool:
    """Whether there is anything for *person* to enter: active at the firm, or an open account."""
    if isinstance(person, Member):
        return person.status is MemberStatus.ACTIVE
    account = await unit.session.scalar(
        select(Account.id)
        .join(PortalUser, PortalUser.id == person.id)
        .where(opens(PortalUser, Account))
        .limit(1)
    )
    return account is not None


async def caller_of(unit: Unit) -> Person:
    """The row of whoever is signed in."""
    caller = unit.caller
    if caller.member_id is not None:
        found: Person | None = await unit.find(Member, caller.member_id)
    else:
        assert caller.portal_user_id is not None
        found = await unit.find(PortalUser, caller.portal_user_id)
    assert found is not None
    return found
